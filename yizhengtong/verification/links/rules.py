"""What may become of a question about a link. Rules of this platform: no law names them."""

from collections.abc import Mapping

_DECISIONS: Mapping[str, Mapping[str, str]] = {
    "wrong": {"stands": "kept", "wrong": "unlinked"},
    "collision": {"claimant": "linked", "other": "kept", "neither": "unlinked"},
}


def decisions_on(kind: str) -> tuple[str, ...]:
    """Return the decisions that a question of a kind can have, in the order they are offered."""
    return tuple(_DECISIONS[kind])


def remedy_of(kind: str, decision: str) -> str:
    """Return what follows from a decision: the link is kept, ended, or made for the claimant. Raises KeyError."""
    return _DECISIONS[kind][decision]
