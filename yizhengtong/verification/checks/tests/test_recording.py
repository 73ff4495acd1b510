"""Recording: whoever reads when a check is made, it is written as the relying party's, and no one else's is found."""

from typing import Any

import pytest
from django.db import transaction

from tests.support.people import Resident, a_resident
from tests.support.web_role import as_web
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.postgresql.readers import NOBODY, Reader, reader_connection
from yizhengtong.verification.checks.blocks import block, is_blocked
from yizhengtong.verification.checks.models import Block, Check, Outcome, Way
from yizhengtong.verification.checks.recording import record_check
from yizhengtong.verification.checks.tests.asking import a_caller
from yizhengtong.verification.relying_parties.callers import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db: None) -> Caller:
    return a_caller("bank")


@pytest.fixture
def wang(db: None) -> Resident:
    return a_resident(since=None, account=None)


def readers(shop: Caller, wang: Resident) -> dict[str, Reader]:
    return {
        "nobody": NOBODY,
        "the party": Reader("partner", str(shop.pk)),
        "a resident": Reader("resident", str(wang.principal.id)),
        "another party": Reader("partner", str(a_caller("bank", name="另一家").pk)),
    }


def record(shop: Caller | None, wang: Resident, **changes: Any) -> Check:
    return record_check(
        **{
            "party": shop.party if shop else None, "way": "openid", "purpose": "bank", "person_id": wang.person.pk,
            "outcome": "told", "claims": ["name"], **changes,
        }
    )  # fmt: skip


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("who", ["nobody", "the party", "a resident", "another party"])
@pytest.mark.parametrize("is_anonymous", [False, True])
def test_a_check_is_written_under_the_webs_role_whoever_reads_and_the_reader_stays(
    shop: Caller, wang: Resident, who: str, is_anonymous: bool
) -> None:
    reader = readers(shop, wang)[who]
    party = None if is_anonymous else shop
    with as_web(reader):
        check = record(party, wang)
        assert reader_connection().wanted == reader
    kept = Check.objects.get(pk=check.pk)
    party_id = party.pk if party else None
    assert (kept.relying_party_id, kept.person_id, kept.outcome) == (party_id, wang.person.pk, "told")
    entry = Entry.objects.get(object_id=check.pk)
    assert (entry.action, entry.actor_kind, entry.actor_id) == ("checks.openid", "partner", party_id)
    assert (entry.kind, entry.fields, entry.person_id) == ("read", ["name"], wang.person.pk)


@pytest.mark.usefixtures("roles")
def test_a_relying_party_finds_its_own_checks_and_nobody_finds_anothers(shop: Caller, wang: Resident) -> None:
    own, anonymous = record(shop, wang), record(None, wang)
    for who, found in {"the party": {own.pk}, "another party": set(), "nobody": set()}.items():
        with as_web(readers(shop, wang)[who]):
            assert {check.pk for check in Check.objects.all()} == found
    assert anonymous.pk not in {own.pk}


@pytest.mark.usefixtures("roles")
def test_who_is_shut_out_stays_so_whoever_asks_and_reads_no_list_of_it(shop: Caller, wang: Resident) -> None:
    block(person=wang.person, party_id=shop.pk, by=wang.principal)
    for reader in readers(shop, wang).values():
        with as_web(reader):
            assert is_blocked(wang.person.pk, shop.pk)
            assert not Block.objects.exists()


@pytest.mark.parametrize("changes", [{"way": "telepathy"}, {"outcome": "perhaps"}])
def test_a_way_or_an_outcome_that_there_is_not_is_refused(
    shop: Caller, wang: Resident, changes: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        record(shop, wang, **changes)
    assert not Check.objects.exists()


def test_what_is_undone_leaves_no_check_no_trail_and_no_event(shop: Caller, wang: Resident) -> None:
    with transaction.atomic():
        record(shop, wang)
        transaction.set_rollback(True)
    assert not Check.objects.exists()
    assert not Entry.objects.filter(action="checks.openid").exists()
    assert not Event.objects.filter(kind="checks.made").exists()


def test_rows_of_the_last_release_say_how_they_ended(shop: Caller) -> None:
    """As its code writes them: without a way, an outcome or claims."""
    for is_match, ended in ((True, "match"), (False, "no_match")):
        check = Check.objects.create(relying_party=shop.party, purpose="bank", is_match=is_match)
        Check.objects.filter(pk=check.pk).update(outcome="", claims=None)
        assert Check.objects.get(pk=check.pk).ended == ended


def test_every_way_and_outcome_can_be_kept(shop: Caller, wang: Resident) -> None:
    for way in Way:
        for outcome in Outcome:
            kept = Check.objects.get(pk=record(shop, wang, way=way, outcome=outcome).pk)
            assert (kept.way, kept.ended, kept.is_match) == (way, outcome, outcome in {"match", "told"})
