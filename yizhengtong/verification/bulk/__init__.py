"""Checking a file of rows: each row a check like any other, done once, in the holder's history with its answer.

Law: 个人信息保护法 arts. 6, 51 (least data, kept sealed and not longer than needed); docs/adr/0068.
"""
