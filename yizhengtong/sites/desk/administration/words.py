"""Officers and requests in words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator

from yizhengtong.foundation.accounts.models import StaffMember, StaffRequest
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.pages.reader import Reader
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.casework.officers import names_of_officers


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request as administrators see it. `is_own`: the reader proposed it; `is_about_reader`: it concerns them."""

    public_id: str
    kind: str
    name: str
    username: str
    office: str
    target: str
    roles: tuple[str, ...]
    proposed_by: str
    proposed_at: datetime
    is_own: bool
    is_about_reader: bool


def request_rows(requests: Sequence[StaffRequest], by: Principal, reader: Reader) -> list[RequestRow]:
    """Return requests in words; names are fetched together."""
    members = {
        member.pk: member
        for member in StaffMember.objects.filter(pk__in=[each.member_id for each in requests if each.member_id])
        .select_related("account").defer("name")
    }  # fmt: skip
    accounts = [member.account_id for member in members.values()] + [each.proposed_by for each in requests]
    names = names_of_officers(accounts)
    return [_row(each, members.get(each.member_id) if each.member_id else None, names, by, reader) for each in requests]


def _row(
    asked: StaffRequest, member: StaffMember | None, names: dict[UUID, str], by: Principal, reader: Reader
) -> RequestRow:
    return RequestRow(
        public_id=public_id("sfr", asked.pk),
        kind=asked.kind,
        name=names.get(member.account_id, "") if member else asked.name or "",
        username=member.account.username if member else asked.username,
        office=asked.office.name,
        target=asked.target.name if asked.target else "",
        roles=tuple(reader.say(f"accounts.role_{role}") for role in asked.roles),
        proposed_by=names.get(asked.proposed_by, "–"),
        proposed_at=asked.proposed_at,
        is_own=asked.proposed_by == by.id,
        is_about_reader=member is not None and member.account_id == by.id,
    )


def second_factors(accounts: Collection[UUID], reader: Reader) -> dict[UUID, tuple[str, ...]]:
    """Return the kinds of second factor that accounts have, in words. No secret is opened."""
    kinds = Authenticator.objects.filter(user_id__in=accounts).order_by("type").values_list("user_id", "type")
    found: dict[UUID, tuple[str, ...]] = {}
    for account, kind in kinds:
        found[account] = (*found.get(account, ()), reader.say(f"desk.administration.factor_{kind}"))
    return found
