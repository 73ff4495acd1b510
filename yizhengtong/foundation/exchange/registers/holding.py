"""The register files as something that is sealed: sealed anew when keys change, a whole register at a time."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from yizhengtong.foundation.exchange.registers.contract import Kind
from yizhengtong.foundation.exchange.registers.files import has_register, place_of, replace_envelopes, sealed_lines
from yizhengtong.foundation.vault.envelope import UnknownEnvelope, key_of, open_envelope, seal
from yizhengtong.foundation.vault.holdings import Step


class RegisterHolding:
    """Every register of a folder, in the order of their kinds."""

    name = "registers"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def seal_some(self, *, after: str, limit: int, key_id: int) -> Step:  # noqa: ARG002 a register is replaced whole
        kind = next((kind for kind in self._kinds() if kind > after), None)
        if kind is None:
            return Step("")
        changed, damaged = self._counted(kind, key_id)
        if changed:
            replace_envelopes(self.folder, kind, lambda key, envelope: _anew(kind, key, envelope, key_id))
        return Step(kind, changed, damaged)

    def count_by_key(self) -> Counter[int]:
        return Counter(key_of(envelope) for kind in self._kinds() for _, envelope in sealed_lines(self.folder, kind))

    def _kinds(self) -> Iterator[Kind]:
        return (kind for kind in sorted(Kind) if has_register(self.folder, kind))

    def _counted(self, kind: Kind, key_id: int) -> tuple[int, int]:
        """Return how many lines another key sealed, and how many of them do not open."""
        others = [(key, each) for key, each in sealed_lines(self.folder, kind) if key_of(each) != key_id]
        damaged = sum(_anew(kind, key, each, key_id) is each for key, each in others)
        return len(others) - damaged, damaged


def _anew(kind: Kind, key: str, envelope: bytes, key_id: int) -> bytes:
    """Return an envelope with the key in use; the same where it has it already, or does not open."""
    if key_of(envelope) == key_id:
        return envelope
    try:
        return seal(open_envelope(envelope, place_of(kind, key)), place_of(kind, key))
    except UnknownEnvelope:
        return envelope
