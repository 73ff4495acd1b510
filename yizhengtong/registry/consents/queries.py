"""Reading consents, and the question every room asks: may these data be used for this?"""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from yizhengtong.law.law import Law
from yizhengtong.law.queries import law_of_personal_data
from yizhengtong.law.values import DataUse
from yizhengtong.registry.consents.models import Consent

CHECK = "check_"
"""Uses that are checks by relying parties: `check_` and the purpose."""


def uses_of(law: Law) -> Mapping[str, DataUse]:
    """Return the uses of the law by code, in its order."""
    return {use.code: use for use in law.value("consent.uses")}


def has_consent(person_id: UUID, use: str) -> bool:
    """Whether a person's newest answer to a use is yes. One statement."""
    newest = Consent.objects.filter(person_id=person_id, use=use).order_by("-id").values_list("answer", flat=True)
    return newest.first() == Consent.Answer.GIVEN


def may_use(person_id: UUID, use: str, on: date) -> bool:
    """Whether data may be used: by statute, or because the person agreed. A use no pack knows rests on nothing."""
    needs = needs_consent(use, on)
    return needs is False or (needs is True and has_consent(person_id, use))


def needs_consent(use: str, on: date) -> bool | None:
    """Whether a use rests on the person's consent, or on a statute; None: on nothing, no pack knows it.

    Where no law of personal data is in force there is no such question, as before there was one.
    """
    law = law_of_personal_data(on)
    if law is None:
        return False
    known = uses_of(law).get(use)
    return None if known is None else known.basis != "statutory_duty"


def answers_of(person_id: UUID) -> QuerySet[Consent]:
    """Return every answer of a person, the newest first."""
    return Consent.objects.filter(person_id=person_id).order_by("-id")


def newest_answers(person_id: UUID) -> Mapping[str, Consent]:
    """Return the answer that counts for each use that was ever answered."""
    return {answer.use: answer for answer in reversed(answers_of(person_id))}
