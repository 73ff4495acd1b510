"""Imports of old records: lists taken over, and lines that may be somebody known, decided by a registrar."""
