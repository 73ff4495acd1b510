"""The demonstration: a warm start skips what has not changed, and nothing of it exists in production."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from yizhengtong.foundation.accounts.models import Account, Office, StaffMember
from yizhengtong.kernel.errors import Forbidden
from yizhengtong.kernel.ids import new_id, public_id
from yizhengtong.kernel.numbers import DocumentKind, parse
from yizhengtong.permitting.casework.models import Answering
from yizhengtong.permitting.permits.rules import last_day_of_year
from yizhengtong.permitting.permits.tests.zhejiang import RUIAN, a_county, a_held_permit
from yizhengtong.project import up
from yizhengtong.project.demonstration.city import CITY, OFFICERS, Demonstration, make_city
from yizhengtong.project.demonstration.officers import ANSWERING
from yizhengtong.project.demonstration.past import let_days_pass
from yizhengtong.project.demonstration.people import next_seed, paper_jpeg, photo_jpeg, somebody
from yizhengtong.verification.relying_parties.models import RelyingParty


@pytest.fixture(autouse=True)
def home_apart(settings: Any, tmp_path: Path) -> None:
    """The city of each test lies in a folder of its own."""
    settings.CONFIGURATION = settings.CONFIGURATION.model_copy(update={"home": tmp_path})
    settings.YZT_PHOTO_RECEIPTS = tmp_path / "photo-receipts"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small checkout with one file of each sort that a preparation depends on, and one of another."""
    for name in (
        "yizhengtong/people/migrations/0001_initial.py",
        "yizhengtong/law/packs/cn/nation.yaml",
        "yizhengtong/project/demonstration/city.py",
        "yizhengtong/people/services.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("as it was")
    monkeypatch.setattr(up, "ROOT", tmp_path)
    return tmp_path


PREPARED_FROM = [
    "yizhengtong/people/migrations/0001_initial.py",
    "yizhengtong/law/packs/cn/nation.yaml",
    "yizhengtong/project/demonstration/city.py",
]


@pytest.mark.parametrize("name", PREPARED_FROM)
def test_a_changed_migration_pack_or_demonstration_prepares_anew(checkout: Path, name: str, tmp_path: Path) -> None:
    up._note_prepared(tmp_path)
    assert up._is_prepared(tmp_path)
    (checkout / name).write_text("changed")
    assert not up._is_prepared(tmp_path)


@pytest.mark.parametrize(
    "name", ["yizhengtong/people/migrations/0002_more.py", "yizhengtong/law/packs/cn/37/3701/jinan.yaml"]
)
def test_a_new_migration_or_pack_prepares_anew(checkout: Path, name: str, tmp_path: Path) -> None:
    up._note_prepared(tmp_path)
    (checkout / name).parent.mkdir(parents=True, exist_ok=True)
    (checkout / name).write_text("new")
    assert not up._is_prepared(tmp_path)


def test_a_pack_that_moved_prepares_anew(checkout: Path, tmp_path: Path) -> None:
    up._note_prepared(tmp_path)
    pack = checkout / "yizhengtong/law/packs/cn/nation.yaml"
    pack.rename(pack.with_name("moved.yaml"))
    assert not up._is_prepared(tmp_path)


def test_other_code_does_not(checkout: Path, tmp_path: Path) -> None:
    up._note_prepared(tmp_path)
    (checkout / "yizhengtong/people/services.py").write_text("changed")
    assert up._is_prepared(tmp_path)


def test_an_empty_home_is_not_prepared(tmp_path: Path) -> None:
    assert not up._is_prepared(tmp_path)


def test_the_checkout_itself_has_something_to_be_prepared_from() -> None:
    folder = up.ROOT / "yizhengtong"
    assert list(folder.rglob("migrations/*.py"))
    assert list(folder.rglob("packs/**/*.yaml"))


def test_the_web_server_listens_on_this_machine_alone(tmp_path: Path) -> None:
    command = list(up.web_process({}, tmp_path, 8123)._command)
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert command[command.index("--port") + 1] == "8123"


@pytest.mark.django_db
def test_the_city_has_its_offices_and_officers_and_can_be_made_again(city: Demonstration, today: date) -> None:
    assert Office.objects.filter(path__startswith=f"{CITY}.").count() > 16
    assert StaffMember.objects.count() == len(OFFICERS)
    assert make_city(today) == city
    assert StaffMember.objects.count() == len(OFFICERS)


@pytest.mark.django_db
def test_every_account_of_the_demonstration_is_marked_as_such(city: Demonstration) -> None:
    assert not Account.objects.filter(is_demonstration=False).exists()


@pytest.mark.django_db
def test_no_city_is_made_in_production(settings: Any, today: date) -> None:
    settings.YZT_PRODUCTION = True
    with pytest.raises(Forbidden) as refusal:
        make_city(today)
    assert refusal.value.code == "accounts.demonstration_refused"
    assert not Office.objects.exists()


@pytest.mark.django_db
def test_days_that_pass_set_a_record_back_and_the_endorsed_year_follows_the_issue(today: date) -> None:
    county = a_county(RUIAN)
    permit = a_held_permit(county, on=today)
    person = public_id("per", permit.person_id)
    let_days_pass(person_id=person, days=100)
    let_days_pass(person_id=person, days=266)
    permit.refresh_from_db()
    assert permit.valid_from == permit.handed_over_on == today - timedelta(days=366)
    assert permit.endorsed_until == last_day_of_year(permit.valid_from, 1)
    assert permit.endorsed_until < today


@pytest.mark.django_db
def test_no_days_pass_in_production(settings: Any) -> None:
    settings.YZT_PRODUCTION = True
    with pytest.raises(Forbidden):
        let_days_pass(person_id=public_id("per", new_id()), days=1)


@pytest.mark.django_db
def test_an_officer_answers_for_each_rule_of_the_system(city: Demonstration, today: date) -> None:
    assert set(Answering.objects.values_list("rule", flat=True)) == set(ANSWERING)
    make_city(today)
    assert Answering.objects.count() == len(ANSWERING)


@pytest.mark.django_db
def test_the_key_of_the_bank_is_readable_by_its_owner_alone(city: Demonstration, tmp_path: Path) -> None:
    assert (tmp_path / "demonstration.json").stat().st_mode & 0o777 == 0o600
    assert city.relying_party_key in (tmp_path / "demonstration.json").read_text()


@pytest.mark.django_db
def test_a_home_of_an_earlier_version_keeps_its_bank_and_gets_the_other_parties(
    city: Demonstration, tmp_path: Path, today: date
) -> None:
    path = tmp_path / "demonstration.json"
    path.write_text(json.dumps({"relying_party_key": city.relying_party_key, "photo_receipt": city.photo_receipt}))
    again = make_city(today)
    assert again.relying_party_key == city.relying_party_key
    assert again.school_key not in {"", city.school_key}
    assert RelyingParty.objects.filter(purposes__contains=["bank"]).count() == 1


@pytest.mark.parametrize("region", ["HK", "MO", "TW"])
@pytest.mark.parametrize("age", [9, 15, 16, 34])
def test_synthetic_people_have_well_formed_numbers_and_their_age(region: Any, age: int, today: date) -> None:
    who = somebody(today, region=region, age=age, seed=7)
    assert parse(DocumentKind(who.kind), who.number).text == who.number
    had_birthday = (today.month, today.day) >= (who.birth_date.month, who.birth_date.day)
    assert today.year - who.birth_date.year - (not had_birthday) == age
    assert who.valid_until > today


def test_no_two_synthetic_people_are_the_same(today: date) -> None:
    assert next_seed() != next_seed()
    assert len({somebody(today).number for _ in range(50)}) == 50


def test_papers_and_photographs_are_jpeg() -> None:
    for content in (photo_jpeg(), paper_jpeg("lease")):
        assert content.startswith(b"\xff\xd8\xff")
    assert paper_jpeg("lease") != paper_jpeg("deed")
