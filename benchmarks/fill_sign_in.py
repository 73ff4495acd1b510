"""Residents who signed in to a bank before: `python -m benchmarks.fill_sign_in CODES SHARES PATH` as the owner.

Each has a permit with a photograph, a session in a browser, and a consent that is remembered. CODES authorization codes
are there to be exchanged, SHARES share codes to be read once; both are laid down as the platform lays them down, but
good for an hour. The file tells all of it, the bank's secret and a wallet's token.
"""

import json
import os
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
django.setup()

from django.conf import settings  # noqa: E402 Django first
from django.utils import timezone  # noqa: E402

from benchmarks.fill_wallet import a_holder, a_token  # noqa: E402
from benchmarks.prepare import open_session  # noqa: E402
from benchmarks.sign_in_known import BACK, CHALLENGE  # noqa: E402
from yizhengtong.credentials.keys.queries import Use, signer  # noqa: E402
from yizhengtong.foundation.accounts.models import Account  # noqa: E402
from yizhengtong.foundation.accounts.principals import SYSTEM  # noqa: E402
from yizhengtong.permitting.permits.models import Permit  # noqa: E402
from yizhengtong.verification.authorization.secret_texts import hash_of, new_secret  # noqa: E402
from yizhengtong.verification.openid.claims import allowed_for  # noqa: E402
from yizhengtong.verification.openid.models import Consent, SignIn  # noqa: E402
from yizhengtong.verification.openid.parties import client_id_of  # noqa: E402
from yizhengtong.verification.relying_parties.models import RelyingParty, RelyingPartyAddress  # noqa: E402
from yizhengtong.verification.relying_parties.purposes import purpose_of  # noqa: E402
from yizhengtong.verification.relying_parties.services import register_relying_party  # noqa: E402
from yizhengtong.verification.sharing.codes import code_hash, new_code  # noqa: E402
from yizhengtong.verification.sharing.models import ShareCode  # noqa: E402

RESIDENTS = 16
PURPOSE = "bank"
_BATCH = 500
_GOOD_FOR = timedelta(hours=1)


def main(codes: int, shares: int, path: Path) -> None:
    """Make them, and write what the load generator needs."""
    for use in (Use.OPENID, Use.SD_JWT, Use.READER):
        signer(use)
    permits = [a_holder(f"bench-resident-{n}") for n in range(RESIDENTS)]
    party, secret = register_relying_party(name="测试银行", legal_basis="反洗钱法", purposes=[PURPOSE], by=SYSTEM)
    RelyingPartyAddress.objects.create(relying_party=party, kind=RelyingPartyAddress.Kind.REDIRECT, uri=BACK)
    consents = [_consent(party, permit) for permit in permits]
    path.write_text(json.dumps({
        "client_id": client_id_of(party), "secret": secret, "purpose": PURPOSE,
        "cookie": settings.SESSION_COOKIE_NAME,
        "sessions": [open_session(_account(permit)) for permit in permits],
        "codes": _codes(codes, party, consents),
        "shares": _shares(shares, permits), "birth_date": permits[0].person.birth_date.isoformat(),
        "wallet": a_token(permits[0]),
    }))  # fmt: skip


def _account(permit: Permit) -> Account:
    account = permit.person.account
    assert account is not None
    return account


def _consent(party: RelyingParty, permit: Permit) -> Consent:
    """Keep that somebody agreed to all that the bank may ask."""
    claims, now = list(allowed_for(party, PURPOSE)), timezone.now()
    return Consent.objects.create(
        person_id=permit.person_id, account_id=_account(permit).pk, relying_party=party, purpose=PURPOSE, asked=claims,
        claims=claims, given_at=now, expires_at=now + timedelta(days=1),
    )  # fmt: skip


def _codes(count: int, party: RelyingParty, consents: Sequence[Consent]) -> list[str]:
    """Lay down sign-ins whose codes nobody has exchanged, of all residents in turn."""
    codes, now = [new_secret() for _ in range(count)], timezone.now()
    SignIn.objects.bulk_create(
        (
            SignIn(
                sid=new_secret(), consent=consent, relying_party=party, person_id=consent.person_id,
                account_id=consent.account_id, session="bench", scope=f"openid purpose:{PURPOSE}",
                claims=consent.claims, nonce="n-1", redirect_uri=BACK, challenge=CHALLENGE, proved_at=now, acr="basic",
                code_hash=hash_of(code), code_expires_at=now + _GOOD_FOR,
            )
            for code, consent in ((code, consents[n % len(consents)]) for n, code in enumerate(codes))
        ),
        _BATCH,
    )  # fmt: skip
    return codes


def _shares(count: int, permits: Sequence[Permit]) -> list[str]:
    """Lay down share codes for one use each, of all residents in turn."""
    codes, now = [new_code() for _ in range(count)], timezone.now()
    ShareCode.objects.bulk_create(
        (
            ShareCode(
                person_id=permit.person_id, permit=permit, purpose=PURPOSE, claims=list(purpose_of(PURPOSE).claims),
                code_hash=code_hash(code), made_by=_account(permit).pk, made_at=now, ends_at=now + _GOOD_FOR,
                most_uses=1,
            )
            for code, permit in ((code, permits[n % len(permits)]) for n, code in enumerate(codes))
        ),
        _BATCH,
    )  # fmt: skip
    return codes


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
