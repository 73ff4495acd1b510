"""What our code never does, whoever writes it: read from the code itself. And the rules for passwords, by trying."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from yizhengtong.foundation.accounts.models import Account

ROOT = Path(__file__).resolve().parents[2]
CODE = [path for path in (ROOT / "yizhengtong").rglob("*.py") if "tests" not in path.parts]
RUNS_TEXT = {"eval", "exec", "compile", "__import__", "execfile"}
COMPOSED = {"holdings.py", "merging.py", "running.py", "verifying.py"}
"""Where PostgreSQL takes no parameter: names of our own tables and indexes, and of a snapshot, quoted."""
OF_CONSTANTS = {"authenticating.py", "counts.py", "limits.py"}
"""Composed of texts of the module's own, one or the other, never of what comes in."""
WEAK_HASHES = {"md5", "sha1"}


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            function = node.func
            owner = getattr(getattr(function, "value", None), "id", "")
            is_method = isinstance(function, ast.Attribute) and not owner
            name = getattr(function, "attr", getattr(function, "id", ""))
            yield (f"{owner}." if owner else "." if is_method else "") + name, node


def where(*names: str) -> list[str]:
    return [f"{path.name}:{call.lineno}" for path in CODE for name, call in calls(path) if name in names]


def test_no_text_is_run_as_code() -> None:
    assert where(*RUNS_TEXT, "os.system", "os.popen", "subprocess.getoutput", "pickle.loads", "marshal.loads") == []


def test_no_shell_stands_between_us_and_a_program() -> None:
    shells = [
        f"{path.name}:{call.lineno}"
        for path in CODE
        for _, call in calls(path)
        if any(word.arg == "shell" and getattr(word.value, "value", None) is not False for word in call.keywords)
    ]
    assert shells == []


def test_no_text_is_called_safe_for_a_page_or_put_raw_into_a_query() -> None:
    assert where("mark_safe", "SafeString", "objects.extra") == []
    raw = [(path, call) for path in CODE for name, call in calls(path) if name == "RawSQL"]
    assert not [path for path, call in raw if not isinstance(call.args[0], ast.Constant)]
    pages = [path.read_text() for path in (ROOT / "yizhengtong").rglob("*.html")]
    assert pages
    assert not [page for page in pages if "|safe" in page or "autoescape off" in page]


def test_no_statement_is_put_together_with_values() -> None:
    """Statements are constants, or composed of identifiers by psycopg: values are always parameters."""
    built = []
    for path in CODE:
        for name, call in calls(path):
            if name.rpartition(".")[2] in {"execute", "executemany", "raw"} and call.args:
                first = call.args[0]
                built += [path.name] if isinstance(first, (ast.BinOp, ast.JoinedStr)) else []
    assert set(built) <= COMPOSED | OF_CONSTANTS


def test_no_weak_hash_and_no_guessable_number_serves_anything() -> None:
    """`random` makes synthetic people and spreads waits, nothing else."""
    assert where(*(f"hashlib.{name}" for name in WEAK_HASHES), *WEAK_HASHES) == []
    spread = {"notifications/outbox.py", "registers/remote.py", "exchange/claiming.py", "webhooks/claiming.py"}
    users = [path for path in CODE if "import random" in path.read_text() or "from random" in path.read_text()]
    assert [
        path
        for path in users
        if not {"demonstration", "upgrades"} & {*path.parts} and "/".join(path.parts[-2:]) not in spread
    ] == []


def test_certificates_are_always_checked() -> None:
    text = "".join(path.read_text() for path in CODE)
    assert not [
        word for word in ("CERT_NONE", "_create_unverified", "check_hostname = False", "verify=False") if word in text
    ]


@pytest.fixture
def _table(db: None) -> None:
    call_command("createcachetable", verbosity=0)


def sign_up(password: str, username: str = "resident-x") -> Any:
    body = json.dumps({"username": username, "password": password})
    return Client().post("/_allauth/app/v1/auth/signup", body, content_type="application/json")


@pytest.mark.usefixtures("_table")
@pytest.mark.parametrize(
    ("password", "is_taken"),
    [
        ("a1b2c3d", False),  # seven
        ("k7!mQ2x9", True),
        ("correct horse battery staple", True),
        ("x" * 40 + "yz" * 40, True),
        ("密码很长也可以用", True),
        ("lowercaseonly", True),
        ("password1", False),  # common
        ("qwertyuiop", False),
        ("resident-x", False),  # the user name
    ],
)
def test_a_password_may_be_of_any_letters_but_not_short_common_or_the_name(password: str, is_taken: bool) -> None:
    assert (sign_up(password).status_code == 200) is is_taken


@pytest.mark.usefixtures("_table")
def test_a_password_is_checked_as_it_was_given() -> None:
    given = "Correct Horse " + "x" * 100
    assert sign_up(given).status_code == 200
    account = Account.objects.get(username="resident-x")
    assert account.password.startswith("scrypt$")
    assert account.check_password(given)
    assert not account.check_password(given[:-1])
    assert not account.check_password(given.lower())


def test_the_platform_is_born_without_accounts(django_db_blocker: Any, db: None) -> None:
    assert not Account.objects.exists()
