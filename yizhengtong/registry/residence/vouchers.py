"""Registration vouchers (登记凭证), also electronic: a number of a local series and a seal that the API checks.

The province says nothing of a voucher (N), Hangzhou arts. 13 and 25 do (C); number and form are this platform's own.
The seal is a keyed hash with the platform's index key: it says that the platform wrote the voucher, to the platform.
"""

import hmac
import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha256

from django.db import connection

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act, record_read
from yizhengtong.foundation.transactions import use_case
from yizhengtong.foundation.vault.indexes import keyed_digest
from yizhengtong.kernel.dates import legal_day
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.residence.models import Registration

_PURPOSE = "residence.voucher"
_SEAL_FORM = "v1."

Voucher = Mapping[str, str]
"""What an electronic voucher says, days as ISO text, with `seal` over all the rest."""


def next_voucher_number(region: str, on: date) -> str:
    """Return the next number: county, day, running number of the deployment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('residence_voucher_series')")
        return f"{region}{on:%Y%m%d}{int(cursor.fetchone()[0]):06d}"


def vouchers_of(person: Person, by: Principal, purpose: str) -> tuple[Voucher, ...]:
    """Return the sealed vouchers of what is registered now; the read is recorded."""
    record_read("residence.read_vouchers", by=by, on=("person", person.pk), person_id=person.pk, purpose=purpose,
                fields=["name", "region", "address", "start", "until"])  # fmt: skip
    rows = Registration.objects.filter(person=person, is_current=True).exclude(voucher_number="").order_by("start")
    return tuple(voucher_of(stay, person.name) for stay in rows)


def voucher_of(stay: Registration, name: str) -> Voucher:
    """Return the electronic voucher of a registration."""
    said = {
        "number": stay.voucher_number,
        "issued_on": legal_day(stay.recorded_at).isoformat(),
        "name": name,
        "region": stay.region,
        "address": stay.address,
        "start": stay.start.isoformat(),
        "until": stay.until.isoformat() if stay.until else "",
        "declared_on": stay.declared_on.isoformat(),
    }
    return {**said, "seal": _seal(said)}


@use_case
def check_voucher(*, voucher: Voucher, on: date, by: Principal) -> str:
    """Say how a voucher that was shown stands: `current`, `ended`, `replaced`, or `not_ours`; the check is recorded.

    Every field must be as it was written: one letter more or less and it is not ours.
    """
    said = {name: value for name, value in voucher.items() if name != "seal"}
    standing = "not_ours"
    if hmac.compare_digest(_seal(said).encode(), voucher["seal"].encode()):
        standing = _standing(voucher["number"], on)
    record_act("residence.check_voucher", by=by, on=("voucher", None), person_id=None, fields=[standing])
    return standing


def _standing(number: str, on: date) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT residence_voucher_standing(%s, %s)", [number, on])
        return cursor.fetchone()[0] or "not_ours"


def _seal(said: Mapping[str, str]) -> str:
    text = json.dumps(dict(said), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return _SEAL_FORM + keyed_digest(_PURPOSE, sha256(text.encode()).digest()).hex()
