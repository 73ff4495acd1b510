"""First issues, of Hong Kong, Macao and Taiwan residents and of Zhejiang: from the draft to the card in the hand."""

from collections.abc import Iterator

from faults.applying import Applying, Step, Wanted

_COLLECTED = {"delivery": "collect", "declares_own_will": True, "claims": ["dwelling"]}


class HmtFirstIssue(Applying):
    """An appointment, fingerprints and a signed form at the counter, three opinions, the card."""

    wanted = Wanted("hmt.first_issue", _COLLECTED, {"travel_document": "hrp", "dwelling_proof": "lease"})

    def steps(self) -> Iterator[Step]:
        """Yield every step until the card is handed over."""
        yield from self._prepared()
        yield from (self._submit, self._book)
        yield from self._visit("photo", "fingerprints")
        yield from self._decided("approve")
        yield from self._handed_over()


class FloatingFirstIssue(Applying):
    """A card of Zhejiang: photograph and signed form at the police station, three opinions, the card."""

    wanted = Wanted("floating.first_issue", _COLLECTED, {"identity": "identity_card", "dwelling_proof": "own_home"})

    def steps(self) -> Iterator[Step]:
        """Yield every step until the card is handed over."""
        yield from self._prepared()
        yield self._submit
        yield from self._visit("photo")
        yield from self._decided("approve")
        yield from self._handed_over()
