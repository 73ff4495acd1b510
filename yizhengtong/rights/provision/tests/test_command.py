"""`yzt exchange`: what an operator can do from the command line."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from yizhengtong.foundation.exchange.keys import public_keys
from yizhengtong.foundation.exchange.models import Destination, Push
from yizhengtong.foundation.exchange.pushing import push_due
from yizhengtong.foundation.exchange.queries import dead_letters
from yizhengtong.kernel.ids import public_id
from yizhengtong.rights.provision.tests.test_provision import a_permit, collect_all, happen

pytestmark = pytest.mark.django_db(transaction=True)
BASIS = ("--name", "省大数据平台", "--legal-basis", "国令716 art. 12")


def run(*words: str) -> str:
    out = StringIO()
    call_command("exchange", *words, stdout=out)
    return out.getvalue()


def refuse(*_arguments: Any) -> Any:
    from yizhengtong.foundation.exchange.claiming import Told

    return Told(422)


def test_adding_prints_the_public_key_set_and_never_the_private_key() -> None:
    printed = run("add", "province", "https://platform.example/events", *BASIS)
    (key,) = public_keys(printed).values()
    assert key.algorithm == "ed25519"
    assert "d" not in json.loads(printed)["keys"][0]
    assert json.loads(run("keys", "province")) == json.loads(printed)
    assert Destination.objects.get().state == "paused"
    assert "paused" in run("list")


def test_an_address_that_is_not_safe_is_refused_in_words() -> None:
    with pytest.raises(CommandError, match=r"url: The address must be https"):
        run("add", "province", "http://platform.example/events", *BASIS)


def test_dead_letters_are_listed_replayed_and_skipped() -> None:
    run("add", "province", "https://platform.example/events", *BASIS)
    run("resume", "province")
    permit = a_permit()
    happen(permit)
    happen(permit, "record_made")
    collect_all()
    push_due(seconds=5, send=refuse)
    (dead,) = dead_letters()
    listed = run("dead")
    assert public_id("psh", dead.pk) in listed
    assert "behind=1" in listed
    assert run("replay", "all") == "1 will be sent again.\n"
    push_due(seconds=5, send=refuse)
    run("skip", public_id("psh", dead.pk), "--reason", "对方已有")
    push_due(seconds=5, send=refuse)
    assert list(Push.objects.order_by("position").values_list("state", flat=True)) == ["skipped", "dead"]
    assert "nothing acknowledged" in run("lag")


def test_pausing_ending_and_rotating_say_what_stands_in_the_way() -> None:
    run("add", "province", "https://platform.example/events", *BASIS)
    before = run("keys", "province")
    assert run("rotate", "province") != before
    run("resume", "province")
    with pytest.raises(CommandError, match=r"Pause before"):
        run("rotate", "province")
    run("end", "province", "--reason", "依据已废止")
    with pytest.raises(CommandError, match=r"has ended"):
        run("pause", "province")
    with pytest.raises(CommandError):
        run("pause", "nobody")
