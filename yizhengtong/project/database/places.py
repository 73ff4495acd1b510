"""Where a database lives: its account, its folder, its socket.

As root the server runs as the owner of the home folder, and as `nobody` where that is root: PostgreSQL refuses to be
root. A home closed to that account (a checkout under a 0700 home) keeps its data under /var/lib/yizhengtong instead.
"""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from yizhengtong.project.children import Account, account_of, can_reach, our_account
from yizhengtong.project.database.connection import PORT
from yizhengtong.project.database.errors import CannotRun

SHARED = Path("/var/lib/yizhengtong")
NOBODY = 65534
_LONGEST_SOCKET_PATH = 99  # the kernel's limit is 107 bytes; some clients' is less


@dataclass(frozen=True, slots=True)
class Places:
    """The folder of one database, which account runs it, and where its home is."""

    home: Path
    folder: Path
    account: Account

    @property
    def data(self) -> Path:
        """Return PostgreSQL's data folder."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """Return the server's log, which holds no statements and no values."""
        return self.folder / "postgres.log"

    @property
    def is_moved(self) -> bool:
        """Whether the data had to be kept outside the home."""
        return self.home not in self.folder.parents

    def password_path(self, name: str) -> Path:
        """Return the file of one password."""
        return self.folder / f"{name}.password"


def default_home() -> Path:
    """Return $YZT_HOME, else `var` in the checkout."""
    configured = os.environ.get("YZT_HOME")
    return Path(configured) if configured else Path(__file__).resolve().parents[3] / "var"


def find_places(home: Path) -> Places:
    """Decide where the database of a home lives. Changes nothing."""
    home = home.resolve()
    account = _choose_account(home)
    folder = home / "database"
    if not can_reach(folder, account):
        folder = SHARED / _digest(home) / "database"
    return Places(home=home, folder=folder, account=account)


def make_folder(places: Places) -> None:
    """Make the database's folder, enterable by its account. What else is in it is closed to others file by file."""
    missing = [path for path in (places.folder, *places.folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir()
        path.chmod(0o700 if places.account.is_ours and path == places.folder else 0o755)
        if places.account.uid != NOBODY:
            places.account.take(path)


def make_socket_folder(places: Places) -> Path:
    """Make a folder for the socket, 0700 and the account's own, with a path short enough for the kernel.

    Raises CannotRun when the short place is taken by somebody else.
    """
    folder = places.folder / "run"
    if len(str(_socket_path(folder)).encode()) > _LONGEST_SOCKET_PATH:
        folder = _short_folder(places)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        places.account.take(folder)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != places.account.uid:
        raise CannotRun(f"{folder} belongs to somebody else. Remove it, or choose a shorter home by YZT_HOME.")
    folder.chmod(0o700)
    return folder


def _short_folder(places: Places) -> Path:
    name = f"yzt-{places.account.uid}-{_digest(places.folder)}"
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    in_runtime = Path(runtime, name)
    fits = len(str(_socket_path(in_runtime)).encode()) <= _LONGEST_SOCKET_PATH
    if runtime and fits and places.account.is_ours and os.access(runtime, os.W_OK | os.X_OK):
        return in_runtime
    return Path("/tmp", name)  # noqa: S108 - made 0700, its owner checked by the caller


def _socket_path(folder: Path) -> Path:
    return folder / f".s.PGSQL.{PORT}"


def _choose_account(home: Path) -> Account:
    ours = our_account()
    if ours.uid != 0:
        return ours
    candidates = (home / "database" / "data", home / "database", home, *home.parents)
    nearest = next(path for path in candidates if path.exists())
    return account_of(nearest.stat().st_uid or NOBODY)


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]
