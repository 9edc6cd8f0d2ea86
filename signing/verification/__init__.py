"""Judges a PDF from bytes alone; never writes one."""
