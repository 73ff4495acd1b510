"""Rows of the world about relying parties: checks of the holder, what the bank has, an organisation that applies."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from tests.support.mainland import a_credit_code
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.project.demonstration.client import Client, sign_up
from yizhengtong.verification.bulk.models import BulkFile, BulkPart, FileState
from yizhengtong.verification.checks.recording import record_check
from yizhengtong.verification.relying_parties.keys import hash_of
from yizhengtong.verification.relying_parties.models import RelyingParty, RelyingPartyAddress, RelyingPartyKey
from yizhengtong.verification.webhooks.models import (
    Delivery,
    DeliveryKind,
    DeliveryState,
    Endpoint,
    EndpointState,
    Secret,
    Subscription,
)

TOLD_AT, NEW_AT = "https://bank.example/told", "https://bank.example/new"
"""The bank's address that is on, and one that it registered and has not named yet."""
ORGANISATION = "/api/reporter/organisation"


def of_the_bank(secret: str, permit: Permit, holder: Client) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Two checks of the holder, one of them doubted; a file that is done, an address, a subscription, a notice.

    `secret`: of the bank. Returns ids, and those apart by the ends of the routes they are for.
    """
    key = RelyingPartyKey.objects.select_related("relying_party").get(fingerprint=hash_of(secret))
    bank, person_id = key.relying_party, permit.person_id
    checks = [_check(bank, permit) for _ in range(2)]
    ticket = holder.post(f"/api/resident/checks/{checks[1]}/ticket", {"words": "不是我"})
    endpoint = _endpoint(bank)
    subscription = Subscription.objects.create(
        party=bank, endpoint=endpoint, person_id=person_id, permit_id=permit.pk, purpose="bank",
        check_id=parse_public_id("chk", checks[1]),
    )  # fmt: skip
    now = timezone.now()
    notice = Delivery.objects.create(
        endpoint=endpoint, kind=DeliveryKind.TEST, happened_at=now, give_up_at=now, state=DeliveryState.DEAD,
        settled_at=now,
    )  # fmt: skip
    file = {"file_id": public_id("blk", _file(bank, key.pk).pk)}
    ids = {
        "check_id": checks[0], "ticket_id": ticket["id"], "address_id": public_id("whk", endpoint.pk),
        "subscription_id": public_id("sub", subscription.pk), "key_id": public_id("rpk", key.pk),
    }  # fmt: skip
    notices = {"delivery_id": public_id("ntc", notice.pk)}
    ends = ("/bulk/{file_id}", "/bulk/{file_id}/results", "/bulk/{file_id}/cancel")
    return ids, {**dict.fromkeys(ends, file), "/deliveries/{delivery_id}/resend": notices}


def _check(bank: RelyingParty, permit: Permit) -> str:
    made = record_check(
        party=bank, way="match", purpose="bank", person_id=permit.person_id, permit_id=permit.pk, outcome="match",
        claims=["number", "name"],
    )  # fmt: skip
    return public_id("chk", made.pk)


def _endpoint(bank: RelyingParty) -> Endpoint:
    for uri in (TOLD_AT, NEW_AT):
        RelyingPartyAddress.objects.create(relying_party=bank, kind="webhook", uri=uri)
    endpoint = Endpoint.objects.create(party=bank, url=TOLD_AT, state=EndpointState.ON)
    Secret.objects.create(endpoint=endpoint, secret="whsec_AAAA")
    return endpoint


def _file(bank: RelyingParty, key_id: UUID) -> BulkFile:
    file = BulkFile.objects.create(
        party=bank, key_id=key_id, purpose="bank", rows=1, done=1, state=FileState.DONE, ended_at=timezone.now()
    )
    answered = [{"line": 2, "reference": "a", "code": "", "is_match": False, "fields": {}, "state": None}]
    BulkPart.objects.create(file=file, number=0, is_done=True, answered=answered)
    return file


def organisation(holder: Client, ward: str) -> tuple[dict[str, str], dict[str, str], dict[str, dict[str, str]]]:
    """An organisation that asks for a purpose; and one that checks already, which holder and ward have shut out.

    Returns the first's headers, its ids, and those apart by the ends of the routes they are for.
    """
    client = sign_up(0, f"demo-{secrets.token_hex(6)}", secrets.token_urlsafe(12))
    made = client.post("/api/resident/organisation", sample_organisation())
    asked = client.post(f"{ORGANISATION}/purposes", sample_purpose())
    address = client.post(f"{ORGANISATION}/addresses", sample_address("a"))
    secret = client.post(f"{ORGANISATION}/secrets", {"environment": "test", "label": ""})
    invited = client.post(f"{ORGANISATION}/invitations")
    key = parse_public_id("rpa", made["id"])
    RelyingParty.objects.filter(pk=key).update(version=1)
    party = public_id("rpa", RelyingParty.objects.filter(purposes=["school"]).get().pk)
    for whom in ("", f"?person_id={ward}"):
        holder.put(f"/api/resident/checks/blocks/{party}{whom}", {})
    ids = {"party_id": party, "grant_id": asked["id"], "invitation": invited["code"]}
    own, keys = {"party_id": made["id"]}, {"key_id": secret["key"]["id"]}
    of_staff = ("", "/suspension", "/resumption", "/end", "/quota")
    apart = {
        **{f"/relying-parties/{{party_id}}{end}": own for end in of_staff},
        **{f"/organisation/keys/{{key_id}}/{end}": keys for end in ("rotation", "end", "revocation")},
        "/organisation/addresses/{address_id}": {"address_id": address["id"]},
    }
    return dict(client.headers), ids, apart


def sample_organisation() -> dict[str, str]:
    return {"name": "演示出行平台", "code": a_credit_code(), "contact": "0531-0000000"}


def sample_purpose(purpose: str = "hotel") -> dict[str, Any]:
    return {"purpose": purpose, "legal_basis": "《旅馆业治安管理办法》", "claims": []}


def sample_address(path: str) -> dict[str, str]:
    return {"kind": "redirect", "uri": f"https://organisation.example/{path}"}


def payloads(ids: Mapping[str, str]) -> dict[str, Any]:
    """Return a well-formed body for each schema that comes in."""
    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()
    key = {"environment": "test", "label": "演示", "proof": "e30.e30.AAAA"}
    return {
        "OrganisationIn": sample_organisation(),
        "JoiningIn": {"code": ids["invitation"], "contact": "0531-0000000"},
        "AskedIn": sample_purpose("library"),
        "AddressIn": sample_address("b"),
        "SecretIn": {"environment": "test", "label": "演示"},
        "JwkIn": {**key, "jwk": {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43}},
        "CertificateIn": {**key, "pem": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"},
        "RotationIn": {"ends_at": tomorrow},
        "RevocationIn": {"because": "replaced"},
        "WebhookIn": {"url": NEW_AT},
        "SubscriptionIn": {"check": ids["check_id"], "address": ids["address_id"]},
        "DoubtIn": {"words": "不是我"},
        "AlertsIn": {"about": "each"},
        "TicketAnswerIn": {"outcome": "explained", "words": "已向银行核实"},
        "PurposeAnswerIn": {"is_granted": True},
        "PartyReasonIn": {"reason": "经核实不符"},
        "QuotaIn": {"quota_a_day": 1000},
    }
