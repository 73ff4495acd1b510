"""Converting a county's list in bulk: the same law, the same facts and the same rules as one by one (S4-13, S4-24).

Who signed the paper form stands on the list with the day; an officer accepts it, the named rules of the system approve
what registers confirm, and everything else waits in the officers' queue. docs/adr/0045.
"""
