"""Taking over a county's existing permits and registrations from its lists: read, checked, compared, written once.

What a list says is kept as it says it: legacy facts are warned about and never mended. Nobody is merged with anybody
unless an officer says that two records are one person.
"""
