"""The shapes of what stands beside a pack: calendar, service points, duties, entitlements."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from yizhengtong.law.schema import Cited, Code, Names, Row, Rows, Shape, Words
from yizhengtong.law.values import Certainty

EntitlementKind = Literal["right", "service", "convenience"]


class DaysOff(Shape):
    """Days off of one holiday, `first` and `last` included."""

    name: Words
    first: date
    last: date

    @model_validator(mode="after")
    def _in_order(self) -> "DaysOff":
        if self.last < self.first:
            raise ValueError("last must not lie before first")
        return self


class CalendarYear(Shape):
    """One year: by the State Council's notice when `announced`, else only the days off that are expected."""

    year: int
    announced: bool
    source: Cited
    certainty: Certainty
    days_off: tuple[DaysOff, ...]
    worked: tuple[date, ...] = ()
    rows: Rows = ()
    note: str = ""

    @model_validator(mode="after")
    def _stays_in_its_year(self) -> "CalendarYear":
        days = [day for off in self.days_off for day in (off.first, off.last)] + list(self.worked)
        if any(day.year != self.year for day in days):
            raise ValueError("every day of a year lies in it")
        if any(off.first <= day <= off.last for off in self.days_off for day in self.worked):
            raise ValueError("a day cannot be off and worked")
        if self.worked and not self.announced:
            raise ValueError("worked days are known only from a notice")
        return self


class ServicePointEntry(Shape):
    """A place where permits are applied for. `phone` and `address` as printed; `phone_normalised` in E.164 groups."""

    row: Row
    number: int
    name: Words
    kind: Literal["police_station", "service_hall"]
    address: Words
    phone: Words
    phone_normalised: Annotated[str, StringConstraints(pattern=r"^\+86-\d{2,3}-\d{7,8}$")]
    area_code_certainty: Certainty
    region: Annotated[str, StringConstraints(pattern=r"^\d{6}$")] | None = None
    zone: str | None = None
    certainty: Certainty
    rows: Rows = ()
    note: str = ""

    @model_validator(mode="after")
    def _district_or_zone(self) -> "ServicePointEntry":
        if (self.region is None) == (self.zone is None):
            raise ValueError("a point lies in a district or in a functional zone")
        return self


class Agency(Shape):
    name: Words
    lead: bool = False


class DutyClause(Shape):
    """One clause of who does what. `serves`: the entitlements whose grant it is to secure."""

    clause: int
    agencies: tuple[Agency, ...] = Field(min_length=1)
    with_district_governments: bool = False
    open_ended: bool = False
    duty: Words
    tasks: tuple[Words, ...] = ()
    serves: tuple[Code, ...] = ()
    coordinates: bool = False
    source: Cited
    certainty: Certainty
    rows: Rows = Field(min_length=1)


class GeneralDuty(Shape):
    """A duty on all, assigned to no clause."""

    code: Code
    duty: Words
    source: Cited
    certainty: Certainty
    rows: Rows = Field(min_length=1)


class EntitlementEntry(Shape):
    """A right, service or convenience that hangs on the permit. `place_bound`: only where the holder lives."""

    code: Code
    kind: EntitlementKind
    number: int
    name: Names
    place_bound: bool
    source: Cited
    rows: Rows = Field(min_length=1)
    certainty: Certainty
    note: str = ""


class Grant(Shape):
    """What a place says of an entitlement the nation gives: that it is granted there, and by which words."""

    code: Code
    source: Cited
    rows: Rows = Field(min_length=1)
    certainty: Certainty
    place_bound: bool | None = None
