"""`bin/yzt`: Django's commands and ours. Without DATABASE_URL it attaches to the embedded database that runs."""

import os
import sys

from yizhengtong.foundation.observability.uncaught import log_what_nobody_catches
from yizhengtong.project.database import NotRunning, attach, default_home


def main() -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
    if sys.argv[1:3] == ["procrastinate", "worker"]:  # it runs on, as the web server does (wsgi.py)
        log_what_nobody_catches()
    if not os.environ.get("DATABASE_URL"):
        try:
            os.environ["DATABASE_URL"] = attach(default_home()).url
        except NotRunning:
            os.environ.pop("DATABASE_URL", None)  # commands that need no database still work
    from django.core.management import execute_from_command_line

    execute_from_command_line(["yzt", *sys.argv[1:]])


if __name__ == "__main__":
    main()
