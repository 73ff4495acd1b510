"""A thief who has the database and the folder of files has no name, number, phone, address, birth date or picture.

The whole main job runs through the API for people of every region, a child and a guardian, a refusal, a move and a
loss. Then everything that lies in the tables and files is searched, in every encoding. The same search without
encryption finds each kind of thing: so finding nothing means something.
"""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from tests.trust.searching import Hit, days, find, kinds, magic, texts_of, windows
from tests.trust.world import TOTP_SECRET as ANOTHER_SECRET
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.phones import keep_phone
from yizhengtong.foundation.documents import storage
from yizhengtong.foundation.vault.keys import use_open_key
from yizhengtong.kernel.dates import legal_day
from yizhengtong.project.demonstration.city import OFFICERS, TOTP_SECRET, make_city
from yizhengtong.project.demonstration.journeys import Journeys
from yizhengtong.project.demonstration.journeys import jinan as told
from yizhengtong.project.demonstration.narration import Narrator
from yizhengtong.project.demonstration.people import Somebody, paper_jpeg, photo_jpeg, somebody
from yizhengtong.registry.people.names import folded

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = (
    ("歐陽龍軒", "OUYANG, LONGHIN"), ("司徒麗華", "SZETO, LAIWAH"), ("上官綺雯", "SHEUNGKWUN, YEEMAN"),
    ("诸葛晓岚", "CHUKOT, HIULAM"), ("端木國樑", "TUANMU, KUOLIANG"), ("淳于静嫻", "SHUNYU, CHINGHAN"),
    ("公孫鈺婷", "KUNGSUN, YUTING"), ("皇甫澤楷", "WONGPO, CHAKKAI"),
)  # fmt: skip
BORN = {9: date(2017, 5, 27), 34: date(1991, 7, 23), 41: date(1984, 10, 29)}
PHONE, ADDRESSES = "+852 5550 0100", ("演示路1号1单元101室", "济南市市中区演示路1号")
PASSPHRASE = "Longer-than-8"
KINDS = {
    "name",
    "latin name",
    "number",
    "permit number",
    "phone",
    "address",
    "birth date",
    "picture",
    "magic",
    "secret",
}


@dataclass(slots=True)
class Stolen:
    """What the journeys left behind, and who took part."""

    people: list[Somebody]
    permit_numbers: set[str]
    haystacks: list[tuple[str, bytes]] = field(repr=False, default_factory=list)

    def search(self) -> set[Hit]:
        return find(self.haystacks, list(self.things()))

    def things(self) -> Iterator[tuple[str, bytes | str]]:
        for who in self.people:
            yield from texts_of("name", {who.name, folded(who.name)})
            yield from texts_of("latin name", {who.latin_name, who.latin_name.replace(",", ""), folded(who.latin_name)})
            yield from texts_of("number", {who.number, who.number.lower()})
            yield from days("birth date", who.birth_date)
        yield from texts_of("name", {officer.name for officer in OFFICERS})
        yield from texts_of("permit number", self.permit_numbers)
        yield from texts_of("phone", (PHONE, "55500100", "5550 0100"))
        yield from texts_of("address", ADDRESSES)
        yield from texts_of("secret", (TOTP_SECRET, ANOTHER_SECRET, PASSPHRASE))
        for title in ("lease", "hrp", "fingerprints", "signed", "guardian_identity"):
            yield from windows("picture", paper_jpeg(title))
        yield from windows("picture", photo_jpeg())
        yield from magic()


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> list[Somebody]:
    """Give everybody of the journeys a name and birthday that occur nowhere else; filled as they appear."""
    made: list[Somebody] = []
    ordinary, turn = somebody, count()

    def named(today: date, *, age: int = 34, **more: Any) -> Somebody:
        name, latin_name = NAMES[next(turn)]
        made.append(replace(ordinary(today, age=age, **more), name=name, latin_name=latin_name, birth_date=BORN[age]))
        return made[-1]

    monkeypatch.setattr(told, "somebody", named)
    return made


