"""The formats credentials are written in: bytes in, bytes out. No Django, no database, no clock."""
