"""What our commands stand on."""

from django.core.management.base import BaseCommand as DjangosCommand
from django.core.management.base import CommandError

__all__ = ["BaseCommand", "CommandError"]


class BaseCommand(DjangosCommand):
    """A command that begins at once: Django's checks read the code and its addresses, which `make check` has done."""

    requires_system_checks: tuple[str, ...] = ()
