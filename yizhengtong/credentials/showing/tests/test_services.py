"""The code on the phone: good once and for seconds, told to the holder, silent to everybody else."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from tests.support.city import City
from tests.support.people import Resident, a_resident
from tests.support.web_role import as_web
from yizhengtong.credentials.showing.claims import masked_name, masked_number
from yizhengtong.credentials.showing.codes import CHANGES_AFTER, GRACE, LASTS, code_hash, new_code, normal
from yizhengtong.credentials.showing.forgetting import forget_showings
from yizhengtong.credentials.showing.models import PaperCode, PhoneCode, Showing
from yizhengtong.credentials.showing.paper import code_for
from yizhengtong.credentials.showing.queries import showing_of
from yizhengtong.credentials.showing.services import begin_showing, draw_code, read_code, stop_showing
from yizhengtong.credentials.showing.tests.clocks import now_is, read_at
from yizhengtong.credentials.showing.tests.conftest import NOON
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.postgresql.readers import Reader
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Conflict, NotFound
from yizhengtong.kernel.ids import new_id
from yizhengtong.permitting.permits.models import Permit

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def holder() -> Principal:
    return Principal(PrincipalKind.RESIDENT, new_id())


@pytest.fixture
def showing(permit: Permit, holder: Principal) -> Showing:
    return begin_showing(permit=permit, purpose="age", at=NOON, by=holder)


def test_a_code_opens_what_the_holder_saw_and_nothing_else(permit: Permit, showing: Showing) -> None:
    told = read_at(draw_code(showing=showing, at=NOON), NOON + 9 * SECOND)
    assert told.word == "shown"
    assert told.purpose is not None
    assert told.purpose.code == "age"
    assert dict(told.values) == {
        "name_masked": masked_name(permit.person.name), "over_18": True, "last_day": permit.last_valid_day,
    }  # fmt: skip
    assert told.standing is not None
    assert told.standing.is_valid


def test_a_code_opens_once(showing: Showing) -> None:
    code = draw_code(showing=showing, at=NOON)
    assert [read_at(code, NOON).word for _ in range(3)] == ["shown", "used", "used"]


def test_a_picture_of_the_screen_opens_nothing_a_minute_later(showing: Showing) -> None:
    code = draw_code(showing=showing, at=NOON)
    told = read_at(code, NOON + timedelta(minutes=1))
    assert (told.word, dict(told.values), told.standing, told.purpose, told.photo) == ("expired", {}, None, None, "")


def test_a_code_is_good_until_the_grace_after_the_next_one_is_over(permit: Permit, holder: Principal) -> None:
    for late, word in (
        (CHANGES_AFTER, "shown"),
        (CHANGES_AFTER + GRACE - 5 * SECOND, "shown"),
        (CHANGES_AFTER + GRACE + SECOND, "expired"),
    ):
        showing = begin_showing(permit=permit, purpose="age", at=NOON, by=holder)
        assert read_at(draw_code(showing=showing, at=NOON), NOON + late).word == word


def test_a_servers_clock_that_is_somewhat_behind_or_ahead_does_no_harm(showing: Showing) -> None:
    for skew in (-GRACE, GRACE):
        assert read_at(draw_code(showing=showing, at=NOON), NOON + skew).word == "shown"


def test_the_next_code_leaves_the_one_before_good_for_whoever_has_just_read_it(showing: Showing) -> None:
    first = draw_code(showing=showing, at=NOON)
    second = draw_code(showing=showing, at=NOON + CHANGES_AFTER)
    assert first != second
    at = NOON + CHANGES_AFTER + 5 * SECOND
    assert [read_at(code, at).word for code in (first, second)] == ["shown", "shown"]


def test_nothing_opens_after_the_showing_ended(showing: Showing, holder: Principal) -> None:
    last = draw_code(showing=showing, at=showing.ends_at - SECOND)
    assert read_at(last, showing.ends_at + SECOND).word == "expired"
    with pytest.raises(Conflict, match=r"showing\.over"):
        draw_code(showing=showing, at=showing.ends_at)
    assert showing.ends_at - NOON == LASTS


def test_nothing_opens_after_the_holder_took_it_back(showing: Showing, holder: Principal) -> None:
    code = draw_code(showing=showing, at=NOON)
    stop_showing(showing=showing, at=NOON, by=holder)
    assert read_at(code, NOON + SECOND).word == "stopped"
    showing.refresh_from_db()
    with pytest.raises(Conflict, match=r"showing\.over"):
        draw_code(showing=showing, at=NOON + SECOND)


def test_showing_for_another_purpose_takes_the_first_one_back(
    permit: Permit, showing: Showing, holder: Principal
) -> None:
    code = draw_code(showing=showing, at=NOON)
    other = begin_showing(permit=permit, purpose="identity", at=NOON + SECOND, by=holder)
    assert read_at(code, NOON + SECOND).word == "stopped"
    assert showing_of(permit, other.begun_by, NOON + SECOND) == other
    assert showing_of(permit, new_id(), NOON + SECOND) is None


@pytest.mark.parametrize("text", ["", "x", "0" * 12, "zzzz-zzzz-zzzz", "i" * 12, "0" * 400, "字" * 12, "%00", "a-b-c"])
def test_what_was_never_drawn_is_unknown(showing: Showing, text: str) -> None:
    assert read_at(text, NOON).word == "unknown"


def test_a_code_is_read_as_it_is_typed(showing: Showing) -> None:
    code = draw_code(showing=showing, at=NOON)
    assert normal(f" {code.upper().replace('-', ' ')} ") == code
    assert read_at(code.upper().replace("-", ""), NOON).word == "shown"


def test_codes_are_sixty_random_bits_and_kept_as_a_keyed_hash(showing: Showing) -> None:
    assert len({new_code() for _ in range(500)}) == 500
    code = draw_code(showing=showing, at=NOON)
    assert bytes(PhoneCode.objects.get().code_hash) == code_hash(code)
    assert len(code.replace("-", "")) * 5 == 60


@pytest.mark.parametrize("state", ["lost", "suspended", "ended"])
def test_a_permit_that_is_not_good_is_not_shown(permit: Permit, holder: Principal, state: str) -> None:
    permit.state = state
    with pytest.raises(Conflict, match=r"showing\.not_good"):
        begin_showing(permit=permit, purpose="age", at=NOON, by=holder)


def test_a_permit_reported_lost_in_between_tells_that_and_no_claim(permit: Permit, showing: Showing) -> None:
    code = draw_code(showing=showing, at=NOON)
    Permit.objects.filter(pk=permit.pk).update(state="lost")
    told = read_at(code, NOON)
    assert told.standing is not None
    assert (told.standing.is_valid, told.standing.reason, dict(told.values), told.photo) == (False, "lost", {}, "")


def test_a_permit_whose_last_day_ended_at_midnight_tells_that(permit: Permit, holder: Principal) -> None:
    now = timezone.now()
    showing = begin_showing(permit=permit, purpose="age", at=now, by=holder)
    for last_day, reason in ((legal_day(now), ""), (legal_day(now) - timedelta(days=1), "expired")):
        Permit.objects.filter(pk=permit.pk).update(last_valid_day=last_day)
        told = read_code(text=draw_code(showing=showing, at=now))
        assert told.standing is not None
        assert (told.standing.reason or "") == reason


def test_an_unknown_purpose_is_none(permit: Permit, holder: Principal) -> None:
    with pytest.raises(NotFound):
        begin_showing(permit=permit, purpose="everything", at=NOON, by=holder)


def test_every_read_stands_in_the_holders_history_and_no_failed_try_does(permit: Permit, showing: Showing) -> None:
    code = draw_code(showing=showing, at=NOON)
    for _ in range(3):
        read_at(code, NOON + SECOND)
    entry = Entry.objects.get(action="showing.read")
    assert (entry.person_id, entry.object_id, entry.actor_kind, entry.actor_id) == (
        permit.person_id, permit.pk, "checker", None,
    )  # fmt: skip
    assert (entry.purpose, entry.fields) == ("showing age", ["name_masked", "over_18", "last_day", "standing"])
    showing.refresh_from_db()
    assert showing.reads == 1
    assert showing.last_read_at is not None
    assert NOON + SECOND <= showing.last_read_at < NOON + timedelta(minutes=1)


def test_an_officer_who_reads_is_named_as_one(town: City, permit: Permit, showing: Showing) -> None:
    read_at(draw_code(showing=showing, at=NOON), NOON, by=town.clerk)
    entry = Entry.objects.get(action="showing.read")
    assert (entry.actor_kind, entry.actor_id, entry.office_id) == ("staff", town.clerk.id, town.clerk.office_id)


def test_nobody_in_particular_reads_a_code_as_the_web_and_finds_no_row(roles: None, showing: Showing) -> None:
    code = draw_code(showing=showing, at=NOON)
    with now_is(NOON), as_web():
        assert not Showing.objects.exists()
        assert not PhoneCode.objects.exists()
        assert not PaperCode.objects.exists()
        assert read_code(text=code).word == "shown"


def test_what_is_over_is_forgotten_and_what_runs_is_not(permit: Permit, showing: Showing) -> None:
    draw_code(showing=showing, at=NOON)
    code_for(permit, "age", legal_day(NOON))
    last = PaperCode.objects.get().last_day
    assert forget_showings(ended_before=showing.ends_at, good_until_before=last) == 0
    assert forget_showings(ended_before=showing.ends_at + SECOND, good_until_before=last) == 1
    assert not PhoneCode.objects.exists()
    assert forget_showings(ended_before=NOON, good_until_before=last + timedelta(days=1)) == 1
    assert not PaperCode.objects.exists()


def test_what_is_of_somebody_else_is_not_forgotten_with_one(permit: Permit, showing: Showing) -> None:
    far = NOON + timedelta(days=9)
    assert forget_showings(ended_before=far, good_until_before=legal_day(far), person_id=UUID(int=1)) == 0
    assert forget_showings(ended_before=far, good_until_before=legal_day(far), person_id=permit.person_id) == 1


@pytest.mark.parametrize(
    ("name", "masked"),
    [("王小明", "王**"), ("欧阳小明", "欧***"), ("WONG SIU MING", "W*** S** M***"), ("王", "王"), ("", "")],
)
def test_a_masked_name_keeps_the_first_letters(name: str, masked: str) -> None:
    assert masked_name(name) == masked


@pytest.mark.parametrize(("number", "masked"), [("810000199001011234", "*" * 14 + "1234"), ("1234", "1234"), ("", "")])
def test_a_masked_number_keeps_the_last_four(number: str, masked: str) -> None:
    assert masked_number(number) == masked


@pytest.mark.parametrize(("born", "is_over"), [("2008-11-02", True), ("2008-11-03", False), ("2008-11-01", True)])
def test_eighteen_is_reached_on_the_birthday(
    town: City, permit: Permit, holder: Principal, born: str, is_over: bool
) -> None:
    permit.person.birth_date = date.fromisoformat(born)
    showing = begin_showing(permit=permit, purpose="age", at=NOON, by=holder)
    assert read_at(draw_code(showing=showing, at=NOON), NOON).values["over_18"] is is_over


def test_showings_are_of_their_person_and_seen_by_nobody_else(roles: None, showing: Showing) -> None:
    stranger: Resident = a_resident(name="李四")
    with as_web(Reader("resident", str(stranger.principal.id))):
        assert not Showing.objects.exists()
