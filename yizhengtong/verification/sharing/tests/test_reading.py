"""Reading share codes: what is told, to whom, how often; and that nothing is learnt by trying."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.support.cases import case_at, permit_of
from tests.support.city import City
from tests.support.events import deliver_everything
from tests.support.people import Resident, a_resident
from tests.support.threads import at_once
from tests.support.web_role import as_web
from yizhengtong.credentials.showing.services import ANYBODY
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.notifications.models import Message
from yizhengtong.kernel.errors import TooMany
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.services import report_loss, void_permit
from yizhengtong.registry.people.models import Representation
from yizhengtong.verification.checks.blocks import block
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.relying_parties.models import RelyingParty
from yizhengtong.verification.relying_parties.purposes import purposes
from yizhengtong.verification.relying_parties.services import register_relying_party
from yizhengtong.verification.sharing.bounds import VIEW_LASTS, WRONG_BIRTH_DATES
from yizhengtong.verification.sharing.forgetting import forget_codes, forget_misses, forget_person, forget_views
from yizhengtong.verification.sharing.models import Miss, ShareCode, Use
from yizhengtong.verification.sharing.queries import share_codes_of
from yizhengtong.verification.sharing.reading import NONE, OTHER_PURPOSE, TOLD, Asked, Told, read_share_code
from yizhengtong.verification.sharing.services import end_share_code, make_share_code
from yizhengtong.verification.sharing.tests.conftest import Make, with_account
from yizhengtong.verification.sharing.viewing import keep_view, view_of

pytestmark = pytest.mark.usefixtures("roles")
BORN, NOT_BORN = date(1994, 8, 23), date(1994, 8, 24)
NOBODYS = "00000-00000"
_NAMED = re.compile(r'"s\d+_x\d+"')  # a savepoint


@pytest.fixture
def bank(town: City) -> RelyingParty:
    return register_relying_party(name="泉城演示银行", legal_basis="反洗钱法", purposes=["bank", "work"], by=SYSTEM)[0]


def read(code: str, birth_date: date = BORN, at: Any = None, **more: Any) -> Told:
    """Read as a page does: for nobody, as the web's role."""
    with as_web():
        asked = Asked(code, birth_date, **more)
        return read_share_code(asked=asked, at=at or timezone.now(), by=ANYBODY)


def told_words(told: Told) -> tuple[Any, ...]:
    """Return all of an answer but when it was given."""
    return (told.word, told.purpose, told.standing, dict(told.values), told.photo, told.use)


def test_birth_date_and_code_tell_the_claims_of_the_purpose_and_no_other(make: Make, permit: Permit) -> None:
    told = read(make("rent"))
    assert told.word == TOLD
    assert set(told.values) <= set(purposes()["rent"].claims)
    assert told.values["name"] == "葉小明"
    assert told.values["number_masked"] == "*" * 14 + permit.number[-4:]
    assert permit.number not in str(told)
    assert "birth_date" not in told.values
    assert told.standing is not None
    assert told.standing.is_valid


def test_it_stands_in_the_holders_history_with_the_names_of_the_claims_alone(make: Make, permit: Permit) -> None:
    told = read(make("rent"))
    check = Check.objects.get()
    assert (check.person_id, check.permit_id, check.way, check.purpose, check.outcome) == (
        permit.person_id, permit.pk, "share_code", "rent", "told",
    )  # fmt: skip
    assert check.claims == [*told.values, "state"]
    assert Entry.objects.filter(action="checks.share_code", person_id=permit.person_id).count() == 1


def test_a_code_is_used_as_often_as_its_holder_said_and_each_use_is_seen(make: Make, wang: Resident) -> None:
    code = make(uses=2)
    assert [read(code).word for _ in range(3)] == [TOLD, TOLD, NONE]
    (shared,) = share_codes_of(wang.person, timezone.now())
    assert (shared.state, len(shared.used), {each.name for each in shared.used}) == ("used_up", 2, {""})


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_gets_the_last_use(make: Make) -> None:
    code, words = make(uses=1), list[str]()

    def once() -> None:
        asked = Asked(code, BORN)
        words.append(read_share_code(asked=asked, at=timezone.now(), by=ANYBODY).word)

    at_once([[once] * 4])
    assert sorted(words) == [NONE, NONE, NONE, TOLD]
    assert (Use.objects.count(), Check.objects.filter(outcome="told").count(), ShareCode.objects.get().uses) == (
        1,
        1,
        1,
    )


def test_everything_that_does_not_open_gets_one_answer(make: Make, wang: Resident, bank: RelyingParty) -> None:
    used, ended, over, shut = make(), make(), make(days=1), make("work")
    read(used)
    share = ShareCode.objects.order_by("-id")[2]
    end_share_code(share_code_id=share.pk, acting=wang.person, at=timezone.now(), by=wang.principal)
    block(person=wang.person, party_id=bank.pk, by=wang.principal)
    tomorrow = timezone.now() + timedelta(days=1)
    answers = [
        read(NOBODYS), read(used), read(ended), read(over, at=tomorrow), read(make(), NOT_BORN), read("x"),
        read(shut, party=bank, need="work", claims=purposes()["work"].claims),
    ]  # fmt: skip
    assert [told_words(each) for each in answers] == [(NONE, "", None, {}, "", None)] * len(answers)


