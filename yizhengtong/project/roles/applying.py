"""Bringing a database to the table of rights: what differs is changed, what agrees is not touched and not locked.

People work meanwhile: each table has a transaction of its own, so that nobody who holds one table and waits for the
next stands against us, who would hold the next and wait for the first (docs/adr/0032).
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from django.db import connection, transaction

from yizhengtong.project.database import PROCESS_ROLES
from yizhengtong.project.roles.statements import (
    Right,
    functions,
    policies,
    table_rights,
)
from yizhengtong.project.roles.tables import FUNCTIONS, SEQUENCES, TABLES
from yizhengtong.project.upgrades.running import LOCK_TIMEOUT_MS, TRIES, until_locked

Change = tuple[str, str]
"""The relation that a statement changes, and the statement."""


def missing_roles() -> list[str]:
    """Return the process roles that this server does not know."""
    known = {name for (name,) in _rows("SELECT rolname FROM pg_roles")}
    return [role for role in PROCESS_ROLES if role not in known]


def apply_roles(*, tries: int = TRIES, tell: Callable[[str], object] = lambda _line: None) -> list[str]:
    """Bring rights and policies to what tables.py says and return the statements that it took.

    Only the owner of the tables can. Each table changes at once, policies before rights; what is done stays done when a
    later one fails. Raises upgrades.running.GaveUp when a lock is not had in all the tries.
    """
    patiently = partial(until_locked, tries=tries, tell=tell)
    changes: list[str] = []
    patiently(lambda: changes.extend(_apply_functions()))
    for statements in _by_relation():
        patiently(partial(_run_at_once, statements))
        changes += statements
    patiently(lambda: _run_at_once(list(_signatures())))
    return changes


def _apply_functions() -> list[str]:
    """Bring functions, doors and who may call what. It locks one table, persons: for a trigger."""
    with transaction.atomic():
        _run_at_once([functions()])
        changes = [*_door_changes(), *_function_changes()]
        _run_at_once(changes)
    return changes


def _by_relation() -> list[list[str]]:
    """Return the changes of each relation, new tables first: policies of the others may ask them."""
    is_secured: dict[str, bool] = dict(_rows(_SECURED))
    changes: dict[str, list[str]] = {}
    for relation, statement in (*_policy_changes(), *_right_changes()):
        changes.setdefault(relation, []).append(statement)
    return [changes[name] for name in sorted(changes, key=lambda name: (is_secured.get(name, True), name))]


def _run_at_once(statements: Sequence[str]) -> None:
    """Run statements in one transaction. A lock is asked for shortly: whoever comes after us queues behind us."""
    with transaction.atomic():
        _run(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_MS}ms'")
        for statement in statements:
            _run(statement)


def differences() -> list[str]:
    """Return what this database lacks or has too much of, a line each; nothing when it is as tables.py says."""
    lines = [f"{name}: no role may use it until yizhengtong/project/roles/tables.py names it" for name in unnamed()]
    lines += [f"{role}: may more than any process should ({what})" for role, what in _rows(_TOO_MIGHTY)]
    lines += [f"missing or too much: {change}" for change in _changes()]
    return lines


def _changes() -> Iterator[str]:
    yield from _door_changes()
    yield from _function_changes()
    yield from (change for _, change in (*_right_changes(), *_policy_changes()))


def unnamed() -> list[str]:
    """Return the tables and views that tables.py has not decided about: closed to every process."""
    return sorted(name for (name,) in _rows(_RELATIONS) if name not in TABLES)


def _door_changes() -> Iterator[str]:
    """Yield what lets the roles in, and everybody else not."""
    for command, is_needed in _rows(_DOORS, [list(PROCESS_ROLES)] * 2):
        if is_needed:
            yield command


def _function_changes() -> Iterator[str]:
    """Yield what closes every function that runs as the owner to all but its roles."""
    known = {oid: roles for signature, roles in FUNCTIONS.items() for (oid,) in _rows(_FUNCTION, [signature])}
    for oid, name, callers in _rows(_OWNERS_FUNCTIONS):
        wanted = set(known.get(oid, ()))
        yield from (f"REVOKE ALL ON FUNCTION {name} FROM {caller}" for caller in sorted(set(callers) - wanted))
        yield from (f"GRANT EXECUTE ON FUNCTION {name} TO {role}" for role in sorted(wanted - set(callers)))


def _right_changes() -> Iterator[Change]:
    wanted, given = set(_wanted_rights()), {Right(*row) for row in _rows(_GIVEN, [list(PROCESS_ROLES)])}
    yield from ((right.relation, f"REVOKE {right.words} FROM {right.role}") for right in sorted(given - wanted))
    yield from ((right.relation, f"GRANT {right.words} TO {right.role}") for right in sorted(wanted - given))


def _wanted_rights() -> Iterator[Right]:
    existing = {name for (name,) in _rows(_RELATIONS)}
    rights = [right for right in table_rights() if right.relation in existing]
    yield from rights
    owned: dict[str, list[str]] = {}
    for sequence, table in _rows(_SEQUENCES):
        owned.setdefault(table, []).append(sequence)
    for right in rights:
        if right.privilege == "INSERT":
            yield from (Right(sequence, right.role, "USAGE") for sequence in owned.get(right.relation, ()))
    for sequence, roles in SEQUENCES.items():
        yield from (Right(sequence, role, "USAGE") for role in roles)


def _policy_changes() -> Iterator[Change]:
    existing: dict[str, bool] = dict(_rows(_SECURED))
    wanted = {(each.table, each.name): each for each in policies() if each.table in existing}
    made = {(table, name): (digest, is_as_made) for table, name, digest, is_as_made in _rows(_POLICIES)}
    for table in sorted({table for table, _ in wanted}):
        if not existing[table]:
            yield table, f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    for key in sorted(made):
        if key not in wanted or made[key] != (wanted[key].digest, True):
            yield key[0], f"DROP POLICY {key[1]} ON {key[0]}"
    for key, policy in wanted.items():
        if made.get(key) != (policy.digest, True):
            yield policy.table, policy.create


def _signatures() -> Iterator[str]:
    """Yield what notes at each policy from which words it was made and what PostgreSQL understood: neither drifts."""
    understood = {(table, name): text for table, name, text in _rows(_UNDERSTOOD)}
    signed = {(table, name): text for table, name, text in _rows(_SIGNED)}
    for policy in policies():
        key = (policy.table, policy.name)
        text = f"{policy.digest} {understood[key]}" if key in understood else None
        if text is not None and signed.get(key) != text:
            yield f"COMMENT ON POLICY {policy.name} ON {policy.table} IS '{text}'"


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _rows(statement: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


_RELATIONS = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
"""
_SECURED = """
    SELECT relname, relrowsecurity FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
"""
_DOORS = """
    SELECT format('REVOKE ALL ON DATABASE %%I FROM PUBLIC', datname),
        EXISTS (SELECT FROM aclexplode(coalesce(datacl, acldefault('d', datdba))) WHERE grantee = 0)
    FROM pg_database WHERE datname = current_database()
    UNION ALL
    SELECT format('GRANT CONNECT ON DATABASE %%I TO %%I', current_database(), role),
        NOT EXISTS (
            SELECT FROM pg_database, aclexplode(datacl) right_
            WHERE datname = current_database() AND grantee = role::regrole AND privilege_type = 'CONNECT')
    FROM unnest(%s::text[]) role
    UNION ALL
    SELECT 'REVOKE ALL ON SCHEMA public FROM PUBLIC',
        EXISTS (SELECT FROM aclexplode(coalesce(nspacl, acldefault('n', nspowner))) WHERE grantee = 0)
    FROM pg_namespace WHERE nspname = 'public'
    UNION ALL
    SELECT format('GRANT USAGE ON SCHEMA public TO %%I', role), NOT has_schema_privilege(role, 'public', 'USAGE')
        OR EXISTS (SELECT FROM pg_namespace, aclexplode(nspacl) WHERE nspname = 'public' AND grantee = 0)
    FROM unnest(%s::text[]) role
"""
_FUNCTION = "SELECT to_regprocedure(%s)::oid"
_OWNERS_FUNCTIONS = """
    SELECT oid, oid::regprocedure::text, ARRAY(
        SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END
        FROM aclexplode(coalesce(proacl, acldefault('f', proowner)))
        WHERE grantee = 0 OR starts_with(pg_get_userbyid(grantee), 'yzt_') AND grantee <> proowner
    )::text[]
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
"""
_GIVEN = """
    WITH shown AS (
        SELECT oid, relname, relowner, relacl AS acl FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    ), given AS (
        SELECT relname, item.grantee, item.privilege_type, '' AS attname FROM shown, aclexplode(acl) item
        UNION ALL
        SELECT relname, item.grantee, item.privilege_type, attname
        FROM shown JOIN pg_attribute ON attrelid = shown.oid AND attacl IS NOT NULL, aclexplode(attacl) item
    )
    SELECT relname, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, privilege_type, attname
    FROM given WHERE grantee = 0 OR grantee::regrole::text = ANY(%s)
"""
_SEQUENCES = """
    SELECT sequence.relname, owner.relname FROM pg_class sequence
    JOIN pg_depend ON objid = sequence.oid AND classid = 'pg_class'::regclass AND deptype IN ('a', 'i')
    JOIN pg_class owner ON owner.oid = refobjid AND refclassid = 'pg_class'::regclass
    WHERE sequence.relkind = 'S' AND sequence.relnamespace = 'public'::regnamespace
"""
_TEXT = """
    md5(coalesce(pg_get_expr(polqual, polrelid), '') || '/' || coalesce(pg_get_expr(polwithcheck, polrelid), '')
        || '/' || (SELECT string_agg(pg_get_userbyid(bound), ',') FROM unnest(polroles) bound) || polcmd::text)
"""
_OURS = """
    FROM pg_policy WHERE starts_with(polname, 'yzt_') OR EXISTS (
        SELECT FROM unnest(polroles) bound WHERE bound = 0 OR starts_with(pg_get_userbyid(bound), 'yzt_'))
"""
_UNDERSTOOD = f"SELECT polrelid::regclass::text, polname, {_TEXT} {_OURS}"
_SIGNED = f"SELECT polrelid::regclass::text, polname, obj_description(oid, 'pg_policy') {_OURS}"
_POLICIES = f"""
    SELECT polrelid::regclass::text, polname, split_part(obj_description(oid, 'pg_policy'), ' ', 1),
        coalesce(split_part(obj_description(oid, 'pg_policy'), ' ', 2) = {_TEXT}, false)
    {_OURS}
"""
_TOO_MIGHTY = """
    SELECT rolname, concat_ws(', ',
        CASE WHEN rolsuper THEN 'superuser' END, CASE WHEN rolbypassrls THEN 'bypasses row-level security' END,
        CASE WHEN rolcreaterole THEN 'makes roles' END, CASE WHEN rolcreatedb THEN 'makes databases' END,
        CASE WHEN rolreplication THEN 'replicates' END,
        (SELECT 'is a member of ' || string_agg(roleid::regrole::text, ', ') FROM pg_auth_members
            WHERE member = pg_roles.oid),
        (SELECT 'owns tables' WHERE EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid)))
    FROM pg_roles WHERE starts_with(rolname, 'yzt_') AND rolname <> 'yzt_migrator' AND (
        rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
        OR EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid)
        OR EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid))
"""
