"""Offices merged, officers who leave, editions taken back: the services behind three runbooks."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from tests.support.cases import an_application, case_at, received
from tests.support.city import POINTS, City, a_city
from tests.support.law import JINAN, LIXIA, SHIZHONG
from tests.support.people import a_resident
from yizhengtong.foundation.accounts.models import Account, Office, StaffMember
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal, PrincipalKind, principal_for
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.services import (
    appoint_first_administrator,
    appoint_officer,
    create_office,
    leave_office,
    office_for_new_work,
)
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.errors import Conflict, NotFound
from yizhengtong.kernel.ids import new_id
from yizhengtong.law.models import Edition
from yizhengtong.law.reading import pack_texts
from yizhengtong.law.services import confirm_edition, propose_again, propose_edition
from yizhengtong.permitting.casework.models import Appointment
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.project.merging import keys_of_offices, merge_offices, paths_of_offices
from yizhengtong.project.roles.statements import WORKER, table_rights

OLD, NEW = POINTS[LIXIA], POINTS[SHIZHONG]
CHANGES = (WORKER, "UPDATE")


@pytest.fixture
def jinan(db: None) -> City:
    return a_city()


@pytest.mark.parametrize("state", ["received", "accepted", "completed"])
def test_cases_and_permits_of_a_merged_office_belong_to_the_other(jinan: City, state: str) -> None:
    case, _ = case_at(jinan, state)
    here = jinan.offices[NEW]
    moved = merge_offices(source=OLD, target=NEW, by=SYSTEM)
    case.refresh_from_db()
    assert (case.office_id, case.office_path) == (here.pk, here.path)
    assert moved["casework_case"] >= 1
    for permit in Permit.objects.all():
        assert (permit.office_id, permit.office_path) == (here.pk, here.path)
    assert Permit.objects.exists() is (state == "completed")


def test_the_worker_may_rewrite_whatever_a_merge_does() -> None:
    """Merges by a page are carried out with its rights (test_merging_by_a_page): a table left out stops them all."""
    given = {(each.relation, each.column) for each in table_rights() if (each.role, each.privilege) == CHANGES}
    needed = {*keys_of_offices(), *((table, "office_path") for table in paths_of_offices())}
    assert not sorted(each for each in needed if each not in given and (each[0], "") not in given)


def test_what_belongs_elsewhere_stays_where_it_is(jinan: City) -> None:
    like = create_office(code="370100-011", name="像它的", region=LIXIA, parent=jinan.offices[OLD].parent, by=SYSTEM)
    case, _ = case_at(jinan, "received")
    type(case).objects.filter(pk=case.pk).update(office=like, office_path=like.path)
    merge_offices(source=OLD, target=NEW, by=SYSTEM)
    case.refresh_from_db()
    assert (case.office_id, case.office_path) == (like.pk, like.path)


def test_a_whole_bureau_goes_with_the_points_below_it(jinan: City) -> None:
    bureau, taking = jinan.offices[LIXIA], jinan.offices[SHIZHONG]
    case, _ = case_at(jinan, "received")
    merge_offices(source=LIXIA, target=SHIZHONG, by=SYSTEM)
    point = Office.objects.get(code=OLD)
    case.refresh_from_db()
    assert point.parent_id == taking.pk
    assert point.path == case.office_path == f"{taking.path}.{OLD}"
    assert case.office_id == point.pk
    bureau.refresh_from_db()
    assert bureau.merged_into_id == taking.pk


def test_officers_serve_on_at_the_office_that_stays(jinan: City) -> None:
    member = _officer(jinan, "chen.wu")
    merge_offices(source=OLD, target=NEW, by=SYSTEM)
    principal = principal_for(member.account)
    assert principal is not None
    assert (principal.office_id, principal.office_path) == (jinan.offices[NEW].pk, jinan.offices[NEW].path)


def test_appointments_to_come_keep_their_time_and_nobody_loses_a_seat(jinan: City) -> None:
    at = timezone.now() + timedelta(days=3)
    cases = [case_at(jinan, "received")[0] for _ in range(4)]
    there = [_appointment(cases[n], NEW, at, seat=n + 1) for n in range(2)]
    here = [_appointment(cases[n], OLD, at, seat=n - 1) for n in range(2, 4)]
    past = _appointment(cases[0], OLD, timezone.now() - timedelta(days=1), seat=1, state="arrived")
    merge_offices(source=OLD, target=NEW, by=SYSTEM)
    moved = [Appointment.objects.get(pk=each.pk) for each in (*there, *here)]
    assert {each.office_id for each in moved} == {jinan.offices[NEW].pk}
    assert sorted(each.seat for each in moved) == [1, 2, 3, 4]
    assert {each.starts_at for each in moved} == {at}
    past.refresh_from_db()
    assert past.office_id == jinan.offices[OLD].pk


def test_new_applications_to_the_old_code_go_to_the_office_that_stays(jinan: City) -> None:
    merge_offices(source=OLD, target=NEW, by=SYSTEM)
    resident = a_resident()
    case = received(resident, an_application(resident))
    assert case.office_id == jinan.offices[NEW].pk
    assert case.office_path == jinan.offices[NEW].path


def test_a_merge_is_in_the_trail_and_changes_nothing_of_the_trail_before(jinan: City) -> None:
    case_at(jinan, "accepted")
    before = list(Entry.objects.order_by("pk").values("pk", "office_id"))
    by = Principal(PrincipalKind.STAFF, new_id())
    merge_offices(source=OLD, target=NEW, by=by)
    assert (
        list(Entry.objects.exclude(action="accounts.merge_offices").order_by("pk").values("pk", "office_id")) == before
    )
    entry = Entry.objects.get(action="accounts.merge_offices")
    assert (entry.actor_id, entry.object_id, entry.purpose) == (by.id, jinan.offices[OLD].pk, f"into {NEW}")


@pytest.mark.parametrize(
    ("source", "target", "error", "code"),
    [
        (OLD, "nowhere", NotFound, "accounts.office_unknown"),
        (OLD, OLD, Conflict, "accounts.office_within_itself"),
        (LIXIA, OLD, Conflict, "accounts.office_within_itself"),
        (JINAN, NEW, Conflict, "accounts.office_within_itself"),
    ],
)
def test_a_merge_that_makes_no_sense_is_refused(
    jinan: City, source: str, target: str, error: type[Exception], code: str
) -> None:
    with pytest.raises(error, match=code):
        merge_offices(source=source, target=target, by=SYSTEM)


def test_an_office_goes_once_and_takes_nobody_in_afterwards(jinan: City) -> None:
    merge_offices(source=OLD, target=NEW, by=SYSTEM)
    for source, target in ((OLD, LIXIA), (LIXIA, OLD)):
        with pytest.raises(Conflict, match=r"accounts.office_merged_already"):
            merge_offices(source=source, target=target, by=SYSTEM)


def test_what_knows_an_office_is_moved_or_is_known_to_stay(db: None) -> None:
    named = {
        model._meta.db_table
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if str(field.column).startswith("office") or field.related_model is Office
    }
    histories = {name for name in named if name.endswith("event")}
    moved = {table for table, _ in keys_of_offices()} | set(paths_of_offices()) | {"casework_appointment"}
    stays = {"audit_entry", "accounts_office", "papers_issuedpaper"}  # a paper bears the name it was printed with
    assert {"casework_case", "permits_permit", "accounts_staffmember"} <= moved
    assert named - histories == moved | stays & named


@pytest.mark.django_db(transaction=True)
def test_work_that_arrives_during_a_merge_waits_and_goes_to_the_office_that_stays(db: None) -> None:
    root = create_office(code="root", name="市局", region=JINAN, parent=None, by=SYSTEM)
    for code in ("old", "new"):
        create_office(code=code, name=code, region=JINAN, parent=root, by=SYSTEM)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        merge_offices(source="old", target="new", by=SYSTEM)
        arriving = pool.submit(_arrive, "old")
        _wait_until_blocked()
        assert not arriving.done()
    office = arriving.result(timeout=90)
    assert office == "new"


def test_an_officer_who_leaves_cannot_do_anything_any_more(jinan: City) -> None:
    member = _officer(jinan, "chen.wu")
    assert principal_for(member.account) is not None
    leave_office(username="chen.wu", by=SYSTEM)
    member.refresh_from_db()
    account = Account.objects.get(pk=member.account_id)
    assert (member.is_serving, account.is_active, account.has_usable_password()) == (False, False, False)
    assert principal_for(account) is None
    assert Entry.objects.filter(action="accounts.leave_office", object_id=member.pk).count() == 1
    with pytest.raises(NotFound, match=r"accounts.officer_unknown"):
        leave_office(username="chen.wu", by=SYSTEM)


def test_a_session_of_an_officer_who_left_stands_for_nobody(jinan: City) -> None:
    from benchmarks.prepare import open_session  # it sets Django up when imported alone
    from yizhengtong.foundation.accounts.principals import principal_of_session

    token = open_session(_officer(jinan, "chen.wu").account, has_second_factor=True)
    assert principal_of_session(token) is not None
    leave_office(username="chen.wu", by=SYSTEM)
    assert principal_of_session(token) is None
    Account.objects.filter(username="chen.wu").update(is_active=True)
    assert principal_of_session(token) is None


def test_the_last_administrator_cannot_leave(jinan: City) -> None:
    office = jinan.offices[JINAN]
    appoint_first_administrator(username="zhou.yi", password="a long password 1", name="周一", office=office, by=SYSTEM)
    with pytest.raises(Conflict, match=r"accounts.last_administrator"):
        leave_office(username="zhou.yi", by=SYSTEM)
    _officer(jinan, "wu.er", Role.ADMINISTRATOR)
    leave_office(username="zhou.yi", by=SYSTEM)
    with pytest.raises(Conflict, match=r"accounts.last_administrator"):
        leave_office(username="wu.er", by=SYSTEM)


def test_the_commands_name_who_does_it(jinan: City, capsys: pytest.CaptureFixture[str]) -> None:
    _officer(jinan, "chen.wu")
    _officer(jinan, "li.liu")
    with pytest.raises(CommandError, match="--by"):
        call_command("offices", "merge", OLD, NEW)
    with pytest.raises(CommandError, match="Name two offices"):
        call_command("offices", "merge", OLD, by="li.liu")
    call_command("offices", "merge", OLD, NEW, by="li.liu")
    call_command("offices")
    assert f"(merged into {NEW})" in capsys.readouterr().out
    call_command("officer", "leave", "chen.wu", by="li.liu")
    assert not StaffMember.objects.get(account__username="chen.wu").is_serving
    with pytest.raises(CommandError, match="leave USERNAME"):
        call_command("officer", "somebody")


def test_a_wrong_edition_is_taken_back_from_the_archive_by_two_persons(db: None) -> None:
    first, second = (Principal(PrincipalKind.STAFF, new_id()) for _ in range(2))
    right = confirm_edition(edition_hash=propose_edition(texts=pack_texts(), by=first).hash, by=second)
    wrong_texts = {path: f"{text}\n# a comment\n" for path, text in pack_texts().items()}
    wrong = confirm_edition(edition_hash=propose_edition(texts=wrong_texts, by=first).hash, by=second)
    with pytest.raises(Conflict, match=r"law.edition_in_force_already"):
        propose_again(edition_hash=wrong.hash, by=first)
    again = propose_again(edition_hash=right.hash, by=first)
    assert again.state == Edition.State.PROPOSED
    assert confirm_edition(edition_hash=again.hash, by=second).hash == right.hash
    assert Edition.objects.filter(state=Edition.State.IN_FORCE).count() == 1
    with pytest.raises(NotFound):
        propose_again(edition_hash="0" * 64, by=first)


def test_the_decisions_of_a_wrong_edition_are_found(jinan: City, capsys: pytest.CaptureFixture[str]) -> None:
    case_at(jinan, "completed")
    edition = Edition.objects.get(state=Edition.State.IN_FORCE)
    call_command("packs", "decided", edition=edition.hash[:12])
    told = capsys.readouterr().out
    assert "cas_" in told
    assert "granted" in told
    assert "1 decisions rest" in told
    Edition.objects.create(hash="f" * 64, members=edition.members, state=Edition.State.RETIRED)
    call_command("packs", "decided", edition=edition.hash[:12])
    assert "0 decisions rest" in capsys.readouterr().out


def _officer(jinan: City, username: str, *roles: Role) -> StaffMember:
    return appoint_officer(
        username=username, password="a long password 1", name="陈五", office=jinan.offices[OLD],
        roles=roles or (Role.CLERK,), by=SYSTEM,
    )  # fmt: skip


def _appointment(case: Any, code: str, at: Any, *, seat: int, state: str = "booked") -> Appointment:
    office = Office.objects.get(code=code)
    return Appointment.objects.create(case=case, office=office, starts_at=at, seat=seat, state=state)


def _arrive(code: str) -> str | None:
    """Look an office up as a submission does, in a connection of its own."""
    try:
        with transaction.atomic():
            office = office_for_new_work(code)
            return office.code if office else None
    finally:
        connections.close_all()


def _wait_until_blocked() -> None:
    """Return when somebody waits for a lock of this database: other tests have theirs on the same server."""
    until = timezone.now() + timedelta(seconds=90)
    while timezone.now() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # within a transaction it is looked at once
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waited")
