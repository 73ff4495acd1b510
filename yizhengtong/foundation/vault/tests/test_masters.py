"""Master keys: in a file that nobody else can read, or in a token that never gives them away."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.tokens import PIN, soft_token
from yizhengtong.foundation.vault.errors import KeyProblem
from yizhengtong.foundation.vault.masters import FileMasters, Masters, add_master, masters

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
SECRET, BOUND = bytes(range(32)), b"vault_datakey\x001\x00data\x00aes256gcm"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "master"


def test_outside_production_the_file_is_made_at_the_first_start_for_us_alone(path: Path) -> None:
    FileMasters(path)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [entry.name for entry in path.parent.iterdir()] == ["master"]


def test_two_that_start_at_once_make_one_master_key(path: Path) -> None:
    wrapped = FileMasters(path).wrap(SECRET, suite="aes256gcm", bound=BOUND)
    before = path.read_text()
    path.rename(path.with_name("kept"))
    add_master(path)
    path.with_name("kept").rename(path)
    assert path.read_text() == before
    assert unwrapped(FileMasters(path), wrapped) == SECRET


def test_production_makes_no_master_key_by_itself(path: Path, settings: Any) -> None:
    settings.YZT_PRODUCTION = True
    assert refusal(path) == "vault.master_missing"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_file_that_others_can_read_is_refused(path: Path, mode: int) -> None:
    FileMasters(path)
    path.chmod(mode)
    assert refusal(path) == "vault.master_readable_by_others"


@pytest.mark.parametrize("text", ["", "\n", "name", "name zz", "name 00ff", f"one two {'00' * 32}", "名 x"])
def test_a_malformed_file_is_refused_without_quoting_it(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    assert refusal(path) == "vault.master_unreadable"


@pytest.mark.parametrize("suite", ["aes256gcm", "sm4gcm"])
def test_what_a_file_wraps_it_unwraps_for_the_same_use_only(path: Path, suite: str) -> None:
    holder = FileMasters(path)
    wrapped = holder.wrap(SECRET, suite=suite, bound=BOUND)
    assert SECRET not in wrapped
    assert unwrapped(holder, wrapped, suite=suite) == SECRET
    others: tuple[dict[str, Any], ...] = (
        {"bound": b"vault_datakey\x002"},
        {"wrapped": flipped(wrapped)},
        {"wrapped": b""},
    )
    for other in others:
        with pytest.raises(KeyProblem, match=r"^vault\.wrapped_key_damaged$"):
            unwrapped(holder, **({"wrapped": wrapped, "suite": suite} | other))


def test_a_new_master_key_wraps_and_the_old_one_still_unwraps(path: Path) -> None:
    old = FileMasters(path)
    wrapped = old.wrap(SECRET, suite="aes256gcm", bound=BOUND)
    name = add_master(path)
    new = FileMasters(path)
    assert new.current == name != old.current
    assert unwrapped(new, wrapped, master=old.current) == SECRET
    with pytest.raises(KeyProblem, match=r"^vault\.wrapped_key_damaged$"):
        unwrapped(new, wrapped)
    assert (path.stat().st_mode & 0o777) == 0o600


def test_a_master_key_that_is_not_there_is_named(path: Path) -> None:
    with pytest.raises(KeyProblem, match=r"^vault\.master_unknown$") as refused:
        unwrapped(FileMasters(path), b"", master="2020-01-01-cafe")
    assert refused.value.facts == {"master": "2020-01-01-cafe"}


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A SoftHSM2 token with a master key that cannot be extracted; yields its address."""
    with soft_token(tmp_path, monkeypatch) as made:
        from pkcs11 import Attribute, KeyType

        with made.library.get_token(token_label=made.label).open(rw=True, user_pin=PIN) as session:
            for name in ("first", "second"):
                template = {Attribute.EXTRACTABLE: False, Attribute.SENSITIVE: True}
                session.generate_key(KeyType.AES, 256, label=name, store=True, template=template)
        yield made.address(";object=first")


def test_a_token_wraps_and_unwraps_for_the_same_use_only(token: str, settings: Any) -> None:
    settings.YZT_KEYS = token
    holder = masters()
    wrapped = holder.wrap(SECRET, suite="sm4gcm", bound=BOUND)
    assert holder.current == "first"
    assert SECRET not in wrapped
    assert unwrapped(holder, wrapped, suite="sm4gcm") == SECRET
    others: tuple[dict[str, Any], ...] = ({"bound": b"x"}, {"wrapped": flipped(wrapped)}, {"master": "second"})
    for other in others:
        with pytest.raises(KeyProblem, match=r"^vault\.wrapped_key_damaged$"):
            unwrapped(holder, **({"wrapped": wrapped} | other))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("object=first", "object=third", "vault.master_unknown"),
        ("token=yzt", "token=nobody", "vault.token_unusable"),
        ("/pin", "/no-pin", "vault.token_unusable"),
        ("libsofthsm2.so", "none.so", "vault.token_unusable"),
        ("pin-source", "pin", "vault.token_unusable"),
    ],
)
def test_a_token_that_cannot_be_used_is_refused_with_a_code(
    token: str, settings: Any, old: str, new: str, code: str
) -> None:
    settings.YZT_KEYS = token.replace(old, new)
    with pytest.raises(KeyProblem) as refused:
        masters().wrap(SECRET, suite="aes256gcm", bound=BOUND)
    assert refused.value.code == code
    assert "1234" not in str(refused.value.facts)


def flipped(wrapped: bytes) -> bytes:
    return wrapped[:-1] + bytes([wrapped[-1] ^ 1])


def unwrapped(
    holder: Masters, wrapped: bytes, *, master: str = "", suite: str = "aes256gcm", bound: bytes = BOUND
) -> bytes:
    return holder.unwrap(wrapped, master=master or holder.current, suite=suite, bound=bound)


def refusal(path: Path) -> str:
    """Return the code with which a file is refused; nothing else is said."""
    with pytest.raises(KeyProblem) as refused:
        FileMasters(path)
    assert not refused.value.facts
    assert refused.value.__cause__ is None
    return refused.value.code
