"""A database with every migration, made once a server by who asks first: databases of tests are copies of it.

What the migrations themselves must hold, from an empty database on, is asked elsewhere: by tests/observability, whose
platform begins with nothing, by tests/upgrade, and by this one on each server that tests run on.
"""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 300
_MIGRATE = """
import django
django.setup()
from django.core.management import call_command
from django.db.models.signals import post_migrate
post_migrate.receivers.clear()  # keys belong to a home: each copy is given its own when it is migrated again
call_command("migrate", verbosity=0, interactive=False)
"""


def copy_migrated(name: str) -> None:
    """Create a database of this name on the run's server: every table, no rows but the migrations' own."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        _create(connection, name, template=migrated())


def migrated() -> str:
    """Return the name of the migrated database of this checkout; one process makes it, the others wait."""
    name = f"migrated_{_version()}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            _make(connection, name)
    return name


def _make(connection: psycopg.Connection, name: str) -> None:
    """Migrate under another name first: what was cut off is no template."""
    part = f"{name}_part"
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(part)))
    _create(connection, part, template="template1")
    own = {**os.environ, "DATABASE_URL": make_conninfo(os.environ["DATABASE_URL"], dbname=part)}
    own.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
    subprocess.run([sys.executable, "-c", _MIGRATE], cwd=ROOT, env=own, check=True, timeout=SECONDS)
    statement = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    connection.execute(statement.format(sql.Identifier(part), sql.Identifier(name)))


def _create(connection: psycopg.Connection, name: str, *, template: str) -> None:
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


def _version() -> str:
    """Return what tells one state of the migrations from another, on a server that stays."""
    told = sha256()
    for path in sorted((ROOT / "yizhengtong").rglob("migrations/*.py")):
        told.update(path.read_bytes())
    return told.hexdigest()[:12]
