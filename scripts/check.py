"""Everything `make check` looks at, two at a time: one line each, what failed is shown in full at the end."""

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import setup

_SIDE_BY_SIDE = 2


@dataclass(frozen=True)
class Result:
    """How one check ended."""

    name: str
    code: int
    seconds: float
    output: str


def checks() -> dict[str, list[str]]:
    """Return each check's command by its name, the slow ones first."""
    python = setup.PYTHON
    manage = [python, "-m", "yizhengtong.project.manage"]
    database = [python, "-m", "yizhengtong.project.database", "run", "--temporary", "--"]
    return {
        "types (mypy)": [python, "-m", "mypy"],
        "migrations are complete": [*database, *manage, "makemigrations", "--check", "--dry-run"],
        "migrations are safe": [
            *database,
            *manage,
            "lintmigrations",
            "--settings",
            "yizhengtong.project.settings_check",
        ],
        "migrations can run under load": [*manage, "judge_migrations"],
        "house plan (import-linter)": [f"{setup.VENV}/bin/lint-imports", "--no-logo"],
        "generated pages of the law": [python, "-m", "yizhengtong.law.document", "--check"],
        "rows of the law": [python, "-m", "tests.acceptance", "--check"],
        "generated pages of the code": [*manage, "pages", "--check"],
        "style (ruff)": [python, "-m", "ruff", "check"],
        "format (ruff)": [python, "-m", "ruff", "format", "--check"],
        "no number of the law in code": [python, "scripts/lint_law_literals.py"],
        "no personal data in logs": [python, "scripts/lint_personal_data.py"],
        "no registry addresses": [python, "scripts/lint_addresses.py"],
        "licences of what is linked (SBOM)": [python, "scripts/sbom.py", "--check"],
        "known weaknesses of what is locked": [python, "scripts/audit_dependencies.py"],
    }


def main(names: list[str]) -> int:
    """Run all checks, or those whose names contain one of `names`. Return 1 when one failed, 2 for unknown names."""
    chosen = {name: command for name, command in checks().items() if not names or any(word in name for word in names)}
    if not chosen:
        print(f"No check is named so. There are: {', '.join(checks())}", file=sys.stderr)
        return 2
    results = run_all(chosen, report)
    for result in results:
        if result.code:
            print(f"\n--- {result.name} ---\n{result.output.rstrip()}")
    return int(any(result.code for result in results))


def run_all(commands: dict[str, list[str]], tell: Callable[[Result], None]) -> list[Result]:
    """Run every command whatever the others say, telling each end as it comes; results keep the order given."""

    def run_and_tell(name: str) -> Result:
        result = run_one(name, commands[name])
        tell(result)
        return result

    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        return list(pool.map(run_and_tell, commands))


def run_one(name: str, command: list[str]) -> Result:
    """Run one command in the checkout with its output kept."""
    start = time.monotonic()
    try:
        ended = subprocess.run(
            command, cwd=setup.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
    except FileNotFoundError as missing:
        return Result(name, 127, time.monotonic() - start, f"{missing.filename} is missing. Run: make setup")
    return Result(name, ended.returncode, time.monotonic() - start, ended.stdout)


def report(result: Result) -> None:
    """Print a check's line."""
    print(f"{'failed' if result.code else 'ok':6} {result.seconds:6.1f} s  {result.name}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
