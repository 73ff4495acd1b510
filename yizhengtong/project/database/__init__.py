"""The embedded database: PostgreSQL's own programs, started, watched and stopped by us.

Every size of installation has PostgreSQL under it (docs/adr). Where no server is given by DATABASE_URL, this package
makes a cluster in the installation's home folder and runs `postgres` as a direct child: no TCP port, a socket in a
folder closed to others, passwords instead of trust, an ordinary role for the application. Standard library only.
"""

from yizhengtong.project.database.connection import PROCESS_ROLES, ConnectionInfo, environment_of, url_variable
from yizhengtong.project.database.errors import AlreadyRunning, CannotRun, DatabaseProblem, NotRunning, WrongVersion
from yizhengtong.project.database.places import default_home
from yizhengtong.project.database.postgres import EmbeddedPostgres, attach
from yizhengtong.project.database.programs import embedded_bindir
from yizhengtong.project.database.temporary import temporary_postgres

__all__ = [
    "PROCESS_ROLES",
    "AlreadyRunning",
    "CannotRun",
    "ConnectionInfo",
    "DatabaseProblem",
    "EmbeddedPostgres",
    "NotRunning",
    "WrongVersion",
    "attach",
    "default_home",
    "embedded_bindir",
    "environment_of",
    "temporary_postgres",
    "url_variable",
]
