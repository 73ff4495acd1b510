"""Keys in a token: made there, never leaving it, signing there; and found again when the token was restarted."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from tests.support.tokens import soft_token
from yizhengtong.credentials.formats import jwk
from yizhengtong.credentials.keys.errors import KeyProblem
from yizhengtong.credentials.keys.models import Authority, IssuerKey, KeyState
from yizhengtong.credentials.keys.queries import Use, checkers, signer
from yizhengtong.credentials.keys.services import declare_lost, found_keys, replace_authority, rotate_key
from yizhengtong.foundation.accounts.principals import SYSTEM

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
DATA = b"what is signed"


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[str]:
    """An empty SoftHSM2 token that this deployment keeps its issuer keys in; yields its address."""
    with soft_token(tmp_path, monkeypatch) as made:
        settings.YZT_SIGNING_KEYS = made.address()
        yield settings.YZT_SIGNING_KEYS


def _signer(address: str) -> Any:
    return pytest.importorskip("yizhengtong.credentials.keys.tokens").new_signer(address)


def _private_keys(address: str, work: Callable[[Any], Any]) -> list[Any]:
    """Return something of every private key in the token."""
    from pkcs11 import Attribute, ObjectClass

    from yizhengtong.foundation.vault.tokens import read_address, session_of

    def ask(session: Any) -> list[Any]:
        found = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))
        return [work(key) for key in found]

    return session_of(read_address(address)).with_writing(ask)


def _labels(address: str) -> set[str]:
    return set(_private_keys(address, lambda key: key.label))


def test_what_the_token_signs_is_checked_by_the_public_key(token: str) -> None:
    key = _signer(token)
    signature = key.sign(DATA)
    assert len(signature) == 64
    assert jwk.checker_of(key.public_jwk).check(DATA, signature)
    assert not jwk.checker_of(key.public_jwk).check(DATA + b".", signature)


def test_a_key_cannot_be_taken_out_of_its_token(token: str) -> None:
    from pkcs11 import Attribute
    from pkcs11.exceptions import PKCS11Error

    _signer(token)
    stays = (Attribute.EXTRACTABLE, Attribute.SENSITIVE, Attribute.NEVER_EXTRACTABLE, Attribute.LOCAL)
    assert _private_keys(token, lambda key: [key[name] for name in stays]) == [[False, True, True, True]]
    with pytest.raises(PKCS11Error):
        _private_keys(token, lambda key: key[Attribute.VALUE])


def test_one_session_serves_many_signatures(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from yizhengtong.foundation.vault import tokens

    key = _signer(token)
    key.sign(DATA)
    monkeypatch.setattr(tokens.TokenSession, "_opened", None)
    for number in range(20):
        assert jwk.checker_of(key.public_jwk).check(DATA, key.sign(DATA)), number


def test_threads_share_the_session(token: str) -> None:
    keys = [_signer(token) for _ in range(2)]

    def signs(number: int) -> bool:
        key, data = keys[number % 2], str(number).encode()
        return jwk.checker_of(key.public_jwk).check(data, key.sign(data))

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(signs, range(40)))


def test_the_vaults_master_key_may_lie_in_the_same_token(token: str) -> None:
    """Logging in is the process's: two sessions that each log in, and out, would shut one another out."""
    import pkcs11

    from yizhengtong.foundation.vault.pkcs11 import TokenMasters
    from yizhengtong.foundation.vault.tokens import read_address, session_of

    stays = {pkcs11.Attribute.EXTRACTABLE: False, pkcs11.Attribute.SENSITIVE: True}
    session_of(read_address(token)).with_writing(
        lambda session: session.generate_key(pkcs11.KeyType.AES, 256, label="master", store=True, template=stays)
    )
    masters, key, secret = TokenMasters(token.replace("?", ";object=master?")), _signer(token), bytes(range(32))
    for _ in range(3):
        wrapped = masters.wrap(secret, suite="aes256gcm", bound=b"x")
        assert jwk.checker_of(key.public_jwk).check(DATA, key.sign(DATA))
        assert masters.unwrap(wrapped, master="master", suite="aes256gcm", bound=b"x") == secret


