"""Limits: the same payload by the shortest honest program. Frozen: who changes one changes what every ratio means."""
