"""Organisations that check permits, reviewed: who waits, one with its purposes, keys and figures, what is decided."""
