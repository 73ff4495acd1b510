"""How the application reaches a running database."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

PORT = 5432  # only names the socket: nothing listens on TCP
ROLE = "yzt"
DATABASE = "yzt"


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
