"""`yzt exchange …`: data platforms, their keys, dead letters, the lag; and the receiver kit (docs/exchange.md)."""

import json
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.exchange.keys import ALGORITHMS, ED25519
from yizhengtong.foundation.exchange.models import ContentKind, Destination, SendingKey
from yizhengtong.foundation.exchange.queries import behind, dead_letters, push_lag, standings
from yizhengtong.foundation.exchange.receiver.__main__ import add_arguments as add_receiver_arguments
from yizhengtong.foundation.exchange.receiver.__main__ import receive, show
from yizhengtong.foundation.exchange.services import (
    add_destination,
    end,
    pause,
    replay,
    resume,
    rotate_sending_key,
    skip,
)
from yizhengtong.foundation.texts import say
from yizhengtong.kernel.errors import Problem
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.project.management.base import BaseCommand, CommandError
from yizhengtong.project.management.naming import principal_named


class Command(BaseCommand):
    help = "Data platforms that permit events are pushed to; dead letters; the receiver kit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        self._add_destination_arguments(acts)
        self._add_dead_letter_arguments(acts)
        lag = acts.add_parser("lag", help="how long it takes until an event is acknowledged")
        lag.add_argument("--hours", type=float, default=24.0, help="over what was acknowledged within so many hours")
        lag.add_argument("--kind", default="", help="a kind of event, such as permits.issued")
        add_receiver_arguments(acts.add_parser("receive", help="be a receiver: check, keep, acknowledge"))

    def _add_destination_arguments(self, acts: Any) -> None:
        acts.add_parser("list", help="every destination, and what waits for it")
        adding = acts.add_parser("add", help="name a data platform and make the key we sign with")
        adding.add_argument("code")
        adding.add_argument("url", help="https, without a query")
        adding.add_argument("--name", required=True)
        adding.add_argument("--legal-basis", required=True, help="the law or order that provides for it")
        adding.add_argument("--content", choices=ContentKind.values, default=ContentKind.MINIMAL)
        adding.add_argument("--kinds", nargs="*", default=(), help="kinds of events; none: all")
        adding.add_argument("--algorithm", choices=ALGORITHMS, default=ED25519)
        for act, words in (
            ("pause", "collect, send nothing"),
            ("resume", "send again"),
            ("end", "end it for good and drop what waits"),
            ("keys", "print the public key, as a JSON Web Key Set"),
            ("rotate", "sign with a new key; pause first, and hand its public part over before you resume"),
        ):
            turning = acts.add_parser(act, help=words)
            turning.add_argument("code")
            turning.add_argument("--by", help="user name of who does it")
            if act == "end":
                turning.add_argument("--reason", required=True)

    def _add_dead_letter_arguments(self, acts: Any) -> None:
        acts.add_parser("dead", help="list what was refused")
        for act, words in (("replay", "send it again, made anew"), ("skip", "give it up; later ones go on")):
            settling = acts.add_parser(act, help=words)
            settling.add_argument("push", nargs="+", help="id of a dead letter, or `all`" if act == "replay" else "id")
            settling.add_argument("--by", help="user name of who does it")
            if act == "skip":
                settling.add_argument("--reason", required=True)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['act']}")(options)
        except Problem as problem:
            raise CommandError(_words(problem)) from None

    def _list(self, _options: Any) -> None:
        for standing in standings():
            at = standing.destination
            rests = f"  rests until {at.rests_until:%H:%M:%SZ}" if at.rests_until else ""
            self.stdout.write(
                f"{at.code:16} {at.state:7} {at.content:8} waiting={standing.waiting} dead={standing.dead}"
                f" lag={standing.lag.total_seconds():.0f}s{rests}  {at.url}"
            )

    def _add(self, options: Any) -> None:
        names = ("code", "url", "name", "legal_basis", "content", "kinds", "algorithm")
        made = add_destination(**{name: options[name] for name in names}, by=SYSTEM)
        self.stdout.write(_key_set(made))

    def _pause(self, options: Any) -> None:
        self.stdout.write(str(pause(code=options["code"], by=_actor(options))))

    def _resume(self, options: Any) -> None:
        self.stdout.write(str(resume(code=options["code"], by=_actor(options))))

    def _end(self, options: Any) -> None:
        self.stdout.write(str(end(code=options["code"], reason=options["reason"], by=_actor(options))))

    def _rotate(self, options: Any) -> None:
        self.stdout.write(_key_set(rotate_sending_key(code=options["code"], by=_actor(options)).destination))

    def _keys(self, options: Any) -> None:
        destination = Destination.objects.filter(code=options["code"]).first()
        if destination is None:
            raise CommandError("There is no such destination. See: exchange list")
        self.stdout.write(_key_set(destination))

    def _dead(self, _options: Any) -> None:
        for push in dead_letters():
            self.stdout.write(
                f"{public_id('psh', push.pk)}  {push.destination.code}  {push.kind}  status={push.status}"
                f"  behind={behind(push)}  {say(push.failure, 'en')}"
            )

    def _replay(self, options: Any) -> None:
        wanted = [push.pk for push in dead_letters()] if options["push"] == ["all"] else _ids(options["push"])
        for push_id in wanted:
            replay(push_id=push_id, by=_actor(options))
        self.stdout.write(f"{len(wanted)} will be sent again.")

    def _skip(self, options: Any) -> None:
        for push_id in _ids(options["push"]):
            skip(push_id=push_id, reason=options["reason"], by=_actor(options))
        self.stdout.write(f"{len(options['push'])} are given up.")

    def _lag(self, options: Any) -> None:
        since = timezone.now() - timedelta(hours=options["hours"])
        for standing in standings():
            code = standing.destination.code
            lag = push_lag(since=since, kind=options["kind"], destination=code)
            took = (
                f"count={lag.count} median={lag.median_seconds:.3f}s p95={lag.p95_seconds:.3f}s"
                f" longest={lag.longest_seconds:.3f}s"
                if lag
                else "nothing acknowledged"
            )
            self.stdout.write(f"{code:16} {took}  oldest waiting={standing.lag.total_seconds():.0f}s")

    def _receive(self, options: Any) -> None:
        try:
            if options["show"]:
                show(options["store"])
            else:
                receive(port=options["port"], url=options["url"], keys=options["keys"], store=options["store"])
        except (OSError, ValueError) as problem:
            raise CommandError(str(problem)) from None


def _actor(options: Any) -> Any:
    return principal_named(options["by"]) if options["by"] else SYSTEM


def _ids(texts: list[str]) -> list[UUID]:
    return [parse_public_id("psh", text) for text in texts]


def _key_set(destination: Destination) -> str:
    keys = SendingKey.objects.filter(destination=destination, is_active=True)
    return json.dumps({"keys": [key.public for key in keys]}, indent=2)


def _words(problem: Problem) -> str:
    lines = [say(problem.code, "en", problem.facts)]
    return "\n".join([*lines, *(f"{error.field}: {say(error.code, 'en', error.facts)}" for error in problem.errors)])
