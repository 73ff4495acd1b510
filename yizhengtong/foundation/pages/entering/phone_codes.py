"""An account by a telephone: a code is sent there, said back, and the account of that number opens, or is made.

Nobody learns which: the words are the same until the code is said back. The number waits in the session, which is
sealed; of the code only a keyed hash. How many codes go to a number, from an address, and how often one is tried is
limited (docs/adr/0050).
"""

import hmac
import secrets
import time
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from yizhengtong.foundation.accounts.phones import enter_by_phone
from yizhengtong.foundation.notifications.channels.choosing import open_channels
from yizhengtong.foundation.notifications.contacts import CODE_MINUTES, normal_address
from yizhengtong.foundation.notifications.kinds import Channel
from yizhengtong.foundation.notifications.tasks import send_sign_in_code
from yizhengtong.foundation.pages.entering.doors import Door
from yizhengtong.foundation.pages.entering.passing import pass_on
from yizhengtong.foundation.pages.forms import PageForm
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.serving import SeeOther
from yizhengtong.foundation.texts import base_of
from yizhengtong.foundation.vault.indexes import keyed_digest
from yizhengtong.foundation.web.callers import address_of
from yizhengtong.foundation.web.limits import Charge, charge
from yizhengtong.kernel.errors import Conflict, Forbidden, Invalid, TooMany

_ASKED = "entering_phone"


class PhoneForm(PageForm):
    """The number that a code goes to."""

    words = "entering."
    phone = forms.CharField(max_length=32, widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}))


class PhoneCodeForm(PageForm):
    """The code that came."""

    words = "entering."
    phone_code = forms.RegexField(
        r"^\s*\d{3}\s?\d{3}\s*$",
        max_length=12,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


def ask_phone(request: HttpRequest, door: Door) -> HttpResponse:
    """Ask for the number and send a code there."""
    form = PhoneForm(request.POST or None, reader=reader_of(request))
    if request.method == "POST" and form.is_valid() and _sent(request, form):
        return door.onward(request, "phone-code")
    return door.show(request, "phone", "entering.phone_title", form=form, back=door.address("sign-in"))


def say_code(request: HttpRequest, door: Door) -> HttpResponse:
    """Take the code that was sent, and let its number's account in."""
    asked = _asked(request, door)
    form = PhoneCodeForm(request.POST or None, reader=reader_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            if _is_right(asked, form.cleaned_data["phone_code"]):
                del request.session[_ASKED]
                return pass_on(request, enter_by_phone(asked["phone"], language=_language(request)), "phone", door)
            form.add_error("phone_code", form.reader.say("entering.code_wrong"))
        except (TooMany, Forbidden) as problem:
            code = "entering.code_over" if isinstance(problem, TooMany) else "entering.phone_not_here"
            form.add_error(None, form.reader.say(code))
    shown = {"ending": asked["phone"][-4:], "minutes": CODE_MINUTES}
    return door.show(request, "phone_code", "entering.phone_code_title", form=form, back=door.address("phone"), **shown)


def _sent(request: HttpRequest, form: PhoneForm) -> bool:
    try:
        number = normal_address(Channel.SMS, form.cleaned_data["phone"])
        _send(request, number)
    except Invalid:
        form.add_error("phone", form.reader.say("entering.phone_wrong"))
    except TooMany:
        form.add_error(None, form.reader.say("entering.codes_enough"))
    except Conflict as problem:
        form.add_error(None, form.reader.say(problem.code))
    return form.is_valid()


def _send(request: HttpRequest, number: str) -> None:
    if Channel.SMS not in open_channels():
        raise Conflict("entering.no_messages")
    charge([Charge("phone_codes", f"phone:{number}"), Charge("phone_code_senders", f"address:{address_of(request)}")])
    code, key = f"{secrets.randbelow(1_000_000):06}", secrets.token_hex(16)
    request.session[_ASKED] = {
        "phone": number,
        "key": key,
        "digest": _digest(key, number, code),
        "until": time.time() + CODE_MINUTES * 60,
    }
    send_sign_in_code.defer(address=number, code=code, language=_language(request))


def _asked(request: HttpRequest, door: Door) -> dict[str, Any]:
    asked: dict[str, Any] | None = request.session.get(_ASKED)
    if asked is None or asked["until"] < time.time():
        request.session.pop(_ASKED, None)
        raise SeeOther(door.address("phone"))
    return asked


def _is_right(asked: dict[str, Any], said: str) -> bool:
    """Count the try, wherever it comes from, and compare. Raises TooMany."""
    charge([Charge("phone_code_tries", f"code:{asked['key']}")])
    digest = _digest(asked["key"], asked["phone"], "".join(said.split()))
    return hmac.compare_digest(asked["digest"], digest)


def _digest(key: str, number: str, code: str) -> str:
    return keyed_digest("pages.phone_code", f"{key}:{number}:{code}".encode()).hex()


def _language(request: HttpRequest) -> str:
    return base_of(reader_of(request).language)
