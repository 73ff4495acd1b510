"""A new key seals everything anew while the platform runs: nothing is lost, nothing is left, nothing else changes."""

import io
import json
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from tests.support.people import Resident
from tests.trust.world import a_file, everything_opened, fill
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.documents import storage
from yizhengtong.foundation.vault import holdings, keyring, rotation
from yizhengtong.foundation.vault.envelope import Place, UnknownEnvelope, key_of, open_envelope, seal
from yizhengtong.foundation.vault.errors import KeyProblem
from yizhengtong.foundation.vault.keys import make_key, retire_key, rewrap, settled_after
from yizhengtong.foundation.vault.masters import add_master
from yizhengtong.foundation.vault.models import DataKey, RotationPosition
from yizhengtong.project.sealed import FileHolding, all_holdings, sealed_tables
from yizhengtong.registry.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)
NOT_REWRITTEN = ("audit_", "vault_", "django_", "procrastinate_", "pgtrigger")


@pytest.fixture
def resident(settings: Any) -> Resident:
    """Somebody with a permit, in a city where all that is sealed holds something."""
    settings.YZT_KEYS_REFRESH_SECONDS = 60
    return fill()[1]


def keys(*arguments: str) -> str:
    """Run the command and return what it says."""
    said = io.StringIO()
    call_command("keys", *arguments, stdout=said)
    return said.getvalue()


def counted() -> Counter[int]:
    return sum((holding.count_by_key() for holding in all_holdings()), Counter())


def rows() -> dict[str, int]:
    """Return how many rows each table has; the trail grows by the rotation's own entries."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            if not table.startswith(NOT_REWRITTEN):
                cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 names from the catalogue
                found[table] = cursor.fetchone()[0]
    return found


def test_every_sealed_place_holds_something_so_that_the_tests_below_mean_something(resident: Resident) -> None:
    empty = {table.name for table in sealed_tables() if not table.count_by_key()}
    assert not {name for name in empty if not name.startswith(("importing_", "rights_"))} & MUST_HOLD
    assert FileHolding().count_by_key()


MUST_HOLD = {
    "accounts_accountphone", "applications_application", "applications_applicationevent", "casework_decision",
    "casework_journalentry", "casework_notice", "django_session", "mfa_authenticator", "people_person",
    "people_personevent", "people_personnumber", "people_personnumberevent", "permits_permit", "permits_permitevent",
    "procrastinate_jobs", "residence_registration", "residence_registrationevent", "web_idempotentanswer",
}  # fmt: skip


def test_a_rotation_leaves_nothing_sealed_with_the_old_key_and_changes_no_content(resident: Resident) -> None:
    before, kept_rows, content = everything_opened(), rows(), storage.read_content(name := a_file(resident))
    old, total = keyring.keyring().sealing.id, counted().total()
    kept_rows = rows()
    before = everything_opened()
    said = keys("rotate", "--batch", "3")
    new = DataKey.objects.get(kind="data", state="active").pk
    assert counted() == Counter({new: total})
    assert f"remaining=0 damaged=0\nNothing is sealed with key {old} any more" in said
    assert everything_opened() == before
    assert storage.read_content(name) == content
    assert rows() == kept_rows, "no history row is due for what did not change"
    assert not RotationPosition.objects.exists()


def test_history_opens_after_a_rotation_as_the_row_it_is_the_history_of(resident: Resident) -> None:
    keys("rotate")
    history = resident.person.history.all()  # type: ignore[attr-defined]
    assert {row.name for row in history} == {"王小明"}


def test_making_rotating_and_retiring_stand_in_the_trail(resident: Resident, settings: Any) -> None:
    old = keyring.keyring().sealing.id
    keys("rotate")
    age_keys()
    keys("retire", str(old), "--destroy")
    actions = Entry.objects.filter(action__startswith="vault.").order_by("at").values_list("action", "fields")
    assert list(actions) == [
        ("vault.make_key", [str(old + 2)]), ("vault.rotate", [str(old + 2)]), ("vault.retire_key", [str(old)]),
        ("vault.destroy_key", [str(old)]),
    ]  # fmt: skip


def test_a_rotation_that_was_killed_goes_on_where_it_was(resident: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    real, done = holdings.TableHolding.seal_some, []

    def dies(self: Any, **named: Any) -> Any:
        done.append(self.name)
        if len(done) > 12:
            raise KeyboardInterrupt
        return real(self, **named)

    monkeypatch.setattr(holdings.TableHolding, "seal_some", dies)
    with pytest.raises(KeyboardInterrupt):
        keys("rotate", "--batch", "1")
    monkeypatch.undo()
    assert RotationPosition.objects.exclude(last="").exists()
    keyring.forget()
    half = counted()
    new = DataKey.objects.get(kind="data", state="active").pk
    assert len(half) == 2
    keys("rotate")
    assert DataKey.objects.get(kind="data", state="active").pk == new, "no further key is made"
    assert counted() == Counter({new: half.total()})


def test_a_row_that_somebody_is_changing_waits_for_nobody_and_is_not_lost(resident: Resident) -> None:
    make_key()
    table = next(each for each in sealed_tables() if each.name == "people_person")
    new = keyring.ring_for_sealing().sealing.id
    locked, ended = threading.Event(), threading.Event()

    def change() -> None:
        with transaction.atomic():
            person = Person.objects.select_for_update().get(pk=resident.person.pk)
            locked.set()
            ended.wait(30)
            person.name = "王大明"
            person.save()
        connection.close()

    thread = threading.Thread(target=change)
    thread.start()
    assert locked.wait(30)
    table.seal_some(after="", limit=1000, key_id=new)
    assert set(table.count_by_key()) == {new, new - 2}, "the locked row was passed over"
    ended.set()
    thread.join()
    outcome = rotation.rotate(all_holdings(), say=lambda _: None)
    assert (outcome.remaining, outcome.damaged) == (0, 0)
    assert Person.objects.get(pk=resident.person.pk).name == "王大明"


def test_a_change_between_reading_and_writing_wins(resident: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the row not locked, the envelope that was read must still be there for the new one to be written."""
    make_key()
    table = next(each for each in sealed_tables() if each.name == "people_person")
    real = holdings.TableHolding._sealed

    def changed_meanwhile(self: Any, row: Any, key_id: int) -> Any:
        with connection.cursor() as cursor:
            place = Place("people_person", "name", row[0])
            cursor.execute("UPDATE people_person SET name = %s WHERE id = %s", [seal("王大明".encode(), place), row[0]])
        return real(self, row, key_id)

    monkeypatch.setattr(holdings.TableHolding, "_sealed", changed_meanwhile)
    table.seal_some(after="", limit=1000, key_id=keyring.ring_for_sealing().sealing.id)
    assert Person.objects.get(pk=resident.person.pk).name == "王大明"


