"""What a card and its chip hold: the groups of S3-13…16, ready for whoever makes the card.

Which groups there are, and which of them needs a consent of its own, says the pack (`card.data_groups`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from yizhengtong.law.law import Law
from yizhengtong.permitting.permits.banking import CONSENT
from yizhengtong.permitting.permits.models import BankAccount, Permit
from yizhengtong.registry.consents.queries import has_consent

_IDENTITY = ("name", "sex", "nation", "birth_date", "identity_number", "hukou_address")
_SERVICE = ("residence_address", "authority")
_TITLE = "浙江省居住证"


@dataclass(frozen=True, slots=True)
class CardData:
    """The three groups of the chip, and the items on front and back by the pack's words. An empty group stays empty."""

    identity: Mapping[str, str] = field(default_factory=dict, repr=False)
    service: Mapping[str, str] = field(default_factory=dict, repr=False)
    bank_account: Mapping[str, str] = field(default_factory=dict, repr=False)
    front: tuple[str, ...] = ()
    back: Mapping[str, str] = field(default_factory=dict, repr=False)


def card_data_groups(permit: Permit, law: Law) -> CardData:
    """Return what is held ready for a permit's chip under a law; nothing where the law knows no such card.

    It opens personal data: the caller asks who may, and records the read.
    """
    if "card.data_groups" not in law:
        return CardData()
    named = {each.group: each.consent for each in law.value("card.data_groups")}
    bank = _bank_account(permit, needs_consent=named.get("bank_account") == "separate")
    return CardData(
        identity=_identity(permit) if "identity" in named else {},
        service=_service(permit) if "service" in named else {},
        bank_account=bank if "bank_account" in named else {},
        front=_front(law, has_bank=bool(bank)),
        back=_back(permit, law),
    )


def _identity(permit: Permit) -> dict[str, str]:
    photo = {"photo_id": str(permit.photo_id)} if permit.photo_id else {}
    return {name: str(permit.card[name]) for name in _IDENTITY if permit.card.get(name)} | photo


def _service(permit: Permit) -> dict[str, str]:
    shown = {name: str(permit.card[name]) for name in _SERVICE if permit.card.get(name)}
    days: dict[str, date | None] = {"issued_on": permit.valid_from, "endorsed_until": permit.endorsed_until}
    dated = {name: day.isoformat() for name, day in days.items() if day is not None}
    return {"number": permit.number, **shown, **dated, "region": permit.endorsed_region or permit.region}


def _bank_account(permit: Permit, *, needs_consent: bool) -> dict[str, str]:
    """Return nothing without the consent, also in the moment before the account is deleted."""
    if needs_consent and not has_consent(permit.person_id, CONSENT):
        return {}
    account = BankAccount.objects.filter(permit=permit).first()
    return {"bank": account.bank, "number": account.number} if account else {}


def _front(law: Law, *, has_bank: bool) -> tuple[str, ...]:
    of_bank = {"bank_account", "unionpay_mark"}
    return tuple(item for item in law.value("card.front") if has_bank or item not in of_bank)


def _back(permit: Permit, law: Law) -> dict[str, str]:
    printed = {"permit_name": _TITLE, "fluorescent_map": "", "barcode": permit.number, "permit_number": permit.number}
    return {item: printed[item] for item in law.value("card.back")}
