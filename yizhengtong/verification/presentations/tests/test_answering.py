"""What wallets show, and what of it is believed. Where the OpenID conformance suite has the case, its module is named.

Modules of oid4vp-1final-verifier-test-plan: verifier-happy-flow, verifier-invalid-kb-jwt-signature, -sd-hash, -aud,
-nonce, -iat-in-past, -iat-in-future, verifier-invalid-credential-signature, verifier-invalid-session-transcript.
"""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.support.city import City
from tests.support.holders import only, shown_sd_jwt
from tests.support.issuers import Key
from yizhengtong.credentials.formats.strict import decode_base64url, encode_base64url
from yizhengtong.credentials.issuance.models import Batch
from yizhengtong.credentials.issuance.tests.collecting import MDOC, SD_JWT, Holder
from yizhengtong.credentials.issuance.tests.conftest import a_holder
from yizhengtong.credentials.keys.queries import Use, signer
from yizhengtong.credentials.keys.services import declare_lost
from yizhengtong.credentials.status.models import Chunk, StatusList
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.errors import Conflict, Forbidden, NotFound
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.verification.checks.models import Block, Check
from yizhengtong.verification.presentations.answering import Taken, request_for, take_answer
from yizhengtong.verification.presentations.asking import start_presentation
from yizhengtong.verification.presentations.fetching import fetch_result
from yizhengtong.verification.presentations.models import Presentation, State
from yizhengtong.verification.presentations.references import response_code_of
from yizhengtong.verification.presentations.tests.conftest import BACK, a_caller
from yizhengtong.verification.presentations.tests.wallet import (
    Request,
    Wallet,
    a_wallet,
    read_request,
    reference_in,
    sealed,
)
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.models import RelyingParty

pytestmark = pytest.mark.django_db
FORMS = pytest.mark.parametrize("form", [SD_JWT, MDOC])
MODES = pytest.mark.parametrize("is_encrypted", [True, False], ids=["direct_post.jwt", "direct_post"])
CLAIMS = ("kind", "name", "number", "birth_date", "last_day")


def asked_by(caller: Caller, **how: Any) -> Request:
    """Ask, and return what a wallet reads of it, with the presentation's id beside."""
    started = start_presentation(caller=caller, **{"purpose": "hotel", "claims": CLAIMS, **how})
    return {**read_request(request_for(reference_in(started.link))), "_id": started.presentation.pk}


def post(asked: Request, answer: dict[str, str]) -> Taken:
    return take_answer(asked["response_uri"].rsplit("/", 1)[1], answer)


def state_of(asked: Request) -> tuple[str, str]:
    found = Presentation.objects.get(pk=asked["_id"])
    assert found.result is None or found.state == State.SHOWN
    return found.state, found.why


def refused(asked: Request, answer: dict[str, str], code: str, why: str = "invalid") -> None:
    """Nothing of what was sent is kept, nothing is told, and it is not in anybody's history as told."""
    assert post(asked, answer).code == code
    assert state_of(asked) == (State.REFUSED, why)
    assert not Check.objects.filter(outcome="told").exists()


@FORMS
@MODES
def test_what_was_asked_is_told_once_and_stands_in_the_history(
    hotel: Caller, wallet: Wallet, wang: Holder, form: str, is_encrypted: bool
) -> None:
    """verifier-happy-flow."""
    asked = asked_by(hotel, is_encrypted=is_encrypted)
    assert post(asked, wallet.answer(asked, form)) == Taken("")
    permit = Permit.objects.get(pk=wang.permit.pk)
    found = fetch_result(caller=hotel, key=asked["_id"])
    assert found.claims == {
        "kind": "hmt", "name": permit.card["name"], "number": permit.number,
        "birth_date": permit.person.birth_date.isoformat(), "last_day": permit.last_valid_day.isoformat(),
    }  # fmt: skip
    [check] = Check.objects.all()
    assert (check.way, check.purpose, check.outcome, check.person_id) == (
        "presentation", "hotel", "told", wang.permit.person_id,
    )  # fmt: skip
    assert (check.claims, found.check_id) == (list(CLAIMS), check.pk)
    with pytest.raises(Conflict, match="not_shown"):
        fetch_result(caller=hotel, key=asked["_id"])
    assert Presentation.objects.get(pk=asked["_id"]).result is None
    assert Entry.objects.filter(action="presentations.fetch", person_id=wang.permit.person_id).exists()


