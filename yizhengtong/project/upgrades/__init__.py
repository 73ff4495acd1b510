"""Bringing a running deployment to a new release: which migrations may run beside the old code, and how they are run.

The rules are in docs/operations.md, the reasons in docs/adr/0032.
"""
