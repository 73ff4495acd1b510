"""`bin/yzt issuer_keys`: what an operator does with issuer keys, and what is made when a database is prepared."""

import io
from typing import Any

import pytest
from cryptography import x509
from django.core.management import CommandError, call_command

from yizhengtong.credentials.keys.models import Authority, Certificate, IssuerKey, KeyState, RevocationList
from yizhengtong.credentials.keys.queries import Use, checkers, signer
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.ids import public_id

pytestmark = pytest.mark.django_db


def told(*arguments: str) -> str:
    """Run the command and return what it says."""
    said = io.StringIO()
    call_command("issuer_keys", *arguments, stdout=said)
    return said.getvalue()


def id_of(use: Use, state: str = KeyState.ACTIVE) -> str:
    return public_id("key", IssuerKey.objects.get(use=use, state=state).pk)


def test_the_list_names_every_key_with_what_an_operator_decides_by() -> None:
    lines = told("list").splitlines()
    assert len(lines) == len(Use)
    (mdoc,) = [line for line in lines if " mdoc " in line]
    assert mdoc.startswith(id_of(Use.MDOC))
    assert "ES256  active   sealed" in mdoc
    assert "certificate until 20" in mdoc
    plain = [line for line in lines if " code " in line or " openid " in line]
    assert [line for line in lines if line.endswith("no certificate")] == plain


def test_a_key_is_made_rotated_and_the_one_before_goes_on_checking() -> None:
    before = signer(Use.MDOC).key_id
    assert "is published. In 24 h" in told("make", "mdoc")
    pending = id_of(Use.MDOC, KeyState.PENDING)
    with pytest.raises(CommandError, match="less than 24 hours"):
        told("rotate", "mdoc")
    assert told("rotate", "mdoc", "--at-once").startswith(f"{pending} signs mdoc by ES256")
    assert before in checkers(Use.MDOC)
    assert "gone" in next(line for line in told("list").splitlines() if " retired " in line)


def test_all_uses_are_rotated_at_once() -> None:
    before = {use: signer(use).key_id for use in Use}
    assert len(told("rotate", "all", "--at-once").splitlines()) == len(Use)
    assert all(signer(use).key_id != before[use] for use in Use)


@pytest.mark.parametrize("by", ["id of the list", "thumbprint"])
def test_a_lost_key_is_named_by_either_of_its_names(by: str) -> None:
    lost = signer(Use.CODE).key_id
    words = told("lost", id_of(Use.CODE) if by == "id of the list" else lost)
    assert "docs/runbooks/lost-issuer-key.md" in words
    assert id_of(Use.CODE) in words
    assert lost not in checkers(Use.CODE)


@pytest.mark.parametrize("named", ["nobody", "key_00000000000000000000000000", "key_what"])
def test_what_is_no_key_is_refused_in_words(named: str) -> None:
    for act in ("lost", "retire"):
        with pytest.raises(CommandError, match="There is nothing here"):
            told(act, named)


def test_a_published_key_can_be_taken_back() -> None:
    told("make", "paper")
    assert "signs no more" in told("retire", id_of(Use.PAPER, KeyState.PENDING))


def test_make_without_a_use_makes_what_is_lacking(settings: Any) -> None:
    assert told("make").startswith("0 keys")
    settings.YZT_CRYPTO = "both"
    assert told("make").startswith(f"{len(Use)} keys")
    assert told("check").strip() == "Every key signs, and is believed."


def test_check_mends_what_mends_itself_and_fails_on_the_rest() -> None:
    Certificate.objects.all().delete()
    RevocationList.objects.all().delete()
    assert told("check").strip() == "Every key signs, and is believed."
    IssuerKey.objects.filter(use=Use.CODE).delete()
    with pytest.raises(CommandError, match="1 things are wrong"):
        told("check")


def test_roots_are_printed_and_replaced() -> None:
    before = x509.load_pem_x509_certificates(told("root").encode())
    planned = x509.load_pem_x509_certificates(told("root", "--replace").encode())
    assert planned[1:] == before
    after_loss = x509.load_pem_x509_certificates(told("root", "--replace", "--lost").encode())
    assert len(after_loss) == 2
    assert planned[0] not in after_loss
    with pytest.raises(CommandError, match="--replace --lost"):
        told("root", "--lost")


def test_nothing_the_command_says_is_private(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    told("make", "mdoc")
    secrets = [row.secret for row in IssuerKey.objects.all()] + [row.secret for row in Authority.objects.all()]
    said = (
        told("list") + told("rotate", "all", "--at-once") + told("check") + told("root") + told("lost", id_of(Use.CODE))
    )
    secrets += [row.secret for row in IssuerKey.objects.all()]
    assert not any(secret in said + caplog.text for secret in secrets if secret)
    assert sum(secret is not None for secret in secrets) > len(Use)
    assert all(secret not in str(row) for row in Entry.objects.values() for secret in secrets if secret)


def test_a_database_that_is_prepared_has_its_keys(settings: Any) -> None:
    from yizhengtong.project.management.commands.prepare import Command

    Certificate.objects.all().delete()
    IssuerKey.objects.all().delete()
    said = io.StringIO()
    Command(stderr=said)._found_issuer_keys()
    assert said.getvalue() == ""
    assert IssuerKey.objects.filter(state=KeyState.ACTIVE).count() == len(Use)
    assert Entry.objects.filter(action="keys.make").count() == len(Use)


@pytest.mark.parametrize(("address", "count"), [("http://127.0.0.1:8000", 0), ("https://permits.example", len(Use))])
def test_production_makes_keys_once_it_is_known_whom_they_name(settings: Any, address: str, count: int) -> None:
    from yizhengtong.project.management.commands.prepare import Command

    Certificate.objects.all().delete()
    IssuerKey.objects.all().delete()
    settings.YZT_PRODUCTION, settings.YZT_ADDRESS = True, address
    said = io.StringIO()
    Command(stderr=said)._found_issuer_keys()
    assert IssuerKey.objects.count() == count
    assert ("YZT_ADDRESS" in said.getvalue()) == (count == 0)