@FORMS
def test_what_was_not_asked_is_dropped(hotel: Caller, wallet: Wallet, form: str) -> None:
    asked = asked_by(hotel, claims=("name",))
    everything = {
        "name", "document_number", "residence_address", "picture", "sex", "birthdate", "18", "age_equal_or_over",
        "portrait", "birth_date", "age_over_18",
    }  # fmt: skip
    assert post(asked, wallet.answer(asked, form, elements=everything)).code == ""
    assert list(fetch_result(caller=hotel, key=asked["_id"]).claims) == ["name"]


@FORMS
def test_a_masked_name_is_told_masked(hotel: Caller, wallet: Wallet, form: str) -> None:
    asked = asked_by(hotel, purpose="platform", claims=("name_masked", "over_18"))
    post(asked, wallet.answer(asked, form))
    assert fetch_result(caller=hotel, key=asked["_id"]).claims == {"name_masked": "王**", "over_18": True}


@FORMS
def test_what_was_asked_and_not_shown_is_missed(hotel: Caller, wallet: Wallet, form: str) -> None:
    asked = asked_by(hotel)
    refused(asked, wallet.answer(asked, form, elements={"name"}), "presentations.lacking", "lacking")


# What the holder signs


def test_a_wrong_sd_hash_is_refused(hotel: Caller, wallet: Wallet) -> None:
    """verifier-invalid-kb-jwt-sd-hash: disclosed another set than was signed for."""
    asked = asked_by(hotel)
    refused(
        asked, wallet.answer(asked, said={"sd_hash": encode_base64url(b"\0" * 32)}),
        "sd_jwt.key_binding_wrong_sd_hash",
    )  # fmt: skip


@pytest.mark.parametrize("audience", ["https://other.example", "x509_san_dns:issuer.example", ""])
def test_a_key_binding_for_another_reader_is_refused(hotel: Caller, wallet: Wallet, audience: str) -> None:
    """verifier-invalid-kb-jwt-aud."""
    asked = asked_by(hotel)
    refused(asked, wallet.answer(asked, client_id=audience), "sd_jwt.key_binding_wrong_aud")


def test_a_key_binding_of_another_request_is_refused(hotel: Caller, wallet: Wallet) -> None:
    """verifier-invalid-kb-jwt-nonce: shown to the same reader for something else, and sent here."""
    asked, other = asked_by(hotel), asked_by(hotel)
    refused(asked, sealed(asked, {SD_JWT: [wallet.show(other)]}), "sd_jwt.key_binding_wrong_nonce")


@pytest.mark.parametrize("seconds", [-3600, 3600], ids=["iat-in-past", "iat-in-future"])
def test_a_key_binding_of_another_time_is_refused(hotel: Caller, wallet: Wallet, seconds: int) -> None:
    """verifier-invalid-kb-jwt-iat-in-past, -iat-in-future."""
    asked = asked_by(hotel)
    refused(asked, wallet.answer(asked, at=int(time.time()) + seconds), "sd_jwt.key_binding_stale")


@pytest.mark.parametrize(
    ("form", "code"), [(SD_JWT, "sd_jwt.key_binding_signature_wrong"), (MDOC, "mdoc.device_signature_wrong")]
)
def test_a_copy_shown_by_another_holder_is_refused(hotel: Caller, wallet: Wallet, form: str, code: str) -> None:
    """verifier-invalid-kb-jwt-signature: a stolen copy without its key."""
    asked = asked_by(hotel)
    refused(asked, wallet.answer(asked, form, key=Key()), code)


