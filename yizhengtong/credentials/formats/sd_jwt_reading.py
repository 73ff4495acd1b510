"""Checking SD-JWT VC (RFC 9901 7.1 and 7.3, SD-JWT VC): whether an issuer said it, to this holder, and for this reader.

Strict where the standards leave room: bounds on sizes, `exp` must be there, a key binding nobody asked for is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from yizhengtong.credentials.formats import sd_jwt_names as names
from yizhengtong.credentials.formats.jose import Resolve, open_compact
from yizhengtong.credentials.formats.jwk import checker_of
from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.signing import Checker
from yizhengtong.credentials.formats.strict import decode_base64url, encode_base64url, read_json

LONGEST, MOST_DISCLOSURES, DEEPEST = 1_000_000, 200, 8
LEEWAY_SECONDS = 60
"""Ours: what clocks may differ by."""
BINDING_LASTS_SECONDS = 300
"""Ours: how old a holder's signature may be; its nonce is what stops it being shown again."""

_DISCLOSED_CLAIM, _DISCLOSED_ELEMENT = 3, 2


@dataclass(frozen=True, slots=True)
class Parts:
    """An SD-JWT taken apart at its `~`, nothing checked. `signed_by_holder`: what `sd_hash` is over."""

    token: str
    disclosures: tuple[str, ...]
    key_binding: str
    signed_by_holder: str


@dataclass(frozen=True, slots=True)
class Binding:
    """What the holder's signature must be for: this reader, this request, just now."""

    audience: str
    nonce: str
    lasts_seconds: int = BINDING_LASTS_SECONDS


@dataclass(frozen=True, slots=True)
class Opened:
    """What an SD-JWT VC says to this reader. `claims`: open and disclosed ones, and the draft's own."""

    claims: Mapping[str, Any] = field(repr=False)
    header: Mapping[str, Any] = field(repr=False)
    disclosed: int
    is_key_bound: bool

    @property
    def status(self) -> Mapping[str, Any] | None:
        """The whole claim, for whoever asks the list; not asked here."""
        found = self.claims.get(names.STATUS)
        return found if isinstance(found, dict) else None

    @property
    def holder_jwk(self) -> Mapping[str, Any] | None:
        return _holder(self.claims)


def open_sd_jwt(
    text: str,
    checkers: Mapping[str, Checker] | Resolve,
    *,
    now: int,
    vct: str | None = None,
    issuer: str | None = None,
    binding: Binding | None = None,
) -> Opened:
    """Return what an SD-JWT VC discloses, after every check but that of its status.

    `now`: seconds since 1970. `vct`, `issuer`: what they must be. `binding`: what the holder must have signed for; None
    where no holder is asked. Raises FormatProblem `sd_jwt.*`, and `jose.*`, `jwk.*` of what it is made of.
    """
    parts = take_apart(text)
    header, payload = open_compact(parts.token, checkers, typ=names.TYPE)
    claims = disclosed(payload, parts.disclosures)
    _ensure_current(claims, now)
    if not isinstance(claims.get(names.VCT), str) or (vct is not None and claims[names.VCT] != vct):
        raise FormatProblem("sd_jwt.wrong_vct")
    if issuer is not None and claims.get(names.ISSUER) != issuer:
        raise FormatProblem("sd_jwt.wrong_issuer")
    _ensure_bound(parts, claims, binding, now)
    return Opened(claims, header, len(parts.disclosures), is_key_bound=binding is not None)


def take_apart(text: str) -> Parts:
    """Return the parts of an SD-JWT. Raises FormatProblem `sd_jwt.malformed`, `sd_jwt.too_large`."""
    if len(text) > LONGEST:
        raise FormatProblem("sd_jwt.too_large")
    pieces = text.split("~")
    if len(pieces) == 1 or not all(pieces[:-1]) or not text.isascii():
        raise FormatProblem("sd_jwt.malformed")
    token, *disclosures, key_binding = pieces
    if len(disclosures) > MOST_DISCLOSURES:
        raise FormatProblem("sd_jwt.too_large")
    return Parts(token, tuple(disclosures), key_binding, text[: len(text) - len(key_binding)])


def disclosed(payload: Mapping[str, Any], disclosures: tuple[str, ...]) -> dict[str, Any]:
    """Return the claims of a payload with disclosures put in their places (RFC 9901 7.1 step 3).

    Raises FormatProblem: a digest stands twice, a disclosure belongs nowhere, twice, or names what it may not.
    """
    if payload.get(names.DIGEST_ALGORITHM, names.SHA_256) != names.SHA_256:
        raise FormatProblem("sd_jwt.digest_algorithm_refused")
    known = {encode_base64url(sha256(each.encode()).digest()): each for each in disclosures}
    if len(known) != len(disclosures):
        raise FormatProblem("sd_jwt.disclosure_twice")
    filling = _Filling(known)
    claims = filling.filled_object({name: each for name, each in payload.items() if name != names.DIGEST_ALGORITHM}, 0)
    if known.keys() - filling.used:
        raise FormatProblem("sd_jwt.disclosure_unused")
    if any(claims.get(name) != payload.get(name) for name in names.NEVER_DISCLOSABLE):
        raise FormatProblem("sd_jwt.claim_not_disclosable")
    return claims


