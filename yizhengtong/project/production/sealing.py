"""Encryption: new values are sealed with a key, and none of before lie open any more."""

from collections.abc import Iterator

from django.core.checks import Error
from django.db import DatabaseError

from yizhengtong.foundation.texts import say
from yizhengtong.foundation.vault.errors import KeyProblem
from yizhengtong.foundation.vault.keyring import OPEN_KEY, reload
from yizhengtong.foundation.vault.models import DataKey
from yizhengtong.project.production.weakness import production_check, weakness


@production_check
def values_are_sealed() -> Iterator[Error]:
    """Keys can be had, the one in use is a key, and the open key 0 of release 0.1.0 is retired."""
    try:
        if reload().sealing.id == OPEN_KEY:
            yield weakness("production.encryption_open")
        elif DataKey.objects.filter(pk=OPEN_KEY).exclude(state=DataKey.State.RETIRED).exists():
            yield weakness("production.open_values_left")
    except KeyProblem as problem:
        if problem.code == "vault.open_key_refused":
            yield weakness("production.encryption_open")
        else:
            yield weakness("production.keys_unusable", why=say(problem.code, "en", problem.facts))
    except DatabaseError:
        return  # production.database_no_answer says so
