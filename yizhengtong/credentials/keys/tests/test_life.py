"""The life of a key: published, signing, retired, lost; and what is believed at every step."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from yizhengtong.credentials.keys import libcrypto, ring
from yizhengtong.credentials.keys.authority import CERTIFIED
from yizhengtong.credentials.keys.changing import PUBLISHED_BEFORE
from yizhengtong.credentials.keys.errors import KeyProblem
from yizhengtong.credentials.keys.models import Certificate, IssuerKey, KeyState
from yizhengtong.credentials.keys.queries import Use, checkers, published_jwks, signer, signers
from yizhengtong.credentials.keys.services import (
    declare_lost,
    found_keys,
    make_key,
    retire_key,
    rotate_key,
)
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.errors import NotFound

DATA = b"what is signed"
pytestmark = pytest.mark.django_db


def forget_all() -> None:
    Certificate.objects.all().delete()
    IssuerKey.objects.all().delete()


def _make(use: Use = Use.SD_JWT) -> IssuerKey:
    return make_key(use=use, algorithm="ES256", by=SYSTEM)


def _publish_long_ago(key: IssuerKey) -> None:
    IssuerKey.objects.filter(pk=key.pk).update(made_at=timezone.now() - PUBLISHED_BEFORE)


def _rotate(use: Use = Use.SD_JWT, *, at_once: bool = True) -> IssuerKey:
    return rotate_key(use=use, algorithm="ES256", by=SYSTEM, at_once=at_once)


@pytest.mark.parametrize("use", list(Use))
def test_every_use_has_a_key_of_its_own_that_signs_and_is_published(use: Use) -> None:
    key = signer(use)
    assert key.algorithm == "ES256"
    assert checkers(use)[key.key_id].check(DATA, key.sign(DATA))
    assert [jwk["kid"] for jwk in published_jwks(use)] == [key.key_id]
    assert all(key.key_id not in checkers(other) for other in Use if other != use)


def test_founding_again_makes_nothing() -> None:
    before = {use: signer(use).key_id for use in Use}
    assert found_keys(by=SYSTEM) == []
    assert {use: signer(use).key_id for use in Use} == before


def test_a_deployment_without_keys_gets_them_when_it_first_signs_but_not_in_production(settings: Any) -> None:
    forget_all()
    settings.YZT_PRODUCTION = True
    with pytest.raises(KeyProblem) as problem:
        signer(Use.CODE)
    assert problem.value.code == "keys.none"
    settings.YZT_PRODUCTION = False
    assert len(signer(Use.CODE).sign(DATA)) == 64


def test_a_pending_key_is_published_and_checked_by_before_it_signs() -> None:
    active = signer(Use.SD_JWT).key_id
    pending = _make()
    assert signer(Use.SD_JWT).key_id == active
    assert [jwk["kid"] for jwk in published_jwks(Use.SD_JWT)] == [pending.key_id, active]
    assert pending.key_id in checkers(Use.SD_JWT)


def test_there_is_one_pending_key_a_use() -> None:
    _make()
    with pytest.raises(KeyProblem) as problem:
        _make()
    assert problem.value.code == "keys.one_pending"


def test_after_a_rotation_the_new_key_signs_and_the_old_one_still_checks() -> None:
    old = signer(Use.SD_JWT)
    signature = old.sign(DATA)
    new = _rotate()
    assert signer(Use.SD_JWT).key_id == new.key_id != old.key_id
    assert checkers(Use.SD_JWT)[old.key_id].check(DATA, signature)
    assert {jwk["kid"] for jwk in published_jwks(Use.SD_JWT)} == {old.key_id, new.key_id}


def test_a_retired_keys_private_part_is_gone_and_its_public_part_stays() -> None:
    old = signer(Use.SD_JWT).key_id
    _rotate()
    row = IssuerKey.objects.get(key_id=old)
    assert row.state == KeyState.RETIRED
    assert row.secret is None
    assert row.public["kid"] == old


@pytest.mark.parametrize(("moment", "code"), [(timedelta(seconds=-30), "keys.published_too_late"), (timedelta(), "")])
def test_a_key_signs_once_it_was_published_a_day(moment: timedelta, code: str) -> None:
    pending = _make()
    IssuerKey.objects.filter(pk=pending.pk).update(made_at=timezone.now() - PUBLISHED_BEFORE - moment)
    if not code:
        assert _rotate(at_once=False).key_id == pending.key_id
        return
    with pytest.raises(KeyProblem) as problem:
        _rotate(at_once=False)
    assert problem.value.code == code


def test_rotating_without_haste_needs_a_key_that_is_waiting() -> None:
    with pytest.raises(KeyProblem) as problem:
        _rotate(at_once=False)
    assert problem.value.code == "keys.nothing_pending"


def test_a_key_that_is_published_too_late_signs_when_it_must() -> None:
    pending = _make()
    assert _rotate(at_once=True).key_id == pending.key_id


def test_a_lost_key_signs_no_more_checks_no_more_and_is_published_no_more() -> None:
    lost = signer(Use.MDOC)
    successor = declare_lost(key_id=lost.key_id, by=SYSTEM)
    assert successor is not None
    assert signer(Use.MDOC).key_id == successor.key_id
    assert lost.key_id not in checkers(Use.MDOC)
    assert lost.key_id not in {jwk["kid"] for jwk in published_jwks(Use.MDOC)}
    assert IssuerKey.objects.get(key_id=lost.key_id).secret is None


def test_a_retired_key_can_still_be_declared_lost() -> None:
    old = signer(Use.SD_JWT).key_id
    active = _rotate().key_id
    assert declare_lost(key_id=old, by=SYSTEM) is None
    assert old not in checkers(Use.SD_JWT)
    assert signer(Use.SD_JWT).key_id == active


def test_a_key_is_lost_once() -> None:
    lost = signer(Use.SD_JWT).key_id
    declare_lost(key_id=lost, by=SYSTEM)
    with pytest.raises(KeyProblem) as problem:
        declare_lost(key_id=lost, by=SYSTEM)
    assert problem.value.code == "keys.is_lost"


def test_what_is_no_key_of_ours_is_not_found() -> None:
    with pytest.raises(NotFound):
        declare_lost(key_id="of somebody else", by=SYSTEM)


def test_the_key_in_use_is_rotated_not_retired() -> None:
    with pytest.raises(KeyProblem) as problem:
        retire_key(key_id=signer(Use.CODE).key_id, by=SYSTEM)
    assert problem.value.code == "keys.rotate_instead"


def test_a_pending_key_that_is_not_wanted_retires_and_cannot_come_back() -> None:
    pending = _make()
    retire_key(key_id=pending.key_id, by=SYSTEM)
    with pytest.raises(KeyProblem) as problem:
        retire_key(key_id=pending.key_id, by=SYSTEM)
    assert problem.value.code == "keys.has_ended"


@pytest.mark.parametrize("state", [KeyState.ACTIVE, KeyState.PENDING])
def test_the_database_itself_allows_one_key_of_a_use_in_a_state(state: str) -> None:
    _make()
    row = IssuerKey.objects.get(use=Use.SD_JWT, state=state)
    twin = IssuerKey(key_id="twin", use=row.use, algorithm=row.algorithm, public={}, secret="x", state=state)
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)


@pytest.mark.parametrize(("state", "secret"), [("retired", "x"), ("lost", "x"), ("active", None), ("pending", None)])
def test_the_database_itself_keeps_private_parts_where_they_sign_and_nowhere_else(
    state: str, secret: str | None
) -> None:
    forget_all()
    with pytest.raises(IntegrityError), transaction.atomic():
        IssuerKey(key_id="k", use=Use.CODE, algorithm="ES256", public={}, secret=secret, state=state).save()


def test_keys_that_come_with_the_tables_are_nobodys_act_and_those_an_operator_founds_are_theirs() -> None:
    assert not Entry.objects.filter(action__startswith="keys.").exists()
    forget_all()
    made = found_keys(by=SYSTEM)
    assert Entry.objects.filter(action="keys.make").count() == len(made) == len(Use)
    assert Entry.objects.filter(action="keys.certify").count() == len(CERTIFIED)


def test_every_act_is_in_the_audit_trail() -> None:
    pending, before = _make(), signer(Use.SD_JWT).key_id
    _rotate()
    declare_lost(key_id=before, by=SYSTEM)
    acts = Entry.objects.filter(object_kind="issuer_key").order_by("at", "pk")
    of_pending = list(acts.filter(object_id=pending.pk).values_list("action", flat=True))
    of_before = list(acts.filter(object_id=IssuerKey.objects.get(key_id=before).pk).values_list("action", flat=True))
    assert of_pending == ["keys.make", "keys.certify", "keys.activate"]
    assert of_before[-2:] == ["keys.retire", "keys.declare_lost"]


def test_a_rotation_and_a_loss_are_told_to_whoever_signs_anew() -> None:
    before, new = signer(Use.SD_JWT).key_id, _rotate().key_id
    successor = declare_lost(key_id=new, by=SYSTEM)
    assert successor is not None
    rotated, lost = (Event.objects.get(kind=f"credentials.key_{what}") for what in ("rotated", "lost"))
    common = {"use": "sd_jwt", "algorithm": "ES256"}
    assert rotated.facts == {"key": new, "before": before, **common}
    assert lost.facts == {"key": new, "successor": successor.key_id, **common}
    assert rotated.person_id is lost.person_id is None


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    yield now
    ring.forget()


def test_a_process_notices_what_another_did_within_seconds_and_asks_no_more_often(
    clock: list[float], django_assert_num_queries: Any
) -> None:
    before = signer(Use.SD_JWT).key_id
    kept = ring.ring()
    new = _rotate()
    ring._ring = kept  # as in a process that did not rotate
    clock[0] += ring.REFRESH_SECONDS
    with django_assert_num_queries(0):
        assert signer(Use.SD_JWT).key_id == before
    clock[0] += 0.1
    assert signer(Use.SD_JWT).key_id == new.key_id


def test_a_key_that_cannot_be_used_keeps_no_other_from_signing_and_nothing_from_being_checked() -> None:
    row = IssuerKey.objects.get(use=Use.MDOC, state=KeyState.ACTIVE)
    row.secret = "bm90IGEga2V5"
    row.save()
    ring.forget()
    with pytest.raises(KeyProblem) as problem:
        signer(Use.MDOC)
    assert problem.value.code == "keys.not_a_key"
    assert len(signer(Use.SD_JWT).sign(DATA)) == 64
    assert row.key_id in checkers(Use.MDOC)
    assert published_jwks(Use.MDOC)


def test_without_libcrypto_national_keys_rest_and_the_others_go_on(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.YZT_CRYPTO = "both"
    found_keys(by=SYSTEM)
    monkeypatch.setattr(libcrypto, "NAME", "libcrypto.so.nowhere")
    libcrypto.library.cache_clear()
    ring.forget()
    try:
        assert len(signer(Use.CODE).sign(DATA)) == 64
        with pytest.raises(KeyProblem) as problem:
            signers(Use.CODE)
        assert problem.value.code == "keys.libcrypto_missing"
        assert [checker.algorithm for checker in checkers(Use.CODE).values()] == ["ES256"]
        assert len(published_jwks(Use.CODE)) == 2
    finally:
        libcrypto.library.cache_clear()


def test_private_parts_are_in_no_text_about_a_key() -> None:
    row = IssuerKey.objects.get(use=Use.SD_JWT, state=KeyState.ACTIVE)
    key = signer(Use.SD_JWT)
    secret = row.secret
    assert secret
    told = (repr(row), str(row), repr(key), str(key), repr(ring.ring()), repr(dict(row.public)))
    number = key.private.private_numbers().private_value  # type: ignore[attr-defined]
    assert not any(secret in text or str(number) in text or f"{number:x}" in text for text in told)


def test_signers_gives_one_for_each_algorithm_of_the_deployment() -> None:
    assert [each.algorithm for each in signers(Use.PAPER)] == ["ES256"]


@pytest.mark.parametrize(
    ("crypto", "first", "all_of_them"),
    [("international", "ES256", ["ES256"]), ("national", "SM2", ["SM2"]), ("both", "ES256", ["ES256", "SM2"])],
)
def test_a_deployment_signs_with_the_algorithms_it_chose(
    settings: Any, crypto: str, first: str, all_of_them: list[str]
) -> None:
    settings.YZT_CRYPTO = crypto
    found_keys(by=SYSTEM)
    assert signer(Use.CODE).algorithm == first
    assert [each.algorithm for each in signers(Use.CODE)] == all_of_them
    for each in signers(Use.CODE):
        assert checkers(Use.CODE)[each.key_id].check(DATA, each.sign(DATA))
        assert not checkers(Use.CODE)[each.key_id].check(DATA, each.sign(DATA + b"."))


def test_a_key_of_an_algorithm_that_is_no_longer_chosen_can_retire_and_still_checks(settings: Any) -> None:
    settings.YZT_CRYPTO = "both"
    national = signers(Use.CODE)[1]
    signature = national.sign(DATA)
    settings.YZT_CRYPTO = "international"
    retire_key(key_id=national.key_id, by=SYSTEM)
    assert checkers(Use.CODE)[national.key_id].check(DATA, signature)


def test_no_key_is_made_of_an_algorithm_that_the_deployment_does_not_use() -> None:
    for act in (make_key, rotate_key):
        with pytest.raises(KeyProblem) as problem:
            act(use=Use.CODE, algorithm="SM2", by=SYSTEM)
        assert problem.value.code == "keys.not_demanded"
