"""陈台生 of Taipei settles in Jinan: the exit–entry office, applications, cases on their way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.support.cases import accepted, add_paper, approved, fresh, judged, reviewed
from tests.support.city import City, a_city
from tests.support.law import LIXIA, SHIZHONG, TODAY
from tests.support.people import Resident, a_resident
from yizhengtong.foundation.accounts.models import OfficeKind
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.services import create_office
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.applications.services import save_answers, start_application
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.services.handing import hand_over, record_card_made
from yizhengtong.permitting.casework.services.reception import receive_application
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.settlement.informing import ITEM, information_notice
from yizhengtong.permitting.settlement.services import confirm_notice

EXIT_ENTRY, CITY_EXIT_ENTRY = "370102-ee", "370100-ee"
PAPERS: Mapping[str, str] = {
    "application_form": "settlement_form",
    "photos": "identity_photo",
    "taiwan_identity_card": "taiwan_identity_card",
    "travel_document": "mtp_five_year",
    "kinship_proof": "kinship_proof",
    "relative_household": "relative_household",
    "support_undertaking": "support_undertaking",
}


@dataclass(frozen=True, slots=True)
class Jinan:
    """The city with its exit–entry offices."""

    city: City

    @property
    def clerk(self) -> Principal:
        """Who accepts at the exit–entry office of Lixia."""
        return self.city.officer("ee-clerk", Role.CLERK, office=EXIT_ENTRY)

    @property
    def reviewer(self) -> Principal:
        return self.city.officer("ee-reviewer", Role.REVIEWER, office=EXIT_ENTRY)

    @property
    def approver(self) -> Principal:
        return self.city.officer("ee-approver", Role.APPROVER, office=EXIT_ENTRY)

    def registrar(self, county: str = LIXIA) -> Principal:
        """Who keeps the household register at the police station of a county."""
        return self.city.officer(f"hukou-{county}", Role.CLERK, office=POLICE[county])


POLICE = {LIXIA: "370100-01", SHIZHONG: "370100-02"}


def a_jinan() -> Jinan:
    city = a_city()
    for code, parent in ((EXIT_ENTRY, LIXIA), (CITY_EXIT_ENTRY, "370100")):
        above = city.offices[parent]
        city.offices[code] = create_office(
            code=code, name=f"{above.name}出入境管理机构", region=above.region, parent=above, by=SYSTEM,
            kind=OfficeKind.EXIT_ENTRY,
        )  # fmt: skip
    return Jinan(city)


def chen(**changes: Any) -> Resident:
    """Register 陈台生 of Taiwan, who lives nowhere on the mainland yet."""
    return a_resident(**{"name": "陈台生", "region": "TW", "since": None, **changes})


def a_draft(
    who: Resident,
    *,
    office: str = EXIT_ENTRY,
    ground: str = "lineal_kin",
    papers: Mapping[str, str] = PAPERS,
    acting: Resident | None = None,
    confirms: bool = True,
    on: date = TODAY,
) -> Application:
    """Return a draft ready to be submitted; `confirms`: the notice was read."""
    by = acting or who
    draft = start_application(
        person=who.person, acting=by.person, item=ITEM, place=LIXIA, ground=ground, law=law_for(ITEM, LIXIA, on), on=on,
        by=by.principal,
    )  # fmt: skip
    answers = {
        "residence_address": "山东省济南市历下区和平路47号", "phone": "+886 2 5550 0100", "delivery": "collect",
        "service_point": office, "declares_true": True,
    }  # fmt: skip
    draft = save_answers(
        application_id=draft.pk, answers=answers, claims=None, acting=by.person, version=1, on=on, by=by.principal
    )
    for code, kind in papers.items():
        add_paper(draft, by, code, kind, on=on)
    return confirmed(draft, by, on=on) if confirms else draft


def confirmed(draft: Application, by: Resident, *, text_hash: str = "", on: date = TODAY) -> Application:
    """Confirm the notice of the day, or another text."""
    read = text_hash or information_notice(law_in_force(draft.place, "settlement", on)).hash
    return confirm_notice(
        application_id=draft.pk, text_hash=read, language="zh-Hant", acting=by.person, version=draft.version, on=on,
        by=by.principal,
    )  # fmt: skip


def received(draft: Application, by: Resident, *, on: date = TODAY) -> Case:
    return receive_application(application_id=draft.pk, acting=by.person, version=draft.version, on=on, by=by.principal)


def granted(jinan: Jinan, who: Resident, *, draft: Application | None = None) -> Permit:
    """Take an application all the way to its approval."""
    case = received(draft or a_draft(who), who)
    case = accepted(case, jinan.clerk)
    return approved(reviewed(judged(case, jinan.reviewer), jinan.reviewer), jinan.approver)


def handed_over(jinan: Jinan, permit: Permit) -> Permit:
    """Have the card made and collected."""
    case = Case.objects.get(permit_id=permit.pk)
    case = record_card_made(case_id=case.pk, version=case.version, on=TODAY, by=jinan.clerk)
    hand_over(
        case_id=case.pk, version=fresh(case).version, tracking_number="", old_card_returned=False, on=TODAY,
        by=jinan.clerk,
    )  # fmt: skip
    permit.refresh_from_db()
    return permit
