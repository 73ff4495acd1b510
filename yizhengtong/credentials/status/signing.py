"""Signing lists: the packed chunks become a token, which is kept as it was served.

A list is signed anew when it has changed, when its key has, and when its newest token is older than a checker may
keep one. At most once in a second: what changes within it is told together.
"""

import time
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from yizhengtong.credentials.formats import status_list
from yizhengtong.credentials.formats.signing import ES256, Signer
from yizhengtong.credentials.keys.queries import Use, checkers, signer
from yizhengtong.credentials.keys.ring import forget as ask_for_keys_anew
from yizhengtong.credentials.status.models import CHUNK_BYTES, PATH, Chunk, StatusList, Token
from yizhengtong.foundation.transactions import use_case

LIFETIME = timedelta(hours=24)
"""How long a checker that is cut off may go on with a token (ours); it is told to look again after YZT_STATUS_TTL."""
_APART = timedelta(seconds=1)
_REPEATED_FOR = LIFETIME / 2


def sign_due() -> int:
    """Sign every list whose newest token does not say what it should. Returns how many were signed.

    What a lost key signed goes first, the past lists with it: nobody can check it. Raises KeyProblem `keys.none`.
    """
    ask_for_keys_anew()
    Token.objects.exclude(key_id__in=checkers(Use.STATUS)).delete()
    signing = signer(Use.STATUS)
    lists = StatusList.objects.filter(expired_at=None).order_by("pk").values_list("pk", flat=True)
    return sum(_sign_if_due(list_id, signing) for list_id in list(lists))


def _sign_if_due(list_id: UUID, signing: Signer) -> bool:
    last = _newest(list_id)
    dirty_since = StatusList.objects.values_list("dirty_since", flat=True).get(pk=list_id)
    if not _is_due(dirty_since, last, signing):
        return False
    if last is not None:
        time.sleep(min(max((last.issued_at + _APART - timezone.now()).total_seconds(), 0.0), _APART.total_seconds()))
    return sign_list(list_id, signing)


def _is_due(dirty_since: datetime | None, last: Token | None, signing: Signer) -> bool:
    if last is None or dirty_since is not None or last.key_id != signing.key_id:
        return True
    return timezone.now() >= last.issued_at + timedelta(seconds=settings.YZT_STATUS_TTL)


@use_case
def sign_list(list_id: UUID, signing: Signer) -> bool:
    """Sign a list as its chunks are now. Returns False where another did meanwhile, or it has expired."""
    listed = StatusList.objects.select_for_update().get(pk=list_id)
    last = _newest(list_id)
    if listed.expired_at is not None or not _is_due(listed.dirty_since, last, signing):
        return False
    now = timezone.now().replace(microsecond=0)
    if last is not None:
        now = max(now, last.issued_at + _APART)  # also where the clock was put back
    _keep(listed, signing, now, last)
    StatusList.objects.filter(pk=listed.pk).update(dirty_since=None)
    return True


def _newest(list_id: UUID) -> Token | None:
    return Token.objects.filter(list=list_id).order_by("-issued_at").defer("jwt", "cwt").first()


def _keep(listed: StatusList, signing: Signer, now: datetime, last: Token | None) -> None:
    jwt, cwt = tokens_of(listed, packed(listed), signing, now)
    is_new = last is None or listed.dirty_since is not None or last.key_id != signing.key_id
    if last is not None and not is_new and not last.is_new and _is_covered(last):
        last.delete()  # a repetition between others of the same words
    Token.objects.create(
        list=listed, issued_at=now, expires_at=now + LIFETIME, key_id=signing.key_id, is_new=is_new, jwt=jwt, cwt=cwt
    )


def _is_covered(token: Token) -> bool:
    """Whether the token before says the same for long enough, for those who will ask for this instant."""
    before = Token.objects.filter(list=token.list_id, issued_at__lt=token.issued_at).order_by("-issued_at")
    issued_at = before.values_list("issued_at", flat=True).first()
    return issued_at is not None and token.issued_at - issued_at < _REPEATED_FOR


def packed(listed: StatusList) -> bytes:
    """Return what all places of a list say, packed."""
    whole = -(-listed.size * listed.bits // 8)
    chunks = dict(Chunk.objects.filter(list=listed).values_list("number", "packed"))
    blank = bytes(CHUNK_BYTES)
    numbers = range(-(-whole // CHUNK_BYTES))
    return b"".join([chunks.get(number, blank) for number in numbers])[:whole]


def tokens_of(listed: StatusList, content: bytes, signing: Signer, now: datetime) -> tuple[bytes, bytes]:
    """Return the token as JWT and as CWT; the second empty where COSE does not know the algorithm."""
    said = status_list.StatusList(
        uri=listed.uri,
        bits=listed.bits,
        packed=content,
        issued_at=int(now.timestamp()),
        expires_at=int((now + LIFETIME).timestamp()),
        ttl=settings.YZT_STATUS_TTL,
        aggregation_uri=f"{listed.address}/{PATH}",
    )
    compressed = status_list.compress(content)
    jwt = status_list.sign_jwt(said, signing, compressed=compressed).encode("ascii")
    is_in_cose = signing.algorithm == ES256
    return jwt, status_list.sign_cwt(said, signing, compressed=compressed) if is_in_cose else b""