class _Filling:
    """One walk through a payload, noting every digest it meets."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        self._met: set[str] = set()
        self.used: set[str] = set()

    def filled_object(self, source: Mapping[str, Any], depth: int) -> dict[str, Any]:
        """Return an object with its disclosed claims, without digests."""
        if not {names.ARRAY_DIGEST, names.DIGEST_ALGORITHM}.isdisjoint(source):
            raise FormatProblem("sd_jwt.reserved_name")
        found = {name: self._filled(each, depth) for name, each in source.items() if name != names.DIGESTS}
        digests = source.get(names.DIGESTS, [])
        if not isinstance(digests, list):
            raise FormatProblem("sd_jwt.malformed")
        for digest in digests:
            disclosure = self._disclosure(digest, _DISCLOSED_CLAIM)
            if disclosure is None:
                continue
            _, name, value = disclosure
            if not isinstance(name, str) or name in names.RESERVED:
                raise FormatProblem("sd_jwt.reserved_name")
            if name in found or name in source:
                raise FormatProblem("sd_jwt.claim_twice")
            found[name] = self._filled(value, depth)
        return found

    def _filled(self, value: Any, depth: int) -> Any:
        if depth == DEEPEST:
            raise FormatProblem("sd_jwt.too_large")
        if isinstance(value, dict):
            return self.filled_object(value, depth + 1)
        if isinstance(value, list):
            return [each for element in value for each in self._filled_element(element, depth + 1)]
        return value

    def _filled_element(self, element: Any, depth: int) -> list[Any]:
        """Return the element of an array; none where it is a digest nobody disclosed."""
        if not isinstance(element, dict) or names.ARRAY_DIGEST not in element:
            return [self._filled(element, depth)]
        if len(element) != 1:
            raise FormatProblem("sd_jwt.reserved_name")
        disclosure = self._disclosure(element[names.ARRAY_DIGEST], _DISCLOSED_ELEMENT)
        return [] if disclosure is None else [self._filled(disclosure[-1], depth)]

    def _disclosure(self, digest: Any, length: int) -> list[Any] | None:
        if not isinstance(digest, str):
            raise FormatProblem("sd_jwt.malformed")
        if digest in self._met:
            raise FormatProblem("sd_jwt.digest_twice")
        self._met.add(digest)
        if digest not in self._known:
            return None
        self.used.add(digest)
        found = read_json(decode_base64url(self._known[digest], "sd_jwt.malformed"), "sd_jwt.malformed")
        if not isinstance(found, list) or len(found) != length or not isinstance(found[0], str):
            raise FormatProblem("sd_jwt.malformed")
        return found


def _ensure_current(claims: Mapping[str, Any], now: int) -> None:
    """`exp` is asked for, `nbf` and `iat` where they are; to the second, with the leeway of clocks."""
    expires = _instant(claims, names.EXPIRES)
    if expires is None:
        raise FormatProblem("sd_jwt.without_expiry")
    if expires + LEEWAY_SECONDS <= now:
        raise FormatProblem("sd_jwt.expired")
    if (_instant(claims, names.NOT_BEFORE) or 0) > now + LEEWAY_SECONDS:
        raise FormatProblem("sd_jwt.not_yet_valid")
    if (_instant(claims, names.ISSUED_AT) or 0) > now + LEEWAY_SECONDS:
        raise FormatProblem("sd_jwt.issued_in_future")


def _instant(claims: Mapping[str, Any], name: str) -> float | None:
    found = claims.get(name)
    if found is None and name not in claims:
        return None
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise FormatProblem("sd_jwt.malformed")
    return found


def _holder(claims: Mapping[str, Any]) -> Mapping[str, Any] | None:
    confirmation = claims.get(names.CONFIRMATION)
    jwk = confirmation.get("jwk") if isinstance(confirmation, dict) else None
    return jwk if isinstance(jwk, dict) else None


def _ensure_bound(parts: Parts, claims: Mapping[str, Any], binding: Binding | None, now: int) -> None:
    """RFC 9901 7.3: the key named by the issuer signed for this reader, this request, these disclosures, just now."""
    if binding is None:
        if parts.key_binding:
            raise FormatProblem("sd_jwt.key_binding_unasked")
        return
    holder = _holder(claims)
    if not parts.key_binding or holder is None:
        raise FormatProblem("sd_jwt.key_binding_missing")
    checker = checker_of(holder)
    try:
        _, said = open_compact(parts.key_binding, lambda _: checker, typ=names.KEY_BINDING_TYPE)
    except FormatProblem as problem:
        raise FormatProblem(problem.code.replace("jose.", "sd_jwt.key_binding_")) from problem
    made = _instant(said, names.ISSUED_AT)
    if made is None or not now - binding.lasts_seconds - LEEWAY_SECONDS <= made <= now + LEEWAY_SECONDS:
        raise FormatProblem("sd_jwt.key_binding_stale")
    expected = {
        names.AUDIENCE: binding.audience,
        names.NONCE: binding.nonce,
        names.SD_HASH: encode_base64url(sha256(parts.signed_by_holder.encode()).digest()),
    }
    for name, value in expected.items():
        found = said.get(name)
        if not isinstance(found, str) or not compare_digest(found.encode("utf-8", "replace"), value.encode()):
            raise FormatProblem(f"sd_jwt.key_binding_wrong_{name}")
