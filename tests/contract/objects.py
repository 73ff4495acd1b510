"""Rows of the world that no short journey makes: a Zhejiang permit, a settlement, ways to be reached, data platforms.

They are the holder's, or of those the holder acts for, and lie with the office of the child's case.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from tests.support.mainland import RUIAN, a_mainlander
from yizhengtong.foundation.accounts.models import Account, Office, StaffMember
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.exchange.models import ContentKind, Push
from yizhengtong.foundation.exchange.services import add_destination
from yizhengtong.foundation.notifications.contacts import _digest
from yizhengtong.foundation.notifications.models import Challenge, Contact, Preference
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.applications.models import Application, Confirmation
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.permits.models import BankAccount, Endorsement, Permit
from yizhengtong.permitting.settlement.informing import information_notice
from yizhengtong.permitting.settlement.models import ApprovalNotice, HouseholdRegistration, VoluntaryConfirmation
from yizhengtong.project.demonstration.client import Client
from yizhengtong.project.demonstration.officers import CITY, LIXIA, QINGYUAN, ZHEJIANG
from yizhengtong.registry.consents.models import Consent
from yizhengtong.registry.people.models import Person, Representation
from yizhengtong.rights.feedback.models import Rating

CODE = "428301"
"""What a challenge of the world waits for."""
PHONE = "+8613800000001"
LAST = date(9999, 12, 31)


def officers() -> None:
    """An administrator of the top office, and a supervisor of the other top office of the deployment."""
    for username, office, role in (
        ("world-administrator", CITY, Role.ADMINISTRATOR), ("world-supervisor", ZHEJIANG, Role.SUPERVISOR),
    ):  # fmt: skip
        account = Account.objects.create(username=username)
        StaffMember.objects.create(
            account=account, office=Office.objects.get(code=office), name="演示", roles=[role.value]
        )


def zhejiang(client: Client, holder: Person, case: Case) -> dict[str, str]:
    """A mainland person of Rui'an for whom the holder acts: registered, a card that was endorsed, one suspended, an
    account for the chip, a draft that registers were asked about."""
    person = a_mainlander().person
    _confirmed(case.application_id)
    today = legal_day(timezone.now())
    Representation.objects.create(
        representative=holder, represented=person, relation="guardian", since=today - timedelta(days=400)
    )
    key = public_id("per", person.pk)
    stay = {"region": RUIAN, "address": "仙降街道演示路9号", "start": (today - timedelta(days=300)).isoformat()}
    client.post(f"/api/resident/stays?person_id={key}", stay)
    until = today + timedelta(days=20)
    card = _permit(person, case, "zhejiang_card", state="held", endorsed_until=until, endorsed_on=today)
    _permit(person, case, "zhejiang_paper", state="suspended", endorsed_until=today - timedelta(days=2))
    Endorsement.objects.create(
        permit=card, on=today, by=uuid4(), region=RUIAN, window_from=today, window_until=until, endorsed_until=until,
        was_late=False, effect="kept", law_hash="0" * 64,
    )  # fmt: skip
    BankAccount.objects.create(permit=card, person=person, bank="演示银行", number="6217000000000000001")
    assert holder.account_id is not None
    Consent.objects.create(
        person=person, use="bank_card", answer="given", relation="guardian", account_id=holder.account_id,
        law_hash="0" * 64,
    )  # fmt: skip
    return {
        "mainlander_id": key,
        "zhejiang_permit_id": public_id("pmt", card.pk),
        "zhejiang_application_id": _conversion(client, key),
    }


def _conversion(client: Client, person_id: str) -> str:
    draft = {"item": "floating.conversion_permit", "place": QINGYUAN, "person_id": person_id}
    application = client.post("/api/resident/applications", draft)
    _confirmed(parse_public_id("apl", application["id"]))
    return str(application["id"])


def _confirmed(application_id: UUID) -> None:
    Confirmation.objects.create(
        application_id=application_id, evidence="identity_card", kept_in="household_register", register="demo",
        result="confirmed", basis="statutory_duty", source="国务院令第716号", as_of=legal_day(timezone.now()),
        facts={"hukou_region": "511302"},
    )  # fmt: skip


def _permit(person: Person, case: Case, kind: str, *, state: str, **columns: Any) -> Permit:
    number = f"T{uuid4().int % 10**17:017d}"
    return Permit.objects.create(
        person=person, kind=kind, number=number, number_index=blind_index("permits.number", number), region=RUIAN,
        authority="演示公安局", valid_from=date(2025, 1, 1), last_valid_day=LAST, state=state,
        card={"name": person.name, "residence_address": "仙降街道演示路9号"}, office_id=case.office_id,
        office_path=case.office_path, delivery="collect", **columns,
    )  # fmt: skip


def settlement(holder: Person, ward: Person, cases: Mapping[str, Case]) -> dict[str, str]:
    """A draft whose notice was read; a child's papers that the household register has taken, and the holder's own."""
    draft = Application.objects.create(
        person=ward, filled_by=holder, relation="guardian", item="settlement.approval", place=LIXIA,
        ground="lineal_kin",
    )  # fmt: skip
    text = information_notice(law_in_force(LIXIA, "settlement", legal_day(timezone.now())))
    for application in (draft, cases["ward"].application):
        VoluntaryConfirmation.objects.create(application=application, text_hash=text.hash, language="zh-Hans")
    taken, _ = _papers(ward, cases["ward"])
    HouseholdRegistration.objects.create(
        notice=taken, registered_on=legal_day(timezone.now()), by=uuid4(), holds_residence_permit=False
    )
    notice, permit = _papers(holder, cases["holder"])
    return {
        "settlement_application_id": public_id("apl", draft.pk),
        "notice_hash": text.hash,
        "approval_notice_number": notice.number,
        "settlement_permit_number": str(permit.number),
    }


def _papers(person: Person, case: Case) -> tuple[ApprovalNotice, Permit]:
    permit = _permit(person, case, "settlement", state="held")
    paper = {
        "name": person.name, "sex": person.sex, "birth_date": person.birth_date.isoformat(),
        "travel_document_number": "", "settles_at": "演示路2号",
        "authority": "演示公安局",
    }  # fmt: skip
    notice = ApprovalNotice.objects.create(
        person=person, case_id=case.pk, permit_id=permit.pk, permit_number_index=bytes(permit.number_index),
        number=f"{LIXIA}-2026-{uuid4().int % 10**6:06d}", region=LIXIA, authority="演示公安局",
        issued_on=legal_day(timezone.now()), paper=paper,
    )  # fmt: skip
    return notice, permit


def rated(case: Case) -> dict[str, str]:
    """A negative rating of a case, as one given at the window would be."""
    today = legal_day(timezone.now())
    rating = Rating.objects.create(
        case=case, person_id=case.person_id, item=case.item, office_id=case.office_id, office_path=case.office_path,
        grade=2, stage="acceptance", channel="window", words="等得太久", given_on=today, opened_by=uuid4(),
        state="open", due_on=today + timedelta(days=15),
    )  # fmt: skip
    return {"rating_id": public_id("rtg", rating.pk), "rated_case_id": public_id("cas", case.pk)}


def reached(person_id: UUID) -> None:
    """Where somebody is reached, what they chose, and a code that waits to be said back."""
    Contact.objects.create(person_id=person_id, channel="sms", address=PHONE)
    Preference.objects.create(person_id=person_id, quiet_from="22:00", quiet_until="07:00")
    challenge = Challenge(
        person_id=person_id, channel="sms", address=PHONE, expires_at=timezone.now() + timedelta(hours=12),
        address_index=blind_index("notifications.address", PHONE),
    )  # fmt: skip
    challenge.code_digest = _digest(challenge.pk, CODE)
    challenge.save(force_insert=True)


def platform(permit: Permit) -> dict[str, str]:
    """A data platform and an event that it refused."""
    destination = add_destination(
        code="world", name="演示数据平台", url="https://platform.example/events", legal_basis="国务院令第716号 art. 12",
        content=ContentKind.LICENCE, by=SYSTEM,
    )  # fmt: skip
    push = Push.objects.create(
        destination=destination, position=1, event_id=uuid4(), kind="permits.issued", person_id=permit.person_id,
        stream=permit.person_id, object_kind="permit", object_id=permit.pk, body="{}", state="dead", status=422,
        failure="exchange.refused", happened_at=timezone.now(), attempts=1,
    )  # fmt: skip
    return {"code": destination.code, "push_id": public_id("psh", push.pk)}
