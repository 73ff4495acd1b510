"""What lies with a case to look at: papers handed in and what was captured, each by an address of ours."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from yizhengtong.foundation.documents.models import Document
from yizhengtong.foundation.pages.reader import Reader
from yizhengtong.kernel.ids import public_id
from yizhengtong.law.law import Law
from yizhengtong.permitting.casework.guiding.sayings import name_of_evidence
from yizhengtong.permitting.casework.models import Case

CAPTURED = ("photo", "fingerprints", "signed_form")
ZOOMS = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper of a case. `key`: its public id, or one of CAPTURED. `state`: of its scan; only a clean one opens."""

    key: str
    title: str
    kind: str
    document_code: str
    address: str
    media_type: str
    pages: int | None
    state: str

    @property
    def is_picture(self) -> bool:
        """Whether a browser shows it within a page."""
        return self.media_type.startswith("image/")

    @property
    def is_open(self) -> bool:
        """Whether its scan found nothing."""
        return self.state == Document.Scan.CLEAN


def papers_of(case: Case, law: Law, reader: Reader) -> list[Paper]:
    """Return everything there is to look at, papers first."""
    handed_in = [
        _paper(
            case,
            public_id("evi", each.pk),
            reader.say("desk.plain", words=name_of_evidence(law, each.kind)),
            each.kind,
            each.document_code,
            each.document,
        )
        for each in case.application.evidence.all()
        if not each.is_withdrawn
    ]
    captured = [
        _paper(case, name, reader.say(f"desk.paper.{name}"), name, "", document)
        for name in CAPTURED
        if (document := getattr(case, name)) is not None
    ]
    return [*handed_in, *captured]


def chosen_paper(papers: Sequence[Paper], key: str) -> Paper | None:
    """Return the paper that is asked for, else the first that there is."""
    return next((paper for paper in papers if paper.key == key), papers[0] if papers else None)


def _paper(case: Case, key: str, title: str, kind: str, code: str, document: Document) -> Paper:
    address = reverse("desk-case-paper", args=[public_id("cas", case.pk), key])
    return Paper(key, title, kind, code, address, document.media_type, document.pages, document.scan)
