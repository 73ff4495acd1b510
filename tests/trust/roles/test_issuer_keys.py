"""The web signs with the keys in use and changes none; what else is private about issuer keys it cannot read."""

from typing import Any

import pytest

from tests.support.web_role import as_web
from tests.trust.roles.looking import is_refused, run
from yizhengtong.credentials.keys import ring
from yizhengtong.credentials.keys.errors import KeyProblem
from yizhengtong.credentials.keys.models import Certificate, IssuerKey, KeyState
from yizhengtong.credentials.keys.publication import revocation_list, roots
from yizhengtong.credentials.keys.queries import Use, checkers, published_jwks, signer, signers
from yizhengtong.credentials.keys.services import declare_lost, found_keys, make_key, renew, rotate_key
from yizhengtong.foundation.accounts.principals import SYSTEM

DATA = b"what is signed"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_ring() -> Any:
    ring.forget()
    yield
    ring.forget()


@pytest.mark.parametrize("role", ["yzt_web", "yzt_worker"])
@pytest.mark.parametrize("crypto", ["international", "both"])
def test_web_and_worker_sign_check_and_publish(people: dict[str, Any], settings: Any, role: str, crypto: str) -> None:
    settings.YZT_CRYPTO = crypto
    found_keys(by=SYSTEM)
    ring.forget()
    with as_web(people["nobody"], role):
        for use in Use:
            for key in signers(use):
                assert checkers(use)[key.key_id].check(DATA, key.sign(DATA))
            assert published_jwks(use)
        assert revocation_list(roots()[0].key_id)


def test_the_web_notices_a_rotation_and_a_new_certificate(people: dict[str, Any]) -> None:
    with as_web(people["nobody"]):
        before = signer(Use.MDOC)
    kept = ring.ring()
    new = rotate_key(use=Use.MDOC, algorithm="ES256", by=SYSTEM, at_once=True)
    with as_web(people["nobody"]):
        ring._ring = kept
        ring.reload()
        assert signer(Use.MDOC).key_id == new.key_id != before.key_id
        kept, certificates = ring.ring(), signer(Use.MDOC).certificates
    Certificate.objects.filter(key=new).update(valid_until=new.made_at)
    renew(by=SYSTEM)
    with as_web(people["nobody"]):
        ring._ring = kept
        ring.reload()
        assert signer(Use.MDOC).certificates != certificates


@pytest.mark.parametrize("who", ["holder", "officer", "partner", "reporter", "nobody"])
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT secret FROM keys_issuerkey",
        "SELECT secret FROM keys_authority",
        "SELECT label FROM keys_authority",
        "SELECT id FROM keys_issuerkey FOR UPDATE",
        "UPDATE keys_issuerkey SET state = 'active'",
        "UPDATE keys_issuerkey SET public = public",
        "DELETE FROM keys_issuerkey",
        "INSERT INTO keys_issuerkey (id) VALUES (gen_random_uuid())",
        "INSERT INTO keys_authority (id) VALUES (gen_random_uuid())",
        "UPDATE keys_authority SET certificate = certificate",
        "INSERT INTO keys_certificate (id) VALUES (gen_random_uuid())",
        "UPDATE keys_certificate SET revoked_at = NULL",
        "DELETE FROM keys_revocationlist",
        "INSERT INTO keys_revocationlist (id) VALUES (gen_random_uuid())",
    ],
)
def test_the_web_reads_no_private_part_past_the_function_and_changes_nothing(
    people: dict[str, Any], who: str, statement: str
) -> None:
    with as_web(people[who]):
        assert is_refused(statement)


def test_the_function_gives_the_keys_in_use_and_no_other(people: dict[str, Any]) -> None:
    make_key(use=Use.CODE, algorithm="ES256", by=SYSTEM)
    active = set(IssuerKey.objects.filter(state=KeyState.ACTIVE).values_list("pk", flat=True))
    with as_web(people["nobody"]):
        assert {row[0] for row in run("SELECT key_id FROM keys_signing()")} == active


@pytest.mark.parametrize("role", ["yzt_sealer", "yzt_auditor"])
def test_sealer_and_auditor_have_nothing_to_do_with_keys(people: dict[str, Any], role: str) -> None:
    with as_web(people["nobody"], role):
        assert is_refused("SELECT key_id FROM keys_signing()")
        assert is_refused("SELECT id FROM keys_issuerkey")


@pytest.mark.parametrize("act", ["make", "rotate", "lost"])
def test_no_request_makes_rotates_or_loses_a_key_even_where_code_would_let_it(people: dict[str, Any], act: str) -> None:
    from django.db import transaction
    from django.db.utils import ProgrammingError

    acts: dict[str, Any] = {
        "make": lambda: make_key(use=Use.CODE, algorithm="ES256", by=SYSTEM),
        "rotate": lambda: rotate_key(use=Use.CODE, algorithm="ES256", by=SYSTEM, at_once=True),
        "lost": lambda: declare_lost(key_id=signer(Use.CODE).key_id, by=SYSTEM),
    }
    with as_web(people["officer"]), pytest.raises(ProgrammingError), transaction.atomic():
        acts[act]()


def test_a_web_without_keys_says_so_and_makes_none(people: dict[str, Any], settings: Any) -> None:
    settings.YZT_CRYPTO = "both"
    ring.forget()
    from django.db import transaction

    with as_web(people["nobody"]), pytest.raises(KeyProblem) as problem, transaction.atomic():
        signers(Use.CODE)
    assert problem.value.code == "keys.none"


def test_what_lies_in_the_database_is_sealed() -> None:
    """And so is what a backup holds: it is a dump of these rows (docs/adr/0030)."""
    row = IssuerKey.objects.get(use=Use.CODE, state=KeyState.ACTIVE)
    ((lies,),) = run("SELECT secret FROM keys_issuerkey WHERE id = %s", row.pk)
    assert row.secret
    assert row.secret.encode() not in bytes(lies)
    assert bytes(lies)[0] == 1
    assert int.from_bytes(bytes(lies)[1:5], "big") > 0, "key 0 would seal nothing"
