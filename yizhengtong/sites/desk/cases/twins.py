"""Records that may be the same person as a case's, and two of them side by side with what differs."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.foundation.vault.indexes import bigram_indexes
from yizhengtong.kernel.errors import Forbidden, NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.importing.duplicates import Keys, known_like
from yizhengtong.permitting.importing.models import Reason
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.minors import ensure_may_open
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.names import folded, same_name
from yizhengtong.registry.people.services import NAME_INDEX, birth_index
from yizhengtong.registry.residence.models import Registration
from yizhengtong.sites.desk.cases.asking import case_asked
from yizhengtong.sites.desk.cases.rows import item_name


@dataclass(frozen=True, slots=True)
class Twin:
    """Somebody whose record is alike. Only those of the officer's own area can be opened, a minor's by approval."""

    id: str
    reason: Reason
    is_of_area: bool
    is_open: bool

    @property
    def words(self) -> str:
        """Code of why the two may be one."""
        return f"desk.twin.{self.reason}"


@dataclass(frozen=True, slots=True)
class Line:
    """A field of two records."""

    label: str
    left: str
    right: str
    differs: bool


def like(case: Case, by: Principal) -> list[Twin]:
    """Return whose records are like that of a case's person, found by keyed indexes alone: nothing is opened."""
    found = _found(case.person)
    if not found:
        return []
    own = _of_area(set(found), by)
    opened = {each.pk for each in Person.objects.filter(pk__in=own) if _may_open(each, by)}
    return [
        Twin(public_id("per", key), reason, key in own, key in opened)
        for key, reason in sorted(found.items(), key=lambda each: each[0])
    ]


def _may_open(person: Person, by: Principal) -> bool:
    try:
        ensure_may_open(person, by)
    except Forbidden:
        return False
    return True


def _found(person: Person) -> dict[UUID, Reason]:
    names = frozenset(bigram_indexes(NAME_INDEX, folded(person.name)))
    keys = Keys(numbers=(), birth=birth_index(person.birth_date), name=names)
    return {key: reason for key, reason in known_like([keys]).like(keys).items() if key != person.pk}


def _of_area(persons: set[UUID], by: Principal) -> set[UUID]:
    """Return those of whom a case or a permit lies in an officer's area."""
    area = Q(office_path=by.office_path) | Q(office_path__startswith=f"{by.office_path}.")
    cases = Case.objects.filter(area, person_id__in=persons).values_list("person_id", flat=True)
    permits = Permit.objects.filter(area, person_id__in=persons).values_list("person_id", flat=True)
    return {*cases, *permits}


@page("officer of the area", who=PrincipalKind.STAFF)
def compare(request: HttpRequest, case_id: str, person_id: str) -> HttpResponse:
    """Show two records side by side; the read of the other one is recorded."""
    case, by, reader = case_asked(request, case_id), signed_in(request), reader_of(request)
    key = parse_public_id("per", person_id)
    reason = _found(case.person).get(key)
    if reason is None or key not in _of_area({key}, by):
        raise NotFound("not_found")
    other = Person.objects.get(pk=key)
    ensure_may_open(other, by)
    record_read(
        "casework.compare",
        by=by,
        on=("person", key),
        person_id=key,
        purpose="casework",
        fields=["name", "birth_date", "numbers", "permits", "stays"],
    )
    context = {
        "lines": compared(case.person, other, reader),
        "reason": reader.say(f"desk.twin.{reason}"),
        "case_id": case_id,
        "others": _cases(other, by, reader),
    }
    return render_page(
        request, "desk/cases/twins.html", context, title="desk.twin.title", back=reverse("desk-case", args=[case_id])
    )


def compared(left: Person, right: Person, reader: Reader) -> list[Line]:
    """Return two persons field by field; names are compared without width and variants of characters."""
    plain = [
        (_label("name", reader), left.name, right.name, not same_name(left.name, right.name)),
        (
            _label("latin_name", reader),
            left.latin_name,
            right.latin_name,
            not same_name(left.latin_name, right.latin_name),
        ),
        *((_label(name, reader), one, two, one != two) for name, one, two in _coded(left, right, reader)),
    ]
    sides = [
        (_label(name, reader), _joined(one), _joined(two), set(one) != set(two))
        for name, one, two in _sets(left, right)
    ]
    return [Line(*each) for each in (*plain, *sides)]


def _label(name: str, reader: Reader) -> str:
    return reader.say(f"desk.field.{name}")


def _coded(left: Person, right: Person, reader: Reader) -> list[tuple[str, str, str]]:
    say = reader.say
    return [
        ("birth_date", left.birth_date.isoformat(), right.birth_date.isoformat()),
        ("sex", say(f"desk.sex.{left.sex}"), say(f"desk.sex.{right.sex}")),
        ("region", say(f"desk.region.{left.region}"), say(f"desk.region.{right.region}")),
        ("phone", left.phone, right.phone),
    ]


def _sets(left: Person, right: Person) -> list[tuple[str, list[str], list[str]]]:
    return [
        ("numbers", _numbers(left), _numbers(right)),
        ("permits", _permits(left), _permits(right)),
        ("stays", _stays(left), _stays(right)),
    ]


def _numbers(person: Person) -> list[str]:
    return [str(each.number) for each in person.numbers.filter(is_current=True).order_by("kind", "pk")]


def _permits(person: Person) -> list[str]:
    return [str(each.number) for each in Permit.objects.filter(person=person).order_by("pk")]


def _stays(person: Person) -> list[str]:
    found = Registration.objects.filter(person=person, is_current=True).order_by("start")
    return [f"{each.start} – {each.until or ''} {each.address}" for each in found]


def _joined(values: list[str]) -> str:
    return "；".join(values)


def _cases(person: Person, by: Principal, reader: Reader) -> list[tuple[str, str, Any]]:
    area = Q(office_path=by.office_path) | Q(office_path__startswith=f"{by.office_path}.")
    found = Case.objects.filter(area, person=person).order_by("-received_on")[:20]
    return [(public_id("cas", each.pk), item_name(each.item, reader), each.received_on) for each in found]
