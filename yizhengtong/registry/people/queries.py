"""Finding persons. What reads personal data is audited."""

from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.postgresql.prepared import Prepared
from yizhengtong.foundation.vault.indexes import bigram_indexes
from yizhengtong.kernel.errors import Invalid
from yizhengtong.kernel.numbers import DocumentKind, identify, parse
from yizhengtong.registry.people.models import Person, PersonNumber, Representation
from yizhengtong.registry.people.names import folded
from yizhengtong.registry.people.services import NAME_INDEX, number_index

MOST_FOUND = 50
TRAVEL_KINDS = (
    DocumentKind.HRP,
    DocumentKind.HRP_NON_CHINESE,
    DocumentKind.MTP_TAIWAN_FIVE_YEAR,
    DocumentKind.MTP_TAIWAN_ONE_TIME,
)


def person_of(account_id: UUID) -> Person | None:
    """Return the person who signs in with that account."""
    return _OF_ACCOUNT.first(account_id)


_OF_ACCOUNT = Prepared(lambda account_id: Person.objects.filter(account_id=account_id))


def find_by_number(kind: str, number: str, by: Principal, purpose: str) -> Person | None:
    """Return the person whom a document names now, whatever its issue count. Audited, also when nobody is found.

    Raises Invalid with the codes of kernel.numbers; ValueError when there is no such kind.
    """
    index = number_index(parse(DocumentKind(kind), number))
    found = PersonNumber.objects.filter(kind=kind, number_index=index, is_current=True).select_related("person").first()
    person = found.person if found else None
    person_id = person.pk if person else None
    record_read(
        "people.find_by_number",
        by=by,
        on=("person", person_id),
        person_id=person_id,
        purpose=purpose,
        fields=["number"],
    )
    return person


def find_by_name(text: str, by: Principal, purpose: str) -> tuple[Person, ...]:
    """Return at most MOST_FOUND persons whose Chinese or Latin name contains the text, variants of characters included.

    A text of one character finds names of one character only. One audit entry for the search and one for each person
    shown.
    """
    wanted = bigram_indexes(NAME_INDEX, folded(text))
    if not wanted:
        return ()
    rows = Person.objects.filter(name_bigrams__contains=wanted).order_by("pk")
    found = tuple(person for person in rows[:MOST_FOUND] if _is_named(person, folded(text)))
    record_read("people.find_by_name", by=by, on=("person", None), person_id=None, purpose=purpose, fields=["name"])
    for person in found:
        record_read(
            "people.show_found", by=by, on=("person", person.pk), person_id=person.pk, purpose=purpose, fields=["name"]
        )
    return found


def current_number(person: Person, kind: str) -> PersonNumber | None:
    """Return the person's current document of that kind."""
    return PersonNumber.objects.filter(person=person, kind=kind, is_current=True).first()


def number_is_taken(kind: DocumentKind, number: str) -> bool:
    """Say whether a document number names somebody now. For the platform's own series: answers no caller outside."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT people_number_is_taken(%s, %s)", [str(kind), number_index(parse(kind, number))])
        return bool(cursor.fetchone()[0])


def living_representations(on: date) -> QuerySet[Representation]:
    """Return the representations that hold on a day."""
    return Representation.objects.filter(Q(until=None) | Q(until__gt=on), since__lte=on)


def may_act_for(principal_person: Person, person: Person, on: date) -> bool:
    """Say whether somebody may act for a person on a day: for oneself always, for others while appointed."""
    if principal_person.pk == person.pk:
        return True
    return living_representations(on).filter(representative=principal_person, represented=person).exists()


def wards_of(person: Person, on: date) -> tuple[Person, ...]:
    """Return whom the person may act for on a day, besides oneself."""
    held = living_representations(on).filter(representative=person).select_related("represented")
    return tuple(each.represented for each in held.order_by("since", "pk"))


def relation_to(acting: Person, person: Person, on: date) -> str:
    """Return what `acting` is to a person for whom they may act on a day: empty for oneself, or for a stranger."""
    held = living_representations(on).filter(representative=acting, represented=person)
    return held.values_list("relation", flat=True).first() or ""


def current_travel_document(person: Person) -> PersonNumber | None:
    """Return the document with which the person enters the mainland, as it is registered now."""
    return PersonNumber.objects.filter(person=person, kind__in=TRAVEL_KINDS, is_current=True).first()


def number_search_key(text: str) -> str | None:
    """Return the key under which a document number is found in searches; None when the text is no number."""
    try:
        number = identify(text)
    except Invalid:
        return None
    return search_key(number_index(number))


def search_key(index: bytes | memoryview) -> str:
    """Return the short form of a number's blind index that search columns hold."""
    return bytes(index)[:8].hex()


def _is_named(person: Person, wanted: str) -> bool:
    return wanted in folded(person.name) or wanted in folded(person.latin_name)
