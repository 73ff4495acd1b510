"""Who signs in: accounts of residents and staff, the tree of offices, the roles of officers.

allauth owns passwords, passkeys, second factors and their rate limits; this room owns who a signed-in account is.
"""