def test_who_writes_all_the_while_loses_nothing(resident: Resident) -> None:
    """Three rotations beside a resident's corrections: the last word stands, and nothing keeps an old key."""
    said, is_over = ["王小明"], threading.Event()

    def write() -> None:
        while not is_over.is_set():
            with transaction.atomic():
                person = Person.objects.select_for_update().get(pk=resident.person.pk)
                assert person.name == said[-1]
                person.name = f"王{len(said)}明"
                person.save()
            said.append(person.name)
            is_over.wait(0.01)  # each change leaves a history row, which the rotation has to seal as well
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(3):
            make_key()
            keyring.reload()
            outcome = rotation.rotate(all_holdings(), say=lambda _: None, batch_rows=5)
    finally:
        is_over.set()
        thread.join(30)
    assert outcome.damaged == 0
    rotation.rotate(all_holdings(), say=lambda _: None)
    assert len(said) > 8, "somebody did write"
    assert Person.objects.get(pk=resident.person.pk).name == said[-1]
    assert set(counted()) == {DataKey.objects.get(kind="data", state="active").pk}
    history = resident.person.history.order_by("pgh_id")  # type: ignore[attr-defined]
    assert [row.name for row in history] == said, "each change once, in its order"


def test_the_rotation_lets_frozen_rows_change_in_nothing_else(resident: Resident) -> None:
    keys("rotate")
    with connection.cursor() as cursor:
        for table in ("casework_decision", "casework_journalentry", "casework_notice"):
            with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
                cursor.execute(f"UPDATE {table} SET case_id = case_id")  # noqa: S608 names of our own


def test_a_value_that_does_not_open_is_told_and_keeps_the_old_key(resident: Resident) -> None:
    old = keyring.keyring().sealing.id
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_person SET phone = %s WHERE id = %s",
                       [b"\x01" + old.to_bytes(4, "big") + bytes(40), resident.person.pk])  # fmt: skip
    with pytest.raises(CommandError, match="do not open"):
        keys("rotate")
    with pytest.raises(CommandError, match="still sealed with key"):
        keys("retire", str(old))
    with pytest.raises(CommandError, match="cannot be opened"):
        keys("check")


