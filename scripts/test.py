"""Runs the whole suite on PostgreSQL 18, and what asks the database again on 15, one case of each; arguments: pytest's.

Each run has a new, empty database. Where PostgreSQL 15 is missing, outside CI, the last line says so.
"""

import os
import subprocess
import sys

import setup

# These start a whole platform with its embedded database: the second run would be the same once more.
WITH_THEIR_OWN_DATABASE = ("tests/faults", "tests/observability", "tests/upgrade")
# These go by addresses, pages and wallets: what they ask of the database is Django's, or stands in rooms below them,
# whose tests ask it. (Of the sites, operations alone writes SQL of its own.) tests/deploy lives through the journeys.
BY_ADDRESS = (
    *("tests/contract", "tests/identity", "tests/journeys", "tests/openid", "tests/pages", "tests/presentations"),
    *("tests/security", "tests/wallets"),
    *(f"yizhengtong/sites/{site}" for site in ("api", "callbacks", "checker", "desk", "openid", "partner")),
    *("yizhengtong/sites/resident", "yizhengtong/sites/wallet"),
    "yizhengtong/foundation/pages",
)
# These live long through rooms whose own tests ask the database all that they ask: once is enough.
LONG = ("tests/machines", "tests/trust/test_stolen_dump.py")


def main(pytest_arguments: list[str]) -> int:
    """Return 0 when every run passed."""
    results = {"PostgreSQL 18 (embedded)": run_suite(None, pytest_arguments)}
    bindir = setup.find_postgres15()
    if bindir:
        once = [f"--ignore={folder}" for folder in WITH_THEIR_OWN_DATABASE + BY_ADDRESS + LONG]
        results["PostgreSQL 15"] = run_suite(bindir, [*pytest_arguments, "--of-database", *once])
    for name, code in results.items():
        print(f"{name}: {'passed' if code == 0 else f'failed ({code})'}")
    if not bindir:
        print("not run: PostgreSQL 15 not found")
    return int(any(results.values()) or (not bindir and setup.is_ci()))


def run_suite(bindir: str | None, pytest_arguments: list[str]) -> int:
    """Run pytest with a temporary database of one PostgreSQL under it and return its exit code."""
    database = [setup.PYTHON, "-m", "yizhengtong.project.database", "run", "--temporary"]
    server = ["--bindir", bindir] if bindir else []
    print(f"\npytest on {bindir or 'the embedded PostgreSQL 18'}", flush=True)
    command = [*database, *server, "--", setup.PYTHON, "-m", "pytest", *pytest_arguments]
    # Hundreds of processes are started: what each would compile again is kept beside the sources, wherever that is off.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(command, cwd=setup.ROOT, env=kept, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
