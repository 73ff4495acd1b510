"""`yzt packs propose|confirm|list|decided`: archive packs, put them in force by two persons, see what they decided."""

from argparse import ArgumentParser
from typing import Any

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.texts import say
from yizhengtong.kernel.errors import Problem
from yizhengtong.kernel.ids import public_id
from yizhengtong.law.errors import PackErrors
from yizhengtong.law.models import Edition
from yizhengtong.law.reading import pack_texts
from yizhengtong.law.services import confirm_edition, propose_again, propose_edition
from yizhengtong.permitting.casework.models import Decision
from yizhengtong.project.management.base import BaseCommand, CommandError
from yizhengtong.project.management.naming import principal_named


class Command(BaseCommand):
    help = "Propose the packs of this checkout as one edition, confirm a proposed edition, or list them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["propose", "confirm", "list", "decided"])
        parser.add_argument("--by", help="user name of who proposes or confirms; never the same person for both")
        parser.add_argument("--edition", help="hash of an edition, or its first characters; propose: an earlier one")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["action"] == "list":
            self._list()
            return
        if options["action"] == "decided":
            self._decided(options["edition"])
            return
        try:
            edition = _changed(options["action"], options["edition"], principal_named(options["by"]))
        except PackErrors as errors:
            raise CommandError("\n".join(str(error) for error in errors.errors)) from None
        except Problem as problem:
            raise CommandError(say(problem.code, "en", problem.facts)) from None
        self.stdout.write(f"{edition.state} {edition.hash}")

    def _list(self) -> None:
        for edition in Edition.objects.order_by("proposed_at"):
            self.stdout.write(f"{edition.state:9} {edition.hash} proposed {edition.proposed_at:%Y-%m-%d}")

    def _decided(self, start: str | None) -> None:
        """List the decisions that rest on texts which only this edition has: ids and outcomes, no person."""
        edition = Edition.objects.filter(hash=_whole_hash(start)).order_by("-proposed_at")[0]
        others = Edition.objects.exclude(hash=edition.hash).values_list("members", flat=True)
        own = set(edition.members.values()) - {text for members in others for text in members.values()}
        found = Decision.objects.filter(pack_hashes__overlap=sorted(own)).order_by("at")
        for case_id, granted, at in found.values_list("case_id", "granted", "at"):
            outcome = "granted" if granted else "refused"
            self.stdout.write(f"{public_id('cas', case_id)} {outcome} {at:%Y-%m-%dT%H:%M:%SZ}")
        self.stdout.write(f"{len(found)} decisions rest on what only this edition says.")


def _changed(action: str, start: str | None, by: Principal) -> Edition:
    if action == "confirm":
        return confirm_edition(edition_hash=_whole_hash(start, Edition.State.PROPOSED), by=by)
    if start:
        return propose_again(edition_hash=_whole_hash(start), by=by)
    return propose_edition(texts=pack_texts(), by=by)


def _whole_hash(start: str | None, *states: str) -> str:
    """Return the hash that begins so. Raises CommandError unless there is exactly one."""
    editions = Edition.objects.filter(hash__startswith=start or "-", state__in=states or Edition.State.values)
    found = list(editions.values_list("hash", flat=True).distinct().order_by()[:2])
    if len(found) != 1:
        raise CommandError("Name one edition: --edition HASH (see `yzt packs list`).")
    return found[0]
