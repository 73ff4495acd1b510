"""Applying: what and where, one thing per page, papers, check, confirm; left and taken up again at any time."""
