"""`yzt serve`: the web server of production mode, one command for systemd."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from yizhengtong.project.configuration import ROOT
from yizhengtong.project.management.base import BaseCommand
from yizhengtong.project.production.start import become, refuse_if_weak


class Command(BaseCommand):
    help = "Serve on 127.0.0.1 behind a proxy, after refusing weak settings. `make up` is for demonstrations."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.CONFIGURATION.port, help="on 127.0.0.1")
        parser.add_argument("--workers", type=int, default=settings.CONFIGURATION.web_workers, help="processes")

    def handle(self, *_args: Any, **options: Any) -> None:
        refuse_if_weak("serve")
        become(web_command(port=options["port"], workers=options["workers"]))


def web_command(*, port: int, workers: int) -> list[str]:
    """Return the web server's command line. It ends what is in flight within 25 seconds of a SIGTERM."""
    return [
        *(sys.executable, "-m", "yizhengtong.project.web_server", "--interface", "wsgi"),
        *("--host", "127.0.0.1", "--port", str(port)),
        *("--workers", str(workers), "--blocking-threads", "2", "--no-ws", "--log-level", "warning"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "25"),
        *("--log-config", str(ROOT / "yizhengtong/project/granian_log.json")),
        "yizhengtong.project.wsgi:application",
    ]
