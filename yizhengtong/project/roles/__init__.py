"""The database's roles: which process may touch which table, and which of its rows (docs/adr/0026).

`tables.py` decides for every table, `rows.py` says whose rows are whose, `statements.py` turns both into SQL,
`applying.py` brings a database to it and tells what differs.
"""
