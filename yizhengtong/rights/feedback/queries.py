"""Reading ratings: one's own, those that wait for a head, figures by office and by district."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.policies import ensure_officer_of
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.kernel.errors import NotFound
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.states import UNDECIDED
from yizhengtong.registry.people.minors import ensure_may_open
from yizhengtong.registry.people.models import Person
from yizhengtong.rights.feedback.grades import GRADES
from yizhengtong.rights.feedback.models import Rating
from yizhengtong.rights.feedback.policies import OPENERS, ensure_head, ensure_may_answer
from yizhengtong.rights.feedback.rules import may_rate, stage_on

_SEALED = ("words", "answer", "call_back_words")


@dataclass(frozen=True, slots=True)
class Counts:
    """Ratings of one office, or of one district: how many of each grade, how the negative ones were answered.

    `code`: the office's, or the district's code of GB/T 2260; `name` of the office, empty for a district.
    `late`: unanswered past their day, or answered after it.
    """

    code: str
    name: str
    grades: dict[int, int] = field(default_factory=dict)
    waiting: int = 0
    late: int = 0
    called_back: int = 0

    @property
    def total(self) -> int:
        return sum(self.grades.values())

    @property
    def negative(self) -> int:
        return self.grades.get(1, 0) + self.grades.get(2, 0)

    @property
    def satisfied_percent(self) -> float | None:
        """Grades 3 to 5 of all, in percent; None where nobody rated."""
        return 100 * (self.total - self.negative) / self.total if self.total else None


def counts_by_office(*, by: Principal, since: date, until: date, on: date) -> list[Counts]:
    """Return the figures of each office of the officer's area that was rated from `since` to `until`, both inclusive.

    `on`: the day against which unanswered ones are late. In the order of the offices' paths; no words are opened.
    """
    ensure_officer_of(by.office_path, by)
    offices = {each.pk: each for each in _offices(by)}
    rows = _counted(Rating.objects.filter(office_id__in=offices), ["office_id"], since, until, on)
    found = [_counts(offices[key].code, offices[key].name, of) for key, of in _grouped(rows, "office_id").items()]
    paths = {each.code: each.path for each in offices.values()}
    return sorted(found, key=lambda each: paths[each.code])


def counts_by_district(*, by: Principal, since: date, until: date, on: date) -> list[Counts]:
    """Return the same figures by district: the code of GB/T 2260 of the offices that were rated."""
    regions = {each.code: each.region for each in _offices(by)}
    districts: dict[str, Counts] = {}
    for each in counts_by_office(by=by, since=since, until=until, on=on):
        region = regions[each.code]
        districts[region] = _added(districts.get(region, Counts(region, "")), each)
    return [districts[region] for region in sorted(districts)]


def rating_of(case: Case) -> Rating | None:
    """Return the rating of a case, if it was given. Whether the asker may see it, and the record, are the caller's."""
    return Rating.objects.filter(case=case).first()


def ratings_of(person: Person) -> QuerySet[Rating]:
    """Return a person's ratings, the newest first."""
    return Rating.objects.filter(person=person).order_by("-id")


def can_be_rated(case: Case) -> bool:
    """Whether the applicant may rate this case online now."""
    stage = stage_on(is_accepted=case.accepted_on is not None, is_closed=case.state not in UNDECIDED)
    return may_rate(stage, "online") and not Rating.objects.filter(case=case).exists()


def may_turn_page(case: Case, by: Principal) -> bool:
    """Whether an officer who may read a case may turn its rating page to the visitor now."""
    stage = stage_on(is_accepted=case.accepted_on is not None, is_closed=case.state not in UNDECIDED)
    is_open = may_rate(stage, "window") and bool(by.roles.intersection(OPENERS))
    return is_open and not Rating.objects.filter(case=case).exists()


def ratings_for_head(
    *, by: Principal, states: Iterable[str] = ("open",), after: UUID | None = None, limit: int
) -> list[Rating]:
    """Return the ratings of a head's area in these states, in the order they came; nothing written is opened."""
    ensure_head(by)
    found = Rating.objects.filter(_area(by), state__in=list(states)).defer(*_SEALED).order_by("id")
    return list((found.filter(pk__gt=after) if after else found)[:limit])


def rating_for_head(*, rating_id: UUID, by: Principal) -> Rating:
    """Return a rating of the head's area with what was written; the read is recorded. Raises NotFound, Forbidden."""
    rating = Rating.objects.select_related("case__application", "person").filter(pk=rating_id).first()
    if rating is None:
        raise NotFound("not_found")
    ensure_may_answer(rating, by)
    ensure_may_open(rating.person, by)
    record_read("feedback.read", by=by, on=("rating", rating.pk), person_id=rating.person_id, purpose="complaint",
                fields=["words"])  # fmt: skip
    return rating


def _area(by: Principal) -> Q:
    return Q(office_path=by.office_path) | Q(office_path__startswith=f"{by.office_path}.")


def _offices(by: Principal) -> list[Office]:
    return list(Office.objects.filter(Q(path=by.office_path) | Q(path__startswith=f"{by.office_path}.")))


def _counted(ratings: QuerySet[Rating], by: list[str], since: date, until: date, on: date) -> Iterable[dict[str, Any]]:
    late = Q(state="open", due_on__lt=on) | Q(state="answered", answered_on__gt=F("due_on"))
    counted: Iterable[dict[str, Any]] = (
        ratings.filter(given_on__range=(since, until))
        .values(*by, "grade")
        .annotate(
            n=Count("pk"),
            waiting=Count("pk", filter=Q(state="open")),
            late=Count("pk", filter=late),
            called_back=Count("pk", filter=Q(was_reached=True)),
        )
    )
    return counted


def _grouped(rows: Iterable[dict[str, Any]], key: str) -> dict[Any, list[dict[str, Any]]]:
    groups: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    return groups


def _counts(code: str, name: str, rows: list[dict[str, Any]]) -> Counts:
    given = {row["grade"]: row["n"] for row in rows}
    return Counts(
        code, name, {grade: given.get(grade, 0) for grade in GRADES},
        waiting=sum(row["waiting"] for row in rows),
        late=sum(row["late"] for row in rows),
        called_back=sum(row["called_back"] for row in rows),
    )  # fmt: skip


def _added(one: Counts, other: Counts) -> Counts:
    return Counts(
        one.code, one.name, {grade: one.grades.get(grade, 0) + other.grades.get(grade, 0) for grade in GRADES},
        one.waiting + other.waiting, one.late + other.late, one.called_back + other.called_back,
    )  # fmt: skip
