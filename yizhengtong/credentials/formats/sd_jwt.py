"""Writing SD-JWT VC (RFC 9901, SD-JWT VC): each disclosable claim behind a digest of its own, bound to a holder's key.

The names of the draft stand in `sd_jwt_names`; reading stands in `sd_jwt_reading`.
"""

from base64 import b64encode, urlsafe_b64encode
from binascii import b2a_base64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring as quoted
from os import urandom
from typing import Any

from yizhengtong.credentials.formats import sd_jwt_names as names
from yizhengtong.credentials.formats.jwk import public_part
from yizhengtong.credentials.formats.signing import Signer
from yizhengtong.credentials.formats.strict import compact_json, encode_base64url, write_json

Path = str | tuple[str, ...]
"""A claim by its name, or a claim inside objects by the names on the way: `("age_equal_or_over", "18")`."""

_SALT_BYTES, _SALT_CHARACTERS = 18, 24  # RFC 9901 9.3 recommends 128 bits; 144 need no padding
_TO_URL = bytes.maketrans(b"+/", b"-_")
_SET_HERE = names.NEVER_DISCLOSABLE | names.RESERVED | {names.ISSUED_AT}

# Members of the payload as JSON has them, written out: a general encoder makes the whole a twentieth slower.
_OPEN = (
    f'"{names.ISSUER}":%s,"{names.VCT}":%s,"{names.ISSUED_AT}":%d,"{names.EXPIRES}":%d,'
    f'"{names.DIGEST_ALGORITHM}":"{names.SHA_256}"'
)
_NOT_BEFORE, _STATUS, _DIGESTS = f'"{names.NOT_BEFORE}":%d', f'"{names.STATUS}":%s', f'"{names.DIGESTS}":["%s"]'
_CONFIRMATION = f'"{names.CONFIRMATION}":{{"jwk":{{"crv":"P-256","kty":"EC","x":%s,"y":%s}}}}'


def issue(
    claims: Mapping[str, Any],
    disclosable: Collection[Path],
    *,
    vct: str,
    issuer: str,
    signer: Signer,
    holder_jwk: Mapping[str, Any] | None,
    iat: int,
    exp: int,
    nbf: int | None = None,
    status: Mapping[str, Any] | None = None,
    decoys: int = 0,
) -> str:
    """Return an SD-JWT VC with all its disclosures, `~` after each.

    `claims` that are not `disclosable` stand in the open; a path that leads to no claim is left out. `iat`,
    `exp`, `nbf`: seconds since 1970; round them, lest they tell two credentials of a batch belong together.
    `holder_jwk`: the public P-256 key it is bound to. `status`: the whole claim. `decoys`: digests of nothing, among
    the digests of the outermost level. The header names the key by `kid` and carries the signer's certificates.
    Raises ValueError for reserved names, FormatProblem `jwk.malformed`, `jwk.private`.
    """
    _ensure_allowed(claims)
    disclosures: list[bytes] = []
    members = _members(claims, _tree(tuple(disclosable)), disclosures, decoys)
    members.append(_OPEN % (quoted(issuer), quoted(vct), iat, exp))
    if nbf is not None:
        members.append(_NOT_BEFORE % nbf)
    if holder_jwk is not None:
        members.append(_confirmation(holder_jwk))
    if status is not None:
        members.append(_STATUS % compact_json(status))
    payload = encode_base64url(f"{{{','.join(members)}}}".encode())
    signed = f"{_header(signer.algorithm, signer.key_id, signer.certificates)}.{payload}"
    signature = encode_base64url(signer.sign(signed.encode("ascii")))
    return f"{signed}.{signature}~{b'~'.join((*disclosures, b'')).decode()}"


def _ensure_allowed(claims: Mapping[str, Any]) -> None:
    """Refuse claims the writer itself sets, and names that mean something else to a reader (RFC 9901 4.1)."""
    if not _SET_HERE.isdisjoint(claims):
        raise ValueError("the writer sets these claims itself, or their names are reserved")


@dataclass(frozen=True, slots=True)
class _Node:
    """One name of the disclosable paths, as JSON writes it: whether it is hidden itself, what is hidden inside it."""

    name: str
    is_hidden: bool
    inside: Mapping[str, "_Node"]


@lru_cache(maxsize=64)
def _tree(paths: tuple[Path, ...]) -> Mapping[str, _Node]:
    """Return the paths by their first names. Raises ValueError for reserved names."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for path in ((path,) if isinstance(path, str) else path for path in paths):
        if not names.RESERVED.isdisjoint(path):
            raise ValueError("a reserved name cannot be disclosed")
        found.setdefault(path[0], []).append(path[1:])
    return {
        first: _Node(quoted(first), () in rest, _tree(tuple(path for path in rest if path)))
        for first, rest in found.items()
    }


def _members(
    claims: Mapping[str, Any], tree: Mapping[str, _Node], disclosures: list[bytes], decoys: int = 0
) -> list[str]:
    """Return what stands in the open, as members of a JSON object, with the digests of what the tree hides.

    What discloses it is added to `disclosures`.
    """
    shown: list[str] = []
    texts: list[bytes] = []
    salts = _salts(len(tree))
    for name, value in claims.items():
        node = tree.get(name)
        if node is None:
            shown.append(f"{quoted(name)}:{compact_json(value)}")
            continue
        if node.inside:
            if not isinstance(value, Mapping):
                raise ValueError("a path leads into what is no object: it would stand in the open")
            written = f"{{{','.join(_members(value, node.inside, disclosures))}}}"
        else:
            written = quoted(value) if type(value) is str else compact_json(value)
        if node.is_hidden:
            texts.append(f'["{salts.pop()}",{node.name},{written}]'.encode())
        else:
            shown.append(f"{node.name}:{written}")
    added = _in_base64url(texts) if texts else []
    disclosures += added
    if added or decoys:
        shown.append(_DIGESTS % _digests([*added, *(urandom(_SALT_BYTES) for _ in range(decoys))]))
    return shown


def _confirmation(jwk: Mapping[str, Any]) -> str:
    point = public_part(jwk)
    return _CONFIRMATION % (quoted(point["x"]), quoted(point["y"]))


def _salts(count: int) -> list[str]:
    """Return fresh random salts of 24 characters, drawn at once."""
    drawn = urlsafe_b64encode(urandom(count * _SALT_BYTES)).decode()
    return [drawn[at : at + _SALT_CHARACTERS] for at in range(0, len(drawn), _SALT_CHARACTERS)]


def _digests(disclosures: Sequence[bytes]) -> str:
    """Return digests as JSON has them, in an order that tells nothing: they are random (RFC 9901 4.2.4.1)."""
    return b'","'.join(sorted(_in_base64url([sha256(each).digest() for each in disclosures]))).decode()


def _in_base64url(values: Sequence[bytes]) -> list[bytes]:
    """Return each value in base64url without padding, all in one pass."""
    written = b"~".join([b2a_base64(each, newline=False) for each in values])
    return written.translate(_TO_URL, b"=").split(b"~")


@lru_cache(maxsize=64)
def _header(algorithm: str, key_id: str, certificates: tuple[bytes, ...]) -> str:
    """Return the protected header in base64url: the same for all that a key signs."""
    header: dict[str, Any] = {"alg": algorithm, "typ": names.TYPE, "kid": key_id}
    if certificates:
        header["x5c"] = [b64encode(certificate).decode("ascii") for certificate in certificates]
    return encode_base64url(write_json(header))
