"""A Zhejiang permit that is held already: endorsed for another year, or converted into the electronic one."""

from collections.abc import Iterator

from faults.applying import RESIDENT, Applying, Step, Wanted, etag_of
from faults.caller import GaveUp

_COMPLETED = "completed"


class Endorsement(Applying):
    """The yearly endorsement within its window, by three officers; no new card."""

    wanted = Wanted(
        "floating.endorsement",
        {"declares_own_will": True, "claims": ["dwelling"]},
        {"identity": "identity_card", "dwelling_proof": "own_home"},
    )

    def steps(self) -> Iterator[Step]:
        """Yield every step until the permit is endorsed."""
        yield from self._prepared()
        yield self._submit
        yield from self._decided("endorse")


class Conversion(Applying):
    """Mutual recognition: promise, form, confirmation; registers confirm everything and named rules approve.

    Where a register could not be asked just then, the case is left to officers, as it must be: the way ends there.
    """

    wanted = Wanted("floating.conversion_permit", {"declares_own_will": True, "claims": ["employment"]})

    def steps(self) -> Iterator[Step]:
        """Yield the four steps that are the applicant's."""
        yield from (self._start, self._promise, self._fill_in, self._convert)

    def meanwhile(self) -> Iterator[Step]:
        """Yield losses and finds of the new permit, where it was issued."""
        if self._permit:
            yield from super().meanwhile()

    def _promise(self) -> None:
        told = self._resident.get(f"{self._application}/promise").json()
        said = {"hash": told["hash"]}
        self._etag = etag_of(self._resident.post("promise", f"{self._application}/promise", said, etag=self._etag))

    def _convert(self) -> None:
        said = {"declares_true": True, "acknowledges_cancellation": True}
        submitted = self._resident.post("convert", f"{self._application}/submission", said, etag=self._etag)
        self._note_case(submitted)
        if submitted.json()["state"] == _COMPLETED:
            self._permit = self._living()

    def _living(self) -> str:
        permits = self._resident.get(f"{RESIDENT}/permits").json()
        living = [permit["id"] for permit in permits if permit["state"] != "ended"]
        if len(living) != 1:
            raise GaveUp(f"read after a conversion: {len(living)} living permits")
        return str(living[0])
