"""Signs a PDF: PAdES baseline B-B (ETSI EN 319 142-1), B-T where a time-stamp authority answers.

The signature certifies the document and allows no change after it (ISO 32000 12.8.2.2, DocMDP 1). It is invisible: what
a reader of the page is told stands in its text, and no picture of a seal is drawn. Runs in the drawing process, without
Django and without a key: who signs is asked through `sign`.
"""

import io
from collections.abc import Callable, Sequence

from asn1crypto import algos, tsp, x509  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

FIELD = "Signature"
_HALF = 32
_MOST_DER = 72
_CMS_BYTES, _STAMP_BYTES = 2048, 12288
"""Room besides the certificates, in bytes; what is not used stays empty, as every signed PDF has it."""


def sign_pdf(
    content: bytes,
    *,
    certificates: Sequence[bytes],
    authority: str,
    sign: Callable[[bytes], bytes],
    stamp: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """Return a PDF with a signature added. `certificates`: DER, the signer's own first, of a P-256 key.

    `sign` gives 64 bytes, r and s, over SHA-256 of what it is given; `stamp` answers a request of RFC 3161 by its
    response, or by nothing: then there is no time stamp (B-B). `authority`: who signs, in words.
    """
    own, *others = (x509.Certificate.load(each) for each in certificates)
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(others)
    room = _CMS_BYTES + sum(map(len, certificates))
    if stamp is not None:
        try:
            return _sign(content, _Asking(own, store, sign), authority, room + _STAMP_BYTES, _Stamps(stamp))
        except _NoStamp:
            pass  # a paper without a time stamp is better than none
    return _sign(content, _Asking(own, store, sign), authority, room, None)


def _sign(content: bytes, signer: signers.Signer, authority: str, room: int, stamps: TimeStamper | None) -> bytes:
    how = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        name=authority,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    written = signers.PdfSigner(how, signer=signer, timestamper=stamps).sign_pdf(writer, bytes_reserved=2 * room)
    return bytes(written.getvalue())


class _Asking(signers.Signer):
    """Asks for the raw signature; the key is never here."""

    def __init__(self, own: x509.Certificate, store: SimpleCertificateStore, sign: Callable[[bytes], bytes]) -> None:
        super().__init__(
            signing_cert=own,
            cert_registry=store,
            signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
            embed_roots=False,
        )
        self._sign = sign

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: ARG002 the library's signature
        if dry_run:
            return bytes(_MOST_DER)
        raw = self._sign(data)
        return encode_dss_signature(int.from_bytes(raw[:_HALF]), int.from_bytes(raw[_HALF:]))


class _NoStamp(Exception):
    """The authority of time stamps did not answer, or not with a time stamp."""


class _Stamps(TimeStamper):
    """Asks for a time stamp through the web process; this one opens no connection."""

    def __init__(self, stamp: Callable[[bytes], bytes]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._stamp = stamp

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        answered = self._stamp(req.dump())
        if not answered:
            raise _NoStamp
        try:
            response = tsp.TimeStampResp.load(answered)
            is_granted = response["status"]["status"].native in ("granted", "granted_with_mods")
        except (ValueError, KeyError, TypeError):
            raise _NoStamp from None
        if not is_granted:
            raise _NoStamp
        return response
