"""Decisions of each release with the pack texts they rest on: replayed by every later release."""
