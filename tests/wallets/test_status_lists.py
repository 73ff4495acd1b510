"""Status lists as others read them: jose and zlib in Node, openvc-core in Python, from what the address serves."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.wallets.strangers import needs, run
from yizhengtong.credentials.formats.jose import open_compact
from yizhengtong.credentials.formats.signing import ES256
from yizhengtong.credentials.keys.queries import Use, checkers, published_jwks
from yizhengtong.credentials.keys.services import rotate_key
from yizhengtong.credentials.status.services import withdraw
from yizhengtong.credentials.status.signing import sign_due
from yizhengtong.credentials.status.tests import conftest as status_conftest
from yizhengtong.credentials.status.tests.ground import Copies
from yizhengtong.credentials.status.working_in import work_in
from yizhengtong.foundation.accounts.principals import SYSTEM

_own_ring, ruian, permit = status_conftest._own_ring, status_conftest.ruian, status_conftest.permit
listed, copies = status_conftest.listed, status_conftest.copies
pytestmark = pytest.mark.django_db


@pytest.fixture
def needs_jose() -> None:
    needs("jose")


@pytest.fixture
def token(copies: Copies, settings: Any) -> str:
    """The list as it is served: one copy withdrawn, nine valid."""
    withdraw(copies.permit, copies.references[:1])
    work_in()
    sign_due()
    response: Any = Client().get(copies.references[0].uri.removeprefix(settings.YZT_ADDRESS))
    assert isinstance(response, HttpResponse)
    return response.content.decode("ascii")


def node_reads(token: str, copies: Copies, **given: object) -> Mapping[str, Any]:
    asked = {
        "token": token, "jwk": published_jwks(Use.STATUS)[0], "uri": copies.references[0].uri,
        "indices": [each.index for each in copies.references], **given,
    }  # fmt: skip
    answer: Mapping[str, Any] = run("status_list.js", asked)
    return answer


def test_jose_reads_what_we_serve(needs_jose: None, token: str, copies: Copies, settings: Any) -> None:
    assert node_reads(token, copies) == {"values": [1, *[0] * 9], "ttl": settings.YZT_STATUS_TTL}


def test_jose_refuses_what_was_tampered_with_truncated_or_is_another_list(
    needs_jose: None, token: str, copies: Copies
) -> None:
    place = (token.index(".") + token.rindex(".")) // 2
    tampered = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
    assert node_reads(tampered, copies)["refused"] == "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"
    assert "refused" in node_reads(token[:-3], copies)
    assert node_reads(token, copies, uri="https://permits.example/1")["refused"] == "ERR_JWT_CLAIM_VALIDATION_FAILED"
    assert node_reads(token, copies, indices=[70_000])["refused"] == "index_out_of_range"


def test_jose_does_not_believe_a_replaced_list_by_the_new_key(needs_jose: None, token: str, copies: Copies) -> None:
    rotate_key(use=Use.STATUS, algorithm=ES256, by=SYSTEM, at_once=True)
    assert node_reads(token, copies)["refused"] == "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"


def test_openvc_reads_what_we_serve(token: str, copies: Copies) -> None:
    from openvc.status.token_status_list import check_token_status

    claims = open_compact(token, checkers(Use.STATUS))[1]
    said = [
        check_token_status({"status": each.claim}, resolve_status_list_token=lambda _uri: claims)
        for each in copies.references
    ]
    assert [each.status for each in said if each is not None] == [1, *[0] * 9]
    assert [each.revoked for each in said if each is not None] == [True, *[False] * 9]
