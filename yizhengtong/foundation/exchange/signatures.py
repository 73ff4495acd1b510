"""HTTP message signatures (RFC 9421) over requests, with the digest of the content (RFC 9530).

A push covers method, address, content's digest, type and length; it says when it was made, until when it holds and by
which key. No Django, and no clock: who asks gives the time.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from yizhengtong.foundation.exchange.fields import InnerList, Item, Member, Parameters, read_dictionary, written
from yizhengtong.foundation.exchange.keys import PublicKey, SigningKey

LABEL, TAG = "yzt", "yzt-exchange"
COVERED = ("@method", "@target-uri", "content-digest", "content-type", "content-length")
HOLDS_SECONDS = 300
"""From `created` to `expires`, and how old a request is taken at most."""
SKEW_SECONDS = 30
_DIGESTS = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}


class NotSigned(Exception):
    """A request is not signed as it must be. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Message:
    """A request: its method, the address the sender used, its headers by lower-case name."""

    method: str
    target_uri: str
    headers: Mapping[str, str]

    def component(self, name: str) -> str:
        """Return the value of a component (RFC 9421, section 2). Raises NotSigned for one that is not there."""
        if name.startswith("@"):
            value = self._derived(name)
        else:
            value = self.headers.get(name)
        if value is None:
            raise NotSigned("exchange.component_missing")
        return value.strip()

    def _derived(self, name: str) -> str | None:
        parts = urlsplit(self.target_uri)
        known = {
            "@method": self.method,
            "@target-uri": self.target_uri,
            "@authority": parts.netloc.lower(),
            "@scheme": parts.scheme,
            "@path": parts.path or "/",
            "@query": f"?{parts.query}",
        }
        return known.get(name)


def target_uri(url: str) -> str:
    """Return an address as it stands in a request to it: an empty path is `/`."""
    return url if urlsplit(url).path else f"{url}/"


def content_digest(body: bytes) -> str:
    """Return the header Content-Digest of a body."""
    return f"sha-256={written(Item(hashlib.sha256(body).digest()))}"


def is_digest_of(header: str, body: bytes) -> bool:
    """Whether a Content-Digest tells this body: one that we know at least, and none that is wrong."""
    try:
        given = read_dictionary(header)
    except ValueError:
        return False
    known = {name: member for name, member in given.items() if name in _DIGESTS}
    return bool(known) and all(_is_digest(name, member, body) for name, member in known.items())


def _is_digest(name: str, member: Member, body: bytes) -> bool:
    is_bytes = isinstance(member, Item) and isinstance(member.value, bytes)
    return is_bytes and hmac.compare_digest(member.value, _DIGESTS[name](body).digest())  # type: ignore[union-attr, arg-type]


def signature_base(message: Message, components: InnerList) -> bytes:
    """Return what is signed (RFC 9421, 2.5). Raises NotSigned for a component that is not there or not known."""
    lines = []
    for component in components.items:
        if not isinstance(component.value, str) or component.parameters:
            raise NotSigned("exchange.component_unknown")
        lines.append(f"{written(component)}: {message.component(component.value)}")
    return "\n".join([*lines, f'"@signature-params": {written(components)}']).encode("latin-1")


def sign(message: Message, key: SigningKey, *, created: int, nonce: str) -> dict[str, str]:
    """Return the two headers that sign a request. `created`: seconds since 1970."""
    parameters: Parameters = {
        "created": created, "expires": created + HOLDS_SECONDS, "keyid": key.id, "alg": key.algorithm,
        "nonce": nonce, "tag": TAG,
    }  # fmt: skip
    components = InnerList(tuple(Item(name) for name in COVERED), parameters)
    signature = key.sign(signature_base(message, components))
    return {
        "Signature-Input": f"{LABEL}={written(components)}",
        "Signature": f"{LABEL}={written(Item(signature))}",
    }


def key_named(message: Message, tag: str = TAG) -> str:
    """Return the id of the key that a request says it was signed with; unproven. Raises NotSigned."""
    return _text(_ours(message, tag)[0].parameters, "keyid")


def verify(
    message: Message, keys: Mapping[str, PublicKey], *, now: float, covered: Sequence[str] = COVERED, tag: str = TAG
) -> str:
    """Return the id of the key that signed a request a short while ago over all that must be covered.

    Raises NotSigned: exchange.signature_missing, .not_covered, .key_unknown, .signature_wrong, .stale, and those of
    `signature_base`. The content's digest is compared by `is_digest_of`.
    """
    components, signature = _ours(message, tag)
    names = [item.value for item in components.items]
    if len(set(names)) != len(names) or not set(covered) <= set(names):
        raise NotSigned("exchange.not_covered")
    key = keys.get(_text(components.parameters, "keyid"))
    if key is None:
        raise NotSigned("exchange.key_unknown")
    if components.parameters.get("alg", key.algorithm) != key.algorithm:
        raise NotSigned("exchange.signature_wrong")
    if not key.verifies(signature, signature_base(message, components)):
        raise NotSigned("exchange.signature_wrong")
    if not _is_fresh(components.parameters, now):
        raise NotSigned("exchange.stale")
    return key.id


def nonce_of(message: Message, tag: str = TAG) -> tuple[str, int]:
    """Return the nonce of a verified request, empty where it has none, and its `expires`."""
    parameters = _ours(message, tag)[0].parameters
    expires = parameters.get("expires")
    return _text(parameters, "nonce"), expires if type(expires) is int else 0


def _ours(message: Message, tag: str) -> tuple[InnerList, bytes]:
    """Return the one signature that has this tag. Two of them are none: which one counts would be a guess."""
    try:
        inputs = read_dictionary(message.headers.get("signature-input", ""))
        signatures = read_dictionary(message.headers.get("signature", ""))
    except ValueError:
        raise NotSigned("exchange.signature_missing") from None
    ours = [name for name, member in inputs.items() if member.parameters.get("tag") == tag]
    if len(ours) != 1:
        raise NotSigned("exchange.signature_missing")
    components, signature = inputs[ours[0]], signatures.get(ours[0])
    if not isinstance(components, InnerList) or not isinstance(signature, Item) or signature.parameters:
        raise NotSigned("exchange.signature_missing")
    if not isinstance(signature.value, bytes):
        raise NotSigned("exchange.signature_missing")
    return components, signature.value


def _text(parameters: Parameters, name: str) -> str:
    value = parameters.get(name)
    return value if isinstance(value, str) else ""


def _is_fresh(parameters: Parameters, now: float) -> bool:
    created, expires = parameters.get("created"), parameters.get("expires")
    if type(created) is not int or type(expires) is not int or not created < expires <= created + HOLDS_SECONDS:
        return False
    return created - SKEW_SECONDS <= now <= expires + SKEW_SECONDS
