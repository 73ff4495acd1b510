"""The holder's signature over an SD-JWT VC: for one reader, one request, these disclosures, just now, by this key."""

from dataclasses import replace

import pytest

from tests.support.holders import only, shown_sd_jwt
from yizhengtong.credentials.formats.sd_jwt_reading import Binding
from yizhengtong.credentials.formats.tests.test_sd_jwt import HOLDER, NOW, STRANGER, issued, read, refusal

READER = Binding("https://reader.example", "n-0S6_WzA2Mj")


def test_the_holder_signs_for_one_reader_and_one_request() -> None:
    shown = shown_sd_jwt(only(issued(), {"name"}), HOLDER, at=NOW)
    found = read(shown, binding=READER)
    assert (found.is_key_bound, found.claims["name"]) == (True, "姚小明")
    assert refusal(shown, binding=replace(READER, nonce="other")) == "sd_jwt.key_binding_wrong_nonce"
    assert refusal(shown, binding=replace(READER, audience="https://x")) == "sd_jwt.key_binding_wrong_aud"


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (NOW + 61, "sd_jwt.key_binding_stale"), (NOW + 60, ""), (NOW - 360, ""),
        (NOW - 361, "sd_jwt.key_binding_stale"),
    ],
)  # fmt: skip
def test_the_holder_signed_just_now(at: int, code: str) -> None:
    shown = shown_sd_jwt(issued(), HOLDER, at=at)
    if code:
        assert refusal(shown, binding=READER) == code
    else:
        assert read(shown, binding=READER).is_key_bound


def test_somebody_else_cannot_show_it() -> None:
    shown = shown_sd_jwt(issued(), replace(STRANGER, key_id="holder"), at=NOW)
    assert refusal(shown, binding=READER) == "sd_jwt.key_binding_signature_wrong"
    assert (
        refusal(shown_sd_jwt(issued(holder_jwk=None), HOLDER, at=NOW), binding=READER) == "sd_jwt.key_binding_missing"
    )


def test_a_binding_that_is_asked_for_must_be_there_and_one_that_is_not_must_not() -> None:
    assert refusal(issued(), binding=READER) == "sd_jwt.key_binding_missing"
    assert refusal(shown_sd_jwt(issued(), HOLDER, at=NOW)) == "sd_jwt.key_binding_unasked"


def test_the_binding_is_over_exactly_these_disclosures() -> None:
    text = issued()
    shown = shown_sd_jwt(only(text, {"18"}), HOLDER, at=NOW)
    binding = shown.rpartition("~")[2]
    assert refusal(only(text, {"18", "name"}) + binding, binding=READER) == "sd_jwt.key_binding_wrong_sd_hash"
    assert refusal(only(text, ()) + binding, binding=READER) == "sd_jwt.key_binding_wrong_sd_hash"


def test_a_binding_of_another_kind_is_refused() -> None:
    shown = shown_sd_jwt(issued(), HOLDER, at=NOW, typ="jwt")
    assert refusal(shown, binding=READER) == "sd_jwt.key_binding_wrong_type"
    for name in ("aud", "nonce", "sd_hash"):
        lacking = shown_sd_jwt(issued(), HOLDER, at=NOW, said={name: None})
        assert refusal(lacking, binding=READER) == f"sd_jwt.key_binding_wrong_{name}"
    assert refusal(shown_sd_jwt(issued(), HOLDER, at=NOW, said={"iat": None}), binding=READER) == "sd_jwt.malformed"
