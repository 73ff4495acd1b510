"""Backups: the database as of one snapshot, the files its rows name, and the keys apart (docs/adr/0030).

A backup is a folder named by its instant. It appears whole or not at all, and holds no key.
"""
