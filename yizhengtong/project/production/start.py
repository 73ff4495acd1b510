"""Starting a process of production mode, or saying everything that stands against it."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from django.conf import settings
from django.core.checks import CheckMessage, run_checks
from django.db import connections

from yizhengtong.project.production import database, declared, machine, sealing  # noqa: F401 they register themselves
from yizhengtong.project.production.weakness import TAG

REFUSED = 78
"""The exit code of a refused start, EX_CONFIG of <sysexits.h>: systemd's units do not try again after it."""

ACCEPTABLE = frozenset(
    {
        "production.photo_receipts_from_files",  # a city without such a service takes photos at the counter
        "production.sms_nowhere",  # a city that tells in the inbox and by letter
        "production.email_nowhere",
        "production.clock_unsynchronised",  # a virtual machine whose host keeps its clock
        "production.open_values_left",  # while the first rotation runs
        "production.law_without_personal_data",  # until two persons have put the next edition in force
        "production.keys_beside_backups",
        "production.backups_beside_files",
    }
)
"""What an operator may take upon themselves by YZT_ACCEPTED_RISKS; everything else is mended or refused."""


def weaknesses() -> list[CheckMessage]:
    """Return everything weak that is not accepted, in the order of its codes."""
    accepted = ACCEPTABLE.intersection(settings.CONFIGURATION.accepted_risks)
    found = run_checks(tags=[TAG], include_deployment_checks=True)
    return sorted((each for each in found if each.id not in accepted), key=lambda each: (each.id or "", each.msg))


def refuse_if_weak(name: str) -> None:
    """Exit with REFUSED and the whole list on standard error unless everything is strong."""
    found = weaknesses()
    for code in sorted(ACCEPTABLE.intersection(settings.CONFIGURATION.accepted_risks)):
        print(f"{name}: accepted by the operator: {code}", file=sys.stderr)
    if found:
        print(told(name, found), file=sys.stderr, flush=True)
        raise SystemExit(REFUSED)


def told(name: str, found: Sequence[CheckMessage]) -> str:
    """Return the list as the operator reads it: a line each, the code first."""
    lines = [f"{name}: not started, {len(found)} settings are weak. docs/adr/0029-production.md says why."]
    return "\n".join([*lines, *(f"  {each.id}: {each.msg}" for each in found)])


def become(command: Sequence[str]) -> NoReturn:
    """Replace this process by a program, so that systemd watches the program itself."""
    connections.close_all()
    sys.stdout.flush()
    os.execv(command[0], list(command))  # noqa: S606 a program of ours, never a shell
