"""Asking a wallet: just what a purpose was granted, and no address that is not the relying party's own."""

import json

import pytest

from yizhengtong.credentials.issuance.tests.collecting import MDOC, SD_JWT
from yizhengtong.kernel.errors import Forbidden, NotFound, Problem
from yizhengtong.verification.presentations.answering import request_for
from yizhengtong.verification.presentations.asking import start_presentation, wanted
from yizhengtong.verification.presentations.models import Presentation
from yizhengtong.verification.presentations.references import ANSWER, REQUEST, reference_to
from yizhengtong.verification.presentations.tests.conftest import BACK, a_caller
from yizhengtong.verification.presentations.tests.wallet import asked_of, read_request, reference_in
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.models import PurposeGrant, RelyingParty

pytestmark = pytest.mark.django_db


def test_a_purpose_asks_for_its_claims_and_nothing_else(hotel: Caller) -> None:
    started = start_presentation(caller=hotel, purpose="platform")
    assert started.presentation.claims == ["kind", "name_masked", "over_18", "last_day"]
    asked = read_request(request_for(reference_in(started.link)))
    assert asked_of(asked, SD_JWT) == {"name", "age_equal_or_over", "18", "date_of_expiry"}
    assert asked_of(asked, MDOC) == {
        "cn.yizhengtong.residence_permit.1", "name", "age_over_18", "expiry_date",
    }  # fmt: skip


def test_the_request_is_what_the_standard_says(hotel: Caller) -> None:
    started = start_presentation(caller=hotel, purpose="hotel", claims=["name"])
    asked = read_request(request_for(reference_in(started.link), wallet_nonce="of the wallet"))
    assert (asked["response_type"], asked["response_mode"]) == ("vp_token", "direct_post.jwt")
    assert (asked["aud"], asked["wallet_nonce"]) == ("https://self-issued.me/v2", "of the wallet")
    assert asked["client_metadata"]["client_name"] == "悦来客栈"
    assert asked["client_metadata"]["jwks"]["keys"][0]["alg"] == "ECDH-ES"
    assert "d" not in asked["client_metadata"]["jwks"]["keys"][0]
    [one] = [each for each in asked["dcql_query"]["credentials"] if each["id"] == SD_JWT]
    assert one["claims"] == [{"id": "name", "path": ["name"]}]
    assert "claim_sets" not in one
    assert [SD_JWT] in asked["dcql_query"]["credential_sets"][0]["options"]


def test_a_day_that_a_permit_may_lack_is_asked_for_and_may_be_left_out(hotel: Caller) -> None:
    started = start_presentation(caller=hotel, purpose="hotel", claims=["name", "last_day"])
    asked = read_request(request_for(reference_in(started.link)))
    sets = {each["id"]: each.get("claim_sets") for each in asked["dcql_query"]["credentials"]}
    assert sets[SD_JWT] == [["name", "last_valid_day"], ["name"]]
    assert sets["zhejiang_permit_sd_jwt"] == [
        ["name", "last_valid_day", "endorsed_until"], ["name", "last_valid_day"], ["name", "endorsed_until"], ["name"],
    ]  # fmt: skip


def test_two_requests_share_nothing(hotel: Caller) -> None:
    both = [start_presentation(caller=hotel, purpose="hotel", claims=["name"]) for _ in range(2)]
    first, second = (read_request(request_for(reference_in(each.link))) for each in both)
    for name in ("nonce", "state", "response_uri"):
        assert first[name] != second[name]
        assert len(first[name]) >= 43
    assert first["client_metadata"]["jwks"] != second["client_metadata"]["jwks"]


@pytest.mark.parametrize(
    ("purpose", "claims", "code"),
    [
        ("bank", [], "relying_parties.purpose_not_registered"),
        ("nothing", [], "relying_parties.purpose_not_registered"),
        ("platform", ["number"], "presentations.more_than_granted"),
        ("platform", ["over_18", "photo"], "presentations.more_than_granted"),
        ("hotel", ["latin_name"], "presentations.not_carried"),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
def test_more_than_was_granted_is_refused(hotel: Caller, purpose: str, claims: list[str], code: str) -> None:
    with pytest.raises(Problem) as refused:
        start_presentation(caller=hotel, purpose=purpose, claims=claims)
    assert refused.value.code == code
    assert not Presentation.objects.exists()


def test_what_an_officer_left_of_a_purpose_is_the_most(hotel: Caller) -> None:
    PurposeGrant.objects.filter(relying_party=hotel.party, purpose="hotel").update(claims=["name"])
    assert start_presentation(caller=hotel, purpose="hotel").presentation.claims == ["name"]
    with pytest.raises(Forbidden):
        start_presentation(caller=hotel, purpose="hotel", claims=["number"])


@pytest.mark.parametrize("uri", ["https://evil.example/", f"{BACK}&more=1", "https://hotel.example/back"])
def test_the_browser_is_sent_to_a_registered_address_alone(hotel: Caller, uri: str) -> None:
    with pytest.raises(Forbidden, match="redirect_unknown"):
        start_presentation(caller=hotel, purpose="hotel", redirect_uri=uri)
    assert start_presentation(caller=hotel, purpose="hotel", redirect_uri=BACK).presentation.redirect_uri == BACK


def test_the_sandbox_asks_for_any_purpose_and_names_no_programs_address(db: None) -> None:
    caller = a_caller(is_test=True)
    started = start_presentation(caller=caller, purpose="bank", redirect_uri="http://127.0.0.1:8080/back")
    assert started.presentation.is_test
    with pytest.raises(Forbidden, match="redirect_unknown"):
        start_presentation(caller=caller, purpose="bank", redirect_uri="javascript:alert(1)")


def test_an_address_is_guessed_by_nobody_who_knows_the_id(hotel: Caller) -> None:
    key = start_presentation(caller=hotel, purpose="hotel").presentation.pk
    for reference in (
        key.hex,
        key.hex + "A" * 43,
        reference_to(ANSWER, key),
        "",
        "ü" * 75,
        reference_to(REQUEST, key)[:-1],
    ):
        with pytest.raises(NotFound):
            request_for(reference)
    assert request_for(reference_to(REQUEST, key))


def test_a_request_goes_with_the_purpose(hotel: Caller) -> None:
    started = start_presentation(caller=hotel, purpose="hotel")
    RelyingParty.objects.filter(pk=hotel.party.pk).update(purposes=["platform"])
    with pytest.raises(NotFound):
        request_for(reference_in(started.link))


def test_what_no_permit_carries_is_asked_of_none() -> None:
    assert [each.type.configuration_id for each in wanted(["over_18"])] == [
        f"{permit}_{form}"
        for permit in ("zhejiang_permit", "settlement_permit", "hmt_permit")
        for form in ("sd_jwt", "mdoc")
    ]
    with pytest.raises(KeyError):
        wanted(["latin_name"])


def test_no_table_holds_what_opens_an_answer(hotel: Caller) -> None:
    started = start_presentation(caller=hotel, purpose="hotel")
    asked = read_request(request_for(reference_in(started.link)))
    kept = json.dumps(Presentation.objects.values().get(), default=str)
    assert not [name for name in ("nonce", "state", "response_uri") if asked[name] in kept]
