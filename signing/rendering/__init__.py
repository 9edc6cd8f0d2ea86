"""Agreement to HTML and PDF: the only importer of WeasyPrint."""
