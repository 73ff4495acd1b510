"""What developers read: each way with its requests and answers, purposes, test people, numbers, refusals.

Tables come from the rooms that keep them; requests and answers from documents.yaml, which tests send.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from yizhengtong.credentials.showing.wording import labels
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.rendering import render_page
from yizhengtong.foundation.pages.serving import page
from yizhengtong.foundation.texts import knows
from yizhengtong.foundation.yaml_files import read_yaml
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.kernel.numbers.shapes import DECLARED
from yizhengtong.sites.partner.trying import curl
from yizhengtong.verification.checks.finding import MATCHED
from yizhengtong.verification.relying_parties.bounds import ASSERTION_LASTS, QUOTA_A_DAY, SANDBOX_QUOTA_A_DAY
from yizhengtong.verification.relying_parties.purposes import purposes
from yizhengtong.verification.relying_parties.sandbox import sandbox_people

_NAMED_GROUP = re.compile(r"\?P<\w+>")
_GAP = re.compile(r"\{[a-z_]+\}")
"""Where a refusal says a number that is known once it is refused."""


@cache
def topics() -> Mapping[str, Mapping[str, Any]]:
    """Return what is documented, by topic, in the order of the file."""
    table: Mapping[str, Mapping[str, Any]] = read_yaml(Path(__file__).with_name("documents.yaml"))
    return table


@page("public")
def contents(request: HttpRequest) -> HttpResponse:
    """List the topics."""
    rows = [(topic, f"partner.doc_{_word(topic)}", f"partner.doc_{_word(topic)}_lead") for topic in topics()]
    return render_page(request, "partner/docs.html", {"rows": rows}, title="partner.docs", back=reverse("partner-home"))


@page("public")
def show(request: HttpRequest, topic: str) -> HttpResponse:
    """Show one topic. Raises NotFound."""
    if topic not in topics():
        raise NotFound("not_found")
    reader, told, word, tables = reader_of(request), topics()[topic], _word(topic), _TABLES.get(topic)
    context = {
        "lead": f"partner.doc_{word}_lead",
        "points": [reader.say(code, **_facts()) for code in _points(word)],
        "examples": [_example(each) for each in told.get("examples", ())],
        "refusals": [
            (code, status, _GAP.sub("…", reader.say(code))) for code, status in told.get("refusals", {}).items()
        ],
        **(tables(reader) if tables else {}),
    }
    return render_page(request, "partner/doc.html", context, title=f"partner.doc_{word}", back=reverse("partner-docs"))


def _word(topic: str) -> str:
    return topic.replace("-", "_")


def _points(word: str) -> list[str]:
    """Return the codes of what is said of a topic, one after the other."""
    codes = (f"partner.doc_{word}_{number}" for number in range(1, 10))
    return [code for code in codes if knows(code)]


def _facts() -> dict[str, object]:
    return {
        "address": settings.YZT_ADDRESS,
        "minutes": int(ASSERTION_LASTS.total_seconds()) // 60,
        "quota": f"{QUOTA_A_DAY:,}",
        "sandbox_quota": f"{SANDBOX_QUOTA_A_DAY:,}",
    }


def _example(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return one example as the page shows it: the request, the answer's status and body."""
    shown: dict[str, Any] = {"name": f"partner.example_{told['name']}", "status": told.get("status", 200)}
    if "text" in told:
        return {**shown, "request": told["text"].rstrip().replace("{address}", settings.YZT_ADDRESS), "answer": ""}
    answer = told.get("answer")
    return {
        **shown,
        "request": _request(told),
        "answer": json.dumps(answer, ensure_ascii=False, indent=2) if answer is not None else "",
    }


def _request(told: Mapping[str, Any]) -> str:
    if told["method"] == "POST":
        return curl(told["path"], told["body"])
    proof = "" if told.get("as") == "nobody" else ' -H "Authorization: Bearer $SECRET"'
    return f"curl {settings.YZT_ADDRESS}{told['path']}{proof}"


def _people(_reader: Reader) -> dict[str, Any]:
    rows = [
        {"person": each, "place": place, "tries": f"partner.tries_{each.code}", "is_valid": each.state == "valid",
         "state": f"showing.standing_{each.state}"}
        for place, each in enumerate(sandbox_people().values(), start=1)
    ]  # fmt: skip
    return {"people": rows}


def _purposes(reader: Reader) -> dict[str, Any]:
    return {
        "purposes": [
            {"code": each.code, "words": f"relying_parties.purpose_{each.code}",
             "tells": list(zip(each.claims, labels(each.claims, reader.say), strict=True)),
             "compares": ", ".join(each.match), "days": each.days}
            for each in purposes().values()
        ]
    }  # fmt: skip


def _numbers(reader: Reader) -> dict[str, Any]:
    kinds = sorted(MATCHED, key=lambda each: (each != DocumentKind.HMT_PERMIT, each))
    shapes = [
        {"kind": each, "words": reader.say(f"numbers.kinds.{each}"),
         "pattern": [_NAMED_GROUP.sub("?:", one) for one in DECLARED[each].pattern.split("|")]}
        for each in kinds
    ]  # fmt: skip
    regions = {"810000": "HK", "820000": "MO", "830000": "TW"}
    samples = [
        {"begins": begins, "region": f"partner.region_{region}",
         "sample": next(each.permit for each in sandbox_people().values() if each.permit.startswith(begins))}
        for begins, region in regions.items()
    ]  # fmt: skip
    return {"shapes": shapes, "samples": samples}


_TABLES: Mapping[str, Callable[[Reader], dict[str, Any]]] = {
    "people": _people,
    "purposes": _purposes,
    "numbers": _numbers,
}
