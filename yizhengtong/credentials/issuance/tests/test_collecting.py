"""What a wallet gets is bound to its keys, tells nobody that two copies belong together, and is not kept."""

from base64 import urlsafe_b64decode
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import cbor2
import pytest
from cryptography.x509 import load_der_x509_certificate
from django.conf import settings
from django.db import connection

from tests.support.city import City
from tests.support.facts import ADULT
from yizhengtong.credentials.formats.jose import open_compact
from yizhengtong.credentials.formats.jwk import checker_of
from yizhengtong.credentials.issuance.collecting import collect, collect_deferred, take_notification
from yizhengtong.credentials.issuance.models import Batch, Deferral, IssuedCredential, SpentNonce, Wallet
from yizhengtong.credentials.issuance.nonces import new_nonce
from yizhengtong.credentials.issuance.problems import Fault, IssuanceProblem, NotAuthorized
from yizhengtong.credentials.issuance.queries import forms_of, wallets_of
from yizhengtong.credentials.issuance.tests.collecting import MDOC, SD_JWT, Holder, WalletOf, request_for, today
from yizhengtong.credentials.issuance.tests.conftest import a_holder
from yizhengtong.credentials.issuance.tests.wallet import a_key, proof_of, public
from yizhengtong.credentials.keys.queries import Use, checkers, signer
from yizhengtong.credentials.status.models import Change
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.dates import CHINA
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.states import PermitState

pytestmark = pytest.mark.django_db


def opened(credential: str) -> dict[str, Any]:
    """Return the signed part of an SD-JWT VC of ours."""
    header, payload = open_compact(credential.split("~")[0], checkers(Use.SD_JWT))
    assert header["typ"] == "dc+sd-jwt"
    return payload


def certified_from() -> datetime:
    """Return when the certificate of today's key begins."""
    return load_der_x509_certificate(signer(Use.SD_JWT).certificates[0]).not_valid_before_utc


def test_each_copy_of_a_batch_is_bound_to_a_key_of_its_own_and_has_a_status_of_its_own(wang: Holder) -> None:
    keys = [a_key() for _ in range(3)]
    answer = collect(payload=request_for(SD_JWT, keys), bearer=WalletOf(wang).bearer, on=today())
    assert answer.status == 200
    copies = [opened(each["credential"]) for each in answer.body["credentials"]]
    assert [copy["cnf"]["jwk"] for copy in copies] == [public(key) for key in keys]
    assert len({copy["status"]["status_list"]["idx"] for copy in copies}) == 3
    assert answer.body["notification_id"]


def test_two_copies_share_only_what_everybodys_copies_of_the_day_share(wang: Holder) -> None:
    answer = WalletOf(wang).collect(keys=2)
    raw = [each["credential"] for each in answer.body["credentials"]]
    first, second = map(opened, raw)
    assert {name for name in first if first[name] == second[name]} == {
        "iss", "vct", "iat", "exp", "_sd_alg", *(["statutory"] if "statutory" in first else [])
    }  # fmt: skip
    assert not set(raw[0].split("~")[1:-1]) & set(raw[1].split("~")[1:-1])
    begin, until = (datetime.combine(today() + timedelta(days=days), time(), CHINA) for days in (0, 91))
    assert first["iat"] == int(max(begin, certified_from()).timestamp())
    assert first["exp"] == int(until.timestamp())


def test_an_mdoc_is_bound_to_its_key_and_good_from_the_days_beginning(wang: Holder) -> None:
    answer = WalletOf(wang).collect(MDOC)
    (text,) = [each["credential"] for each in answer.body["credentials"]]
    assert "=" not in text
    signed = cbor2.loads(urlsafe_b64decode(text + "=="))
    assert set(signed) == {"nameSpaces", "issuerAuth"}


def test_copies_end_with_the_permit_or_sooner(wang: Holder) -> None:
    permit = wang.permit
    WalletOf(wang).collect()
    assert Batch.objects.get().expires_on == today() + timedelta(days=settings.YZT_CREDENTIAL_DAYS)
    for ends in (today(), today() + timedelta(days=1)):
        Permit.objects.filter(pk=permit.pk).update(last_valid_day=ends)
        copy = opened(WalletOf(wang).collect().body["credentials"][0]["credential"])
        assert Batch.objects.latest("pk").expires_on == ends
        end = datetime.combine(ends + timedelta(days=1), time(), CHINA)
        assert copy["exp"] == int(end.timestamp())


