"""Somebody with a permit and a photograph, and a wallet's token: `python -m benchmarks.fill_wallet PATH` as the owner.

The file holds the access token and the private key that it is bound to, for the load generator.
"""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
django.setup()

from django.utils import timezone  # noqa: E402 Django first

from yizhengtong.credentials.keys.queries import Use, signer  # noqa: E402
from yizhengtong.credentials.keys.software import new_signer  # noqa: E402
from yizhengtong.foundation.accounts.models import Account, Office  # noqa: E402
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind  # noqa: E402
from yizhengtong.foundation.documents.services import store_document  # noqa: E402
from yizhengtong.kernel.dates import legal_day  # noqa: E402
from yizhengtong.kernel.ids import new_id  # noqa: E402
from yizhengtong.permitting.permits.models import Permit  # noqa: E402
from yizhengtong.project.demonstration.people import photo_jpeg  # noqa: E402
from yizhengtong.registry.people.services import register_person  # noqa: E402
from yizhengtong.verification.authorization.models import Grant, Token  # noqa: E402
from yizhengtong.verification.authorization.secret_texts import hash_of, new_secret  # noqa: E402

FORM = "hmt_permit_sd_jwt"


def main(path: Path) -> None:
    """Make them, and keys to sign with."""
    signer(Use.SD_JWT)
    path.write_text(json.dumps(a_token(a_holder("bench-wallet"))))


def a_holder(username: str) -> Permit:
    """Return the permit of somebody with an account of this name, a photograph on it."""
    account = Account.objects.create(username=username)
    by = Principal(PrincipalKind.RESIDENT, account.pk)
    today = legal_day(timezone.now())
    person = register_person(
        name="王小明", birth_date=today.replace(year=1990, day=1), sex="M", region="HK", account=account, by=by
    )
    photo = store_document(
        content=photo_jpeg(), declared_type="image/jpeg", kind="photo", person_id=person.pk, by=by, purpose="bench"
    )
    return _permit(person, photo.pk, today)


def a_token(permit: Permit) -> dict[str, str]:
    """Return a wallet's access token for a permit, the key it is bound to, and the form it collects."""
    key, secret, account = new_signer(), new_secret(), permit.person.account
    assert account is not None
    grant = Grant.objects.create(
        person=permit.person, account_id=account.pk, kind=Grant.Kind.PRE_AUTHORIZED, configuration_ids=[FORM],
        dpop_thumbprint=key.key_id, begun_at=timezone.now(),
    )  # fmt: skip
    expires_at = timezone.now() + timedelta(hours=1)
    Token.objects.create(secret_hash=hash_of(secret), kind=Token.Kind.ACCESS, grant=grant, expires_at=expires_at)
    return {"token": secret, "key": key.secret(), "form": FORM}


def _permit(person: Any, photo_id: Any, today: Any) -> Permit:
    office = Office.objects.order_by("path").last()
    assert office is not None
    card = {"name": "王小明", "birth_date": person.birth_date.isoformat(), "sex": "M",
            "residence_address": "济南市历下区和平路47号1单元101", "travel_document_number": "H00000000"}  # fmt: skip
    return Permit.objects.create(
        person=person, kind="hmt", number="810000199001010015", number_index=new_id().bytes, region="370102",
        authority="济南市公安局历下分局", valid_from=today - timedelta(days=9), card=card, state="held",
        last_valid_day=today + timedelta(days=1800), photo_id=photo_id, office_id=office.pk, office_path=office.path,
        delivery="collect",
    )  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
