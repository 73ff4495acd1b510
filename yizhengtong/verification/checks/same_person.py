"""Are these two numbers one person's? For who opened an account with one document and is shown the other (S1-094)."""

from dataclasses import dataclass
from dataclasses import field as member
from datetime import date, datetime
from uuid import NAMESPACE_OID, UUID, uuid5

from django.utils import timezone

from yizhengtong.foundation.transactions import use_case
from yizhengtong.foundation.web.limits import Charge, charge
from yizhengtong.kernel.errors import FieldError, Invalid
from yizhengtong.kernel.ids import new_id
from yizhengtong.kernel.numbers import DocumentKind, DocumentNumber, parse
from yizhengtong.registry.consents.queries import needs_consent
from yizhengtong.registry.people.queries import TRAVEL_KINDS
from yizhengtong.registry.people.writings import fits
from yizhengtong.verification.checks.finding import Behind, find
from yizhengtong.verification.checks.models import Outcome, Way
from yizhengtong.verification.checks.recording import record_check
from yizhengtong.verification.links.pairwise import pairwise_id
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.sandbox import person_behind


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was shown: its kind, its number, and the name on it."""

    kind: DocumentKind
    number: str
    name: str


Shown = tuple[tuple[DocumentNumber, str], tuple[DocumentNumber, str]]
"""The permit's number and the name on it, then those of the travel document."""


@dataclass(frozen=True, slots=True)
class SamePerson:
    """Yes or no. `subject`: what the person is called before this relying party for ever; None unless yes.

    No says only that it is not known here: not linked, in question, not agreed, shut out, a wrong name, a number that
    nobody has. No number comes back. `check_id`: of the check of the permit's number, as of any match (Answer).
    """

    is_same: bool
    subject: str | None
    as_of: datetime
    check_id: UUID = member(default_factory=new_id, compare=False)


@use_case
def same_person(*, caller: Caller, purpose: str, known: Document, other: Document, on: date) -> SamePerson:
    """Say whether a residence permit and a travel document are one person's who has linked them.

    `known`: what the account was opened with; `other`: what is shown now; either may be the permit. Both are sent, with
    the name on each. Written into the histories of whose numbers they are. Raises Forbidden
    `relying_parties.purpose_not_registered`; Invalid with every field that is wrong;
    TooMany when one number is tried too often.
    """
    serves = caller.require(purpose)
    shown = _read(known, other)
    # Of known and unknown numbers alike, and of each: neither is found by trying many beside the other.
    charge([Charge("checks_of_one", f"{caller.named} {each.core}") for each, _ in shown])
    if caller.is_test:
        return _of_sandbox(caller, shown)
    behind = [find(number, name=name, birth_date=None, use=serves.use, party_id=caller.pk) for number, name in shown]
    # Everything is always compared, of nobody a decoy's, so that the time taken does not tell what failed.
    named = [each.is_named(name) for (_, name), each in zip(shown, behind, strict=True)]
    because = behind[0].refused_because(needs_consent(serves.use, on))
    is_one = all(each.is_found for each in behind) and behind[0].person_id == behind[1].person_id
    is_same, now = is_one and all(named) and not because, timezone.now()
    check_id = _record(caller, serves.code, behind, now, is_same=is_same, because=because if is_one else "")
    subject = pairwise_id(behind[0].person.pk, str(caller.pk))  # computed of nobody, too
    return SamePerson(is_same, subject if is_same else None, now, check_id)


def _of_sandbox(caller: Caller, shown: Shown) -> SamePerson:
    """Answer from the test people alone; nothing is written."""
    found = [person_behind(number) for number, _ in shown]
    person, now = found[0], timezone.now()
    named = person is not None and all(fits(name, person.name, person.latin_name) for _, name in shown)
    if person is None or person != found[1] or not named or not person.has_agreed:
        return SamePerson(False, None, now)
    return SamePerson(True, pairwise_id(uuid5(NAMESPACE_OID, f"sandbox.{person.code}"), str(caller.pk)), now)


def _read(known: Document, other: Document) -> Shown:
    """Return the permit and the travel document as they were read, each with its name; whichever was sent first."""
    kinds = {known.kind, other.kind}
    if DocumentKind.HMT_PERMIT not in kinds or not kinds.intersection(TRAVEL_KINDS):
        code = "checks.two_documents_needed"
        raise Invalid(code, errors=[FieldError("known.kind", code), FieldError("other.kind", code)])
    read, errors = [], []
    for field, shown in (("known", known), ("other", other)):
        try:
            read.append((parse(shown.kind, shown.number), shown.name))
        except Invalid as problem:
            errors.append(FieldError(f"{field}.number", problem.code, problem.facts))
    if errors:
        raise Invalid("web.fields_wrong", errors=errors)
    first, second = read
    return (first, second) if known.kind == DocumentKind.HMT_PERMIT else (second, first)


def _record(caller: Caller, purpose: str, behind: list[Behind], at: datetime, *, is_same: bool, because: str) -> UUID:
    """Write into the history of whose the numbers are: once for yes; for no always twice, of nobody too.

    Returns the id of the first, which is the permit's.
    """
    permit, travel = behind
    ended = Outcome.MATCH if is_same else Outcome.REFUSED if because else Outcome.NO_MATCH
    persons = [permit.person_id]
    if not is_same:
        persons.append(travel.person_id if travel.person_id != permit.person_id else None)
    written = [
        record_check(
            party=caller.party, way=Way.SAME_PERSON, purpose=purpose, person_id=person_id,
            permit_id=permit.permit_id if person_id == permit.person_id else None,
            outcome=ended if person_id else Outcome.NO_MATCH, claims=["number", "name"], at=at,
            because=because if person_id else "",
        )
        for person_id in persons
    ]  # fmt: skip
    return written[0].pk
