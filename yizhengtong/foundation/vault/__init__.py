"""Personal data at rest: one field type, and blind indexes to find by what cannot be read.

Every personal column of the platform is a `PersonalText`, `PersonalDate` or `PersonalJSON`. Their bytes carry the id
of the key they are sealed with; key 0 seals nothing. Rooms never filter by a personal column: they filter by a keyed
`blind_index` beside it (docs/adr/0007).
"""
