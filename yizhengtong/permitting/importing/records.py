"""What a line of a list says, all of it checked at once: a person, perhaps a permit, perhaps a stay."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from typing import Any, Self, TypeVar
from unicodedata import category

from yizhengtong.foundation.lists.cells import Cell, day_written, is_blank, number_written, written
from yizhengtong.kernel import regions
from yizhengtong.kernel.errors import Invalid
from yizhengtong.kernel.numbers import DocumentKind, DocumentNumber, identify, parse
from yizhengtong.permitting.importing.mapping import Columns, Field
from yizhengtong.permitting.permits.states import PermitState
from yizhengtong.registry.people.models import HMT_REGIONS, Sex
from yizhengtong.registry.people.names import LONGEST_NAME
from yizhengtong.registry.people.rules import contradictions
from yizhengtong.registry.residence.models import LONGEST_ADDRESS, ReportedBy
from yizhengtong.registry.residence.rules import is_in_area

T = TypeVar("T")
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs"})
_LONGEST_AUTHORITY = 80
_LONGEST_PHONE = 40
_HIGHEST_ISSUE_COUNT = 99
STATES: Mapping[str, PermitState] = {
    "valid": PermitState.HELD,
    "expired": PermitState.HELD,
    "lost": PermitState.LOST,
    "cancelled": PermitState.ENDED,
}
"""What lists call a state, and ours: an expired permit is held, and its last day tells that it is expired."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong with a line, or, where `is_warning`, something to look at again. Facts hold nothing personal."""

    field: str
    code: str
    is_warning: bool = False
    facts: Mapping[str, object] = dataclass_field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PermitSaid:
    """A permit as the list has it; days as printed, `last_valid_day` inclusive, date.max: no end."""

    number: str = dataclass_field(repr=False)
    issued_on: date
    last_valid_day: date
    state: str
    ended_on: date | None
    authority: str
    issue_count: int
    county: str


@dataclass(frozen=True, slots=True)
class StaySaid:
    """A stay `[since, until)` as the list has it."""

    county: str
    address: str = dataclass_field(repr=False)
    since: date
    until: date | None
    reported_by: str