def test_nothing_a_copy_says_is_kept(wang: Holder) -> None:
    answer = WalletOf(wang).collect(keys=2)
    text = answer.body["credentials"][0]["credential"]
    with connection.cursor() as cursor:
        for model in (Batch, IssuedCredential, Wallet):
            cursor.execute(f"SELECT string_agg(kept::text, ' ') FROM {model._meta.db_table} kept")  # noqa: S608 ours
            kept = cursor.fetchone()[0]
            assert not any(part in kept for part in text.split("~")[1:-1])
            assert wang.permit.person.name not in kept
            assert answer.body["notification_id"] not in kept
            assert ADULT.isoformat() not in kept
    assert IssuedCredential.objects.count() == Batch.objects.get().copies == 2


def test_a_nonce_is_good_once(wang: Holder) -> None:
    wallet, nonce = WalletOf(wang), new_nonce()
    collect(payload=request_for(SD_JWT, [a_key()], nonce), bearer=wallet.bearer, on=today())
    with pytest.raises(IssuanceProblem) as caught:
        collect(payload=request_for(SD_JWT, [a_key()], nonce), bearer=wallet.bearer, on=today())
    assert caught.value.fault == Fault.INVALID_NONCE
    assert SpentNonce.objects.count() == 1
    assert Batch.objects.count() == 1


@pytest.mark.parametrize("nonce", ["made-up", "A" * 50, "Ä"])
def test_a_nonce_that_is_not_ours_is_refused(wang: Holder, nonce: str) -> None:
    assert fault_of(wang, **request_for(SD_JWT, [a_key()], nonce)) == Fault.INVALID_NONCE


def test_a_nonce_of_yesterday_is_refused(wang: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    from yizhengtong.credentials.issuance import nonces

    monkeypatch.setattr(nonces, "LASTS_SECONDS", -1)
    nonce = new_nonce()
    assert fault_of(wang, **request_for(SD_JWT, [a_key()], nonce)) == Fault.INVALID_NONCE


def test_a_proof_without_a_nonce_is_no_proof(wang: Holder) -> None:
    proof = proof_of(a_key(), "", issuer=settings.YZT_ADDRESS)
    assert fault_of(wang, proofs={"jwt": [proof]}) == Fault.INVALID_PROOF


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"credential_configuration_id": "unknown"}, Fault.UNKNOWN_CONFIGURATION),
        ({"credential_configuration_id": None, "credential_identifier": "unknown"}, Fault.UNKNOWN_IDENTIFIER),
        ({"credential_identifier": SD_JWT}, Fault.INVALID_REQUEST),
        ({"credential_configuration_id": None}, Fault.INVALID_REQUEST),
        ({"credential_configuration_id": 7}, Fault.INVALID_REQUEST),
        ({"credential_configuration_id": None, "credential_identifier": SD_JWT}, Fault.INVALID_REQUEST),
        ({"proofs": None}, Fault.INVALID_PROOF),
        ({"proofs": {}}, Fault.INVALID_PROOF),
    ],
)
def test_a_wrong_request_is_refused_by_its_name(wang: Holder, changes: dict[str, Any], fault: Fault) -> None:
    assert fault_of(wang, **changes) == fault
    assert not Batch.objects.exists()


def test_a_token_with_authorization_details_names_a_data_set(wang: Holder) -> None:
    from dataclasses import replace

    bearer = replace(WalletOf(wang).bearer, uses_identifiers=True)
    request = request_for(SD_JWT, [a_key()])
    named = {"credential_identifier": SD_JWT, "proofs": request["proofs"]}
    assert collect(payload=named, bearer=bearer, on=today()).status == 200
    with pytest.raises(IssuanceProblem) as caught:
        collect(payload=request_for(SD_JWT, [a_key()]), bearer=bearer, on=today())
    assert caught.value.fault == Fault.INVALID_REQUEST


def test_a_token_for_another_form_opens_nothing(wang: Holder) -> None:
    with pytest.raises(NotAuthorized):
        WalletOf(wang, configuration_ids=(MDOC,)).collect(SD_JWT)


def test_a_form_of_another_permit_is_denied(wang: Holder) -> None:
    form = "zhejiang_permit_sd_jwt"
    with pytest.raises(IssuanceProblem) as caught:
        WalletOf(wang, configuration_ids=(form,)).collect(form)
    assert caught.value.fault == Fault.DENIED


