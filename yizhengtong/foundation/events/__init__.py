"""What happened, for the rooms above: written by a service in its own transaction, read in order from below.

An event carries ids and codes, never personal data. Delivery is at least once, in order, per subscription.
"""
