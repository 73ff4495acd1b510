"""Accounts made at the window."""
