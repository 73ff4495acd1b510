"""The law as it is in force, and as it was when something was decided."""

from collections.abc import Collection
from datetime import date
from functools import lru_cache

from django.conf import settings
from django.db import connection

from yizhengtong.foundation.scope import once_a_request
from yizhengtong.kernel.errors import NotFound
from yizhengtong.law.law import Law
from yizhengtong.law.models import Edition, PackText
from yizhengtong.law.reading import Library
from yizhengtong.law.validation import NATION

_LIBRARIES_KEPT = 4
EDITION_IN_FORCE = "law.edition_in_force"
"""Under which a request keeps the hash of the edition in force."""


def law_in_force(region: str, subject: str, on: date) -> Law:
    """Return the law of a place for a subject on a day, by the edition in force.

    Raises NotFound `law.none_in_force`.
    """
    edition_hash = once_a_request(EDITION_IN_FORCE, _edition_in_force)
    if edition_hash is None:
        raise NotFound("law.none_in_force")
    return _library(edition_hash).law(region, subject, on)


def places_with_own_law(subjects: Collection[str]) -> list[str]:
    """Return the codes of the places that have a pack of their own on one of the subjects, by the edition in force."""
    edition_hash = once_a_request(EDITION_IN_FORCE, _edition_in_force)
    files = _library(edition_hash).files.values() if edition_hash else ()
    found = {file.header.region for file in files if file.header.kind == "pack" and file.header.subject in subjects}
    return sorted(found - {NATION})


def law_of_personal_data(on: date) -> Law | None:
    """Return what the edition in force says of personal data at the deployment's place; None where it says nothing.

    An edition older than that subject stays in force over an upgrade until two persons replace it: until then it asks
    for no approval and no consent, as before.
    """
    try:
        return law_in_force(settings.YZT_REGION, "privacy", on)
    except NotFound:
        return None


IN_FORCE = f"SELECT hash FROM law_edition WHERE state = '{Edition.State.IN_FORCE.value}'"  # noqa: S608 a word of ours
"""Asked of every request: with the state written out, PostgreSQL plans it once and not each time."""


def _edition_in_force() -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(IN_FORCE)
        row = cursor.fetchone()
        return row[0] if row else None


def library_in_force() -> Library:
    """Return all packs of the edition in force. Raises NotFound `law.none_in_force`."""
    edition_hash = once_a_request(EDITION_IN_FORCE, _edition_in_force)
    if edition_hash is None:
        raise NotFound("law.none_in_force")
    return _library(edition_hash)


def library_of_edition(edition_hash: str) -> Library:
    """Return the packs of an edition, in force or not, from the archived texts. Raises NotFound."""
    if not Edition.objects.filter(hash=edition_hash).exists():
        raise NotFound("not_found")
    return _library(edition_hash)


@lru_cache(maxsize=_LIBRARIES_KEPT)
def _library(edition_hash: str) -> Library:
    members: dict[str, str] = Edition.objects.filter(hash=edition_hash).values_list("members", flat=True)[0]
    texts = PackText.objects.in_bulk(members.values())
    return Library.from_texts({path: texts[text_hash].text for path, text_hash in members.items()})


def law_of_decision(pack_hashes: tuple[str, ...], region: str, subject: str, on: date) -> Law:
    """Return the law that a decision rested on, from the archived texts alone. Raises NotFound `law.text_missing`."""
    return _archived(pack_hashes).law(region, subject, on)


@lru_cache(maxsize=_LIBRARIES_KEPT)
def _archived(pack_hashes: tuple[str, ...]) -> Library:
    texts = PackText.objects.in_bulk(pack_hashes)
    if len(texts) != len(set(pack_hashes)):
        raise NotFound("law.text_missing")
    return Library.from_texts({text.path: text.text for text in texts.values()})