def test_an_unknown_code_costs_the_same_statements_as_a_wrong_birth_date(make: Make) -> None:
    code, statements = make(), []
    for typed, born in ((NOBODYS, BORN), (code, NOT_BORN)):
        with CaptureQueriesContext(connection) as seen:
            read(typed, born)
        statements.append([_NAMED.sub("", each["sql"]).split("'")[0][:80] for each in seen.captured_queries])
    assert statements[0] == statements[1]
    assert Miss.objects.count() == 2


def test_the_fifth_wrong_birth_date_ends_a_code_and_the_right_one_is_too_late(make: Make, wang: Resident) -> None:
    code = make(uses=5)
    for day in range(1, WRONG_BIRTH_DATES):
        assert read(code, date(1980, 1, day)).word == NONE
    assert ShareCode.objects.get().ended_at is None
    read(code, date(1980, 1, WRONG_BIRTH_DATES))
    share = ShareCode.objects.get()
    assert (share.end_reason, share.uses) == ("wrong_birth_dates", 0)
    assert read(code).word == NONE
    assert Entry.objects.filter(action="sharing.end_of_wrong_tries", person_id=wang.person.pk).count() == 1


@pytest.mark.django_db(transaction=True)
def test_its_holder_is_told_that_somebody_guessed(make: Make, wang: Resident) -> None:
    code = make()
    for day in range(1, WRONG_BIRTH_DATES + 3):
        read(code, date(1980, 1, day))
    deliver_everything("sharing.messages")
    message = Message.objects.get(person_id=wang.person.pk, kind="share_code_ended")
    assert code not in str(message.__dict__)


def test_right_tries_between_wrong_ones_do_not_forgive_them(make: Make) -> None:
    code = make(uses=10)
    for day in range(1, WRONG_BIRTH_DATES + 1):
        read(code, date(1980, 1, day))
        read(code)
    assert ShareCode.objects.get().uses == WRONG_BIRTH_DATES - 1


