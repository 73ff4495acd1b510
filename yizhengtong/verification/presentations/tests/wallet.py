"""A wallet as tests play it: it collects copies, reads a request strictly, shows what was asked or something else."""

import json
from base64 import b64decode
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.utils import timezone
from joserfc import jwe
from joserfc.jwk import ECKey

from tests.support.holders import only, shown_mdoc, shown_sd_jwt
from tests.support.issuers import Key
from yizhengtong.credentials.catalogue.queries import credential_types
from yizhengtong.credentials.formats import transcripts
from yizhengtong.credentials.formats.chains import resolver
from yizhengtong.credentials.formats.jose import open_compact
from yizhengtong.credentials.formats.strict import decode_base64url, encode_base64url
from yizhengtong.credentials.issuance.collecting import collect
from yizhengtong.credentials.issuance.tests.collecting import MDOC, SD_JWT, Holder, WalletOf, request_for, today
from yizhengtong.credentials.issuance.tests.wallet import a_key
from yizhengtong.credentials.keys import publication
from yizhengtong.verification.presentations.opening import key_hash

Request = dict[str, Any]


@dataclass
class Wallet:
    """`copies`: what was collected, by form, each with its key."""

    of: WalletOf
    copies: dict[str, tuple[str, Key]] = field(default_factory=dict)

    def show(
        self,
        asked: Request,
        form: str = SD_JWT,
        *,
        elements: Collection[str] | None = None,
        key: Key | None = None,
        text: str | None = None,
        **changes: Any,
    ) -> str:
        """Return a presentation. `elements`: what is disclosed, else what was asked. `changes` replace what the holder
        signs for: client_id, nonce, response_uri; of an SD-JWT `at` and `said`; of an mdoc `thumbprint`.
        """
        copy, own = self.copies[form]
        copy, holder = text or copy, key or own
        names = asked_of(asked, form) if elements is None else elements
        signed_for = {name: changes.pop(name, asked[name]) for name in ("client_id", "nonce", "response_uri")}
        if form == SD_JWT:
            audience, nonce = signed_for["client_id"], signed_for["nonce"]
            return shown_sd_jwt(only(copy, names), holder, audience=audience, nonce=nonce, **changes)
        thumbprint = changes.get("thumbprint", thumbprint_of(asked))
        transcript = transcripts.openid4vp(thumbprint=thumbprint, **signed_for)
        doctype = credential_types()[form].doctype
        shown = shown_mdoc(decode_base64url(copy, "test"), holder, transcript, doctype=doctype, elements=names)
        return encode_base64url(shown)

    def answer(self, asked: Request, form: str = SD_JWT, **changes: Any) -> dict[str, str]:
        """Return the form that is posted, encrypted where that was asked."""
        return sealed(asked, {form: [self.show(asked, form, **changes)]})


def a_wallet(holder: Holder, *forms: str) -> Wallet:
    made = Wallet(WalletOf(holder))
    for form in forms or (SD_JWT, MDOC):
        key = a_key()
        answer = collect(payload=request_for(form, [key]), bearer=made.of.bearer, on=today())
        made.copies[form] = answer.body["credentials"][0]["credential"], Key(key.private, key.key_id)
    return made


def read_request(text: str) -> Request:
    """Return a request that is signed by who its client_id names, certified by our root."""
    roots = [root.certificate for root in publication.roots()]
    header, content = open_compact(text, resolver(roots, at=timezone.now()), typ="oauth-authz-req+jwt")
    leaf = b64decode(header["x5c"][0])
    assert content["client_id"] == f"x509_hash:{encode_base64url(sha256(leaf).digest())}"
    return content


def reference_in(link: str) -> str:
    """Return the last part of the address in a link."""
    return parse_qs(urlsplit(link).query)["request_uri"][0].rsplit("/", 1)[1]


def asked_of(asked: Request, form: str) -> set[str]:
    """Return the names of what is asked of a form: of disclosures, or of elements."""
    [query] = [each for each in asked["dcql_query"]["credentials"] if each["id"] == form]
    return {part for claim in query.get("claims", []) for part in claim["path"]}


def thumbprint_of(asked: Request) -> bytes | None:
    keys = asked["client_metadata"].get("jwks", {}).get("keys", [])
    return key_hash(keys[0]) if keys else None


def sealed(asked: Request, vp_token: Mapping[str, Any], **changes: Any) -> dict[str, str]:
    content = {"vp_token": vp_token, "state": asked["state"], **changes}
    if asked["response_mode"] == "direct_post":
        return {name: value if isinstance(value, str) else json.dumps(value) for name, value in content.items()}
    [key] = asked["client_metadata"]["jwks"]["keys"]
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": key["kid"]}
    registry = jwe.JWERegistry(algorithms=["ECDH-ES", "A256GCM"])
    return {
        "response": jwe.encrypt_compact(header, json.dumps(content).encode(), ECKey.import_key(key), registry=registry)
    }
