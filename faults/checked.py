"""Set-up of the checks of the fault run, inside Django: banks, and holders who agreed that banks check."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from faults.checking import CHECKED
from yizhengtong.foundation.accounts.models import Account, Office
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal, PrincipalKind
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.kernel.dates import add_years
from yizhengtong.kernel.numbers import synthetic
from yizhengtong.permitting.permits.kinds import HMT
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.states import PermitState
from yizhengtong.registry.consents.models import Consent
from yizhengtong.registry.people.services import register_person
from yizhengtong.verification.relying_parties.services import register_relying_party

PEOPLE = 30
"""Two parts of a file (verification.bulk.bounds.ROWS_AT_ONCE): a worker can die between them."""
PURPOSE = "bank"
_BIRTH = date(1975, 3, 4)


@transaction.atomic
def people(office: Office, today: date) -> list[dict[str, str]]:
    """Make holders of permits, and return what they show."""
    return [_holder(n, office, today) for n in range(PEOPLE)]


def bank(n: int, shown: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Register a bank, and return whom it checks, as the journeys are told.

    Its key counts as made yesterday: it is good under a clock that is behind.
    """
    party, secret = register_relying_party(
        name=f"演练银行{n}", legal_basis="反洗钱法第二十九条", purposes=[PURPOSE], by=SYSTEM
    )
    party.keys.update(not_before=F("not_before") - timedelta(days=1))
    return {"journey": CHECKED, "secret": secret, "purpose": PURPOSE, "people": shown}


def _holder(n: int, office: Office, today: date) -> dict[str, str]:
    account = Account.objects.create(username=f"faults-holder-{n}", is_demonstration=True)
    birth, by = _BIRTH + timedelta(days=n), Principal(PrincipalKind.RESIDENT, account.pk)
    person = register_person(name="陈嘉欣", birth_date=birth, sex="F", region="HK", account=account, by=by)
    number = synthetic.resident_id(n, "810000", birth, "F")
    Permit.objects.create(
        person=person, kind=HMT, number=number, number_index=blind_index("permits.number", number),
        region=office.region, authority="济南市公安局历下分局", valid_from=today, last_valid_day=add_years(today, 5),
        state=PermitState.HELD, card={"name": person.name}, office_id=office.pk, office_path=office.path,
        delivery="collect",
    )  # fmt: skip
    Consent.objects.create(person=person, use=f"check_{PURPOSE}", answer="given", account_id=account.pk, law_hash="")
    return {"number": number, "name": person.name, "birth_date": birth.isoformat()}
