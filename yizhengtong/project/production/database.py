"""The database behind this process: durable, behind a safe link, up to date, under a role that may little."""

import ipaddress
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.checks import Error
from django.db import DatabaseError, ProgrammingError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from psycopg.errors import InsufficientPrivilege

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.kernel.dates import legal_day
from yizhengtong.law.models import Edition
from yizhengtong.law.queries import law_of_personal_data
from yizhengtong.project.production.weakness import production_check, weakness

_LARGEST_DIFFERENCE = timedelta(seconds=5)


@production_check
def database_is_fit() -> Iterator[Error]:
    """Everything asked of the database; one that gives no answer is told once."""
    try:
        for look in (role_is_ordinary, commits_are_durable, link_is_safe, clocks_agree):
            yield from look()
        for look in (tables_are_current, nobody_is_for_show, law_covers_personal_data):
            yield from _where_granted(look)
    except DatabaseError:
        yield weakness("production.database_no_answer")


def _where_granted(look: Callable[[], Iterable[Error]]) -> Iterator[Error]:
    """Look at a table unless this role may not: the sealer reads no accounts, and the web server looks too."""
    try:
        yield from look()
    except ProgrammingError as error:
        if not isinstance(error.__cause__, InsufficientPrivilege):
            raise


def role_is_ordinary() -> Iterator[Error]:
    """The role, and who signed in before it was set: neither superuser nor owner, bound by row-level security."""
    is_superuser, bypasses, makes_roles, owned = _row(_ROLE)
    if is_superuser:
        yield weakness("production.database_role_superuser")
        return  # a superuser is everything else too
    if bypasses:
        yield weakness("production.database_role_bypasses")
    if makes_roles:
        yield weakness("production.database_role_makes_roles")
    if owned:
        yield weakness("production.database_role_owns", tables=owned)


def commits_are_durable() -> Iterator[Error]:
    """What is acknowledged is on the disk."""
    (names,) = _row(_DURABILITY)
    if names:
        yield weakness("production.database_not_durable", settings=names)


def link_is_safe() -> Iterator[Error]:
    """A socket, this machine, or TLS."""
    address, has_tls = _row(_LINK)
    if address and not has_tls and not ipaddress.ip_interface(address).ip.is_loopback:
        yield weakness("production.database_link_open")


def clocks_agree() -> Iterator[Error]:
    """The database's clock and ours."""
    (theirs,) = _row("SELECT clock_timestamp()")
    if is_far(theirs, timezone.now()):
        yield weakness("production.clocks_differ", seconds=_LARGEST_DIFFERENCE.seconds)


def is_far(one: datetime, other: datetime) -> bool:
    """Whether two clocks, read one after the other, differ by more than a wait can explain."""
    return abs(one - other) > _LARGEST_DIFFERENCE


def tables_are_current() -> Iterator[Error]:
    """Every migration of this release is applied; those of a later one may be there too."""
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        yield weakness("production.tables_behind", missing=missing)


def nobody_is_for_show() -> Iterator[Error]:
    """No account whose password is public."""
    if Account.objects.filter(is_demonstration=True).exists():
        yield weakness("production.demonstration_accounts")


def law_covers_personal_data() -> Iterator[Error]:
    """An edition in force of before personal data were a subject asks for no consent, no approval, no notice.

    No edition at all is not said here: it is put in force after the first start, and `/ready` says so until then.
    """
    is_in_force = Edition.objects.filter(state=Edition.State.IN_FORCE).exists()
    if is_in_force and law_of_personal_data(legal_day(timezone.now())) is None:
        yield weakness("production.law_without_personal_data")


def _row(statement: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found: tuple[Any, ...] = cursor.fetchone()
        return found


_ROLE = """
    SELECT bool_or(rolsuper), bool_or(rolbypassrls), bool_or(rolcreaterole OR rolreplication),
        (SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
            AND (pg_has_role(current_user, relowner, 'MEMBER') OR pg_has_role(session_user, relowner, 'MEMBER')))
    FROM pg_roles WHERE rolname IN (current_user, session_user)
"""
_DURABILITY = """
    SELECT string_agg(name, ', ' ORDER BY name) FROM pg_settings
    WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'
"""
_LINK = """
    SELECT inet_server_addr()::text, coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)
"""
