"""Codes for django-oauth-toolkit: `python -m benchmarks.fill_toolkit CODES PATH` with the settings of toolkit.py.

So many of OpenID, and as many of OAuth alone, which are exchanged for no ID token. The secret is not hashed.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402 Django first
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402
from oauth2_provider.models import Application, Grant  # noqa: E402

from benchmarks.sign_in_known import BACK, CHALLENGE, SECRET  # noqa: E402

USERS = 16
OPENID, PLAIN = "openid bank", "bank"
_BATCH = 500


def main(codes: int, path: Path) -> None:
    """Make tables, users, a client and codes, and write them."""
    call_command("migrate", verbosity=0)
    users = User.objects.bulk_create(User(username=f"bench-{n}") for n in range(USERS))
    client = Application.objects.create(
        name="bench", client_id="bench", client_secret=SECRET, hash_client_secret=False, redirect_uris=BACK,
        client_type=Application.CLIENT_CONFIDENTIAL, algorithm=Application.RS256_ALGORITHM,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
    )  # fmt: skip
    expires = timezone.now() + timedelta(hours=1)
    Grant.objects.bulk_create(
        (
            Grant(
                user=users[n % USERS], code=f"{scope.split()[0]}-{n}", application=client, expires=expires,
                redirect_uri=BACK, scope=scope, code_challenge=CHALLENGE, code_challenge_method="S256", nonce="n-1",
            )
            for scope in (OPENID, PLAIN)
            for n in range(codes)
        ),
        _BATCH,
    )  # fmt: skip
    path.write_text(json.dumps({name: [f"{name}-{n}" for n in range(codes)] for name in ("openid", "bank")}))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
