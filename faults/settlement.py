"""A resident of Taiwan settles: the notice read, papers, three opinions at the exit–entry office, both documents."""

from collections.abc import Iterator

from faults.applying import Applying, Step, Wanted, etag_of


class Settlement(Applying):
    """From the information notice to the settlement permit in the hand."""

    wanted = Wanted(
        "settlement.approval",
        {"delivery": "collect"},
        {
            "application_form": "settlement_form",
            "photos": "identity_photo",
            "taiwan_identity_card": "taiwan_identity_card",
            "travel_document": "mtp_five_year",
            "kinship_proof": "kinship_proof",
            "relative_household": "relative_household",
            "support_undertaking": "support_undertaking",
        },
        ground="lineal_kin",
    )

    def steps(self) -> Iterator[Step]:
        """Yield every step until the settlement permit is handed over."""
        yield from self._prepared()
        yield from (self._confirm_notice, self._submit)
        yield from self._decided("settle")
        yield from self._handed_over()

    def _confirm_notice(self) -> None:
        told = self._resident.get(f"{self._application}/settlement-notice").json()
        path = f"{self._application}/settlement-confirmation"
        self._etag = etag_of(self._resident.post("confirm_notice", path, {"hash": told["hash"]}, etag=self._etag))
