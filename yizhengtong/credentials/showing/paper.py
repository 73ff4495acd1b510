"""The code on paper: an address of the static checker with signed data in its fragment, which no server is sent.

It holds the least that serves its purpose and a place in a status list, so that whoever keeps a list can say that the
permit was suspended or ended since. Formats: `code_fields.py`; reasons: docs/adr/0062.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from yizhengtong.credentials.formats.signing import ES256, Checker, Signer
from yizhengtong.credentials.keys.queries import Use, checkers, signers
from yizhengtong.credentials.showing.claims import Value, last_day_of, values_of
from yizhengtong.credentials.showing.code_fields import (
    KEY_ID_BYTES,
    Content,
    Unreadable,
    content_of,
    header_of,
    joined,
    payload_of,
    short_key_id,
    taken_apart,
    to_sign,
)
from yizhengtong.credentials.showing.models import PaperCode
from yizhengtong.credentials.showing.purposes import Purpose, purpose_of
from yizhengtong.credentials.status.services import allocate
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import CHINA, add_years
from yizhengtong.kernel.errors import Conflict
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import standing

PATH = "/check/paper"
PAPER, PAPER_YEARS = "paper", 10
"""The purpose of a code that says what a paper is, and for how long it is read. Ours."""
_DAY = timedelta(days=1)


class BadCode(Exception):
    """Raised for a code that is not ours. `reason`: unreadable, unknown_key or forged."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Read:
    """What a code says whose signature is ours, and which key signed it; whether it is over is asked of `is_over`."""

    content: Content
    key_id: str

    def is_over(self, at: datetime) -> bool:
        return at.timestamp() >= self.content.expires_at


def address_of(text: str) -> str:
    """Return what stands in the QR code."""
    return f"{settings.YZT_ADDRESS}{PATH}#{text}"


@use_case
def code_for(permit: Permit, purpose: str, on: date) -> str:
    """Return the text of the paper QR: an address of the checker with the signed data in its fragment.

    Good from `on` for the purpose's days, not longer than the permit. The same permit, purpose and day give the same
    text while nothing has changed. The caller was allowed to open the permit, and records the read. Raises NotFound for
    a purpose nobody knows, Conflict `showing.not_good` for a permit that is not good on that day.
    """
    asked = purpose_of(purpose)
    now = standing(permit, on)
    if not now.is_valid:
        raise Conflict("showing.not_good", reason=now.reason)
    known = PaperCode.objects.filter(permit=permit, purpose=purpose, issued_on=on).first()
    values = values_of(permit, asked.claims, on)
    if known is not None and known.key_id in checkers(Use.CODE) and _says(known.text) == _content(known, values):
        return address_of(known.text)
    return address_of(_kept(known or _new(permit, asked, on), values).text)


def code_for_paper(*, kind: str, reference: str, dated: date, office: str) -> str:
    """Return the text of the QR on a paper that is no permit: a signed statement of what it is, and nothing personal.

    `kind`: in Chinese words, as its title has it. Purpose PAPER, no place in a status list: whether the paper still
    holds says its reference, online (`/check-paper`). Good for PAPER_YEARS; that it was made stays true. Who shows such
    a code shows its four claims (paper, reference, dated, office) to be compared with the paper in the hand.
    """
    signer = signer_of_codes()
    values: Mapping[str, Value] = {"paper": kind, "reference": reference, "dated": dated, "office": office}
    content = Content(PAPER, _seconds(dated), _seconds(add_years(dated, PAPER_YEARS)), values, None)
    header, payload = header_of(signer.algorithm, signer.key_id), payload_of(content)
    return address_of(joined(header, payload, signer.sign(to_sign(header, payload))))


def read(text: str, known: Mapping[str, Checker]) -> Read:
    """Return what a code says: the whole address, or what follows its #. Raises BadCode."""
    try:
        parts = taken_apart(text.strip().rpartition("#")[2])
    except Unreadable as error:
        raise BadCode("unreadable") from error
    candidates = [each for each in known.values() if _is_named(each, parts.key_id, parts.algorithm)]
    if not candidates:
        raise BadCode("unknown_key")
    signer = next((each for each in candidates if each.check(parts.signed, parts.signature)), None)
    if signer is None:
        raise BadCode("forged")
    try:
        return Read(content_of(parts.payload), signer.key_id)
    except Unreadable as error:
        raise BadCode("unreadable") from error


def own_content(text: str) -> Content:
    """Return what a code says that was just made here."""
    return content_of(taken_apart(text.rpartition("#")[2]).payload)


def signer_of_codes() -> Signer:
    """Return the key that codes are signed with: one that browsers can check, wherever the deployment has one."""
    there = signers(Use.CODE)
    return next((each for each in there if each.algorithm == ES256), there[0])


def _is_named(checker: Checker, key_id: bytes, algorithm: str) -> bool:
    return checker.algorithm == algorithm and short_key_id(checker.key_id)[:KEY_ID_BYTES] == key_id


def _new(permit: Permit, purpose: Purpose, on: date) -> PaperCode:
    last_day = min(on + (purpose.paper_days - 1) * _DAY, last_day_of(permit))
    place = allocate(permit, count=1, until=last_day)[0]
    return PaperCode(
        person=permit.person, permit=permit, purpose=purpose.code, issued_on=on, last_day=last_day,
        list_uri=place.uri, list_index=place.index,
    )  # fmt: skip


def _content(code: PaperCode, values: Mapping[str, object]) -> Content:
    return Content(
        purpose=code.purpose,
        issued_at=_seconds(code.issued_on),
        expires_at=_seconds(code.last_day + _DAY),
        values=values,  # type: ignore[arg-type]
        status=(code.list_uri.removeprefix(settings.YZT_ADDRESS), code.list_index),
    )


def _kept(code: PaperCode, values: Mapping[str, object]) -> PaperCode:
    """Sign a code and keep it. Printed twice at the same instant, the first one counts."""
    signer = signer_of_codes()
    header, payload = header_of(signer.algorithm, signer.key_id), payload_of(_content(code, values))
    code.key_id = signer.key_id
    code.text = joined(header, payload, signer.sign(to_sign(header, payload)))
    try:
        with transaction.atomic():
            code.save()
    except IntegrityError:
        return PaperCode.objects.get(permit=code.permit, purpose=code.purpose, issued_on=code.issued_on)
    return code


def _says(text: str) -> Content | None:
    try:
        return content_of(taken_apart(text).payload)
    except Unreadable:
        return None


def _seconds(day: date) -> int:
    """Return the instant a legal day begins."""
    return int(datetime.combine(day, time(), CHINA).timestamp())
