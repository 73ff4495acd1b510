"""Status lists: whether each copy of a credential is good now, for anybody to look up without saying which one.

An entry of a list names the permit, never the person. What an entry says is computed from the permit as it is now.
"""
