"""What tests of applying share: a day, somebody with a browser, an application filled in page by page."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest import mock

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.support.city import POINTS
from tests.support.law import LIXIA
from tests.support.papers import paper_jpeg
from tests.support.people import Resident, a_resident
from yizhengtong.sites.resident.tests.browsing import an_account, browser_of, sent, words_of

NOW = datetime(2026, 9, 18, 2, tzinfo=UTC)
"""Ten in the morning of TODAY in China."""
_CLOCKS = ("sites.resident.apply.drafts", "sites.resident.acting", "permitting.casework.appointments")

FILLED_IN: Mapping[str, Mapping[str, Any]] = {
    "facts": {},
    "address": {"residence_address": "济南市历下区和平路47号1单元101"},
    "exemption": {"is_exempt": ""},
    "claims": {"made": ["dwelling"]},
    "phone": {"phone": "+852 5550 0100"},
    "point": {"service_point": POINTS[LIXIA]},
    "delivery": {"delivery": "collect"},
}
"""What is typed at each step."""


@contextmanager
def on_the_day() -> Iterator[None]:
    """Let pages be read on TODAY."""
    with ExitStack() as clocks:
        for room in _CLOCKS:
            wrapped = mock.Mock(wraps=timezone, now=lambda: NOW)
            clocks.enter_context(mock.patch(f"yizhengtong.{room}.timezone", wrapped))
        yield


def somebody(**more: Any) -> tuple[Resident, Client]:
    """Return a resident with an account, and their browser."""
    account = an_account()
    return a_resident(account=account, **more), browser_of(account)


def begun(client: Client, item: str = "hmt.first_issue", place: str = LIXIA, **typed: str) -> str:
    """Begin an application by its pages; return the address of its task list."""
    answer = sent(client, f"/apply/begin?place={place}&item={item}", **typed)
    assert answer.status_code == 200, words_of(answer)
    return str(answer.redirect_chain[-1][0]).removesuffix("/promise").removesuffix("/notice")


def filled_in(client: Client, address: str, /, *steps: str, **changes: Mapping[str, Any]) -> None:
    """Fill in steps of an application, each on its page."""
    for name in steps:
        answer = sent(client, f"{address}/{name}", **{**FILLED_IN[name], **changes.get(name, {})})
        assert answer.status_code == 200, (name, words_of(answer))


def picture(title: str = "lease", name: str = "lease.jpg") -> SimpleUploadedFile:
    """Return a drawn sheet of paper as a phone sends it."""
    return SimpleUploadedFile(name, paper_jpeg(title), "image/jpeg")


def handed_in(client: Client, address: str, /, **papers: str) -> None:
    """Upload papers: document and kind."""
    for code, kind in papers.items():
        answer = client.post(f"{address}/papers/{code}", {"kind": kind, "file": picture(code)}, follow=True)
        assert answer.status_code == 200, words_of(answer)


def submitted(client: Client, address: str, *ticked: str) -> Any:
    """Declare and submit; return the page that this leads to."""
    return sent(client, f"{address}/confirm", **dict.fromkeys((*ticked, "declares_true"), "on"))


HMT_STEPS = ("facts", "address", "claims", "phone", "point", "delivery")


def ready(client: Client, **changes: Mapping[str, Any]) -> str:
    """Return a first issue that only waits for the declarations."""
    address = begun(client)
    filled_in(client, address, *HMT_STEPS, **changes)
    handed_in(client, address, travel_document="hrp", dwelling_proof="lease")
    return address
