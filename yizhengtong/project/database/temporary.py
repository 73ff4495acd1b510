"""A database to throw away: for tests, with everything off that only matters after a crash."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from yizhengtong.project.children import account_of, can_reach, our_account
from yizhengtong.project.database.connection import ConnectionInfo
from yizhengtong.project.database.places import NOBODY
from yizhengtong.project.database.postgres import EmbeddedPostgres


@contextmanager
def temporary_postgres(
    bindir: Path | None = None,
    *,
    extra_settings: Mapping[str, str] | None = None,
    say: Callable[[str], None] = print,
) -> Iterator[ConnectionInfo]:
    """Run a new, empty database whose role may create others; afterwards nothing of it is left."""
    home = Path(tempfile.mkdtemp(prefix="yzt-", dir=_folder_open_to_the_server()))
    server = EmbeddedPostgres(
        bindir, home, extra_settings=extra_settings, is_durable=False, may_create_databases=True, say=say
    )
    try:
        home.chmod(0o711 if our_account().uid == 0 else 0o700)
        with server as connection:
            yield connection
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _folder_open_to_the_server() -> Path:
    """Return the folder for temporary files, /tmp where root's own is closed to the account of the server."""
    folder = Path(tempfile.gettempdir())
    ours = our_account()
    if ours.uid != 0 or can_reach(folder, account_of(NOBODY)):
        return folder
    return Path("/tmp")  # noqa: S108 - a fresh folder is made in it
