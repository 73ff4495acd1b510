"""What can go wrong with the embedded database, each text saying what to do next."""


class DatabaseProblem(Exception):
    """The embedded database cannot do what was asked. The text is for the operator and holds no secret."""


class AlreadyRunning(DatabaseProblem):
    """Another process runs this home's database."""


class NotRunning(DatabaseProblem):
    """Nobody runs this home's database."""


class WrongVersion(DatabaseProblem):
    """The data were made by another major version of PostgreSQL."""


class CannotRun(DatabaseProblem):
    """PostgreSQL's programs are missing, cannot be executed, or failed."""
