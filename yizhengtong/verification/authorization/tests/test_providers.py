"""Whom the deployment believes: by public keys, each named, and by nobody's private one."""

import json
from base64 import b64encode
from io import StringIO
from pathlib import Path
from ssl import DER_cert_to_PEM_cert
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.support.issuers import Authority
from tests.support.people import Resident
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.errors import Invalid, NotFound
from yizhengtong.verification.authorization.models import WalletProvider
from yizhengtong.verification.authorization.providers import close_provider, register_provider
from yizhengtong.verification.authorization.tests.wallet import new_key

pytestmark = pytest.mark.django_db
ISSUER = "https://provider.example"
KEY, ROOT = new_key(), Authority()


def pem(certificate: bytes) -> str:
    return DER_cert_to_PEM_cert(certificate)


def jwk(kid: Any = "one", *, private: bool = False) -> dict[str, Any]:
    return {**KEY.as_dict(private=private), "kid": kid}


@pytest.mark.parametrize(
    "jwks",
    [{}, {"keys": []}, {"keys": "x"}, {"keys": ["x"]}, {"keys": [jwk(private=True)]}, {"keys": [jwk(None)]},
     {"keys": [jwk(""), jwk("two")]}, {"keys": [jwk(), jwk()]}, {"keys": [jwk(), {"kty": "RSA", "kid": "two"}]}],
)  # fmt: skip
def test_keys_that_are_no_public_ones_with_names_are_refused(wang: Resident, jwks: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="keys_wrong"):
        register_provider(issuer=ISSUER, name="示范钱包", jwks=jwks, by=wang.principal)
    assert not WalletProvider.objects.exists()


def test_new_keys_take_the_place_of_the_old(wang: Resident) -> None:
    for kid in ("one", "two"):
        register_provider(issuer=ISSUER, name="示范钱包", jwks={"keys": [jwk(kid)]}, by=wang.principal)
    assert [key["kid"] for key in WalletProvider.objects.get().jwks["keys"]] == ["two"]
    assert Entry.objects.filter(action="authorization.change_provider").count() == 1


def test_a_maker_nobody_registered_cannot_be_closed(wang: Resident) -> None:
    with pytest.raises(NotFound):
        close_provider(issuer=ISSUER, by=wang.principal)


def test_by_command(wang: Resident, tmp_path: Path) -> None:
    file, told = tmp_path / "keys.json", StringIO()
    file.write_text(json.dumps({"keys": [jwk()]}))
    call_command("wallets", "register", ISSUER, "--name", "示范钱包", "--keys", str(file), "--by", "wang", stdout=told)
    call_command("wallets", "list", stdout=told)
    call_command("wallets", "close", ISSUER, "--by", "wang", stdout=told)
    call_command("wallets", "list", stdout=told)
    assert told.getvalue().splitlines() == [
        f"{ISSUER}: 1 keys, 0 roots.", f"believed  {ISSUER}  示范钱包  1 keys, 0 roots", f"{ISSUER}: closed.",
        f"closed    {ISSUER}  示范钱包  1 keys, 0 roots",
    ]  # fmt: skip


def test_a_maker_is_believed_by_roots_alone(wang: Resident, tmp_path: Path) -> None:
    file, told = tmp_path / "roots.pem", StringIO()
    root = ROOT.root
    file.write_text("note\n" + pem(root) + pem(Authority().root))
    call_command("wallets", "register", ISSUER, "--name", "x", "--roots", str(file), "--by", "wang", stdout=told)
    assert told.getvalue() == f"{ISSUER}: 0 keys, 2 roots.\n"
    assert WalletProvider.objects.get().roots[0] == b64encode(root).decode()


def test_a_maker_says_where_its_wallets_go_back_to(wang: Resident, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [jwk()]}))
    named = ["wallets", "register", ISSUER, "--name", "x", "--keys", str(file), "--by", "wang"]
    with pytest.raises(CommandError, match="https"):
        call_command(*named, "--redirect-uri", "javascript:alert(1)")
    assert not WalletProvider.objects.exists()
    addresses = ["https://wallet.example/back", "com.example.wallet://back"]
    call_command(*named, "--redirect-uri", addresses[0], "--redirect-uri", addresses[1], stdout=StringIO())
    assert WalletProvider.objects.get().redirect_uris == addresses


@pytest.mark.parametrize(
    "content", ["", "x", pem(ROOT.signer().certificates[0]), pem(ROOT.root) + pem(ROOT.signer().certificates[0])],
    ids=["empty", "text", "signer", "signer beside a root"],
)  # fmt: skip
def test_what_are_no_authorities_certificates_are_no_roots(wang: Resident, tmp_path: Path, content: str) -> None:
    file = tmp_path / "roots.pem"
    file.write_text(content)
    with pytest.raises(CommandError):
        call_command("wallets", "register", ISSUER, "--name", "x", "--roots", str(file), "--by", "wang")
    with pytest.raises(CommandError):
        call_command("wallets", "register", ISSUER, "--name", "x", "--by", "wang")
    assert not WalletProvider.objects.exists()


@pytest.mark.parametrize("content", ["[]", "x", '{"keys": []}'])
def test_a_file_that_holds_no_keys_is_refused(wang: Resident, tmp_path: Path, content: str) -> None:
    file = tmp_path / "keys.json"
    file.write_text(content)
    with pytest.raises(CommandError):
        call_command("wallets", "register", ISSUER, "--name", "x", "--keys", str(file), "--by", "wang")
    with pytest.raises(CommandError):
        call_command("wallets", "register", ISSUER, "--name", "x", "--keys", str(file), "--by", "nobody")
