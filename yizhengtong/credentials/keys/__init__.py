"""Issuer keys: what credentials, status lists and papers are signed with, and everything that checks them later.

A key has one use and one algorithm. It is published before it signs, signs until its successor does, and stays
published so that what it signed stays checkable; a key that a stranger has seen is believed in nothing
(docs/issuer-keys.md, docs/adr/0056). Private parts lie sealed in the database, or stay in a token.
Law: 电子签名法 arts. 13 and 15 (control of the data a signature is made with; loss is told at once), 密码法 art. 27.
"""
