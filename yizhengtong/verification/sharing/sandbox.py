"""Codes of the sandbox: a test key reads these and no others, of people who do not exist. Nothing is written.

`number` is the place of a person in the sandbox, from 1 (docs/sharing.md): share code TEST0-0000N for whatever purpose
is asked, TESTW-0000N made for work; on a phone test-0000-000N, good as often as it is read, on paper test-paper-N, both
shown for whatever is asked; test-work-000N and test-work-paper-N shown for work.
"""

from collections.abc import Collection
from datetime import date, datetime

from yizhengtong.credentials.showing.claims import Value, masked_name, masked_number
from yizhengtong.credentials.showing.services import UNKNOWN
from yizhengtong.kernel.dates import add_years, legal_day
from yizhengtong.permitting.permits.kinds import HMT
from yizhengtong.permitting.permits.rules import Standing
from yizhengtong.verification.checks.rules import State
from yizhengtong.verification.relying_parties.sandbox import SandboxPerson, sandbox_people
from yizhengtong.verification.sharing.codes import normal
from yizhengtong.verification.sharing.handed import GOOD, PaperTold, PhoneTold
from yizhengtong.verification.sharing.reading import NONE, OTHER_PURPOSE, TOLD, Told
from yizhengtong.verification.sharing.shown import to_be_shown

_SHARE, _FOR_WORK, _PHONE, _PAPER = "TEST0-", "TESTW-", "test-0000-", "test-paper-"
_PHONE_FOR_WORK, _PAPER_FOR_WORK = "test-work-", "test-work-paper-"
_WORK = "work"
_PLACE, _AUTHORITY, _LAST_DAY = "济南市历下区", "演示公安局", date(2099, 12, 31)
_AGES = {"over_18": 18, "over_60": 60, "over_65": 65}


def read_share_code(*, code: str, birth_date: date, need: str, claims: Collection[str], at: datetime) -> Told:
    """Answer as a share code does."""
    typed = normal(code)
    person = _person(typed, _SHARE) or _person(typed, _FOR_WORK)
    if person is None or person.birth_date != birth_date:
        return Told(NONE, at)
    if typed.startswith(_FOR_WORK) and need != _WORK:
        return Told(OTHER_PURPOSE, at, need)
    return Told(TOLD, at, need, _standing(person), _values(person, claims, at))


def read_phone_code(*, text: str, need: str, claims: Collection[str], at: datetime) -> PhoneTold:
    """Answer as a code on a phone does."""
    typed = text.strip().lower()
    person = _person(typed, _PHONE) or _person(typed, _PHONE_FOR_WORK)
    if person and typed.startswith(_PHONE_FOR_WORK) and _WORK not in to_be_shown(need):
        return PhoneTold(OTHER_PURPOSE)
    return PhoneTold("shown", _standing(person), _values(person, claims, at)) if person else PhoneTold(UNKNOWN)


def read_paper_code(*, text: str, need: str, claims: Collection[str], at: datetime) -> PaperTold:
    """Answer as a code on paper does."""
    typed = text.strip().lower()
    person = _person(typed, _PAPER) or _person(typed, _PAPER_FOR_WORK)
    if person is None:
        return PaperTold("unreadable")
    if typed.startswith(_PAPER_FOR_WORK) and _WORK not in to_be_shown(need):
        return PaperTold(OTHER_PURPOSE)
    word = {State.VALID: GOOD, State.SUSPENDED: "suspended"}.get(State(person.state), "ended")
    return PaperTold(word, "", _values(person, claims, at), _LAST_DAY)


def _person(text: str, head: str) -> SandboxPerson | None:
    number = text.removeprefix(head)
    people = list(sandbox_people().values())
    is_one = text.startswith(head) and number.isascii() and number.isdigit() and 1 <= int(number) <= len(people)
    return people[int(number) - 1] if is_one else None


def _standing(person: SandboxPerson) -> Standing:
    is_valid = person.state == State.VALID
    return Standing(is_valid, "" if is_valid else person.state, has_ended=person.state == State.ENDED)


def _values(person: SandboxPerson, claims: Collection[str], at: datetime) -> dict[str, Value]:
    """Return the claims of a permit that is good; of another nothing is told."""
    on = legal_day(at)
    ages: dict[str, Value] = {name: add_years(person.birth_date, years) <= on for name, years in _AGES.items()}
    all_of_them: dict[str, Value] = {
        "kind": HMT,
        "name": person.name,
        "latin_name": person.latin_name,
        "name_masked": masked_name(person.name),
        "number": person.permit,
        "number_masked": masked_number(person.permit),
        "birth_date": person.birth_date,
        "place": _PLACE,
        "authority": _AUTHORITY,
        "last_day": _LAST_DAY,
        **ages,
    }
    return {name: value for name, value in all_of_them.items() if name in claims and person.state == State.VALID}