@pytest.mark.parametrize("state", [PermitState.LOST, PermitState.ENDED])
def test_a_permit_that_is_not_good_is_not_collected(wang: Holder, state: PermitState) -> None:
    ended_on = date(2026, 11, 1) if state == PermitState.ENDED else None
    Permit.objects.filter(pk=wang.permit.pk).update(state=state, ended_on=ended_on)
    assert fault_of(wang) == Fault.DENIED


def test_a_card_that_is_still_being_made_is_collected_later_with_the_same_keys(town: City) -> None:
    holder = a_holder(town, "early", CaseState.APPROVED)
    assert holder.permit.state == PermitState.ORDERED
    wallet, keys = WalletOf(holder), [a_key(), a_key()]
    answer = collect(payload=request_for(SD_JWT, keys), bearer=wallet.bearer, on=today())
    assert answer.status == 202
    assert set(answer.body) == {"transaction_id", "interval"}
    again = collect_deferred(payload=answer.body, bearer=wallet.bearer, on=today())
    assert (again.status, again.body) == (202, answer.body)
    Permit.objects.filter(pk=holder.permit.pk).update(state=PermitState.MADE)
    made = collect_deferred(payload=answer.body, bearer=wallet.bearer, on=today())
    assert made.status == 200
    assert [opened(each["credential"])["cnf"]["jwk"] for each in made.body["credentials"]] == [*map(public, keys)]
    assert not Deferral.objects.exists()
    assert deferred_fault(wallet, answer.body["transaction_id"]) == Fault.INVALID_TRANSACTION


def test_what_is_deferred_is_of_one_wallet_and_not_for_ever(town: City) -> None:
    holder = a_holder(town, "early", CaseState.APPROVED)
    wallet = WalletOf(holder)
    transaction_id = wallet.collect().body["transaction_id"]
    assert deferred_fault(WalletOf(holder), transaction_id) == Fault.INVALID_TRANSACTION
    assert deferred_fault(wallet, "unknown") == Fault.INVALID_TRANSACTION
    assert deferred_fault(wallet, None) == Fault.INVALID_REQUEST
    Deferral.objects.update(expires_at=Deferral.objects.get().asked_at)
    assert deferred_fault(wallet, transaction_id) == Fault.INVALID_TRANSACTION


def test_what_is_deferred_is_not_had_by_a_token_for_another_form(town: City) -> None:
    holder = a_holder(town, "early", CaseState.APPROVED)
    wallet = WalletOf(holder)
    payload = {"transaction_id": wallet.collect(SD_JWT).body["transaction_id"]}
    Permit.objects.filter(pk=holder.permit.pk).update(state=PermitState.MADE)
    with pytest.raises(NotAuthorized):
        collect_deferred(payload=payload, bearer=replace(wallet.bearer, configuration_ids=(MDOC,)), on=today())
    assert collect_deferred(payload=payload, bearer=wallet.bearer, on=today()).status == 200


def test_what_was_deferred_is_denied_once_the_permit_is_gone(town: City) -> None:
    holder = a_holder(town, "early", CaseState.APPROVED)
    wallet = WalletOf(holder)
    transaction_id = wallet.collect().body["transaction_id"]
    Permit.objects.filter(pk=holder.permit.pk).update(state=PermitState.ENDED, ended_on=today())
    assert deferred_fault(wallet, transaction_id) == Fault.DENIED


def test_a_wallet_that_has_no_copies_has_them_ended(wang: Holder) -> None:
    for event in ("credential_failure", "credential_deleted"):
        wallet = WalletOf(wang)
        told = {"notification_id": wallet.collect(keys=2).body["notification_id"], "event": event}
        for _ in range(2):
            take_notification(payload=told, bearer=wallet.bearer)
        batch = Batch.objects.latest("pk")
        assert (batch.event, batch.ended_at is not None) == (event, True)
        assert Change.objects.filter(permit_id=wang.permit.pk, list_id__isnull=False).count() == 2
        Change.objects.all().delete()


