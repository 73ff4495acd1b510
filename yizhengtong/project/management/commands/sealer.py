"""`yzt sealer`: the sealer of the audit trail, one command for systemd."""

import sys
from typing import Any

from django.conf import settings

from yizhengtong.project.management.base import BaseCommand
from yizhengtong.project.production.start import become, refuse_if_weak


class Command(BaseCommand):
    help = "Chain the audit trail and sign checkpoints until stopped; in production after refusing weak settings."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if settings.YZT_PRODUCTION:
            refuse_if_weak("sealer")
        become([sys.executable, "-m", "yizhengtong.project.sealer"])
