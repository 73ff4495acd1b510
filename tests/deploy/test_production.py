"""Production mode: each weak setting is named by its code, a good one is silent, and all are told at once."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from django.core.checks import CheckMessage, registry
from django.core.management import CommandError, call_command
from django.db import DatabaseError, ProgrammingError
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from psycopg.errors import InsufficientPrivilege, UndefinedTable

from tests.deploy.place import ROOT, Place
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.vault.errors import KeyProblem
from yizhengtong.foundation.vault.keyring import Key, Keyring
from yizhengtong.foundation.vault.models import DataKey
from yizhengtong.law.models import Edition
from yizhengtong.project.production import database, declared, machine, sealing, start
from yizhengtong.project.production.weakness import TAG, weakness

FOLDER = ROOT / "yizhengtong" / "project" / "production"
TEXTS = yaml.safe_load((FOLDER / "texts.yaml").read_text("utf-8"))
CODES = {code for path in FOLDER.glob("*.py") for code in re.findall(r'weakness\(\s*"([\w.]+)"', path.read_text())}
MAIL = {"server": "mail.example.org", "security": "starttls"}
SMS = {"gateway": "https://sms.example.org", "gateway_key": "0123456789abcdef" * 2, "smpp": "", "smpp_tls": True}
SMPP = {**SMS, "gateway": "", "smpp": "smsc.example.org:2775"}
Arrange = Callable[[Any, pytest.MonkeyPatch, Path], None]


@pytest.fixture
def good(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine and settings that nothing stands against; returns its home."""
    home, backups = tmp_path / "home", tmp_path / "backups"
    for folder in (home, home / "keys", home / "files", backups):
        folder.mkdir(mode=0o700)
    _key(home / "keys" / "master")
    settings.CONFIGURATION = SimpleNamespace(
        home=home,
        backups=backups,
        accepted_risks=[],
        trusted_proxies=1,
        audit_checkpoints=tmp_path / "checkpoints",
        audit_keys=None,
    )
    settings.YZT_PRODUCTION, settings.DEBUG = True, False
    settings.ALLOWED_HOSTS, settings.YZT_ADDRESS = ["permits.example.org", "127.0.0.1"], "https://permits.example.org"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECRET_KEY = "0123456789abcdef" * 4
    settings.YZT_KEYS, settings.YZT_FILES = str(home / "keys" / "master"), home / "files"
    settings.YZT_CLAMD, settings.YZT_PHOTO_SERVICE = "/run/clamd", "https://photos.example.org/"
    settings.YZT_SMTP, settings.YZT_SMS = MAIL, SMS
    settings.YZT_CONTACT = "济南市公安局 12345"
    monkeypatch.setattr("os.geteuid", lambda: 990)
    monkeypatch.setattr(machine, "umask", lambda: 0o077)
    monkeypatch.setattr(machine, "is_clock_kept", lambda: True)
    monkeypatch.setattr(machine, "_disk_of", lambda path: 2 if path == backups else 1)
    return home


def _key(path: Path, mode: int = 0o600) -> None:
    path.write_text("2026-11-21-00000000 " + "5" * 64)
    path.chmod(mode)


def _audit_keys(settings: Any, home: Path) -> Path:
    folder = home.parent / "of_the_sealer"
    folder.mkdir(mode=0o700)
    settings.CONFIGURATION.audit_keys = folder
    return folder


def _beside_a_cluster(settings: Any, cluster: Path) -> None:
    cluster.mkdir()
    (cluster / "PG_VERSION").write_text("15")
    settings.CONFIGURATION.audit_checkpoints = cluster / "checkpoints"


def _set(**values: Any) -> Arrange:
    def arrange(settings: Any, _patch: pytest.MonkeyPatch, _home: Path) -> None:
        for name, value in values.items():
            setattr(settings, name, value)

    return arrange


def _configured(**values: Any) -> Arrange:
    def arrange(settings: Any, _patch: pytest.MonkeyPatch, _home: Path) -> None:
        for name, value in values.items():
            setattr(settings.CONFIGURATION, name, value)

    return arrange


def _machine(name: str, value: Any) -> Arrange:
    return lambda _settings, patch, _home: patch.setattr(machine, name, lambda *_: value)


