"""Drafts of the law: kept beside the edition in force, proposed by one person, confirmed by another."""

from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, NotFound
from yizhengtong.law.models import Edition, PackText
from yizhengtong.law.policies import ensure_may_change_law
from yizhengtong.law.queries import library_in_force, library_of_edition
from yizhengtong.law.reading import Library
from yizhengtong.law.services import confirm_edition

LIVING = (Edition.State.DRAFT, Edition.State.PROPOSED)


@use_case
def draft_edition(*, changes: Mapping[str, str], base: str = "", by: Principal) -> Edition:
    """Keep a draft: the packs of the edition with hash `base`, else of the one in force, with some files replaced.

    `changes`: path → text; an empty text leaves the file out. Raises PackErrors with everything that is wrong, Conflict
    `law.nothing_changed`, Forbidden, NotFound.
    """
    ensure_may_change_law(by)
    texts = dict((library_of_edition(base) if base else library_in_force()).texts)
    known = dict(texts)
    for path, text in changes.items():
        texts.pop(path, None)
        if text.strip():
            texts[path] = _lines(text)
    if texts == known:
        raise Conflict("law.nothing_changed")
    Library.from_texts(texts)
    members = {path: sha256(text.encode()).hexdigest() for path, text in texts.items()}
    PackText.objects.bulk_create(
        [PackText(hash=members[path], path=path, text=text) for path, text in texts.items()], ignore_conflicts=True
    )
    draft = Edition.objects.create(
        hash=hash_of(members), members=members, state=Edition.State.DRAFT, proposed_by=by.id
    )  # fmt: skip
    record_act("law.draft_edition", by=by, on=("edition", draft.pk), person_id=None)
    return draft


@use_case
def propose_draft(*, edition_id: UUID, by: Principal) -> Edition:
    """Propose a draft; from then on it waits for a second person. Raises Conflict, Forbidden, NotFound."""
    ensure_may_change_law(by)
    edition = _locked(edition_id, Edition.State.DRAFT)
    if Edition.objects.filter(hash=edition.hash, state=Edition.State.IN_FORCE).exists():
        raise Conflict("law.edition_in_force_already")
    edition.state, edition.proposed_by, edition.proposed_at = Edition.State.PROPOSED, by.id, timezone.now()
    try:
        with transaction.atomic():
            edition.save(update_fields=["state", "proposed_by", "proposed_at"])
    except IntegrityError as error:
        raise Conflict("law.proposed_already") from error
    record_act("law.propose_edition", by=by, on=("edition", edition.pk), person_id=None)
    return edition


@use_case
def confirm_draft(*, edition_id: UUID, by: Principal) -> Edition:
    """Put a proposed edition in force as the second person. Raises Forbidden `law.second_person_needed`, NotFound."""
    ensure_may_change_law(by)
    edition = _locked(edition_id, Edition.State.PROPOSED)
    return confirm_edition(edition_hash=edition.hash, by=by)


@use_case
def withdraw_edition(*, edition_id: UUID, by: Principal) -> Edition:
    """Take a draft or a proposal back; its texts stay in the archive. Raises Forbidden, NotFound."""
    ensure_may_change_law(by)
    edition = _locked(edition_id, *LIVING)
    edition.state = Edition.State.WITHDRAWN
    edition.save(update_fields=["state"])
    record_act("law.withdraw_edition", by=by, on=("edition", edition.pk), person_id=None)
    return edition


def hash_of(members: Mapping[str, str]) -> str:
    """Return the hash of an edition: over its sorted lines `path hash`."""
    return sha256("\n".join(f"{path} {members[path]}" for path in sorted(members)).encode()).hexdigest()


def _locked(edition_id: UUID, *states: str) -> Edition:
    edition = Edition.objects.select_for_update().filter(pk=edition_id, state__in=states).first()
    if edition is None:
        raise NotFound("not_found")
    return edition


def _lines(text: str) -> str:
    """Return a text as files have it: a browser sends CRLF."""
    return text.replace("\r\n", "\n").rstrip("\n") + "\n"
