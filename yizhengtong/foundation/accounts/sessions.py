"""Sessions at rest: what a session holds is sealed, and its token is kept as a keyed hash only.

A stolen table opens no session and signs nobody in. Django finds the store by `settings.SESSION_ENGINE`.
"""

import base64
import binascii
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from yizhengtong.foundation.vault.envelope import Place, UnknownEnvelope, open_envelope, seal
from yizhengtong.foundation.vault.holdings import AS_BASE64, Column, TableHolding
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.foundation.vault.keyring import OPEN_KEY, keyring

METHODS_KEY = "account_authentication_methods"
"""Under which allauth notes in the session how the account was proved, and when."""
RECENT_SECONDS = 900
HOLDING = TableHolding(
    "django_session",
    "session_key",
    "varchar",
    (
        Column(
            "session_data",
            '"session_key"',
            "django_session",
            # A session of release 0.1.0 is signed text: sealing it anew empties it, and so ends it.
            envelope=(
                "CASE WHEN position(':' in session_data) > 0 THEN '\\x0100000000'::bytea"
                " ELSE decode(session_data, 'base64') END"
            ),
            written=AS_BASE64,
        ),
    ),
)


def stored_key(token: str) -> str:
    """Return the name under which the session of a token lies in the table."""
    return blind_index("accounts.session", token).hex()


def open_session(stored: str, data: str) -> dict[str, Any]:
    """Return what a session's row holds; nothing where it does not open: it then stands for nobody."""
    try:
        envelope = base64.b64decode(data, validate=True)
        content: dict[str, Any] = json.loads(open_envelope(envelope, place_of(stored)))
    except (UnknownEnvelope, binascii.Error, ValueError):
        return {}
    return content


def place_of(stored: str) -> Place:
    return Place("django_session", "session_data", stored)


def was_proved_lately(token: str) -> bool:
    """Whether who holds a session showed within RECENT_SECONDS whose it is: nobody else makes another way in."""
    return time.time() - _proved_at(SessionStore(token).load()) <= RECENT_SECONDS


def _proved_at(content: Mapping[str, Any]) -> float:
    """Return when a password, a code or a key was shown last, in seconds of Unix; 0 where none was."""
    return max((float(record.get("at", 0)) for record in content.get(METHODS_KEY, ())), default=0.0)


def session_of_last_release(token: str) -> dict[str, Any]:
    """Return what a session holds that release 0.1.0 began: its row lies under the token. Only while key 0 opens."""
    try:
        keyring().opening(OPEN_KEY)
    except UnknownEnvelope:
        return {}
    found = Session.objects.filter(pk=token, expire_date__gt=timezone.now()).first()
    return db.SessionStore().decode(found.session_data) if found else {}


class SessionStore(db.SessionStore):
    """Django's database sessions; `session_key` is the token and leaves this process only for its owner."""

    def load(self) -> dict[str, Any]:
        stored = stored_key(self.session_key or "")
        found = Session.objects.filter(pk=stored, expire_date__gt=timezone.now()).first()
        if found is None:
            content = session_of_last_release(self.session_key or "")
            if not content:
                self._session_key = None
            return content
        return open_session(stored, found.session_data)

    def exists(self, session_key: str) -> bool:
        return super().exists(stored_key(session_key)) or bool(session_of_last_release(session_key))

    def delete(self, session_key: str | None = None) -> None:
        token = session_key or self.session_key
        if token is not None:
            super().delete(stored_key(token))
            super().delete(token)  # of the last release

    def create_model_instance(self, data: Mapping[str, Any]) -> Session:
        stored = stored_key(self._get_or_create_session_key())  # type: ignore[attr-defined]  # missing from the stubs
        content = json.dumps(dict(data), separators=(",", ":")).encode()
        sealed = base64.b64encode(seal(content, place_of(stored))).decode()
        return Session(session_key=stored, session_data=sealed, expire_date=self._expires(data))

    def _expires(self, data: Mapping[str, Any]) -> datetime:
        """Return when it ends: a time after the last proof, however often something is kept in it meanwhile."""
        proved = _proved_at(data)
        latest = datetime.fromtimestamp(proved, UTC) + timedelta(seconds=self.get_session_cookie_age())
        return min(self.get_expiry_date(), latest) if proved else self.get_expiry_date()

    async def acreate_model_instance(self, data: Mapping[str, Any]) -> Session:
        """Refuse: the platform runs without asynchronous views, and Django's own method would keep the token."""
        raise NotImplementedError