def test_one_code_cannot_be_tried_for_ever_whoever_tries(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {**settings.YZT_LIMITS, "share_checks_of_one": (2, 3600)}
    monkeypatch.setattr(settings, "YZT_LIMITS", limits)
    for code in (make(uses=9), NOBODYS):
        read(code)
        read(code)
        with pytest.raises(TooMany):
            read(code)


def test_all_codes_together_have_a_limit(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "YZT_LIMITS", {**settings.YZT_LIMITS, "share_checks_of_all": (3, 3600)})
    for number in range(3):
        read(f"00000-0000{number}")
    with pytest.raises(TooMany):
        read(make())


@pytest.mark.parametrize("guesser", ["anybody", "a relying party"])
def test_who_guesses_without_end_shuts_nobody_else_out(
    make: Make, bank: RelyingParty, monkeypatch: pytest.MonkeyPatch, guesser: str
) -> None:
    monkeypatch.setattr(settings, "YZT_LIMITS", {**settings.YZT_LIMITS, "share_checks_of_all": (3, 3600)})
    named: dict[str, Any] = {"party": bank, "need": "rent", "claims": {"kind"}}
    nobody: dict[str, Any] = {}
    one, other = (nobody, named) if guesser == "anybody" else (named, nobody)
    for number in range(3):
        read(f"00000-0000{number}", **one)
    code = make("rent")
    with pytest.raises(TooMany):
        read(code, **one)
    assert read(code, **other).word == TOLD


def test_another_purpose_is_named_without_a_claim_and_uses_nothing_up(make: Make) -> None:
    code = make("rent")
    told = read(code, need="work")
    assert told_words(told) == (OTHER_PURPOSE, "work", None, {}, "", None)
    assert "rent" not in str(told)
    assert (ShareCode.objects.get().uses, Use.objects.count()) == (0, 0)
    check = Check.objects.get()
    assert (check.outcome, check.purpose, check.claims) == ("refused", "work", [])
    assert read(code, need="rent").word == TOLD


def test_without_the_birth_date_the_purpose_is_not_told_either(make: Make) -> None:
    assert told_words(read(make("rent"), NOT_BORN, need="work")) == (NONE, "", None, {}, "", None)


def test_a_relying_party_is_told_what_it_was_granted_and_no_more(make: Make, bank: RelyingParty) -> None:
    told = read(make("work"), party=bank, need="work", claims={"kind", "last_day", "number", "birth_date"})
    assert set(told.values) == {"kind", "last_day"}
    assert (Check.objects.get().relying_party_id, Use.objects.get().relying_party_id) == (bank.pk, bank.pk)


def test_a_party_that_is_shut_out_does_not_end_the_code_for_the_others(
    make: Make, wang: Resident, bank: RelyingParty
) -> None:
    code = make("work")
    block(person=wang.person, party_id=bank.pk, by=wang.principal)
    for day in range(1, 8):
        read(code, date(1980, 1, day), party=bank, need="work", claims=())
    read(code, party=bank, need="work", claims=())
    seen = Check.objects.get(person_id=wang.person.pk)
    assert (seen.outcome, seen.claims, seen.relying_party_id) == ("refused", [], bank.pk)
    assert read(code).word == TOLD


def test_what_is_told_is_how_it_is_now(make: Make, permit: Permit, wang: Resident, town: City) -> None:
    code = make(uses=3)
    report_loss(permit_id=permit.pk, by=wang.principal)
    lost = read(code)
    assert lost.standing is not None
    assert (lost.word, lost.standing.is_valid, dict(lost.values), lost.photo) == (TOLD, False, {}, "")
    papers = {"travel_document": "hrp"}
    case_at(town, CaseState.APPROVED, resident=wang, item="hmt.reissue", ground="lost", papers=papers)
    anew = read(code)
    assert anew.standing is not None
    assert (anew.standing.is_valid, anew.values["name"]) == (True, "葉小明")


def test_a_void_permit_says_only_that_it_ended(make: Make, permit: Permit, town: City) -> None:
    code = make()
    on = timezone.now().date()
    void_permit(permit_id=permit.pk, ground="false_proof", allowed=("false_proof",), on=on, by=town.approver)
    told = read(code)
    assert told.standing is not None
    assert (told.word, told.standing.is_valid, dict(told.values)) == (TOLD, False, {})


def test_a_purpose_that_grows_tells_no_more_by_an_older_code(make: Make) -> None:
    code = make("rent")
    ShareCode.objects.update(claims=["kind"])
    assert set(read(code).values) == {"kind"}


def a_guardian(of: Resident) -> tuple[Resident, Representation]:
    parent = with_account(a_resident(name="葉父"))
    held = Representation.objects.create(
        representative=parent.person, represented=of.person, relation="guardian",
        since=timezone.now().date() - timedelta(days=9),
    )  # fmt: skip
    return parent, held


def test_a_guardians_code_opens_and_does_not_once_the_guardianship_is_over(permit: Permit, wang: Resident) -> None:
    parent, held = a_guardian(wang)
    _, code = make_share_code(permit=permit, purpose="rent", days=7, uses=2, at=timezone.now(), by=parent.principal)
    assert read(code).word == TOLD
    held.until = timezone.now().date() - timedelta(days=1)
    held.save()
    assert read(code).word == NONE


def test_a_code_of_a_closed_account_opens_nothing(make: Make, wang: Resident) -> None:
    code = make()
    assert wang.person.account is not None
    wang.person.account.is_active = False
    wang.person.account.save()
    assert read(code).word == NONE


def test_without_the_code_nobody_finds_a_row(make: Make, wang: Resident) -> None:
    read(make())
    with as_web():
        assert (ShareCode.objects.count(), Use.objects.count()) == (0, 0)


def test_what_was_told_can_be_looked_at_again_for_minutes_by_who_was_told(make: Make) -> None:
    told = read(make())
    secret = keep_view(told=told)
    with as_web():
        seen = view_of(secret, told.as_of + VIEW_LASTS - timedelta(seconds=1))
        assert seen is not None
        assert (seen.values, seen.standing, seen.purpose) == (dict(told.values), told.standing, "rent")
        assert view_of(secret, told.as_of + VIEW_LASTS) is None
        assert view_of("another", told.as_of) is None
    assert (seen.check_id, ShareCode.objects.get().uses) == (Check.objects.get().pk, 1)


def test_what_is_over_is_forgotten(make: Make, wang: Resident) -> None:
    told = read(make(days=1))
    keep_view(told=told)
    read(NOBODYS)
    assert forget_views(at=told.as_of + VIEW_LASTS) == 1
    assert Use.objects.get().shown is None
    day_after = timezone.now() + timedelta(days=1, seconds=1)
    assert forget_misses(before=day_after) == 1
    assert forget_codes(over_before=told.as_of) == 0
    assert forget_codes(over_before=day_after) == 1
    assert Check.objects.count() == 1


def test_wrong_tries_at_a_living_code_are_not_forgotten(make: Make) -> None:
    read(make(days=7), NOT_BORN)
    assert forget_misses(before=timezone.now() + timedelta(days=2)) == 0


def test_a_persons_codes_go_with_their_data_and_nobody_elses(make: Make, wang: Resident, town: City) -> None:
    make()
    li = with_account(a_resident(name="李四"))
    theirs = permit_of(case_at(town, CaseState.COMPLETED, resident=li)[0])
    make_share_code(permit=theirs, purpose="rent", days=1, uses=1, at=timezone.now(), by=li.principal)
    assert forget_person(person_id=wang.person.pk) == 1
    assert ShareCode.objects.get().person_id == li.person.pk


def test_a_corrected_birth_date_is_the_one_that_opens(make: Make, wang: Resident, town: City) -> None:
    code = make(uses=2)
    wang.person.birth_date = NOT_BORN
    wang.person.save()
    assert read(code).word == NONE
    assert read(code, NOT_BORN).word == TOLD
