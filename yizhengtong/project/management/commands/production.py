"""`yzt production check`: say everything that production mode would refuse, without starting anything."""

from argparse import ArgumentParser
from typing import Any

from yizhengtong.project.management.base import BaseCommand, CommandError
from yizhengtong.project.production.start import weaknesses


class Command(BaseCommand):
    help = "List every weak setting by its code. Run it as the account and with the settings of the process to start."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["check"])

    def handle(self, *_args: Any, **_options: Any) -> None:
        found = weaknesses()
        for each in found:
            self.stdout.write(f"{each.id}: {each.msg}")
        if found:
            raise CommandError(f"{len(found)} settings are weak; production mode does not start.")
        self.stdout.write("Nothing is weak.")