WEAK: dict[str, tuple[Arrange, ...]] = {
    "production.not_declared": (_set(YZT_PRODUCTION=False),),
    "production.debug": (_set(DEBUG=True),),
    "production.hosts_any": (_set(ALLOWED_HOSTS=["*"]), _set(ALLOWED_HOSTS=[".example.org"])),
    "production.hosts_local": (_set(ALLOWED_HOSTS=["127.0.0.1", "localhost"]), _set(ALLOWED_HOSTS=[])),
    "production.address_missing": (_set(YZT_ADDRESS="http://127.0.0.1:8000"),),
    "production.proxy_not_declared": (_set(SECURE_PROXY_SSL_HEADER=None),),
    "production.proxies_not_counted": (_configured(trusted_proxies=0),),
    "production.secret_key_weak": (
        _set(SECRET_KEY="short"),
        _set(SECRET_KEY="a" * 64),
        _set(SECRET_KEY="0123456789abcdef" * 3 + "0"),
        _set(SECRET_KEY="django-insecure-" + "0123456789abcdef" * 4),
    ),
    "production.scanner_fake": (_set(YZT_CLAMD=None),),
    "production.photo_receipts_from_files": (_set(YZT_PHOTO_SERVICE=None),),
    "production.photo_service_open": (_set(YZT_PHOTO_SERVICE="http://photos.example.org/"),),
    "production.email_nowhere": (_set(YZT_SMTP={**MAIL, "server": ""}),),
    "production.smtp_open": (_set(YZT_SMTP={**MAIL, "security": "none"}),),
    "production.sms_nowhere": (_set(YZT_SMS={**SMS, "gateway": ""}),),
    "production.sms_key_weak": (_set(YZT_SMS={**SMS, "gateway_key": "0" * 31}),),
    "production.smpp_open": (_set(YZT_SMS={**SMPP, "smpp_tls": False}),),
    "production.contact_missing": (_set(YZT_CONTACT=""), _set(YZT_CONTACT="  ")),
    "production.backups_nowhere": (_configured(backups=None),),
    "production.runs_as_root": (lambda _s, patch, _h: patch.setattr("os.geteuid", lambda: 0),),
    "production.umask_open": (_machine("umask", 0o022), _machine("umask", 0o026)),
    "production.key_file_open": (
        lambda _s, _p, home: _key(home / "keys" / "master", 0o640),
        lambda _s, _p, home: _key(home / "keys" / "secret_key", 0o604),
        lambda settings, _p, home: _key(_audit_keys(settings, home) / "a.key", 0o640),
    ),
    "production.key_folder_open": (lambda _s, _p, home: (home / "keys").chmod(0o750),),
    "production.home_open": (
        lambda _s, _p, home: home.chmod(0o755),
        lambda _s, _p, home: (home / "files").chmod(0o701),
    ),
    "production.checkpoints_beside_database": (
        lambda settings, _p, home: setattr(settings.CONFIGURATION, "audit_checkpoints", home / "database" / "here"),
        lambda settings, _p, home: _beside_a_cluster(settings, home.parent / "cluster"),
    ),
    "production.clock_unsynchronised": (_machine("is_clock_kept", False),),
    "production.keys_beside_backups": (_machine("_disk_of", 1),),
    "production.backups_beside_files": (_machine("_disk_of", 1),),
}  # fmt: skip
CASES = [pytest.param(code, arrange, id=f"{code}-{n}") for code, many in WEAK.items() for n, arrange in enumerate(many)]
CHECKS = (
    declared.is_declared, declared.is_reached_through_tls, declared.secret_is_strong, declared.services_are_real,
    declared.issuer_is_named,
    declared.messages_go_out, declared.somebody_answers,
    declared.backups_are_declared, machine.account_is_its_own, machine.keys_are_closed, machine.backups_are_apart,
    machine.clock_is_kept, machine.checkpoints_are_apart,
)  # fmt: skip


@pytest.mark.usefixtures("good")
def test_a_good_machine_is_silent() -> None:
    assert _codes() == set()


