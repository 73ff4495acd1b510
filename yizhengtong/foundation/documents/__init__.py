"""Uploaded files: checked, scanned, re-encoded and kept outside the database."""