def test_a_copy_without_its_holder_is_refused(hotel: Caller, wallet: Wallet) -> None:
    asked = asked_by(hotel)
    text = only(wallet.copies[SD_JWT][0], {"name"})
    refused(asked, sealed(asked, {SD_JWT: [text]}), "sd_jwt.key_binding_missing")


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "another"},
        {"client_id": "x509_hash:another"},
        {"response_uri": "https://evil.example/answers"},
        {"thumbprint": None},
        {"thumbprint": b"\0" * 32},
    ],
    ids=["nonce", "client_id", "response_uri", "not encrypted", "encrypted to another"],
)
def test_a_wrong_session_transcript_is_refused(hotel: Caller, wallet: Wallet, changed: dict[str, Any]) -> None:
    """verifier-invalid-session-transcript."""
    asked = asked_by(hotel)
    refused(asked, wallet.answer(asked, MDOC, **changed), "mdoc.device_signature_wrong")


# What the issuer signed


def test_an_sd_jwt_of_a_wrong_signature_is_refused(hotel: Caller, wallet: Wallet) -> None:
    """verifier-invalid-credential-signature."""
    asked = asked_by(hotel)
    token, _, rest = wallet.copies[SD_JWT][0].partition("~")
    head, payload, signature = token.split(".")
    forged = f"{head}.{payload}.{encode_base64url(bytes(reversed(decode_base64url(signature, 'test'))))}~{rest}"
    refused(asked, wallet.answer(asked, text=forged), "jose.signature_wrong")


def test_an_mdoc_changed_behind_its_digest_is_refused(hotel: Caller, wallet: Wallet) -> None:
    """verifier-invalid-credential-signature."""
    asked = asked_by(hotel)
    issued = decode_base64url(wallet.copies[MDOC][0], "test")
    forged = encode_base64url(issued.replace("王小明".encode(), "李小明".encode()))
    refused(asked, wallet.answer(asked, MDOC, text=forged), "mdoc.digest_wrong")


@pytest.mark.parametrize(("form", "use", "code"), [
    (SD_JWT, Use.SD_JWT, "jose.key_unknown"), (MDOC, Use.MDOC, "mdoc.issuer_unknown"),
])  # fmt: skip
def test_a_copy_signed_with_a_key_that_was_lost_is_refused(
    hotel: Caller, wallet: Wallet, form: str, use: Use, code: str
) -> None:
    asked = asked_by(hotel)
    declare_lost(key_id=signer(use).key_id, by=SYSTEM)
    refused(asked, wallet.answer(asked, form), code)


