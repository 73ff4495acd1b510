"""Opening what a wallet showed: who issued it, who holds it, for whom and when it was shown, what it says.

Issuers are ours alone: another one's keys would stand beside ours in `_ISSUER`, and nowhere else.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from yizhengtong.credentials.catalogue.queries import Format
from yizhengtong.credentials.catalogue.types import ClaimType
from yizhengtong.credentials.formats import transcripts
from yizhengtong.credentials.formats.jwk import jwk_of, thumbprint
from yizhengtong.credentials.formats.mdoc_reading import open_device_response
from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.sd_jwt_reading import Binding, open_sd_jwt
from yizhengtong.credentials.formats.strict import decode_base64url
from yizhengtong.credentials.keys import publication
from yizhengtong.credentials.keys.queries import Use, checkers
from yizhengtong.verification.presentations.carried import Wanted

_PICTURE = "data:image/jpeg;base64,"


@dataclass(frozen=True, slots=True)
class Session:
    """What binds an answer to its request. `thumbprint`: of the key it was encrypted to; None where it was not."""

    client_id: str
    nonce: str
    response_uri: str
    thumbprint: bytes | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a credential says of what was asked, by code of the catalogue; days as text, pictures in base64.

    `status`: its claim, not asked here. `holder`: SHA-256 thumbprint of the key it is bound to.
    """

    values: Mapping[str, Any] = field(repr=False)
    status: Mapping[str, Any] | None = field(repr=False)
    holder: bytes = field(repr=False)

    def lacks(self, claims: Sequence[ClaimType]) -> bool:
        """Whether something that was asked for is missing."""
        return any(claim.code not in self.values for claim in claims)


def open_shown(text: str, wanted: Wanted, session: Session, *, at: datetime) -> Shown:
    """Return what a presentation says. Raises FormatProblem, as the readers of its format do."""
    if wanted.type.format == Format.MDOC:
        return _open_mdoc(text, wanted, session, at)
    binding = Binding(session.client_id, session.nonce)
    opened = open_sd_jwt(
        text, checkers(Use.SD_JWT), now=int(at.timestamp()), vct=wanted.type.vct, issuer=settings.YZT_ADDRESS,
        binding=binding,
    )  # fmt: skip
    holder = key_hash(opened.holder_jwk or {})
    return Shown(_values(opened.claims, wanted.all), opened.status, holder)


def key_hash(jwk: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 thumbprint of a P-256 key, 32 bytes (RFC 7638). Raises FormatProblem."""
    return decode_base64url(thumbprint(jwk), "jwk.malformed")


def _open_mdoc(text: str, wanted: Wanted, session: Session, at: datetime) -> Shown:
    transcript = transcripts.openid4vp(
        client_id=session.client_id, nonce=session.nonce, response_uri=session.response_uri,
        thumbprint=session.thumbprint,
    )  # fmt: skip
    roots = [root.certificate for root in publication.roots()]
    data = decode_base64url(text, "mdoc.malformed")
    opened = open_device_response(data, roots, at=at, doctype=wanted.type.doctype, transcript=transcript)
    if thumbprint(jwk_of(opened.issuer_key.key)) not in checkers(Use.MDOC):  # a key that was lost is still certified
        raise FormatProblem("mdoc.issuer_unknown")
    holder = key_hash(jwk_of(opened.device_key.key))
    return Shown(_values(opened.elements, wanted.all), opened.status, holder)


def _values(source: Mapping[str, Any], claims: Sequence[ClaimType]) -> dict[str, Any]:
    found = {claim.code: _at(source, claim.path) for claim in claims}
    return {code: _plain(value) for code, value in found.items() if value is not None}


def _at(source: Any, path: Sequence[str]) -> Any:
    for name in path:
        source = source.get(name) if isinstance(source, Mapping) else None
    return source


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    return value.removeprefix(_PICTURE) if isinstance(value, str) else value
