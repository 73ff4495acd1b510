"""Certificates: to the profile of ISO/IEC 18013-5, verified by OpenSSL, renewed in time, taken back with a lost key."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import oid
from django.utils import timezone

from yizhengtong.credentials.keys import certificates, software
from yizhengtong.credentials.keys.authority import CERTIFIED
from yizhengtong.credentials.keys.models import Authority, Certificate, KeyState, RevocationList
from yizhengtong.credentials.keys.publication import revocation_list, roots
from yizhengtong.credentials.keys.queries import Use, signer
from yizhengtong.credentials.keys.services import declare_lost, make_key, renew, replace_authority, rotate_key
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.events.models import Event

ADDRESS = "https://permits.example"
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def _root(address: str = ADDRESS) -> certificates.Root:
    key = software.new_signer()
    return certificates.Root(certificates.make_root(key, address=address, now=NOW), key, address)


def _of(root: certificates.Root, use: str, now: datetime = NOW) -> x509.Certificate:
    return certificates.certify(root, use, software.new_signer().public_jwk, now=now)


def _value(certificate: x509.Certificate, kind: Any) -> Any:
    return certificate.extensions.get_extension_for_class(kind).value


def _is_critical(certificate: x509.Certificate, kind: Any) -> bool:
    return certificate.extensions.get_extension_for_class(kind).critical


def test_the_root_is_an_iaca() -> None:
    """ISO/IEC 18013-5, table B.1."""
    root = _root().certificate
    assert root.subject == root.issuer
    assert [part.oid for part in root.subject] == [oid.NameOID.COUNTRY_NAME, oid.NameOID.COMMON_NAME]
    assert root.subject.get_attributes_for_oid(oid.NameOID.COUNTRY_NAME)[0].value == "CN"
    constraints = _value(root, x509.BasicConstraints)
    assert (constraints.ca, constraints.path_length) == (True, 0)
    usage = _value(root, x509.KeyUsage)
    assert (usage.key_cert_sign, usage.crl_sign, usage.digital_signature) == (True, True, False)
    assert _is_critical(root, x509.BasicConstraints)
    assert _is_critical(root, x509.KeyUsage)
    assert _value(root, x509.IssuerAlternativeName)[0].value == ADDRESS
    assert root.not_valid_after_utc - root.not_valid_before_utc <= timedelta(days=20 * 365)
    assert root.serial_number.bit_length() >= 64


def test_a_document_signer_has_what_the_profile_asks_and_no_more() -> None:
    """ISO/IEC 18013-5, table B.3: its extensions are counted."""
    root = _root()
    signs = _of(root, "mdoc")
    assert list(_value(signs, x509.ExtendedKeyUsage)) == [x509.ObjectIdentifier("1.0.18013.5.1.2")]
    assert _is_critical(signs, x509.ExtendedKeyUsage)
    usage = _value(signs, x509.KeyUsage)
    assert (usage.digital_signature, usage.content_commitment, usage.key_cert_sign) == (True, False, False)
    assert signs.issuer.public_bytes() == root.certificate.subject.public_bytes()
    assert signs.subject.get_attributes_for_oid(oid.NameOID.COUNTRY_NAME)[0].value == "CN"
    assert signs.not_valid_after_utc - signs.not_valid_before_utc == timedelta(days=457)
    assert {extension.oid.dotted_string for extension in signs.extensions} == {
        "2.5.29.14",  # subject key identifier
        "2.5.29.15",  # key usage
        "2.5.29.18",  # issuer's other name
        "2.5.29.31",  # where the list is
        "2.5.29.35",  # authority key identifier
        "2.5.29.37",  # extended key usage
    }


@pytest.mark.parametrize("use", ["sd_jwt", "status", "metadata"])
def test_a_certificate_for_jwts_names_the_issuers_host(use: str) -> None:
    names = _value(_of(_root(), use), x509.SubjectAlternativeName)
    assert names.get_values_for_type(x509.DNSName) == ["permits.example"]


def test_a_host_that_is_an_address_is_named_both_ways() -> None:
    names = _value(_of(_root("http://127.0.0.1:8000"), "sd_jwt"), x509.SubjectAlternativeName)
    assert names.get_values_for_type(x509.DNSName) == ["127.0.0.1"]
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]


def test_a_certificate_for_papers_is_for_documents_and_commits() -> None:
    """RFC 9336; ETSI EN 319 412-2 4.3.2 for the usage."""
    signs = _of(_root(), "paper")
    assert list(_value(signs, x509.ExtendedKeyUsage)) == [x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")]
    assert _value(signs, x509.KeyUsage).content_commitment is True


@pytest.mark.parametrize("use", ["mdoc", "sd_jwt"])
def test_no_certificate_outlives_its_root(use: str) -> None:
    root = _root()
    late = root.certificate.not_valid_after_utc - timedelta(days=10)
    assert _of(root, use, late).not_valid_after_utc == root.certificate.not_valid_after_utc


def test_a_long_host_still_gives_a_name_of_64_characters() -> None:
    root = _root(f"https://{'a' * 60}.{'b' * 60}.example").certificate
    assert len(root.subject.get_attributes_for_oid(oid.NameOID.COMMON_NAME)[0].value) == 64


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is missing")
@pytest.mark.parametrize("use", ["mdoc", "sd_jwt", "paper"])
def test_openssl_follows_the_chain_and_the_list(tmp_path: Path, use: str) -> None:
    root, now = _root(), timezone.now().replace(microsecond=0)
    fine, lost = _of(root, use, now), _of(root, use, now)
    revoked = certificates.revocation_list(root, [(f"{lost.serial_number:x}", now)], number=1, now=now)
    contents = {"root": root.certificate, "fine": fine, "lost": lost, "list": revoked}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content.public_bytes(Encoding.PEM))  # type: ignore[attr-defined]
    asked = ["openssl", "verify", "-x509_strict", "-crl_check", "-CAfile", "root", "-CRLfile", "list"]
    is_fine, is_lost = (
        subprocess.run([*asked, name], cwd=tmp_path, capture_output=True, check=False) for name in ("fine", "lost")
    )
    assert is_fine.returncode == 0, is_fine.stderr
    assert b"certificate revoked" in is_lost.stderr


@pytest.mark.django_db
@pytest.mark.parametrize("use", list(Use))
def test_a_key_that_is_certified_brings_its_certificate_and_leaves_the_root_out(use: Use) -> None:
    key = signer(use)
    if use not in CERTIFIED:
        assert key.certificates == ()
        return
    (content,) = key.certificates
    root = x509.load_der_x509_certificate(roots()[0].certificate)
    certificate = x509.load_der_x509_certificate(content)
    certificate.verify_directly_issued_by(root)
    data = b"what is signed"
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    public: Any = certificate.public_key()
    public.verify(software.der_signature(key.sign(data)), data, ec.ECDSA(hashes.SHA256()))


@pytest.mark.django_db
def test_a_pending_key_is_certified_before_it_signs() -> None:
    pending = make_key(use=Use.MDOC, algorithm="ES256", by=SYSTEM)
    assert pending.certificates.count() == 1
    assert rotate_key(use=Use.MDOC, algorithm="ES256", by=SYSTEM, at_once=True).pk == pending.pk
    assert signer(Use.MDOC).certificates == (bytes(pending.certificates.get().content),)


@pytest.mark.django_db
def test_certificates_of_a_lost_key_are_on_the_newest_list_and_nothing_else_is() -> None:
    authority = Authority.objects.get()
    before = revocation_list(authority.key_id)
    assert before is not None
    assert len(x509.load_der_x509_crl(before[0])) == 0
    lost = signer(Use.PAPER)
    rotate_key(use=Use.CODE, algorithm="ES256", by=SYSTEM, at_once=True)
    declare_lost(key_id=lost.key_id, by=SYSTEM)
    after = revocation_list(authority.key_id)
    assert after is not None
    found = x509.load_der_x509_crl(after[0])
    serial = x509.load_der_x509_certificate(lost.certificates[0]).serial_number
    assert [entry.serial_number for entry in found] == [serial]
    assert found.is_signature_valid(x509.load_der_x509_certificate(bytes(authority.certificate)).public_key())  # type: ignore[arg-type]
    assert _number_of(found) == _number_of(x509.load_der_x509_crl(before[0])) + 1


def _number_of(found: x509.CertificateRevocationList) -> int:
    return found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "is_renewed"), [(59, True), (61, False)])
def test_a_certificate_is_renewed_two_months_before_it_ends(days: int, is_renewed: bool) -> None:
    key = signer(Use.MDOC).key_id
    Certificate.objects.filter(key__key_id=key).update(valid_until=timezone.now() + timedelta(days=days))
    before = Certificate.objects.filter(key__key_id=key).count()
    renew(by=SYSTEM)
    assert Certificate.objects.filter(key__key_id=key).count() == before + is_renewed


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "is_renewed"), [(14, True), (16, False)])
def test_a_list_is_published_anew_before_it_ends(days: int, is_renewed: bool) -> None:
    RevocationList.objects.update(next_at=timezone.now() + timedelta(days=days))
    before = RevocationList.objects.count()
    renew(by=SYSTEM)
    assert RevocationList.objects.count() == before + is_renewed


@pytest.mark.django_db
def test_certificates_follow_the_platform_to_another_address(settings: Any) -> None:
    settings.YZT_ADDRESS = ADDRESS
    renew(by=SYSTEM)
    names = _value(x509.load_der_x509_certificate(signer(Use.SD_JWT).certificates[0]), x509.SubjectAlternativeName)
    assert names.get_values_for_type(x509.DNSName) == ["permits.example"]


@pytest.mark.django_db
def test_a_retired_root_stays_believed_and_goes_on_publishing_its_list() -> None:
    old = Authority.objects.get()
    new = replace_authority(by=SYSTEM, is_lost=False)
    assert [root.key_id for root in roots()] == [new.key_id, old.key_id]
    assert [root.certifies for root in roots()] == [True, False]
    RevocationList.objects.filter(authority=old).update(next_at=timezone.now())
    renew(by=SYSTEM)
    assert RevocationList.objects.filter(authority=old).count() == 2
    certificate = x509.load_der_x509_certificate(signer(Use.MDOC).certificates[0])
    certificate.verify_directly_issued_by(x509.load_der_x509_certificate(bytes(new.certificate)))
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_a_lost_root_is_believed_no_more_and_all_it_certified_is_to_be_signed_anew() -> None:
    old, keys = Authority.objects.get(), {use: signer(use).key_id for use in CERTIFIED}
    new = replace_authority(by=SYSTEM, is_lost=True)
    assert [root.key_id for root in roots()] == [new.key_id]
    row = Authority.objects.get(pk=old.pk)
    assert (row.state, row.secret) == (KeyState.LOST, None)
    told = {event.facts["use"]: event.facts for event in Event.objects.filter(kind="credentials.key_rotated")}
    assert {use: facts["before"] for use, facts in told.items()} == {use.value: key for use, key in keys.items()}
    for use, before in keys.items():
        certificate = x509.load_der_x509_certificate(signer(use).certificates[0])
        certificate.verify_directly_issued_by(x509.load_der_x509_certificate(bytes(new.certificate)))
        assert signer(use).key_id == told[use.value]["key"] != before


@pytest.mark.django_db
def test_national_keys_have_no_certificates_and_need_no_root(settings: Any) -> None:
    """What makes certificates here knows no SM2 (docs/adr/0057)."""
    settings.YZT_CRYPTO = "national"
    assert signer(Use.SD_JWT).certificates == ()
