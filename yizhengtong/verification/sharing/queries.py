"""A holder's share codes and who used them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.consents.given import Given
from yizhengtong.registry.people.models import Person
from yizhengtong.verification.relying_parties.models import RelyingParty
from yizhengtong.verification.sharing.models import ShareCode

_MOST = 100


@dataclass(frozen=True, slots=True)
class Used:
    """One use. `name`: of the relying party; empty for somebody with the page, whom nobody knows."""

    at: datetime
    name: str
    check_id: UUID


@dataclass(frozen=True, slots=True)
class Shared:
    """A code as its holder sees it. `state`: good, used_up, over, or why it was ended (ShareCode.End)."""

    code: ShareCode
    state: str
    used: Sequence[Used]

    @property
    def is_good(self) -> bool:
        return self.state == "good"


def share_codes_of(person: Person, at: datetime, permit: Permit | None = None) -> list[Shared]:
    """Return a person's codes that are still kept, of one permit or of all, the newest first, with their uses."""
    whose = {"person_id": person.pk, **({"permit": permit} if permit else {})}
    found = list(ShareCode.objects.filter(**whose).order_by("-id").prefetch_related("used")[:_MOST])
    parties = {use.relying_party_id for each in found for use in each.used.all() if use.relying_party_id}
    names = dict(RelyingParty.objects.filter(pk__in=parties).values_list("pk", "name"))
    return [Shared(each, state_of(each, at), _used(each, names)) for each in found]


def state_of(share: ShareCode, at: datetime) -> str:
    """Return how a code stands."""
    if share.ended_at is not None:
        return share.end_reason
    if share.uses >= share.most_uses:
        return "used_up"
    return "good" if at < share.ends_at else "over"


def _used(share: ShareCode, names: dict[UUID, str]) -> list[Used]:
    uses = sorted(share.used.all(), key=lambda use: use.at, reverse=True)
    return [
        Used(use.at, names.get(use.relying_party_id, "") if use.relying_party_id else "", use.check_id) for use in uses
    ]


def copy_of(person: Person) -> list[dict[str, object]]:
    """Return what is kept of a person's codes, for the copy of their data."""
    now = timezone.now()
    return [
        {
            "purpose": each.code.purpose,
            "claims": list(each.code.claims),
            "made_at": each.code.made_at,
            "ends_at": each.code.ends_at,
            "most_uses": each.code.most_uses,
            "state": each.state,
            "used_at": [use.at for use in each.used],
        }
        for each in share_codes_of(person, now)
    ]


def given_by(person_id: UUID) -> list[Given]:
    """Return the codes of a person that are good, as the page of all consents lists them."""
    now = timezone.now()
    living = ShareCode.objects.filter(person_id=person_id, ended_at=None, ends_at__gt=now, uses__lt=F("most_uses"))
    return [
        Given(
            words="sharing.given", since=each.made_at, address=f"/permits/{public_id('pmt', each.permit_id)}/share",
            purpose=f"relying_parties.purpose_{each.purpose}", until=each.ends_at,
        )
        for each in living.order_by("-id")
    ]  # fmt: skip
