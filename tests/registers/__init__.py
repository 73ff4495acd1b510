"""Registers from the outside: the API under the web's role, and the command."""
