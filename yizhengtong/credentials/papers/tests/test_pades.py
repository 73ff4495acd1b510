"""A signed PDF before strangers: pyHanko's own validator, and poppler's. Whatever was changed is seen."""

import io
import os
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from asn1crypto import cms, x509  # type: ignore[import-untyped]
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from yizhengtong.credentials.papers.rendering import render
from yizhengtong.credentials.papers.sheet import Sheet, Tongue, row
from yizhengtong.credentials.papers.tests.chain import Chain, a_chain
from yizhengtong.credentials.papers.tests.reading import has_gaps, is_tagged, text_of

AUTHORITY = "济南市公安局历下分局"
SHEET = Sheet(
    kind="receipt", title="受理回执", parts=[row(Tongue(), name="王小明")], dated=date(2026, 9, 18), office=AUTHORITY
)


@pytest.fixture(scope="module")
def chain() -> Chain:
    return a_chain()


@pytest.fixture(scope="module")
def signed(chain: Chain) -> bytes:
    return render(SHEET.as_values(), signer=chain.signer, authority=AUTHORITY)


def judged(content: bytes, root: bytes) -> PdfSignatureStatus:
    """Return what a stranger who trusts one root finds."""
    trusted = ValidationContext(trust_roots=[x509.Certificate.load(root)], allow_fetching=False)
    found = PdfFileReader(io.BytesIO(content)).embedded_signatures
    assert len(found) == 1
    return validate_pdf_signature(found[0], trusted)


def is_good(content: bytes, root: bytes) -> bool:
    try:
        return judged(content, root).bottom_line
    except (SignatureValidationError, SigningError, ValueError):
        return False


def test_a_stranger_who_knows_the_root_finds_a_whole_document_signed_by_its_key(chain: Chain, signed: bytes) -> None:
    found = judged(signed, chain.root_der)
    assert found.bottom_line
    assert (found.intact, found.valid, found.trusted) == (True, True, True)
    assert found.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert found.signing_cert.dump() == chain.signer.certificates[0]


def test_it_is_a_pades_signature_that_certifies_and_allows_no_change(signed: bytes) -> None:
    with pikepdf.open(io.BytesIO(signed)) as opened:
        field = opened.Root.AcroForm.Fields[0]
        value = field.V
        assert value.SubFilter == "/ETSI.CAdES.detached"
        assert str(value.Name) == AUTHORITY
        assert value.Reference[0].TransformParams.P == 1
        assert opened.Root.Perms.DocMDP.objgen == value.objgen
        assert [float(each) for each in field.Rect] == [0, 0, 0, 0]  # nothing is drawn that looks like a seal
    attributes = {each["type"].native for each in _signer_of(signed)["signed_attrs"]}
    assert {"content_type", "message_digest", "signing_certificate_v2"} <= attributes
    assert "signing_time" not in attributes  # EN 319 142-1: it stands in the signature's dictionary


def test_a_signed_paper_says_that_it_is_for_archives_and_is_read_aloud_as_before(signed: bytes) -> None:
    """Checked: what it says of itself, fonts, tags, the signature's widget. Not run: a validator of PDF/A."""
    plain = render(SHEET.as_values())
    assert text_of(signed) == text_of(plain)
    assert is_tagged(signed)
    assert not has_gaps(signed)
    with pikepdf.open(io.BytesIO(signed)) as opened:
        with opened.open_metadata() as told:
            assert (told["pdfaid:part"], told["pdfaid:conformance"]) == ("2", "A")
            assert told["pdfuaid:part"] == "1"
        widget = opened.Root.AcroForm.Fields[0]
        assert int(widget.F) & 0b100, "PDF/A 6.3.2: an annotation is printed"
        assert not int(widget.F) & 0b100011, "and neither hidden nor invisible"
        assert opened.pdf_version >= "1.7"


def test_the_same_sheet_is_signed_anew_each_time_over_the_same_pages(chain: Chain, signed: bytes) -> None:
    again = render(SHEET.as_values(), signer=chain.signer, authority=AUTHORITY)
    plain = render(SHEET.as_values())
    assert again != signed
    assert again.startswith(plain)
    assert signed.startswith(plain)