def test_a_key_retires_only_unused_and_after_every_process_knows_the_next(resident: Resident) -> None:
    old = DataKey.objects.get(pk=keyring.keyring().sealing.id)
    envelope = seal(b"x", Place("t", "c", "k"))
    with pytest.raises(CommandError, match="still sealed with key"):
        keys("retire", str(old.pk))
    with pytest.raises(KeyProblem, match=r"^vault\.key_in_use$"):
        retire_key(old)
    keys("rotate")
    with pytest.raises(CommandError, match="younger than"):
        keys("retire", str(old.pk))
    age_keys()
    assert "opens nothing any more" in keys("retire", str(old.pk))
    with pytest.raises(UnknownEnvelope, match=r"^vault\.key_retired$"):
        open_envelope(envelope, Place("t", "c", "k"))
    assert DataKey.objects.get(pk=old.pk).wrapped, "older backups still open"
    keys("retire", str(old.pk), "--destroy")
    assert not DataKey.objects.get(pk=old.pk).wrapped


def test_a_process_that_does_not_know_the_new_key_yet_learns_of_it(resident: Resident, settings: Any) -> None:
    settings.YZT_KEYS_REFRESH_SECONDS = 3600
    ring = keyring.keyring()
    new = make_key()
    sealed = seal(b"x", Place("t", "c", "k"))
    keyring.use(ring)
    assert key_of(seal(b"x", Place("t", "c", "k"))) == ring.sealing.id
    ring.loaded_at -= 2
    assert open_envelope(sealed, Place("t", "c", "k")) == b"x", "an unknown key is looked for"
    keyring.use(ring)
    settings.YZT_KEYS_REFRESH_SECONDS = 0
    assert key_of(seal(b"x", Place("t", "c", "k"))) == new.pk, "and the key in use is asked for again"


def test_a_deployment_changes_its_suite_by_a_rotation(resident: Resident, settings: Any) -> None:
    before = everything_opened()
    settings.YZT_CRYPTO = "national"
    keys("rotate")
    assert DataKey.objects.get(kind="data", state="active").suite == "sm4gcm"
    assert everything_opened() == before


def test_a_new_master_key_wraps_all_keys_and_opens_what_they_sealed(resident: Resident, settings: Any) -> None:
    before = everything_opened()
    name = add_master(Path(settings.YZT_KEYS))
    assert rewrap() == 2
    assert set(DataKey.objects.values_list("master", flat=True)) == {name}
    keyring.forget()
    assert everything_opened() == before


def test_the_database_of_the_first_release_is_sealed_by_a_rotation(resident: Resident, settings: Any) -> None:
    before = everything_opened()
    leave_all_open(resident)
    assert set(counted()) == {0}
    assert everything_opened() == before, "read as it lies"
    keys("rotate")
    assert 0 not in counted()
    assert everything_opened() == before
    age_keys()
    keys("retire", "0")
    with pytest.raises(UnknownEnvelope, match=r"^vault\.key_retired$"):
        open_envelope(b"\x01\0\0\0\0x", Place("t", "c", "k"))


def leave_all_open(resident: Resident) -> None:
    """Put every value back into the envelope of key 0, second factors and tasks outside of any, as 0.1.0 left them."""
    DataKey.objects.create(id=0, kind="data", suite="open", master="", wrapped=b"", state="retiring")
    keyring.reload()
    contents = everything_opened()
    with transaction.atomic(), connection.cursor() as cursor:
        for table in sealed_tables():
            cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [table._triggers])
            for column in table.columns:
                written = column.written.format("%s::bytea") if table.name == "django_session" else "%s"
                for (name, column_name, key), content in contents.items():
                    if (name, column_name) == (table.table, column.name):
                        is_json = table.name in {"mfa_authenticator", "procrastinate_jobs"}
                        value = json.dumps(content) if is_json else b"\x01\0\0\0\0" + content
                        cursor.execute(
                            f'UPDATE "{table.table}" SET "{column.name}" = {written}{"::jsonb" if is_json else ""}'  # noqa: S608 names of our own
                            f' WHERE "{table.key}" = %s', [value, key],
                        )  # fmt: skip
    for name in list(storage.names_written_before(timezone.now() + timedelta(days=1))):
        Path(storage.place().path(name)).write_bytes(storage.read_content(name))


def test_a_file_is_sealed_anew_whole_and_keeps_its_age(resident: Resident) -> None:
    name = a_file(resident)
    path, content = Path(storage.place().path(name)), storage.read_content(name)
    seen = path.stat()
    make_key()
    assert storage.reseal_content(name)
    assert not storage.reseal_content(name), "it is already"
    assert (path.stat().st_mtime_ns, path.stat().st_mode) == (seen.st_mtime_ns, seen.st_mode)
    assert storage.read_content(name) == content
    assert storage.key_of_file(name) == keyring.keyring().sealing.id


def test_list_and_check_say_what_there_is(resident: Resident) -> None:
    said = keys("list")
    assert "aes256gcm   active" in said
    assert "of what one key may seal in a column" in said
    assert "people_person: opened" in keys("check")


def age_keys() -> None:
    """Let every key be old enough for all processes to know it."""
    DataKey.objects.update(made_at=timezone.now() - settled_after() - timedelta(seconds=1))
