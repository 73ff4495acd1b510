"""Papers on one core: a permit with its photograph and code, set by typst, signed as PAdES, written as OFD.

In this process, with what the drawing process uses. The picture of the code is made beforehand and has a figure of its
own: it is as dear as all the rest of an OFD.
"""

import os
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from PIL import Image

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
django.setup()

from benchmarks.figures import Figure, middle  # noqa: E402 Django first
from yizhengtong.credentials.formats.signing import ES256  # noqa: E402
from yizhengtong.credentials.papers.codes import picture_of  # noqa: E402
from yizhengtong.credentials.papers.drawing import Drawer  # noqa: E402
from yizhengtong.credentials.papers.fonts import FAMILIES, font_files  # noqa: E402
from yizhengtong.credentials.papers.ofd.writing import write_ofd  # noqa: E402
from yizhengtong.credentials.papers.pades import sign_pdf  # noqa: E402
from yizhengtong.credentials.papers.sheet import Sheet, Tongue, line, mark, person, text  # noqa: E402

TARGET_TYPESET, TARGET_SIGNED, TARGET_OFD = 150, 25, 1000
_ROUNDS, _ROUND_SECONDS = 7, 0.3
_NOW = datetime(2026, 11, 21, tzinfo=UTC)
_CODE_LETTERS = 290
"""As long as the code of a permit on paper."""


class _Signer:
    """A key in memory with a certificate of its own making."""

    algorithm, key_id = ES256, "bench"

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench")])
        built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self._key.public_key())
        built = built.serial_number(1).not_valid_before(_NOW).not_valid_after(_NOW + timedelta(days=900))
        self.certificates = (built.sign(self._key, SHA256()).public_bytes(Encoding.DER),)

    @property
    def public_jwk(self) -> dict[str, str]:
        return {}

    def sign(self, data: bytes) -> bytes:
        r, s = decode_dss_signature(self._key.sign(data, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def measure() -> Iterator[Figure]:
    """Yield the figures of papers."""
    signer, code, portrait, numbers = _Signer(), picture_of(_address(0)), _portrait(), count()
    with TemporaryDirectory() as folder:
        drawer = Drawer(map(str, font_files()), Path(folder, "fonts"))

        def set_once() -> bytes:
            values = {**_values(next(numbers), portrait), "code": list(code), "fonts": list(FAMILIES)}
            return drawer.draw(values)

        paper = set_once()
        works: dict[str, tuple[Callable[[], object], int | None]] = {
            "pdf_typeset": (set_once, TARGET_TYPESET),
            "pdf_signed": (lambda: _signed(set_once(), signer), TARGET_SIGNED),
            "pdf_signature": (lambda: _signed(paper, signer), None),
            "ofd": (lambda: _ofd(_values(next(numbers), portrait), code, ()), TARGET_OFD),
            "ofd_signed": (lambda: _ofd(_values(next(numbers), portrait), code, (signer,)), None),
            "paper_code": (lambda: picture_of(_address(next(numbers))), None),
        }
        rates: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(_ROUNDS):
            for name, (work, _target) in works.items():
                rates[name].append(_rate(work))
    for name, (_work, target) in works.items():
        yield Figure(f"{name}_per_second", middle(rates[name]), "1/s", target=target)


def _rate(work: Callable[[], object]) -> float:
    """Return how often work is done in a second of CPU time of all threads: typst has its own."""
    done, begun = 0, time.process_time()
    while (spent := time.process_time() - begun) < _ROUND_SECONDS:
        work()
        done += 1
    return done / spent


def _signed(content: bytes, signer: _Signer) -> bytes:
    return sign_pdf(content, certificates=signer.certificates, authority="济南市公安局历下分局", sign=signer.sign)


def _ofd(values: dict[str, Any], code: bytes, signers: tuple[_Signer, ...]) -> bytes:
    return write_ofd(values, code=code, identity=values["number"], signers=signers, at=_NOW)


def _values(number: int, portrait: str) -> dict[str, Any]:
    """Return a permit's document as it is printed: nobody's, and another one each time."""
    tongue, office = Tongue(), "济南市公安局历下分局"
    given = {
        "name": f"测试{number}", "sex": "男", "birth_date": "1990年1月1日",
        "residence_address": f"山东省济南市历下区某路{number}号1单元101", "number": f"8100001990010{number:05}",
        "validity": "2026年9月18日 — 2031年9月17日", "authority": office, "issue_count": "1",
        "travel_document_number": f"H{number:08}",
    }  # fmt: skip
    lines = [line(tongue, name, value) for name, value in given.items()]
    sheet = Sheet(
        kind="permit_copy", title="港澳居民居住证 电子副本", dated=date(2026, 9, 18), office=office,
        number=f"证件编号：{number}", signed_by=office, is_signed=True,
        parts=[
            mark(tongue.words("papers.copy_mark")),
            person(lines, portrait, tongue.words("papers.portrait_words")),
            text(tongue.words("papers.permit_copy_says")),
        ],
    )  # fmt: skip
    footer = [f"核对：https://permits.example/check-paper/{number:016}", f"核对码：{number:016}"]
    return {**sheet.as_values(), "footer": footer, "sealed": tongue.words("papers.sealed", office=office)}


def _portrait() -> str:
    """Return a picture of no face, as large as a photograph is on paper."""
    drawn = BytesIO()
    Image.effect_noise((100, 133), 60).resize((300, 400)).convert("RGB").save(drawn, "JPEG", quality=80)
    return b64encode(drawn.getvalue()).decode()


def _address(number: int) -> str:
    return f"https://permits.example/check/paper#{number:09}".ljust(_CODE_LETTERS, "A")
