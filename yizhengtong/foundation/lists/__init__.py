"""Reading lists that others keep: CSV or Excel, line by line, each cell as its file holds it."""