@dataclass(frozen=True, slots=True)
class Record:
    """One line in normal form. Its repr, which might be logged, says nothing of the person."""

    name: str = dataclass_field(repr=False)
    latin_name: str = dataclass_field(repr=False)
    birth_date: date = dataclass_field(repr=False)
    sex: str
    region: str
    phone: str = dataclass_field(repr=False)
    travel_kind: str
    travel_number: str = dataclass_field(repr=False)
    travel_valid_until: date | None
    permit: PermitSaid | None
    stay: StaySaid | None

    def to_json(self) -> dict[str, Any]:
        """Return what PersonalJSON keeps while the line waits."""
        said = _plain(self)
        return {
            **said,
            "permit": None if self.permit is None else _plain(self.permit),
            "stay": None if self.stay is None else _plain(self.stay),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return the record that `to_json` gave."""
        permit, stay = kept["permit"], kept["stay"]
        return cls(
            **{
                **kept,
                "birth_date": date.fromisoformat(kept["birth_date"]),
                "travel_valid_until": _day(kept["travel_valid_until"]),
                "permit": None if permit is None else PermitSaid(**{**permit, **_days(permit, _PERMIT_DAYS)}),
                "stay": None if stay is None else StaySaid(**{**stay, **_days(stay, _STAY_DAYS)}),
            }
        )

    @property
    def numbers(self) -> list[DocumentNumber]:
        """Return the document numbers of the line, read."""
        said = [(self.travel_kind, self.travel_number)] if self.travel_number else []
        if self.permit is not None:
            said.append((DocumentKind.HMT_PERMIT, self.permit.number))
        return [parse(DocumentKind(kind), number) for kind, number in said]


_PERMIT_DAYS, _STAY_DAYS = ("issued_on", "last_valid_day", "ended_on"), ("since", "until")


def read_record(
    cells: Mapping[Field, Cell], columns: Columns, *, area: str, today: date
) -> tuple[Record | None, list[Trouble]]:
    """Return what a line says, None where something is wrong, and everything that is wrong with it.

    `area`: GB/T 2260 code within which all its counties must lie.
    """
    reader = _Reader(cells, columns, area, today)
    record = reader.record()
    return (None if any(not trouble.is_warning for trouble in reader.troubles) else record), reader.troubles


class _Reader:
    """Reads one line and gathers what is wrong."""

    def __init__(self, cells: Mapping[Field, Cell], columns: Columns, area: str, today: date) -> None:
        self._cells, self._columns, self._area, self._today = cells, columns, area, today
        self.troubles: list[Trouble] = []

    def record(self) -> Record | None:
        travel, permit_number = self._travel_number(), self._permit_number()
        if travel is None and permit_number is None:
            self._wrong("travel_number", "importing.number_missing", unless_told=True)
        told = [number for number in (permit_number, travel) if number is not None]
        birth_date = self._birth_date(told)
        sex = self._told("sex", [number.sex for number in told], Sex.values)
        region = self._told("region", [number.region for number in told], HMT_REGIONS)
        if birth_date and sex and region:
            self._compare(told, birth_date, sex, region)
        name, latin_name = self._name("name", is_needed=True), self._name("latin_name")
        phone = self._text("phone", most=_LONGEST_PHONE)
        valid_until = self._day("travel_valid_until")
        if self._is_said("permit_number") or self._is_said("stay_since"):
            self._county()
        permit, stay = self._permit(permit_number), self._stay(birth_date)
        if birth_date is None or sex is None or region is None:
            return None
        kind, number = (travel.kind, travel.text) if travel else ("", "")
        return Record(
            name, latin_name, birth_date, sex, region, phone, kind, number, valid_until, permit, stay
        )  # fmt: skip

    def _travel_number(self) -> DocumentNumber | None:
        kind = self._word("travel_kind")
        if kind is None:
            return self._number("travel_number", lambda text: identify(text, as_of=self._today))
        return self._number("travel_number", lambda text: parse(DocumentKind(kind), text, as_of=self._today))

    def _permit_number(self) -> DocumentNumber | None:
        return self._number("permit_number", lambda text: parse(DocumentKind.HMT_PERMIT, text, as_of=self._today))

    def _number(self, name: Field, read: Callable[[str], DocumentNumber]) -> DocumentNumber | None:
        cell = self._columns.cell(self._cells, name)
        if is_blank(cell):
            return None
        found = self._tried(name, lambda: read(number_written(cell)))
        if found is None:
            return None
        if found.kind in {DocumentKind.RESIDENT_ID, DocumentKind.ZHEJIANG_PERMIT}:
            self._wrong(name, "importing.not_of_hong_kong_macao_taiwan")
            return None
        if name == "travel_number" and found.kind == DocumentKind.HMT_PERMIT:
            self._wrong(name, "importing.permit_number_in_wrong_column")
            return None
        for code in found.warnings:
            self.troubles.append(Trouble(name, code, is_warning=True))
        return found

    def _birth_date(self, told: list[DocumentNumber]) -> date | None:
        said = self._day("birth_date", latest=self._today)
        said = said or next((number.birth_date for number in told if number.birth_date), None)
        if said is None:
            self._silent("birth_date")
        return said

    def _told(self, name: Field, told: list[Any], known: list[str]) -> str | None:
        """Return what the line says of sex or region; where it is silent, what its numbers say."""
        said = self._word(name) or next((str(each) for each in told if each), None)
        if said is None or said not in known:
            self._silent(name)
            return None
        return said

    def _silent(self, name: Field) -> None:
        """Say that the line does not tell something, unless it may stand in a number that could not be read."""
        if not (self._is_told("permit_number") or self._is_told("travel_number")):
            self._wrong(name, f"importing.{name}_missing", unless_told=True)

    def _compare(self, told: list[DocumentNumber], birth_date: date, sex: str, region: str) -> None:
        codes = dict.fromkeys(
            code for number in told for code in contradictions(number, birth_date=birth_date, sex=sex, region=region)
        )
        self.troubles += [Trouble("travel_number", code) for code in codes]

    def _permit(self, number: DocumentNumber | None) -> PermitSaid | None:
        if number is None and not self._is_told("permit_number"):
            for name in ("issued_on", "last_valid_day", "permit_state"):
                if not is_blank(self._cells.get(name, Cell())):
                    self._wrong(name, "importing.permit_without_number")
        if number is None:
            return None
        issued_on = self._day("issued_on", latest=self._today, is_needed=True)
        last_valid_day = self._day("last_valid_day", is_needed=True, may_be_without_end=True)
        if issued_on is None or last_valid_day is None:
            return None
        if last_valid_day <= issued_on:
            self._wrong("last_valid_day", "importing.ends_before_it_is_issued")
        state, ended_on = self._state(last_valid_day), self._day("ended_on", latest=self._today)
        if state != "cancelled":
            ended_on = None
        elif ended_on is None:
            self._wrong("ended_on", "importing.day_of_end_missing", unless_told=True)
        count = self._issue_count()
        authority = self._text("authority", most=_LONGEST_AUTHORITY)
        return PermitSaid(number.text, issued_on, last_valid_day, state, ended_on, authority, count, self._county())

    def _state(self, last_valid_day: date) -> str:
        is_over = last_valid_day < self._today
        said = self._word("permit_state") or ("expired" if is_over else "valid")
        if said in {"valid", "expired"} and is_over != (said == "expired"):
            self.troubles.append(Trouble("permit_state", "importing.state_against_days", is_warning=True))
        return said

    def _issue_count(self) -> int:
        text = written(self._columns.cell(self._cells, "issue_count")) or "1"
        if not text.isdecimal() or not 1 <= int(text) <= _HIGHEST_ISSUE_COUNT:
            self._wrong("issue_count", "importing.issue_count_wrong")
            return 1
        return int(text)

    def _stay(self, birth_date: date | None) -> StaySaid | None:
        address = self._text("address", most=LONGEST_ADDRESS)
        since = self._day("stay_since", latest=self._today)
        if since is None:
            if address and not self._is_told("stay_since"):
                self.troubles.append(Trouble("stay_since", "importing.stay_without_day", is_warning=True))
            return None
        if not address:
            self._wrong("address", "importing.address_missing", unless_told=True)
        if birth_date and since < birth_date:
            self._wrong("stay_since", "residence.starts_before_birth")
        until = self._day("stay_until")
        if until and until <= since:
            self._wrong("stay_until", "residence.ends_before_start")
        return StaySaid(self._county(), address, since, until, self._word("reported_by") or ReportedBy.SELF)

    def _county(self) -> str:
        code = written(self._columns.cell(self._cells, "county")) or self._area
        if not regions.region(code) or regions.children(code):
            self._wrong("county", "importing.county_unknown", unless_told=True)
        elif not is_in_area(code, self._area):
            self._wrong("county", "importing.county_elsewhere", unless_told=True)
        return code

    def _name(self, name: Field, *, is_needed: bool = False) -> str:
        text = self._text(name, most=LONGEST_NAME)
        if is_needed and not text:
            self._wrong(name, "people.name_missing", unless_told=True)
        return text

    def _text(self, name: Field, *, most: int) -> str:
        text = written(self._columns.cell(self._cells, name))
        if len(text) > most:
            self._wrong(name, "importing.too_long", most=most)
        if any(category(letter) in _UNPRINTABLE for letter in text):
            self._wrong(name, "importing.unprintable")
        return text

    def _word(self, name: Field) -> str | None:
        text = written(self._columns.cell(self._cells, name))
        value = self._columns.word(name, text) if text else None
        if text and value is None:
            self._wrong(name, "importing.word_unknown")
        return value

    def _day(
        self, name: Field, *, latest: date | None = None, is_needed: bool = False, may_be_without_end: bool = False
    ) -> date | None:
        cell = self._columns.cell(self._cells, name)
        if is_blank(cell):
            if is_needed:
                self._wrong(name, "importing.day_missing")
            return None
        day = self._tried(name, lambda: day_written(cell, may_be_without_end=may_be_without_end))
        if day and latest and day > latest:
            self._wrong(name, "importing.day_in_future")
        return day

    def _tried(self, name: Field, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except Invalid as problem:
            self.troubles.append(Trouble(name, problem.code, facts=problem.facts))
            return None

    def _wrong(self, name: Field, code: str, *, unless_told: bool = False, **facts: object) -> None:
        if not (unless_told and self._is_told(name)):
            self.troubles.append(Trouble(name, code, facts=facts))

    def _is_said(self, name: Field) -> bool:
        return not is_blank(self._columns.cell(self._cells, name))

    def _is_told(self, name: Field) -> bool:
        return any(trouble.field == name and not trouble.is_warning for trouble in self.troubles)


def _plain(said: Record | PermitSaid | StaySaid) -> dict[str, Any]:
    values = {name: getattr(said, name) for name in said.__slots__}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _days(kept: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, date | None]:
    return {name: _day(kept[name]) for name in names}
