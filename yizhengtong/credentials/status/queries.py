"""What a place says now, and which lists there are."""

from datetime import datetime

from django.db.models import QuerySet

from yizhengtong.credentials.formats.status_list import VALID, value_at
from yizhengtong.credentials.status.models import CHUNK_BYTES, PATH, PREFIX, Chunk, StatusList, Token
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id

_BITS_A_BYTE = 8


def value_of(uri: str, index: int) -> int:
    """Return what a place says now: 0 valid, 1 invalid, 2 suspended. Raises NotFound for no place of ours.

    The newest word, which the next token will say: a change is here once it has been worked in.
    """
    listed = list_of(uri)
    if listed is None or not 0 <= index < listed.size:
        raise NotFound("not_found")
    number, offset = divmod(index, places_a_chunk(listed.bits))
    packed = Chunk.objects.filter(list=listed, number=number).values_list("packed", flat=True).first()
    return VALID if packed is None else value_at(bytes(packed), offset, listed.bits)


def list_of(uri: str) -> StatusList | None:
    """Return the list that credentials name so; None where there is none of ours, or it has expired."""
    address, _, name = uri.rpartition(f"/{PATH}/")
    listed = list_named(name)
    return listed if listed is not None and listed.address == address else None


def list_named(name: str) -> StatusList | None:
    """Return the list with a public id that has not expired."""
    try:
        key = parse_public_id(PREFIX, name)
    except NotFound:
        return None
    return StatusList.objects.filter(pk=key, expired_at=None).first()


def uris() -> list[str]:
    """Return every list that a credential may name, the newest first."""
    return [listed.uri for listed in StatusList.objects.filter(expired_at=None).order_by("-id")]


def newest_token(listed: StatusList) -> Token | None:
    """Return the token that is served now, without its content; None where the list was opened this very moment."""
    return _tokens(listed).first()


def token_at(listed: StatusList, at: datetime) -> Token | None:
    """Return the token that was served at an instant, without its content, as far as it is kept (docs/adr/0059)."""
    return _tokens(listed).filter(issued_at__lte=at, expires_at__gt=at).first()


def _tokens(listed: StatusList) -> QuerySet[Token]:
    return Token.objects.filter(list=listed).order_by("-issued_at").defer("jwt", "cwt")


def places_a_chunk(bits: int) -> int:
    """Return how many places one chunk holds."""
    return CHUNK_BYTES * _BITS_A_BYTE // bits
