"""How the application reaches a running database."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

PORT = 5432  # only names the socket: nothing listens on TCP
ROLE = "yzt_migrator"
"""Owns the database and its tables. Only migrations, grants and the operator's commands run as it."""
PROCESS_ROLES = ("yzt_web", "yzt_worker", "yzt_sealer", "yzt_gateway", "yzt_auditor")
"""Ordinary roles, one a process: what each may do stands in yizhengtong/project/roles."""
DATABASE = "yzt"


def url_variable(role: str) -> str:
    """Return the environment variable that holds a process role's connection string: DATABASE_URL_WEB."""
    return f"DATABASE_URL_{role.removeprefix('yzt_').upper()}"


def environment_of(role: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a process that signs in as `role`: its own connection string and no other's.

    Where none is given for the role, DATABASE_URL serves all processes.
    """
    own = environment.get(url_variable(role)) or environment.get("DATABASE_URL", "")
    others = {url_variable(each) for each in PROCESS_ROLES}
    return {**{name: value for name, value in environment.items() if name not in others}, "DATABASE_URL": own}


@dataclass(frozen=True, slots=True)
class ConnectionInfo:
    """A running database of ours. Its password is kept out of `repr`, so out of logs and tracebacks."""

    socket_dir: Path
    data_dir: Path
    pid: int
    password: str = field(repr=False)
    role: str = ROLE
    database: str = DATABASE
    port: int = PORT

    @property
    def url(self) -> str:
        """Return what DATABASE_URL is set to: libpq's form, the socket's folder as host."""
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql://{self.role}:{quote(self.password, safe='')}@/{self.database}?host={host}&port={self.port}"

    def as_role(self, role: str) -> "ConnectionInfo":
        """Return how one of the process roles reaches this database."""
        return replace(self, role=role, password=(self.data_dir.parent / f"{role}.password").read_text().strip())

    def in_database(self, name: str) -> "ConnectionInfo":
        """Return how the same role reaches another database of this server."""
        return replace(self, database=name)

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that name this database: for its owner, and for each process role."""
        return {"DATABASE_URL": self.url, **{url_variable(role): self.as_role(role).url for role in PROCESS_ROLES}}
