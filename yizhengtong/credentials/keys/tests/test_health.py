"""What an operator is told about keys before somebody's credential is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from yizhengtong.credentials.keys.authority import CERTIFIED
from yizhengtong.credentials.keys.health import ROTATED_AFTER, faults
from yizhengtong.credentials.keys.models import Authority, Certificate, IssuerKey, KeyState, RevocationList
from yizhengtong.credentials.keys.queries import Use
from yizhengtong.credentials.keys.services import make_key
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.texts import say

pytestmark = pytest.mark.django_db


def _codes() -> list[tuple[str, bool]]:
    found = faults()
    assert all(say(fault.code, language, fault.facts) for fault in found for language in ("zh-Hans", "zh-Hant", "en"))
    return [(fault.code, fault.is_urgent) for fault in found]


def _active(use: Use) -> Any:
    return IssuerKey.objects.filter(use=use, state=KeyState.ACTIVE)


def test_nothing_is_wrong_with_new_keys() -> None:
    make_key(use=Use.MDOC, algorithm="ES256", by=SYSTEM)
    assert _codes() == []


def test_a_use_without_a_key_is_wrong() -> None:
    _active(Use.CODE).delete()
    assert _codes() == [("keys.none", True)]


def test_a_private_part_that_is_anothers_is_wrong() -> None:
    own, other = _active(Use.CODE).get(), _active(Use.PAPER).get()
    own.secret = other.secret
    own.save()
    assert _codes() == [("keys.does_not_fit", True)]


def test_a_private_part_that_is_none_is_wrong_and_not_quoted() -> None:
    own = _active(Use.CODE).get()
    own.secret = "bm90IGEga2V5"
    own.save()
    (fault,) = faults()
    assert (fault.code, fault.facts) == ("keys.not_a_key", {})


@pytest.mark.parametrize(("days", "expected"), [(0, [("keys.is_old", False)]), (-1, [])])
def test_a_key_that_signed_for_a_year_is_soon_to_be_rotated(days: int, expected: list[Any]) -> None:
    _active(Use.CODE).update(active_from=timezone.now() - ROTATED_AFTER - timedelta(days=days, minutes=1))
    assert _codes() == expected


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (timedelta(days=31), []),
        (timedelta(days=29), [("keys.certificate_ends", False)]),
        (timedelta(seconds=-1), [("keys.certificate_ends", True)]),
    ],
)
def test_a_certificate_that_ends_is_told_of_and_one_that_ended_is_wrong(left: timedelta, expected: list[Any]) -> None:
    Certificate.objects.filter(key__use=Use.MDOC).update(valid_until=timezone.now() + left)
    assert _codes() == expected


def test_certificates_that_name_another_address_are_wrong(settings: Any) -> None:
    settings.YZT_ADDRESS = "https://moved.example"
    assert _codes() == [("keys.certificate_elsewhere", True)] * len(CERTIFIED)


def test_a_list_that_ended_is_wrong() -> None:
    RevocationList.objects.update(next_at=timezone.now())
    assert _codes() == [("keys.list_ended", True)]


def test_a_deployment_without_a_root_is_told(settings: Any) -> None:
    Authority.objects.update(state=KeyState.RETIRED)
    assert ("keys.no_authority", True) in _codes()
