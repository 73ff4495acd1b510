"""`yzt worker`: the background worker of production mode, one command for systemd."""

import sys
from argparse import ArgumentParser
from typing import Any

from yizhengtong.project.management.base import BaseCommand
from yizhengtong.project.production.start import become, refuse_if_weak


class Command(BaseCommand):
    help = "Run background tasks, after refusing weak settings."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--concurrency",
            type=int,
            default=5,
            help="tasks at a time; pushes, messages, notices, sign-outs and files may each hold one for a while",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        refuse_if_weak("worker")
        manage = (sys.executable, "-m", "yizhengtong.project.manage")
        become([*manage, "procrastinate", "worker", "--concurrency", str(options["concurrency"])])
