"""Personal data at rest: one field type, keys that wrap keys, and blind indexes to find by what cannot be read.

Every personal column of the platform is a `PersonalText`, `PersonalDate` or `PersonalJSON`. Their bytes carry the id
of the key they are sealed with, and open only where they were sealed: table, column and row. Rooms never filter by a
personal column: they filter by a keyed `blind_index` beside it (docs/adr/0007, docs/adr/0023).
Law: 个人信息保护法 arts. 51–52, 密码法 art. 27.
"""