@pytest.mark.parametrize("how", ["its session was ended", "its library was ended"])
def test_a_token_that_was_restarted_is_opened_again(token: str, how: str) -> None:
    import pkcs11

    from yizhengtong.foundation.vault.tokens import read_address, session_of

    key = _signer(token)
    key.sign(DATA)
    if how == "its session was ended":
        session_of(read_address(token))._open.close()
    else:
        pkcs11.lib(str(MODULE)).finalize()
    assert jwk.checker_of(key.public_jwk).check(DATA, key.sign(DATA))


def test_a_token_that_is_gone_is_told_without_its_pin(token: str, tmp_path: Path) -> None:
    import pkcs11

    key = _signer(token)
    key.sign(DATA)
    shutil.rmtree(tmp_path / "tokens")
    (tmp_path / "tokens").mkdir()
    pkcs11.lib(str(MODULE)).finalize()
    with pytest.raises(KeyProblem) as problem:
        key.sign(DATA)
    assert problem.value.code in {"vault.token_unusable", "keys.token_refused"}
    assert "1234" not in repr(problem.value.facts)


def test_a_key_that_the_token_has_not_is_told(token: str) -> None:
    from yizhengtong.credentials.keys.tokens import TokenSigner

    key = _signer(token)
    with pytest.raises(KeyProblem) as problem:
        TokenSigner(key.public_jwk, token, "yzt-nobody").sign(DATA)
    assert problem.value.code == "vault.master_unknown"


@pytest.mark.django_db
def test_every_key_of_the_deployment_lies_in_the_token_the_roots_too(token: str) -> None:
    made = [rotate_key(use=use, algorithm="ES256", by=SYSTEM, at_once=True) for use in Use]
    root = replace_authority(by=SYSTEM, is_lost=False)
    active = IssuerKey.objects.filter(state=KeyState.ACTIVE)
    rows: list[IssuerKey | Authority] = [*active, Authority.objects.get(pk=root.pk)]
    assert {row.pk for row in rows} >= {row.pk for row in made}
    assert all(row.secret is None and row.label for row in rows)
    assert _labels(token) == {row.label for row in rows}
    for use in Use:
        key = signer(use)
        assert checkers(use)[key.key_id].check(DATA, key.sign(DATA))
    certificate = x509.load_der_x509_certificate(signer(Use.MDOC).certificates[0])
    certificate.verify_directly_issued_by(x509.load_der_x509_certificate(bytes(root.certificate)))


@pytest.mark.django_db
def test_a_key_that_signs_no_more_leaves_the_token(token: str, django_capture_on_commit_callbacks: Any) -> None:
    first = rotate_key(use=Use.CODE, algorithm="ES256", by=SYSTEM, at_once=True)
    with django_capture_on_commit_callbacks(execute=True):
        declare_lost(key_id=first.key_id, by=SYSTEM)
    assert _labels(token) == {IssuerKey.objects.get(use=Use.CODE, state=KeyState.ACTIVE).label}


@pytest.mark.django_db
def test_keys_that_lay_in_the_database_sign_on_until_they_are_rotated(token: str) -> None:
    assert found_keys(by=SYSTEM) == []
    key = signer(Use.CODE)
    assert checkers(Use.CODE)[key.key_id].check(DATA, key.sign(DATA))
    assert _labels(token) == set()


@pytest.mark.django_db
def test_a_deployment_that_forgot_its_token_is_told(token: str, settings: Any) -> None:
    rotate_key(use=Use.CODE, algorithm="ES256", by=SYSTEM, at_once=True)
    settings.YZT_SIGNING_KEYS = ""
    with pytest.raises(KeyProblem) as problem:
        signer(Use.CODE)
    assert problem.value.code == "keys.token_not_set"
