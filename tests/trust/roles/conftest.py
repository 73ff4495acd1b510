"""The world of the guards, and whom its rows are read as."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import override_settings

from tests.contract.conftest import places
from tests.contract.world import OFFICE, OTHER_OFFICE, World, make_world
from tests.support.web_role import requests_as_web
from tests.trust.roles.looking import run
from yizhengtong.foundation.accounts.models import StaffMember
from yizhengtong.foundation.accounts.principals import principal_of_session
from yizhengtong.foundation.postgresql.readers import NOBODY, Reader, reader_connection
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.residence.models import Report
from yizhengtong.verification.relying_parties.keys import hash_of
from yizhengtong.verification.relying_parties.models import RelyingParty, RelyingPartyKey


@pytest.fixture(scope="package")
def made(tmp_path_factory: pytest.TempPathFactory, roles: None, django_db_blocker: Any) -> Iterator[World]:
    """One world for all files of this folder: nothing a test does to it stays."""
    settings = override_settings(**places(tmp_path_factory.mktemp("world")))
    with django_db_blocker.unblock(), settings, transaction.atomic(), requests_as_web():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture
def _django_db_helper(world: World) -> None:
    """What is marked django_db finds the world here."""


@pytest.fixture
def world(made: World) -> Iterator[World]:
    """As after a commit: what was registered here is nobody's of this transaction any more."""
    with transaction.atomic():
        run("SELECT set_config('yzt.registered', '', true)")
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def people(world: World) -> dict[str, Any]:
    """Readers, and the persons that belong to two of them."""
    acted_for = {parse_public_id("per", world.ids[name]) for name in ("person_id", "mainlander_id")}
    holder, stranger = (Person.objects.get(account_id=_account_of(world, who)) for who in ("holder", "stranger"))
    return {
        "holder": Reader("resident", str(holder.account_id)),
        "stranger": Reader("resident", str(stranger.account_id)),
        "officer": _officer(OFFICE),
        "other officer": _officer(OTHER_OFFICE),
        "partner": Reader("partner", str(_bank(world))),
        "other partner": Reader("partner", str(RelyingParty.objects.get(purposes=["school"]).pk)),
        "organisation": Reader("reporter", str(_account_of(world, "organisation"))),
        "reporter": Reader("reporter", str(Report.objects.get(pk=_report(world)).reporter.account_id)),
        "nobody": NOBODY,
        "persons": {"holder": {holder.pk, *acted_for}, "stranger": {stranger.pk}},
    }


def _bank(world: World) -> UUID:
    secret = world.credentials["partner"]["Authorization"].partition(" ")[2]
    return RelyingPartyKey.objects.get(fingerprint=hash_of(secret)).relying_party_id


def _report(world: World) -> UUID:
    return parse_public_id("rep", world.ids["report_id"])


def _account_of(world: World, who: str) -> UUID:
    principal = principal_of_session(world.credentials[who]["X-Session-Token"])
    reader_connection().read_as(NOBODY)
    assert principal is not None
    assert principal.id is not None
    return principal.id


def _officer(username: str) -> Reader:
    member = StaffMember.objects.select_related("office").get(account__username=username)
    return Reader("staff", str(member.account_id), member.office.path)
