"""Session transcripts of an mdoc shown over OpenID4VP 1.0 Final (appendix B.2.6): what binds it to one request."""

from hashlib import sha256

from cbor2 import dumps


def openid4vp(*, client_id: str, nonce: str, response_uri: str, thumbprint: bytes | None) -> bytes:
    """Return SessionTranscript for an answer by redirect or post (B.2.6.1), in CBOR.

    `thumbprint`: SHA-256 of the reader's key the answer is encrypted to, 32 bytes; None where it is not encrypted.
    """
    return _transcript("OpenID4VPHandover", [client_id, nonce, thumbprint, response_uri])


def browser(*, origin: str, nonce: str, thumbprint: bytes | None) -> bytes:
    """Return SessionTranscript for an answer through the browser's Digital Credentials API (B.2.6.2), in CBOR."""
    return _transcript("OpenID4VPDCAPIHandover", [origin, nonce, thumbprint])


def _transcript(name: str, info: list[str | bytes | None]) -> bytes:
    return dumps([None, None, [name, sha256(dumps(info)).digest()]])
