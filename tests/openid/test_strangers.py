"""npm's openid-client signs a resident in here, whole; and at npm's oidc-provider, by the same script, as control."""

import json
import shutil
import subprocess
from tempfile import TemporaryFile
from typing import Any

import pytest
from django.conf import LazySettings

from tests.identity.stand_ins import BACK, FOLDER, SECRET, openid_provider
from tests.support.sessions import session
from yizhengtong.credentials.issuance.tests.collecting import Holder
from yizhengtong.credentials.issuance.tests.conftest import town, wang  # noqa: F401 fixtures
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.openid.tests.party import Party, a_party

pytestmark = [pytest.mark.django_db(transaction=True)]
_SECONDS = 120
REFUSED = {
    "wrong_verifier": "invalid_grant", "code_again": "invalid_grant", "foreign_redirect_at_token": "invalid_grant",
    "wrong_nonce": "OAUTH_JWT_CLAIM_COMPARISON_FAILED",
    "foreign_sub": "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED", "same_sub": True,
}  # fmt: skip
"""What both providers and this client refuse alike."""
LIES_BY_DPOP = {"proof_again", "proof_again_at_token", "without_proof"}
SWAPPED = 'unexpected JWT "alg" header parameter'
"""What the client says of a token signed by another algorithm than it expects."""


def driven(question: dict[str, Any]) -> dict[str, Any]:
    """Return the steps of one sign-in. The script reads a file: a pipe may fail with EAGAIN (tests/wallets)."""
    with TemporaryFile("w+", encoding="utf-8") as given:
        json.dump([question], given)
        given.seek(0)
        done = subprocess.run(
            ["node", "sign_in.js"], stdin=given, text=True, capture_output=True, timeout=_SECONDS, cwd=FOLDER,
            check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    [answer] = json.loads(done.stdout)
    assert answer["ok"], answer
    steps: dict[str, Any] = answer["steps"]
    return steps


def ensure_lies_refused(steps: dict[str, Any]) -> None:
    """Assert that everything was refused, whatever the refusal is called."""
    assert REFUSED.items() <= steps.items(), steps
    lies = {"foreign_iss", "foreign_state", "foreign_redirect", "after_replay", *(LIES_BY_DPOP & steps.keys())}
    assert not [each for each in lies if steps[each] == "taken"], steps


@pytest.fixture
def bank(live_server: Any, settings: LazySettings, wang: Holder) -> Party:  # noqa: F811
    if not shutil.which("node") or not (FOLDER / "node_modules" / "openid-client").is_dir():
        pytest.skip("openid-client is missing: python3 scripts/setup.py identity")
    settings.YZT_ADDRESS = live_server.url
    return a_party("bank")


def question_of(bank: Party, wang: Holder, settings: LazySettings, **more: Any) -> dict[str, Any]:  # noqa: F811
    account = Account.objects.get(pk=str(wang.principal.id))
    return {
        "issuer": f"{settings.YZT_ADDRESS}/openid", "client_id": bank.client_id,
        "key": {**bank.key.as_dict(private=True), "kid": "k1"}, "redirect_uri": "https://bank.example/back",
        "scope": "openid purpose:bank", "cookie": f"{settings.SESSION_COOKIE_NAME}={session(account)}",
        "claims": ["name"], "pushed": True, "dpop": False, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("pushed", "dpop", "secret"),
    [(True, True, False), (True, False, False), (False, False, True)],
    ids=["pushed, by dpop", "pushed", "plain, by secret"],
)
def test_a_resident_is_signed_in_and_every_lie_is_refused(
    bank: Party, wang: Holder, settings: LazySettings, pushed: bool, dpop: bool, secret: bool  # noqa: F811
) -> None:  # fmt: skip
    question = question_of(bank, wang, settings, pushed=pushed, dpop=dpop)
    if secret:
        question = {**question, "key": None, "secret": bank.secret}
    steps = driven(question)
    assert steps["told"] == {"sub": steps["sub"], "name": wang.permit.person.name}
    assert steps["token_type"] == ("dpop" if dpop else "bearer")
    assert (steps["asked"] == ["client_id", "request_uri"]) is pushed
    assert {"at_hash", "auth_time", "acr", "nonce", "sid"} <= set(steps["claims"])
    assert "name" not in steps["claims"]
    ensure_lies_refused(steps)
    if dpop:
        assert (steps["proof_again"], steps["proof_again_at_token"]) == ("invalid_dpop_proof",) * 2
    assert Check.objects.filter(way="openid", person_id=wang.permit.person_id).count() == 3


def test_who_expects_another_algorithm_takes_no_token_of_ours(
    bank: Party, wang: Holder, settings: LazySettings  # noqa: F811
) -> None:  # fmt: skip
    assert driven(question_of(bank, wang, settings, algorithm="RS256"))["algorithm"] == SWAPPED


def at_oidc_provider(**more: Any) -> dict[str, Any]:
    with openid_provider() as issuer:
        return driven({
            "issuer": issuer, "client_id": "client-es", "secret": SECRET, "redirect_uri": BACK,
            "scope": "openid profile", "pushed": False, "dpop": False, **more,
        })  # fmt: skip


@pytest.mark.parametrize(("pushed", "dpop"), [(True, True), (False, False)], ids=["pushed, by dpop", "plain"])
def test_the_same_script_signs_in_at_oidc_provider_and_is_refused_the_same(pushed: bool, dpop: bool) -> None:
    steps = at_oidc_provider(pushed=pushed, dpop=dpop)
    assert steps["token_type"] == ("dpop" if dpop else "bearer")
    ensure_lies_refused(steps)
    if dpop:  # where we name the proof, it names the token, or the code
        assert (steps["proof_again"], steps["proof_again_at_token"]) == ("invalid_token", "invalid_grant")


def test_who_expects_another_algorithm_takes_no_token_of_oidc_providers() -> None:
    assert at_oidc_provider(algorithm="RS256")["algorithm"] == SWAPPED
