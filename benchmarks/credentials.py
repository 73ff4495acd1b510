"""`credentials`: what it costs to issue them. Each group of figures is measured in a module of its own."""

from collections.abc import Iterator

from benchmarks import credentials_formats, credentials_papers, credentials_requests, credentials_status
from benchmarks.figures import Figure

_GROUPS = (
    credentials_formats.measure,
    credentials_papers.measure,
    credentials_status.measure,
    credentials_requests.measure,
)
"""Whoever adds a group adds a module `credentials_…` with `measure()`, and names it here."""


def measure() -> Iterator[Figure]:
    """Yield the figures of `credentials`."""
    for group in _GROUPS:
        yield from group()