@pytest.mark.parametrize(("form", "code"), [(SD_JWT, "sd_jwt.expired"), (MDOC, "mdoc.expired")])
def test_an_expired_copy_is_refused(
    hotel: Caller, wallet: Wallet, form: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = timezone.now() + timedelta(days=120)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    asked = asked_by(hotel)
    refused(
        asked, wallet.answer(asked, form, **({"at": int(later.timestamp())} if form == SD_JWT else {})), code, "expired"
    )


# How the permit stands


@FORMS
@pytest.mark.parametrize(("state", "why"), [("ended", "ended")])
def test_a_permit_that_ended_is_refused_at_once(
    hotel: Caller, wallet: Wallet, wang: Holder, form: str, state: str, why: str
) -> None:
    """Before any list says so: the permit itself is asked."""
    asked = asked_by(hotel)
    Permit.objects.filter(pk=wang.permit.pk).update(
        state=state, ended_on=timezone.now().date(), end_reason="false_proof"
    )
    refused(asked, wallet.answer(asked, form), f"presentations.{why}", why)
    [check] = Check.objects.all()
    assert (check.outcome, check.claims, check.person_id) == ("refused", [], wang.permit.person_id)


@FORMS
@pytest.mark.parametrize(("value", "why"), [(1, "ended"), (2, "suspended")], ids=["revoked", "suspended"])
def test_what_the_list_says_counts(
    hotel: Caller, wallet: Wallet, form: str, value: int, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yizhengtong.verification.presentations.holding.value_of", lambda _uri, _index: value)
    asked = asked_by(hotel)
    refused(asked, wallet.answer(asked, form), f"presentations.{why}", why)


@FORMS
def test_copies_that_their_holder_took_back_are_refused(hotel: Caller, wallet: Wallet, form: str) -> None:
    asked = asked_by(hotel)
    Batch.objects.update(ended_at=timezone.now())
    refused(asked, wallet.answer(asked, form), "presentations.ended", "ended")


def test_a_list_that_is_over_ends_its_copies(hotel: Caller, wallet: Wallet) -> None:
    asked = asked_by(hotel)
    Chunk.objects.all().delete()
    StatusList.objects.update(closed_at=timezone.now(), expired_at=timezone.now())
    refused(asked, wallet.answer(asked), "presentations.ended", "ended")


@FORMS
def test_a_copy_whose_place_belongs_to_another_key_is_refused(hotel: Caller, wallet: Wallet, form: str) -> None:
    """Somebody who signs with our key: the place of a good copy does not vouch for a made-up one."""
    asked = asked_by(hotel)
    Batch.objects.get(configuration_id=form).credentials.update(key_thumbprint=b"\0" * 32)
    refused(asked, wallet.answer(asked, form), "status_list.no_reference")


# Which answer belongs to which request


def test_an_answer_is_taken_once(hotel: Caller, wallet: Wallet) -> None:
    """Replayed: the same answer again, and another one."""
    asked = asked_by(hotel)
    answer = wallet.answer(asked)
    post(asked, answer)
    for again in (answer, wallet.answer(asked, MDOC)):
        with pytest.raises(NotFound):
            post(asked, again)
    with pytest.raises(NotFound):
        request_for(asked["response_uri"].rsplit("/", 1)[1])
    assert Check.objects.count() == 1


@MODES
def test_an_answer_to_another_request_is_refused_by_its_state(
    hotel: Caller, wallet: Wallet, is_encrypted: bool
) -> None:
    """The request goes on waiting: who knows its address and not its state does not end it."""
    asked, other = (asked_by(hotel, is_encrypted=is_encrypted) for _ in range(2))
    answer = sealed(asked, {SD_JWT: [wallet.show(asked)]}, state=other["state"])
    with pytest.raises(Forbidden, match="state_wrong"):
        post(asked, answer)
    assert post(asked, wallet.answer(asked)).code == ""


def test_an_answer_encrypted_for_another_request_is_not_opened(hotel: Caller, wallet: Wallet) -> None:
    asked, other = asked_by(hotel), asked_by(hotel)
    refused(asked, wallet.answer(other), "answer.not_opened")


def test_an_answer_in_the_open_is_refused_where_an_encrypted_one_was_asked(hotel: Caller, wallet: Wallet) -> None:
    asked = asked_by(hotel)
    answer = sealed({**asked, "response_mode": "direct_post"}, {SD_JWT: [wallet.show(asked)]})
    refused(asked, answer, "answer.not_encrypted")


@pytest.mark.parametrize(
    "token",
    [
        "", "[]", "{}", '{"hmt_permit_sd_jwt": "text"}', '{"hmt_permit_sd_jwt": []}', '{"hmt_permit_sd_jwt": [1]}',
        '{"other": ["text"]}', '{"hmt_permit_sd_jwt": ["a", "b"]}',
        '{"hmt_permit_sd_jwt": ["a"], "hmt_permit_mdoc": ["b"]}',
    ],
    ids=["none", "list", "empty", "text", "no presentation", "number", "not asked for", "two", "two credentials"],
)  # fmt: skip
def test_a_malformed_vp_token_is_refused(hotel: Caller, token: str) -> None:
    asked = asked_by(hotel, is_encrypted=False)
    refused(asked, {"vp_token": token, "state": asked["state"]}, "answer.malformed")


def test_a_copy_of_another_type_than_it_is_sent_as_is_refused(hotel: Caller, wallet: Wallet) -> None:
    asked = asked_by(hotel)
    refused(asked, sealed(asked, {"zhejiang_permit_sd_jwt": [wallet.show(asked)]}), "sd_jwt.wrong_vct")


@MODES
def test_a_holder_may_say_no(hotel: Caller, is_encrypted: bool) -> None:
    asked = asked_by(hotel, is_encrypted=is_encrypted)
    assert post(asked, {"error": "access_denied", "state": asked["state"]}) == Taken("")
    assert state_of(asked) == (State.REFUSED, "declined")
    assert not Check.objects.exists()


def test_whom_the_holder_has_shut_out_learns_no_more_than_of_a_no(hotel: Caller, wallet: Wallet, wang: Holder) -> None:
    Block.objects.create(person_id=wang.permit.person_id, relying_party=hotel.party)
    asked = asked_by(hotel)
    refused(asked, wallet.answer(asked), "presentations.declined", "declined")
    assert Check.objects.get().person_id == wang.permit.person_id


def test_an_answer_comes_too_late(hotel: Caller, wallet: Wallet) -> None:
    asked = asked_by(hotel)
    Presentation.objects.update(expires_at=timezone.now())
    with pytest.raises(NotFound):
        post(asked, wallet.answer(asked))


def test_a_purpose_that_was_taken_away_meanwhile_is_told_nothing(hotel: Caller, wallet: Wallet) -> None:
    asked, second = asked_by(hotel), asked_by(hotel)
    post(asked, wallet.answer(asked))
    RelyingParty.objects.filter(pk=hotel.party.pk).update(purposes=["platform"])
    with pytest.raises(NotFound):
        post(second, wallet.answer(second))
    hotel.party.refresh_from_db()
    with pytest.raises(Forbidden, match="purpose_not_registered"):
        fetch_result(caller=hotel, key=asked["_id"])


def test_in_the_sandbox_nothing_of_a_real_permit_is_told(wallet: Wallet) -> None:
    caller = a_caller("hotel", is_test=True)
    asked = asked_by(caller)
    refused(asked, wallet.answer(asked), "presentations.test_people_only")
    assert not Check.objects.exists()


def test_the_sandbox_of_whoever_registered_sends_no_real_browser_anywhere_and_says_that_it_is_one(
    wallet: Wallet,
) -> None:
    """Anybody opens a sandbox, under a name of their choice; what a wallet fetches there is signed by us."""
    caller = a_caller("hotel", is_test=True)
    asked = asked_by(caller, redirect_uri="https://phishing.example/back")
    assert asked["client_metadata"]["client_name"] == f"测试 TEST · {caller.party.name}"
    assert post(asked, wallet.answer(asked)) == Taken("", "presentations.test_people_only")
    declined = asked_by(caller, redirect_uri="https://phishing.example/back")
    assert post(declined, {"error": "access_denied", "state": declined["state"]}) == Taken("")


# Who fetches it


def test_the_browser_alone_brings_the_code_that_fetches(hotel: Caller, wallet: Wallet) -> None:
    """Session fixation: who sends somebody a link of theirs never sees the code that goes to that one's browser."""
    asked = asked_by(hotel, redirect_uri=BACK)
    code = response_code_of(asked["_id"])
    assert post(asked, wallet.answer(asked)) == Taken(f"{BACK}&response_code={code}")
    for wrong in ("", "guess", code[:-1], response_code_of(asked_by(hotel)["_id"])):
        with pytest.raises(Forbidden, match="response_code_wrong"):
            fetch_result(caller=hotel, key=asked["_id"], response_code=wrong)
    assert fetch_result(caller=hotel, key=asked["_id"], response_code=code).claims["kind"] == "hmt"


def test_a_result_is_its_askers_alone(hotel: Caller, wallet: Wallet) -> None:
    asked = asked_by(hotel)
    post(asked, wallet.answer(asked))
    for other in (a_caller("hotel"), replace(hotel, is_test=True)):
        with pytest.raises(NotFound):
            fetch_result(caller=other, key=asked["_id"])
    assert fetch_result(caller=hotel, key=asked["_id"]).claims


def test_two_holders_answer_each_their_own_request(hotel: Caller, wallet: Wallet, town: City) -> None:
    """Swapped: the copy of one, bound by the key of the other."""
    other = a_wallet(a_holder(town, "li"))
    asked = asked_by(hotel)
    text, _ = other.copies[SD_JWT]
    shown = shown_sd_jwt(
        only(text, {"name"}), wallet.copies[SD_JWT][1],
        audience=asked["client_id"], nonce=asked["nonce"],
    )  # fmt: skip
    refused(asked, sealed(asked, {SD_JWT: [shown]}), "sd_jwt.key_binding_signature_wrong")
