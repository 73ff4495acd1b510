"""Delivery receipts: what a deliver_sm says became of a message (SMPP 3.4, appendix B, and 5.3.2.35)."""

import re
from dataclasses import dataclass

from yizhengtong.foundation.notifications.smpp.pdus import MESSAGE_STATE, RECEIPTED_MESSAGE_ID, ShortMessage
from yizhengtong.foundation.notifications.smpp.texts import text_of

_IS_RECEIPT = 0x04
_TYPE_BITS = 0x3C
_FIELD = re.compile(r"\b(id|stat):(\S+)")
_STATES = {
    "DELIVRD": "delivered", "EXPIRED": "failed", "DELETED": "failed", "UNDELIV": "failed", "REJECTD": "failed",
}  # fmt: skip
_NUMBERS = {2: "delivered", 3: "failed", 4: "failed", 5: "failed", 8: "failed"}


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider's id, and `delivered` or `failed`; empty while it is under way."""

    message_id: str
    state: str


def receipt_of(message: ShortMessage) -> Receipt | None:
    """Return the receipt that a deliver_sm is; None for a message that somebody wrote."""
    if message.esm_class & _TYPE_BITS != _IS_RECEIPT:
        return None
    found = dict(_FIELD.findall(text_of(1, message.content)))
    given = message.options.get(RECEIPTED_MESSAGE_ID, b"").rstrip(b"\0").decode("latin-1")
    number = message.options.get(MESSAGE_STATE, b"")
    state = _NUMBERS.get(number[0], "") if number else _STATES.get(found.get("stat", ""), "")
    message_id = given or found.get("id", "")
    return Receipt(message_id, state) if message_id else None