@pytest.mark.parametrize(("code", "arrange"), CASES)
def test_what_is_weak_is_named_and_nothing_else(
    code: str, arrange: Arrange, good: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrange(settings, monkeypatch, good)
    expected = {code}
    if code.endswith(("_beside_backups", "_beside_files")):
        expected = {"production.keys_beside_backups", "production.backups_beside_files"}
    assert _codes() == expected


@pytest.mark.parametrize("mode", [0o700, 0o710, 0o750])
def test_a_home_that_its_group_can_enter_is_no_weakness(mode: int, good: Path) -> None:
    good.chmod(mode)
    assert _codes() == set()


@pytest.mark.parametrize("clock", [True, None])
@pytest.mark.usefixtures("good")
def test_a_clock_that_cannot_be_asked_is_no_weakness(clock: bool | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "is_clock_kept", lambda: clock)
    assert _codes() == set()


def test_the_kernel_and_this_process_are_asked_and_left_as_they_are() -> None:
    before = machine.umask()
    assert machine.umask() == before
    assert machine.is_clock_kept() in {True, False, None}


ROLES = {
    (False, False, False, 0): set(),
    (True, True, True, 9): {"production.database_role_superuser"},
    (False, True, False, 0): {"production.database_role_bypasses"},
    (False, False, True, 0): {"production.database_role_makes_roles"},
    (False, False, False, 61): {"production.database_role_owns"},
}


@pytest.mark.parametrize(("answer", "codes"), ROLES.items())
def test_a_role_that_may_too_much_is_named(answer: Any, codes: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_row", lambda _statement: answer)
    assert {each.id for each in database.role_is_ordinary()} == codes


@pytest.mark.django_db
def test_the_owner_of_the_tables_is_seen_in_a_real_database() -> None:
    assert "production.database_role_owns" in {each.id for each in database.role_is_ordinary()}


@pytest.mark.django_db
def test_a_database_that_gives_up_durability_is_named_with_what_is_off() -> None:
    (found,) = database.commits_are_durable()  # the tests' own database does, to be fast
    assert found.id == "production.database_not_durable"
    assert "fsync, full_page_writes, synchronous_commit" in str(found.msg)


def test_a_durable_database_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_row", lambda _statement: (None,))
    assert list(database.commits_are_durable()) == []


LINKS = {
    (None, False): False, ("127.0.0.1/32", False): False, ("::1/128", False): False,
    ("10.0.0.7/32", True): False, ("10.0.0.7/32", False): True,
}  # fmt: skip


@pytest.mark.parametrize(("answer", "is_weak"), LINKS.items())
def test_a_link_over_a_network_needs_tls(answer: Any, is_weak: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_row", lambda _statement: answer)
    assert [each.id for each in database.link_is_safe()] == ["production.database_link_open"] * is_weak


@pytest.mark.django_db
def test_the_statements_on_role_link_and_clock_run_on_this_server() -> None:
    assert list(database.link_is_safe()) == []
    assert list(database.clocks_agree()) == []


@pytest.mark.parametrize(("seconds", "is_weak"), [(0, False), (5, False), (6, True), (-6, True)])
def test_clocks_that_differ_are_named(seconds: int, is_weak: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    monkeypatch.setattr(database, "_row", lambda _statement: (now + timedelta(seconds=seconds),))
    monkeypatch.setattr("yizhengtong.project.production.database.timezone.now", lambda: now)
    assert [each.id for each in database.clocks_agree()] == ["production.clocks_differ"] * is_weak


@pytest.mark.django_db
def test_migrations_that_are_not_applied_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(database.tables_are_current()) == []
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda _self, _targets: [1, 2])
    (found,) = database.tables_are_current()
    assert (found.id, "2 migrations" in str(found.msg)) == ("production.tables_behind", True)


@pytest.mark.django_db
def test_one_demonstration_account_is_enough() -> None:
    Account.objects.create(username="li.si")
    assert list(database.nobody_is_for_show()) == []
    Account.objects.create(username="demo", is_demonstration=True)
    assert [each.id for each in database.nobody_is_for_show()] == ["production.demonstration_accounts"]


def test_an_edition_without_personal_data_is_named_and_no_edition_is_not(law_in_force: None) -> None:
    assert list(database.law_covers_personal_data()) == []
    edition = Edition.objects.get()
    members = {path: key for path, key in edition.members.items() if path != "cn/privacy.yaml"}
    Edition.objects.filter(pk=edition.pk).update(members=members, hash="0" * 64)  # as of release 0.1.0
    (found,) = database.law_covers_personal_data()
    assert found.id == "production.law_without_personal_data"
    Edition.objects.all().delete()
    assert list(database.law_covers_personal_data()) == []


def test_a_table_that_the_role_may_not_read_is_no_weakness(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> list[Any]:
        raise ProgrammingError from InsufficientPrivilege()

    def broken() -> list[Any]:
        raise ProgrammingError from UndefinedTable()

    others = ("role_is_ordinary", "commits_are_durable", "link_is_safe", "clocks_agree", "tables_are_current")
    for name in (*others, "law_covers_personal_data"):
        monkeypatch.setattr(database, name, list)
    monkeypatch.setattr(database, "nobody_is_for_show", refused)
    assert list(database.database_is_fit()) == []
    monkeypatch.setattr(database, "nobody_is_for_show", broken)
    assert [each.id for each in database.database_is_fit()] == ["production.database_no_answer"]


def test_a_database_without_an_answer_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_statement: str) -> None:
        raise DatabaseError

    monkeypatch.setattr(database, "_row", away)
    assert [each.id for each in database.database_is_fit()] == ["production.database_no_answer"]


@pytest.mark.django_db
def test_values_that_would_lie_open_are_named(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.YZT_PRODUCTION = True
    assert list(sealing.values_are_sealed()) == []
    open_ring = Keyring([Key(0, "data", "open", "active", b"")])
    monkeypatch.setattr(sealing, "reload", lambda: open_ring)
    assert [each.id for each in sealing.values_are_sealed()] == ["production.encryption_open"]
    settings.YZT_PRODUCTION = False
    assert [each.id for each in sealing.values_are_sealed()] == ["production.encryption_open"]


@pytest.mark.django_db
def test_values_of_before_that_lie_open_are_named_until_their_key_is_retired() -> None:
    key = DataKey.objects.create(id=0, kind="data", suite="open", master="", wrapped=b"", state="retiring")
    assert [each.id for each in sealing.values_are_sealed()] == ["production.open_values_left"]
    key.state = "retired"
    key.save()
    assert list(sealing.values_are_sealed()) == []


def test_keys_that_cannot_be_had_are_named_in_their_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise KeyProblem("vault.master_missing")

    monkeypatch.setattr(sealing, "reload", missing)
    (found,) = sealing.values_are_sealed()
    assert found.id == "production.keys_unusable"
    assert "{why}" not in str(found.msg)


def test_every_code_has_words_in_three_languages_that_say_what_to_do() -> None:
    assert len(CODES) >= 25
    assert set(TEXTS) == CODES
    for code, words in TEXTS.items():
        assert list(words) == ["zh-Hans", "zh-Hant", "en"], code
        assert "请" in words["zh-Hans"], code
        assert "請" in words["zh-Hant"], code
        facts = [sorted(re.findall(r"\{(\w+)\}", text)) for text in words.values()]
        assert facts[0] == facts[1] == facts[2], code


def test_what_may_be_accepted_is_little_and_exists() -> None:
    assert start.ACCEPTABLE < CODES
    assert not {code for code in start.ACCEPTABLE if "role" in code or "encryption" in code or "accounts" in code}


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[CheckMessage]:
    """What the checks find, to be filled by a test."""
    messages: list[CheckMessage] = []
    monkeypatch.setattr(start, "run_checks", lambda **_: messages)
    settings.CONFIGURATION = SimpleNamespace(accepted_risks=[])
    return messages


def test_the_start_is_refused_with_everything_at_once(
    found: list[CheckMessage], capsys: pytest.CaptureFixture[str]
) -> None:
    found.extend([weakness("production.scanner_fake"), weakness("production.debug")])
    with pytest.raises(SystemExit) as ended:
        start.refuse_if_weak("serve")
    assert ended.value.code == 78
    told = capsys.readouterr().err.splitlines()
    assert "2 settings are weak" in told[0]
    assert [line.split(":")[0].strip() for line in told[1:]] == ["production.debug", "production.scanner_fake"]


def test_an_accepted_risk_is_said_and_one_that_cannot_be_accepted_still_refuses(
    found: list[CheckMessage], settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.CONFIGURATION.accepted_risks = ["production.clock_unsynchronised", "production.debug"]
    found.append(weakness("production.clock_unsynchronised"))
    start.refuse_if_weak("serve")
    assert "accepted by the operator: production.clock_unsynchronised" in capsys.readouterr().err
    found.append(weakness("production.debug"))
    with pytest.raises(SystemExit):
        start.refuse_if_weak("serve")


def test_a_strong_start_says_nothing(found: list[CheckMessage], capsys: pytest.CaptureFixture[str]) -> None:
    assert found == []
    start.refuse_if_weak("serve")
    assert capsys.readouterr().err == ""


def test_the_command_lists_codes_and_fails(found: list[CheckMessage], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("production", "check")
    assert "Nothing is weak" in capsys.readouterr().out
    found.append(weakness("production.scanner_fake"))
    with pytest.raises(CommandError):
        call_command("production", "check")
    assert "production.scanner_fake: " in capsys.readouterr().out


def test_other_commands_do_not_run_the_checks_of_production() -> None:
    ours = [check for check in registry.registry.get_checks() if TAG in getattr(check, "tags", ())]
    everything = registry.registry.get_checks(include_deployment_checks=True)
    assert ours == []
    assert len([check for check in everything if TAG in check.tags]) >= 11


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_weak_installation_does_not_start(lived: Place, command: str) -> None:
    refused = lived.with_settings(production="true").run(command)
    assert refused.returncode == 78
    for code in (
        "demonstration_accounts", "scanner_fake", "photo_receipts_from_files", "email_nowhere", "sms_nowhere",
        "hosts_local", "proxy_not_declared", "backups_nowhere", "contact_missing", "database_role_owns",
        "database_not_durable",
    ):  # fmt: skip
        assert f"production.{code}: " in refused.stderr
    assert refused.stdout == ""


def _codes() -> set[str | None]:
    return {each.id for check in CHECKS for each in check()}