def steal(people: list[Somebody], server: Any, said: list[str]) -> Stolen:
    """Live through all journeys of Jinan and take what lies there."""
    call_command("createcachetable", verbosity=0)
    today = legal_day(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    (settings.CONFIGURATION.home / "demonstration.json").unlink(missing_ok=True)
    city = make_city(today)
    before = Stolen(people, set(), list(taken()))
    account = Account.objects.create_user("someone-else", PASSPHRASE)
    keep_phone(account, PHONE, is_verified=True)
    journeys = Journeys(port=int(server.url.rpartition(":")[2]), city=city, today=today, narrator=Narrator(said.append))
    journeys.tell_jinan()
    numbers = permit_numbers()
    known = {(hit.kind, hit.encoding) for hit in replace(before, permit_numbers=numbers).search()}
    stolen = Stolen(people, numbers, list(taken()))
    assert not {kind for kind, _ in known} - {"name", "magic", "picture", "secret"}, "the law holds no such thing"
    return stolen


def permit_numbers() -> set[str]:
    from yizhengtong.permitting.permits.models import Permit

    return {permit.number for permit in Permit.objects.all()}


def taken() -> Iterator[tuple[str, bytes]]:
    """Yield the dump, every column of every table as it lies, and every file with its name."""
    yield "pg_dump", dump()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
            " AND table_name IN (SELECT tablename FROM pg_tables WHERE schemaname = 'public')"
        )
        for table, column, kind in cursor.fetchall():
            shown = f'"{column}"' if kind == "bytea" else f"convert_to(\"{column}\"::text, 'UTF8')"
            cursor.execute(f'SELECT {shown} FROM "{table}" WHERE "{column}" IS NOT NULL')  # noqa: S608 names from the catalogue
            yield f"{table}.{column}", b"\n".join(bytes(value) for (value,) in cursor.fetchall())
    for name in storage.names_written_before(timezone.now() + timedelta(days=1)):
        yield f"file {name}", name.encode() + b"\n" + Path(storage.place().path(name)).read_bytes()


def dump() -> bytes:
    """Return what pg_dump writes for the whole database, as text."""
    given = connection.get_connection_params()
    address = make_conninfo(
        **{name: given[name] for name in ("host", "port", "dbname", "user", "password") if given.get(name)}
    )
    program = Path(os.environ["YZT_POSTGRES_BINDIR"]) / "pg_dump"
    written = subprocess.run([str(program), "--dbname", address], check=True, stdout=subprocess.PIPE)
    return written.stdout


@pytest.mark.row("S0-T37")
@pytest.mark.parametrize("suite", ["international", "national"])
def test_a_stolen_dump_and_the_stolen_files_are_worthless(
    suite: str, people: list[Somebody], live_server: Any, settings: Any
) -> None:
    settings.YZT_CRYPTO = suite
    call_command("keys", "make")
    said: list[str] = []
    stolen = steal(people, live_server, said)
    assert len(people) == len(NAMES) - 2, "every journey of Jinan was told"
    assert len(stolen.permit_numbers) == 2
    assert len([place for place, _ in stolen.haystacks if place.startswith("file ")]) > 20
    assert stolen.search() == set()
    assert said


def test_the_same_search_finds_each_kind_where_nothing_is_sealed(people: list[Somebody], live_server: Any) -> None:
    use_open_key()
    stolen = steal(people, live_server, [])
    hits = stolen.search()
    found = kinds(hits)
    assert set(found) == KINDS
    places = {hit.place.partition(" ")[0] for hit in hits}
    assert places >= {
        "pg_dump", "file", "people_person.name", "people_personevent.name", "people_personnumber.number",
        "permits_permit.card", "applications_application.answers", "residence_registration.address",
        "web_idempotentanswer.body", "mfa_authenticator.data", "accounts_staffmember.name",
    }  # fmt: skip
