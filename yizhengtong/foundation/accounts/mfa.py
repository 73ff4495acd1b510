"""Second factors at rest: everything allauth keeps of one is sealed: secrets, recovery codes, the name of a passkey.

allauth's own hooks see a secret without its row and leave passkeys out. So a row is sealed as it is saved and opened
as it is read, bound to its account and kind: it cannot be moved to somebody else's account.
"""

import base64
import json
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models.signals import post_init, post_save, pre_save

from yizhengtong.foundation.vault.envelope import Place, open_envelope, seal
from yizhengtong.foundation.vault.holdings import AS_JSON, Column, TableHolding, in_json
from yizhengtong.foundation.vault.keyring import OPEN_KEY, keyring

_SEALED = "sealed"
HOLDING = TableHolding(
    "mfa_authenticator",
    "id",
    "bigint",
    (Column("data", "user_id || ':' || type", "mfa_authenticator", envelope=in_json("data"), written=AS_JSON),),
)


def seal_authenticators() -> None:
    """Seal what is saved from now on, open what is read."""
    post_init.connect(_open, sender=Authenticator, dispatch_uid="accounts.mfa.open")
    pre_save.connect(_seal, sender=Authenticator, dispatch_uid="accounts.mfa.seal")
    post_save.connect(_open, sender=Authenticator, dispatch_uid="accounts.mfa.open_again")


def _open(*, instance: Authenticator, **_signal: Any) -> None:
    data = instance.__dict__.get("data")  # not there when it was not asked for
    if data is None or instance.pk is None:  # a new one is not sealed yet
        return
    if _SEALED in data:
        instance.data = json.loads(open_envelope(base64.b64decode(data[_SEALED]), _place(instance)))
    else:
        keyring().opening(OPEN_KEY)  # left open by release 0.1.0: read only until it has been sealed


def _seal(*, instance: Authenticator, **_signal: Any) -> None:
    if _SEALED not in instance.data:
        envelope = seal(json.dumps(instance.data, separators=(",", ":")).encode(), _place(instance))
        instance.data = {_SEALED: base64.b64encode(envelope).decode()}


def _place(instance: Authenticator) -> Place:
    return Place("mfa_authenticator", "data", f"{instance.user_id}:{instance.type}")