@pytest.mark.parametrize("where", [0.02, 0.2, 0.5, 0.9])
def test_a_changed_byte_is_found_wherever_it_is(chain: Chain, signed: bytes, where: float) -> None:
    plain = len(render(SHEET.as_values()))
    at = int(plain * where)
    changed = signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :]
    assert not is_good(changed, chain.root_der)


def test_a_day_of_signing_that_was_changed_is_found(chain: Chain, signed: bytes) -> None:
    told = b"/M (D\\0722"
    at = signed.rindex(told) + len(told) - 1
    changed = signed[:at] + b"1" + signed[at + 1 :]
    assert changed != signed
    assert not is_good(changed, chain.root_der)


def test_a_change_appended_after_the_signature_is_found(chain: Chain, signed: bytes) -> None:
    writer: Any = IncrementalPdfFileWriter(io.BytesIO(signed))
    writer.root["/Lang"] = writer.root["/Lang"].__class__("en")
    writer.update_root()
    written = io.BytesIO()
    writer.write(written)
    changed = written.getvalue()
    assert changed.startswith(signed)
    found = judged(changed, chain.root_der)
    assert found.intact  # what was signed is as it was
    assert found.coverage is not SignatureCoverageLevel.ENTIRE_FILE
    assert not found.bottom_line


def test_a_page_added_after_the_signature_is_found(chain: Chain, signed: bytes) -> None:
    kinds: Any = generic
    writer: Any = IncrementalPdfFileWriter(io.BytesIO(signed))
    page = kinds.DictionaryObject({
        kinds.NameObject("/Type"): kinds.NameObject("/Page"),
        kinds.NameObject("/MediaBox"): kinds.ArrayObject(map(kinds.NumberObject, (0, 0, 10, 10))),
    })  # fmt: skip
    writer.insert_page(page)
    written = io.BytesIO()
    writer.write(written)
    assert not is_good(written.getvalue(), chain.root_der)


def test_another_root_is_not_believed(signed: bytes) -> None:
    found = judged(signed, a_chain().root_der)
    assert found.valid
    assert not found.trusted
    assert not found.bottom_line


def test_another_certificate_put_in_the_place_of_the_signers_is_found(chain: Chain, signed: bytes) -> None:
    other = a_chain("papers")
    raw = PdfFileReader(io.BytesIO(signed)).embedded_signatures[0].pkcs7_content
    opened = cms.ContentInfo.load(raw)
    data = opened["content"]
    swapped = x509.Certificate.load(other.signer.certificates[0])
    data["certificates"] = cms.CertificateSet([cms.CertificateChoices("certificate", swapped)])
    signer = data["signer_infos"][0]
    signer["sid"] = cms.SignerIdentifier(
        "issuer_and_serial_number",
        cms.IssuerAndSerialNumber({"issuer": swapped.issuer, "serial_number": swapped.serial_number}),
    )
    changed = _with_signature(signed, raw, opened.dump(force=True))
    assert not is_good(changed, chain.root_der)
    assert not is_good(changed, other.root_der)


def test_popplers_reader_finds_the_same(chain: Chain, signed: bytes, tmp_path: Path) -> None:
    told = poppler(signed, tmp_path)
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    changed = bytearray(signed)
    changed[200] ^= 1
    assert "Signature is Valid" not in poppler(bytes(changed), tmp_path)


def poppler(content: bytes, folder: Path) -> str:
    if shutil.which("pdfsig") is None:
        if os.environ.get("CI"):
            pytest.fail("pdfsig of poppler-utils is missing")
        pytest.skip("not run: pdfsig of poppler-utils is missing")
    path = folder / "paper.pdf"
    path.write_bytes(content)
    surroundings = {**os.environ, "HOME": str(folder)}
    ran = subprocess.run(["pdfsig", str(path)], capture_output=True, check=False, text=True, env=surroundings)
    return ran.stdout + ran.stderr


def _signer_of(content: bytes) -> Any:
    raw = PdfFileReader(io.BytesIO(content)).embedded_signatures[0].pkcs7_content
    return cms.ContentInfo.load(raw)["content"]["signer_infos"][0]


def _with_signature(content: bytes, before: bytes, now: bytes) -> bytes:
    old = before.hex().encode()
    at = content.lower().rindex(old)
    held = content.index(b">", at) - at
    assert len(now) * 2 <= held
    return content[:at] + now.hex().encode().ljust(held, b"0") + content[at + held :]
