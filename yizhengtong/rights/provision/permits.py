"""What an event of a permit tells a data platform.

Minimal: what the permit is and how it stands, naming nobody. Licence: what a platform needs besides to keep an
electronic licence (S4-15: 电子证照数据推送至省大数据平台; which fields, is in no source: N). Both tell how the permit
stands when the push is written, with its `version`: an older version never follows a newer one.
"""

from datetime import date
from uuid import UUID

from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.exchange.contents import Content
from yizhengtong.foundation.exchange.models import ContentKind
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.permits.models import Permit

ACTIONS = (
    "issued", "record_made", "hand_over", "report_loss", "report_found", "replace", "void", "endorse", "suspend",
    "restore", "end_functions", "convert",
)  # fmt: skip
NAMES = {f"permits.{action}": action for action in ACTIONS}
"""Kind of event → its name outside: `permits.record_made` is cn.yizhengtong.permit.record_made.v1."""
DATASCHEMA = "urn:yizhengtong:schema:permit-event:1"
PREFIX = "pmt"
_NO_EXPIRY = date.max


def content_of(event: Event, content: str) -> Content | None:
    """Return what an event tells of its permit; None when there is no such permit."""
    permit = Permit.objects.filter(pk=event.object_id).first()
    if permit is None:
        return None
    data = _minimal(permit)
    told: tuple[str, ...] = ()
    if content == ContentKind.LICENCE:
        data["licence"] = _licence(permit)
        told = ("permit_number", "name", "identity_number")
    return Content(public_id(PREFIX, permit.pk), data, told)


def _minimal(permit: Permit) -> dict[str, object]:
    return {
        "permit": public_id(PREFIX, permit.pk),
        "version": permit.version,
        "kind": permit.kind,
        "state": permit.state,
        "issue_count": permit.issue_count,
        "region": permit.region,
        "authority": permit.authority,
        "valid_from": permit.valid_from.isoformat(),
        "last_valid_day": None if permit.last_valid_day == _NO_EXPIRY else permit.last_valid_day.isoformat(),
        "endorsed_until": _day(permit.endorsed_until),
        "ended_on": _day(permit.ended_on),
        "end_reason": permit.end_reason or None,
        "predecessors": [public_id(PREFIX, key) for key in _predecessors(permit)],
        "successor": _successor(permit),
    }


def _licence(permit: Permit) -> dict[str, str]:
    """Return number, holder and the holder's number as they are printed on the permit."""
    return {
        "number": permit.number,
        "holder_name": str(permit.card.get("name", "")),
        "holder_number": str(permit.card.get("identity_number") or permit.number),
    }


def _predecessors(permit: Permit) -> list[UUID]:
    """Return the permits that this one's issue ended: one by a replacement, several by a conversion (S4-24)."""
    ended = set(Permit.objects.filter(succeeded_by_id=permit.pk).values_list("pk", flat=True))
    return sorted(ended | ({permit.replaces_id} if permit.replaces_id else set()))


def _successor(permit: Permit) -> str | None:
    key = permit.succeeded_by_id
    if key is None:
        key = Permit.objects.filter(replaces=permit.pk).values_list("pk", flat=True).first()
    return public_id(PREFIX, key) if key else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
