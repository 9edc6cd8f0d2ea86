"""Rows, transactions, documents and the log's tables: the only importer of SQLAlchemy."""
