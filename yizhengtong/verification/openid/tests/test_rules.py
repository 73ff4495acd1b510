"""Pure rules: scopes, prompts, how old a proof may be, what an earlier yes covers."""

from datetime import UTC, datetime, timedelta

import pytest

from yizhengtong.verification.openid.rules import (
    Agreed,
    are_prompts_possible,
    claims_told,
    essential_of,
    is_agreed,
    must_prove_again,
    scope_of,
)

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("scope", "parameter", "purpose"),
    [
        ("openid purpose:bank", "", "bank"),
        ("openid", "bank", "bank"),
        ("openid purpose:bank", "bank", "bank"),
        ("openid purpose:bank", "hotel", ""),
        ("openid purpose:bank purpose:hotel", "", ""),
        ("openid purpose:", "", ""),
        ("openid", "", ""),
    ],
)
def test_a_request_has_one_purpose_or_none(scope: str, parameter: str, purpose: str) -> None:
    assert scope_of(scope, parameter).purpose == purpose


def test_what_is_not_known_is_noticed() -> None:
    assert not scope_of("openid purpose:bank email", "").is_known
    assert not scope_of("purpose:bank", "").is_openid


@pytest.mark.parametrize(
    ("prompts", "is_possible"),
    [([], True), (["none"], True), (["login", "consent"], True), (["none", "login"], False), (["create"], False)],
)
def test_prompts(prompts: list[str], is_possible: bool) -> None:
    assert are_prompts_possible(prompts) is is_possible


@pytest.mark.parametrize(
    ("prompts", "max_age", "proved", "must"),
    [
        ([], None, timedelta(hours=5), False),
        (["login"], None, timedelta(minutes=2), True),
        (["login"], None, timedelta(seconds=30), False),
        (["select_account"], None, timedelta(minutes=2), True),
        ([], 600, timedelta(seconds=600), False),
        ([], 600, timedelta(seconds=601), True),
        ([], 0, timedelta(seconds=30), False),
        ([], 0, timedelta(seconds=61), True),
    ],
)
def test_a_proof_is_as_old_as_it_may_be(prompts: list[str], max_age: int | None, proved: timedelta, must: bool) -> None:
    """The request came a minute ago: what was proved since then is fresh whatever was asked."""
    asked_at = NOW - timedelta(minutes=1)
    assert must_prove_again(
        prompts=prompts, max_age=max_age, asked_at=asked_at, proved_at=NOW - proved, now=NOW
    ) is must  # fmt: skip


def test_a_yes_covers_what_was_asked_then() -> None:
    agreed = Agreed(asked=["name", "number"], claims=["name"])
    assert is_agreed(agreed, asked=["name"], essential=["name"])
    assert is_agreed(agreed, asked=["name", "number"], essential=[])
    assert not is_agreed(agreed, asked=["number"], essential=["number"])
    assert not is_agreed(agreed, asked=["birth_date"], essential=[])
    assert not is_agreed(None, asked=[], essential=[])
    assert claims_told(agreed, ["number", "name"]) == ("name",)


def test_only_what_is_called_essential_is() -> None:
    members = {"name": {"essential": True}, "number": None, "kind": {"essential": False}, "place": {}}
    assert essential_of(members) == ("name",)