def test_copies_that_were_accepted_stay_good(wang: Holder) -> None:
    wallet = WalletOf(wang)
    told = {"notification_id": wallet.collect().body["notification_id"], "event": "credential_accepted"}
    take_notification(payload=told, bearer=wallet.bearer)
    assert Batch.objects.get().ended_at is None
    assert not Change.objects.filter(list_id__isnull=False).exists()


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ({}, Fault.INVALID_NOTIFICATION),
        ({"notification_id": "x"}, Fault.INVALID_NOTIFICATION),
        ({"notification_id": "x", "event": "credential_eaten"}, Fault.INVALID_NOTIFICATION),
        ({"notification_id": 7, "event": "credential_accepted"}, Fault.INVALID_NOTIFICATION),
        ({"notification_id": "x", "event": "credential_accepted", "event_description": 7}, Fault.INVALID_NOTIFICATION),
        ({"notification_id": "x", "event": "credential_accepted"}, Fault.INVALID_NOTIFICATION_ID),
        ({"notification_id": "", "event": "credential_accepted"}, Fault.INVALID_NOTIFICATION_ID),
    ],
)
def test_a_wrong_notification_is_refused_by_its_name(wang: Holder, told: dict[str, Any], fault: Fault) -> None:
    with pytest.raises(IssuanceProblem) as caught:
        take_notification(payload=told, bearer=WalletOf(wang).bearer)
    assert caught.value.fault == fault


def test_a_notification_is_taken_from_the_wallet_it_is_about_only(wang: Holder) -> None:
    told = {"notification_id": WalletOf(wang).collect().body["notification_id"], "event": "credential_deleted"}
    with pytest.raises(IssuanceProblem) as caught:
        take_notification(payload=told, bearer=WalletOf(wang).bearer)
    assert caught.value.fault == Fault.INVALID_NOTIFICATION_ID


def test_the_holder_is_told_of_a_wallet_once(wang: Holder) -> None:
    wallet = WalletOf(wang)
    for form in (SD_JWT, SD_JWT, MDOC):
        wallet.collect(form)
    assert Event.objects.filter(kind="wallets.collected").count() == 1
    WalletOf(wang).collect()
    assert Event.objects.filter(kind="wallets.collected").count() == 2


def test_every_collecting_is_in_the_trail_without_what_was_said(wang: Holder) -> None:
    WalletOf(wang).collect(keys=3)
    entry = Entry.objects.get(action="issuance.collect")
    assert (entry.person_id, entry.actor_id) == (wang.permit.person_id, wang.principal.id)
    assert entry.fields == [SD_JWT, "copies:3"]


def test_the_holder_sees_each_wallet_and_officers_only_forms(wang: Holder) -> None:
    one, other = WalletOf(wang, name="Example Wallet"), WalletOf(wang)
    one.collect(keys=2)
    one.collect(MDOC)
    other.collect()
    newest, oldest = wallets_of(wang.permit, today())
    assert (oldest.name, oldest.copies, oldest.configuration_ids) == ("Example Wallet", 3, (MDOC, SD_JWT))
    assert (newest.name, newest.copies) == ("", 1)
    mdoc, sd_jwt = forms_of(wang.permit, today())
    assert (mdoc.configuration_id, mdoc.wallets, mdoc.copies) == (MDOC, 1, 1)
    assert (sd_jwt.configuration_id, sd_jwt.wallets, sd_jwt.copies) == (SD_JWT, 2, 3)
    after = Batch.objects.latest("pk").expires_on + timedelta(days=1)
    assert wallets_of(wang.permit, after) == []


def fault_of(holder: Holder, **changes: Any) -> Fault:
    with pytest.raises(IssuanceProblem) as caught:
        WalletOf(holder).collect(**changes)
    assert caught.value.description.isascii()
    return caught.value.fault


def deferred_fault(wallet: WalletOf, transaction_id: Any) -> Fault:
    payload = {} if transaction_id is None else {"transaction_id": transaction_id}
    with pytest.raises(IssuanceProblem) as caught:
        collect_deferred(payload=payload, bearer=wallet.bearer, on=today())
    return caught.value.fault


def test_our_signature_is_checked_with_the_published_key(wang: Holder) -> None:
    from yizhengtong.credentials.keys.queries import published_jwks

    credential = WalletOf(wang).collect().body["credentials"][0]["credential"]
    keys = {jwk["kid"]: checker_of(jwk) for jwk in published_jwks(Use.SD_JWT)}
    assert open_compact(credential.split("~")[0], lambda _header: next(iter(keys.values())))
