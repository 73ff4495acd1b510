"""Who asks too often is told to wait: on the addresses that name a limit, and at sign-in."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from tests.contract.routes import Route, routes
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.web.limiting import LIMITED
from yizhengtong.foundation.web.models import Bucket
from yizhengtong.foundation.web.tests.callers import PERSON, WANG, a_resident, post, session_of
from yizhengtong.project import urls
from yizhengtong.project.configuration import Configuration

pytestmark = pytest.mark.django_db
LOGIN, SIGN_UP = "/_allauth/app/v1/auth/login", "/_allauth/app/v1/auth/signup"
OFTEN = {
    "POST /api/resident/person": ["linking"],
    "POST /api/resident/wards": ["linking"],
    "POST /api/resident/applications/{application_id}/evidence": ["uploads", "upload_bytes"],
    "GET /api/staff/queue": ["searches"],
    "POST /api/partner/checks": ["checks"],
    "POST /api/partner/same-person": ["checks"],
    "POST /api/partner/share-codes": ["code_readings"],
    "POST /api/partner/phone-codes": ["code_readings"],
    "POST /api/partner/paper-codes": ["code_readings"],
    "POST /api/partner/presentations": ["checks"],
    "POST /api/partner/bulk": ["bulk_files", "upload_bytes"],
    "POST /api/partner/webhooks": ["webhook_changes"],
    "POST /api/partner/subscriptions": ["subscriptions"],
    "POST /api/reporter/organisation/secrets": ["organisation_changes"],
    "POST /api/reporter/organisation/purposes": ["organisation_changes"],
    "POST /api/resident/organisation/membership": ["linking"],
    "POST /api/resident/share-codes": ["share_codes"],
    "POST /api/resident/links": ["linking"],
    "GET /api/resident/my/export": ["exports"],
    "POST /api/resident/my/access-history/{entry_id}/objection": ["objections"],
    "POST /api/resident/my/corrections": ["uploads", "upload_bytes"],
    "POST /api/resident/messages/contacts": ["codes"],
    "PUT /api/resident/messages/contacts": ["codes"],
    "POST /api/resident/applications/{application_id}/confirmations": ["registers"],
    "POST /api/reporter/reports": ["reports"],
    "POST /api/reporter/lists": ["report_lists", "upload_bytes"],
    "POST /api/staff/household/papers-checks": ["searches"],
}
"""Where guessing, filling disks or trawling would begin. Later rooms add theirs."""


@pytest.fixture(autouse=True)
def _table(db: None) -> None:
    call_command("createcachetable", verbosity=0)


def limit(settings: Any, **limits: tuple[int, int]) -> None:
    settings.YZT_LIMITS = {**settings.YZT_LIMITS, **limits}


def sign_in(address: str = "203.0.113.7", path: str = LOGIN, **sent: str) -> Any:
    body = json.dumps({"username": "nobody-here", "password": "wrong-and-long", **sent})
    return Client(REMOTE_ADDR=address).post(path, body, content_type="application/json")


def test_what_invites_guessing_is_limited() -> None:
    named = {str(route): route.operation.get("x-limits", []) for route in routes()}
    assert {route: named[route] for route in OFTEN} == OFTEN


def test_every_limit_that_a_route_names_is_a_setting() -> None:
    known = set(Configuration.model_fields["limits"].default)
    assert {name for route in routes() for name in route.operation.get("x-limits", [])} <= known


@pytest.mark.parametrize("route", [route for route in routes() if "x-limits" in route.operation], ids=str)
def test_what_the_document_says_is_what_the_guard_knows(route: Route) -> None:
    django_route = route.path.lstrip("/").replace("{", "<").replace("}", ">")
    assert list(LIMITED[route.method.upper(), django_route]) == route.operation["x-limits"]


def test_the_guard_knows_no_limit_that_no_document_says() -> None:
    assert urls.urlpatterns
    assert len(LIMITED) == sum("x-limits" in route.operation for route in routes())


def test_an_unknown_limit_in_the_settings_is_refused_and_others_keep_their_default() -> None:
    assert Configuration(limits={"sign_in": (5, 60)}).limits["sign_up"] == (200, 3600)
    with pytest.raises(ValueError, match="there are only these"):
        Configuration(limits={"singin": (5, 60)})


def test_too_often_is_told_as_a_problem_with_the_wait(settings: Any) -> None:
    limit(settings, linking=(2, 3600))
    token = a_resident()
    statuses = [post(PERSON, {}, token=token, key=f"key-0000000{at}").status_code for at in range(2)]
    assert statuses == [422, 422]  # what failed has counted
    refused = post(PERSON, WANG, token=token, key="key-00000009")
    assert (refused.status_code, refused.json()["code"]) == (429, "web.too_many")
    assert refused["Content-Type"] == "application/problem+json"
    assert 0 < int(refused["Retry-After"]) <= 1800
    assert refused["Retry-After"] in refused.json()["detail"]


def test_what_was_refused_did_nothing_and_its_key_is_free(settings: Any) -> None:
    limit(settings, linking=(1, 3600))
    token = a_resident()
    post(PERSON, {}, token=token, key="key-00000001")
    assert post(PERSON, WANG, token=token, key="key-00000002").status_code == 429
    Bucket.objects.all().delete()
    assert post(PERSON, WANG, token=token, key="key-00000002").status_code == 201


def test_one_account_does_not_use_up_anothers(settings: Any) -> None:
    limit(settings, linking=(1, 3600))
    first, second = a_resident("resident-a"), a_resident("resident-b")
    assert post(PERSON, {}, token=first).status_code == 422
    assert post(PERSON, {}, token=first).status_code == 429
    assert post(PERSON, {}, token=second).status_code == 422


def test_two_sessions_of_one_account_share_its_bucket(settings: Any) -> None:
    limit(settings, linking=(1, 3600))
    account = Account.objects.create(username="resident-a")
    assert post(PERSON, {}, token=session_of(account)).status_code == 422
    assert post(PERSON, {}, token=session_of(account)).status_code == 429


def test_a_header_of_the_client_gives_no_new_bucket(settings: Any) -> None:
    limit(settings, sign_in=(2, 300))
    for forged in ("198.51.100.1", "198.51.100.2"):
        assert Client(REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_FOR=forged).post(LOGIN).status_code != 429
    assert Client(REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_FOR="198.51.100.3").post(LOGIN).status_code == 429


def test_sign_in_is_limited_by_address_whatever_the_user_name(settings: Any) -> None:
    limit(settings, sign_in=(3, 300))
    assert [sign_in(username=f"name-{at}").status_code for at in range(4)] == [400, 400, 400, 429]
    assert sign_in("203.0.113.8").status_code == 400


def test_sign_up_has_a_bucket_of_its_own(settings: Any) -> None:
    limit(settings, sign_up=(1, 3600), sign_in=(1, 300))
    assert sign_in(path=SIGN_UP, password="").status_code == 400
    assert sign_in().status_code == 400
    assert sign_in(path=SIGN_UP, password="").status_code == 429


def test_nobody_is_kept_from_signing_out(settings: Any) -> None:
    limit(settings, sign_in=(1, 300))
    sign_in()
    assert Client(REMOTE_ADDR="203.0.113.7").delete("/_allauth/app/v1/auth/session").status_code != 429


def test_failed_sign_ins_of_one_name_are_counted_in_the_database_whatever_the_address() -> None:
    statuses = [sign_in(f"203.0.113.{at}").status_code for at in range(6)]
    assert statuses[:5] == [400] * 5
    assert statuses[5] == 429 or b"too_many_login_attempts" in sign_in("203.0.113.99").content


def test_a_flood_of_names_does_not_flush_what_was_counted(settings: Any) -> None:
    """Django's cache drops a third of its entries past a bound; with its own bound of 300 a botnet could do that."""
    assert settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")  # outlives a restart
    cache.set("allauth-counts", "kept", 300)
    cache.set_many({f"flood-{at}": at for at in range(400)})
    assert cache.get("allauth-counts") == "kept"


def test_only_the_search_of_the_queue_is_limited(settings: Any) -> None:
    limit(settings, searches=(1, 3600))
    token = a_resident()
    client = Client(headers={"X-Session-Token": token})
    assert [client.get("/api/staff/queue").status_code for _ in range(3)] == [401, 401, 401]
    searched = [client.get("/api/staff/queue", {"search": "王小"}).status_code for _ in range(2)]
    assert searched == [401, 429]


def test_a_read_that_is_limited_is_limited_without_a_search_too(settings: Any) -> None:
    limit(settings, exports=(1, 86400))
    client = Client(headers={"X-Session-Token": a_resident()})
    assert [client.get("/api/resident/my/export").status_code for _ in range(2)] == [403, 429]


HOT = [route for route in routes() if "x-limits" not in route.operation]


def test_a_request_without_a_limit_pays_no_statement_for_it(django_assert_num_queries: Any) -> None:
    assert len(HOT) > 40
    client = Client()
    with django_assert_num_queries(0):
        for route in HOT:
            client.generic(route.method.upper(), route.path.replace("{", "").replace("}", ""), b"")
