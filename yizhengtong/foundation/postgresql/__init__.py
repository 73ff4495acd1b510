"""Django's PostgreSQL backend with what this platform needs of a connection."""
