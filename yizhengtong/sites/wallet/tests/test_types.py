"""What a type is told to whoever asks, at the address its credentials name."""

import base64
import hashlib
import json
from urllib.parse import urlsplit

import pytest
from django.test import Client

from yizhengtong.credentials.catalogue.queries import credential_types

VCTS = sorted(kind.vct for kind in credential_types().values() if kind.vct)


@pytest.mark.parametrize("vct", VCTS)
def test_a_type_is_told_at_its_own_address(client: Client, vct: str) -> None:
    answer = client.get(urlsplit(vct).path, headers={"Origin": "https://wallet.example"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert json.loads(answer.content)["vct"] == vct
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer


def test_its_hash_is_its_tag_and_saves_sending_it_again(client: Client) -> None:
    path = urlsplit(VCTS[0]).path
    answer = client.get(path)
    digest = base64.b64encode(hashlib.sha256(answer.content).digest()).decode()
    assert answer["ETag"] == f'"sha256-{digest}"'
    again = client.get(path, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/credentials/types/hmt-permit/2", "/credentials/types/passport/1"])
def test_a_type_nobody_issues_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_nothing_can_be_sent_to_a_type(client: Client) -> None:
    assert client.post(urlsplit(VCTS[0]).path).status_code == 405
