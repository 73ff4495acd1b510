"""Archiving packs and putting them in force."""

from collections.abc import Mapping
from hashlib import sha256

from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.scope import forget_for_request
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, Forbidden, NotFound
from yizhengtong.law.models import Edition, PackText
from yizhengtong.law.queries import EDITION_IN_FORCE
from yizhengtong.law.reading import Library


@use_case
def propose_edition(*, texts: Mapping[str, str], by: Principal) -> Edition:
    """Archive the texts of all packs and propose them together. Raises PackErrors where one is wrong."""
    Library.from_texts(texts)
    members = {path: sha256(text.encode()).hexdigest() for path, text in texts.items()}
    PackText.objects.bulk_create(
        [PackText(hash=members[path], path=path, text=text) for path, text in texts.items()], ignore_conflicts=True
    )
    whole = sha256("\n".join(f"{path} {members[path]}" for path in sorted(members)).encode()).hexdigest()
    if Edition.objects.filter(hash=whole, state=Edition.State.IN_FORCE).exists():
        raise Conflict("law.edition_in_force_already")
    edition, is_new = Edition.objects.get_or_create(
        hash=whole, state=Edition.State.PROPOSED, defaults={"members": members, "proposed_by": by.id}
    )
    if is_new:
        record_act("law.propose_edition", by=by, on=("edition", edition.pk), person_id=None)
    return edition


@use_case
def propose_again(*, edition_hash: str, by: Principal) -> Edition:
    """Propose an edition of before once more, from its archived texts: the way back from a wrong one.

    Raises NotFound `not_found`, `law.text_missing`, Conflict `law.edition_in_force_already`.
    """
    edition = Edition.objects.filter(hash=edition_hash).order_by("-proposed_at").first()
    if edition is None:
        raise NotFound("not_found")
    texts = PackText.objects.in_bulk(edition.members.values())
    if len(texts) != len(set(edition.members.values())):
        raise NotFound("law.text_missing")
    members = {path: texts[text_hash].text for path, text_hash in edition.members.items()}
    return propose_edition(texts=members, by=by)


@use_case
def confirm_edition(*, edition_hash: str, by: Principal) -> Edition:
    """Put a proposed edition in force, by a second person. Raises Forbidden `law.second_person_needed`."""
    edition = Edition.objects.select_for_update().filter(hash=edition_hash, state=Edition.State.PROPOSED).first()
    if edition is None:
        raise NotFound("not_found")
    if edition.proposed_by == by.id:
        raise Forbidden("law.second_person_needed")
    Edition.objects.filter(state=Edition.State.IN_FORCE).update(state=Edition.State.RETIRED)
    edition.state = Edition.State.IN_FORCE
    edition.confirmed_by = by.id
    edition.confirmed_at = timezone.now()
    edition.save(update_fields=["state", "confirmed_by", "confirmed_at"])
    record_act("law.confirm_edition", by=by, on=("edition", edition.pk), person_id=None)
    forget_for_request(EDITION_IN_FORCE)
    publish("law.edition_in_force", on=("edition", edition.pk), person_id=None, facts={"hash": edition.hash})
    return edition
