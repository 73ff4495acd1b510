"""Matching what a relying party was shown against the permit, or against the travel document linked to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from yizhengtong.foundation.transactions import use_case
from yizhengtong.foundation.web.limits import Charge, charge
from yizhengtong.kernel.errors import FieldError, Forbidden, Invalid
from yizhengtong.kernel.ids import new_id
from yizhengtong.kernel.numbers import DocumentKind, DocumentNumber, parse
from yizhengtong.permitting.permits.rules import state_on
from yizhengtong.registry.consents.queries import needs_consent
from yizhengtong.registry.people.queries import TRAVEL_KINDS
from yizhengtong.registry.people.writings import fits
from yizhengtong.verification.checks.finding import MATCHED, Behind, find
from yizhengtong.verification.checks.models import Outcome, Way
from yizhengtong.verification.checks.recording import record_check
from yizhengtong.verification.checks.rules import State, fields_of, state_of
from yizhengtong.verification.checks.travel.choosing import platform_here
from yizhengtong.verification.checks.travel.contract import Question, Result
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.purposes import Purpose
from yizhengtong.verification.relying_parties.sandbox import person_behind


@dataclass(frozen=True, slots=True)
class Answer:
    """Which of the fields sent agree with one document, and how the permit stands. Nothing not sent comes back.

    A number that nobody has, a name that does not fit, a holder who did not consent (个人信息保护法 art. 23) and one
    who has shut the relying party out give the same answer: no oracle for who has a permit. `state` None: not all
    agrees, or the document is no permit and linked to none. `is_final` False: the platform that knows travel documents
    could not say now, and what does not agree may do so when it is asked again; or it was not asked, because no birth
    date was sent, and what does not agree is only not known here. `check_id`: of the check as it was written, whoever
    was found or nobody; in the sandbox, where none is, it names nothing.
    """

    fields: Mapping[str, bool]
    state: State | None
    as_of: datetime
    is_final: bool = True
    check_id: UUID = field(default_factory=new_id, compare=False)

    @property
    def is_match(self) -> bool:
        return all(self.fields.values())

    @property
    def is_valid(self) -> bool:
        """Whether all agrees, and the permit is good."""
        return self.state is State.VALID


@dataclass(frozen=True, slots=True)
class Shown:
    """What a relying party was shown, read."""

    number: DocumentNumber
    name: str
    birth_date: date | None

    @property
    def claims(self) -> list[str]:
        return ["number", "name", *(["birth_date"] if self.birth_date else [])]


@use_case
def match(
    *,
    caller: Caller,
    purpose: str,
    kind: DocumentKind,
    number: str,
    name: str,
    birth_date: date | None,
    on: date,
    way: str = Way.MATCH,
) -> Answer:
    """Match a document by its number, a name in Chinese or Latin letters and, if sent, the birth date.

    Written into the holder's history; by a test key it is answered from the test people, and nothing is written.

    Raises Forbidden `relying_parties.purpose_not_registered`, `checks.field_not_of_purpose`; Invalid `numbers.*` for a
    number that cannot be right, `checks.kind_not_matched`; TooMany when one number is tried too often.
    """
    serves = caller.require(purpose)
    shown = _read(serves, kind, number, name, birth_date)
    # Of known and unknown numbers alike, before anything is looked up: names cannot be tried out on a number.
    charge([Charge("checks_of_one", f"{caller.named} {shown.number.core}")])
    if caller.is_test:
        return _in_the_sandbox(shown)
    behind = find(shown.number, name=shown.name, birth_date=shown.birth_date, use=serves.use, party_id=caller.pk)
    # Whether the holder agreed is asked of nobody too: a refusal answers as a number that nobody has.
    because = behind.refused_because(needs_consent(serves.use, on))
    answer = _answer(behind, shown, on, is_refused=bool(because))
    if not answer.fields["number"]:  # else number and name are known here, and whoever asks is told so
        is_refused = bool(because) and behind.person_id is not None
        answer = _by_the_platform(answer, shown, serves.code, on, is_refused=is_refused)
    return replace(answer, check_id=_record(caller, serves, way, behind, shown, answer, because))


def _read(serves: Purpose, kind: DocumentKind, number: str, name: str, birth_date: date | None) -> Shown:
    """Return what was sent, read; refused by what was sent alone, never by whose it is."""
    if birth_date is not None and "birth_date" not in serves.match:
        raise Forbidden("checks.field_not_of_purpose", field="birth_date")
    if kind not in MATCHED:
        raise Invalid("checks.kind_not_matched", errors=[FieldError("kind", "checks.kind_not_matched")])
    return Shown(parse(kind, number), name, birth_date)


def _answer(behind: Behind, shown: Shown, on: date, *, is_refused: bool) -> Answer:
    person = behind.person
    # Every side is always compared, of nobody a decoy's, so that the time taken does not tell which of them failed.
    name = behind.is_named(shown.name)
    birth = None if shown.birth_date is None else person.birth_date == shown.birth_date
    fields = fields_of(is_theirs=behind.is_found and not is_refused, name=name, birth_date=birth)
    is_told = behind.permit is not None and all(fields.values())
    state = state_of(state_on(behind.permit, on)) if behind.permit and is_told else None
    return Answer(fields, state, timezone.now())


def _in_the_sandbox(shown: Shown) -> Answer:
    """Return the answer of the test people: by the same rules, and of no person of this platform."""
    person = person_behind(shown.number)
    is_theirs = person is not None and person.has_agreed
    name = person is not None and fits(shown.name, person.name, person.latin_name)
    birth = None if shown.birth_date is None else person is not None and person.birth_date == shown.birth_date
    fields = fields_of(is_theirs=is_theirs, name=name, birth_date=birth)
    return Answer(fields, State(person.state) if person is not None and all(fields.values()) else None, timezone.now())


def _by_the_platform(answer: Answer, shown: Shown, purpose: str, on: date, *, is_refused: bool) -> Answer:
    """Return what the identity platform says of a travel document that is not known here; else the answer itself.

    It wants a birth date; without one nothing is final. It is asked of a holder who refused, too, and its word is then
    dropped: who is not asked about would be somebody known here.
    """
    platform = platform_here() if shown.number.kind in TRAVEL_KINDS else None
    if platform is None or not shown.name.strip():
        return answer
    if shown.birth_date is None:
        return replace(answer, is_final=False)
    asked = Question(shown.number.kind, shown.number.text, shown.name, shown.birth_date, on, purpose)
    said = platform.ask(asked).result
    agrees = said == Result.AGREES and not is_refused
    return Answer(dict.fromkeys(answer.fields, agrees), None, answer.as_of, is_final=said != Result.UNAVAILABLE)


def _record(
    caller: Caller, serves: Purpose, way: str, behind: Behind, shown: Shown, answer: Answer, because: str
) -> UUID:
    ended = Outcome.MATCH if answer.is_match else Outcome.NO_MATCH
    check = record_check(
        party=caller.party, way=way, purpose=serves.code, person_id=behind.person_id, permit_id=behind.permit_id,
        outcome=Outcome.REFUSED if because and behind.person_id else ended, claims=shown.claims, at=answer.as_of,
        because=because,
    )  # fmt: skip
    return check.pk
