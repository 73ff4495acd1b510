"""Set-up of `cases`, inside Django: residents who live in the city, officers of every service point, their sessions.

`python -m benchmarks.prepare RESIDENTS FILE` writes FILE, a JSON document that the load generator reads. Sessions are
made directly, so that the cost of hashing passwords, paid once a sign-in, is in no figure.
"""

import json
import os
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
django.setup()

from django.conf import settings  # noqa: E402 Django first
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from yizhengtong.foundation.accounts.models import Account, Office, StaffMember  # noqa: E402
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind  # noqa: E402
from yizhengtong.foundation.accounts.roles import Role  # noqa: E402
from yizhengtong.foundation.accounts.sessions import SessionStore  # noqa: E402
from yizhengtong.kernel.dates import add_months, legal_day  # noqa: E402
from yizhengtong.permitting.casework.gathering import law_for  # noqa: E402
from yizhengtong.project.demonstration.city import CITY  # noqa: E402
from yizhengtong.project.demonstration.people import somebody  # noqa: E402
from yizhengtong.registry.people.services import add_number, register_person  # noqa: E402
from yizhengtong.registry.residence.services import declare_stay  # noqa: E402

_RESIDENT_MONTHS = 8
_BATCH = 50
_LAST_DAYS_KEPT_FREE = 2


def main(count: int, path: Path) -> None:
    """Make `count` residents and the officers, and write who they are."""
    today = legal_day(timezone.now())
    law = law_for("hmt.first_issue", CITY, today)
    points = [point for point in law.service_points if point.region]
    horizon = range(1, settings.YZT_BOOKING_HORIZON_DAYS - _LAST_DAYS_KEPT_FREE)
    days = [today + timedelta(days=ahead) for ahead in horizon]
    known = {
        "days": [day.isoformat() for day in days if law.calendar.is_working_day(day)],
        "points": [_point(point.code, point.region) for point in points],
        "residents": _residents(count, today, [point.region for point in points]),
    }
    path.write_text(json.dumps(known))


def _point(code: str, region: str | None) -> dict[str, Any]:
    office = Office.objects.select_related("parent").get(code=code)
    assert office.parent is not None
    return {
        "code": code,
        "region": region,
        "clerk": _officer(f"bench-clerk-{code}", office, Role.CLERK),
        "reviewer": _officer(f"bench-reviewer-{office.parent.code}", office.parent, Role.REVIEWER),
        "approver": _officer(f"bench-approver-{office.parent.code}", office.parent, Role.APPROVER),
    }


def _officer(username: str, office: Office, role: Role) -> str:
    """Return the session of an officer, who is made unless there already."""
    account, is_new = Account.objects.get_or_create(username=username, defaults={"is_demonstration": True})
    if is_new:
        StaffMember.objects.create(account=account, office=office, name="测试员", roles=[role.value])
    return open_session(account, has_second_factor=True)


def _residents(count: int, today: date, regions: list[str | None]) -> list[dict[str, str]]:
    made = []
    for first in range(0, count, _BATCH):
        with transaction.atomic():
            made += [
                _resident(n, today, regions[n % len(regions)] or CITY) for n in range(first, min(first + _BATCH, count))
            ]
    return made


def _resident(n: int, today: date, region: str) -> dict[str, str]:
    account = Account.objects.create(username=f"bench-{n}", is_demonstration=True)
    by = Principal(PrincipalKind.RESIDENT, account.pk)
    who = somebody(today, seed=n)
    person = register_person(
        name=who.name,
        latin_name=who.latin_name,
        birth_date=who.birth_date,
        sex=who.sex,
        region=who.region,
        account=account,
        by=by,
    )
    add_number(person=person, kind=who.kind, number=who.number, valid_until=who.valid_until, by=by)
    declare_stay(
        person=person,
        region=region,
        address="演示路1号1单元101室",
        start=add_months(today, -_RESIDENT_MONTHS),
        until=None,
        reported_by="self",
        declared_on=today,
        by=by,
    )
    return {"session": open_session(account), "account": str(account.pk), "person": str(person.pk), "region": region}


def open_session(account: Account, *, has_second_factor: bool = False) -> str:
    """Return the token of a new session, as sign-in leaves it."""
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    method = "mfa" if has_second_factor else "password"
    session["account_authentication_methods"] = [{"method": method, "at": timezone.now().timestamp()}]
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
