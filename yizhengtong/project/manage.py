"""`bin/yzt`: Django's commands and ours. Without DATABASE_URL it attaches to the embedded database that runs."""

import os
import sys

from yizhengtong.project.database import NotRunning, attach, default_home


def main() -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
    if not os.environ.get("DATABASE_URL"):
        try:
            os.environ["DATABASE_URL"] = attach(default_home()).url
        except NotRunning:
            os.environ.pop("DATABASE_URL", None)  # commands that need no database still work
    from django.core.management import execute_from_command_line

    execute_from_command_line(["yzt", *sys.argv[1:]])


if __name__ == "__main__":
    main()
