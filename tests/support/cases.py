"""Applications ready to submit and cases in any state, by the services themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from tests.support.city import POINTS, City
from tests.support.law import LIXIA, TODAY
from tests.support.people import Resident, a_resident
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.documents.models import Document
from yizhengtong.kernel.ids import new_id
from yizhengtong.permitting.applications.models import Application, ApplicationState
from yizhengtong.permitting.applications.services import attach_evidence, save_answers, start_application
from yizhengtong.permitting.casework.examination import examine
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.services import judging
from yizhengtong.permitting.casework.services.deciding import (
    accept_case,
    approve_case,
    refuse_case,
    review_case,
    withdraw_case,
)
from yizhengtong.permitting.casework.services.handing import hand_over, record_card_made
from yizhengtong.permitting.casework.services.judging import Word, judge
from yizhengtong.permitting.casework.services.reception import receive_application
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit

PHONE, POST_ADDRESS = "+852 5550 0100", "山东省济南市泺源大街6号"
FIRST_PAPERS: Mapping[str, str] = {"travel_document": "hrp", "dwelling_proof": "lease"}


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applies: the resident, and what the application says."""

    resident: Resident
    application: Application


def a_paper(resident: Resident, kind: str = "evidence") -> Document:
    """Return a kept file as a row alone: what files hold is proven in the documents' own tests."""
    return Document.objects.create(
        kind=kind,
        person_id=resident.person.pk,
        uploaded_by=resident.principal.id,
        media_type="image/jpeg",
        size_bytes=1,
        sha256="0" * 64,
        scan=Document.Scan.CLEAN,
        scanned_at=timezone.now(),
        scanner="none",
        stored_name=new_id().hex,
    )


def answers_of(**changes: Any) -> dict[str, Any]:
    """Return complete answers, with changes."""
    return {
        "residence_address": "山东省济南市历下区和平路47号1单元101",
        "phone": PHONE,
        "delivery": "collect",
        "service_point": POINTS[LIXIA],
        "declares_own_will": True,
        "declares_true": True,
        **changes,
    }


def an_application(
    resident: Resident,
    item: str = "hmt.first_issue",
    *,
    ground: str = "",
    place: str = LIXIA,
    claims: tuple[str, ...] | None = None,
    papers: Mapping[str, str] | None = None,
    acting: Resident | None = None,
    on: date = TODAY,
    **answers: Any,
) -> Application:
    """Return a draft that is ready to be submitted."""
    who = acting or resident
    law = law_for(item, place, on)
    application = start_application(
        person=resident.person, acting=who.person, item=item, place=place, ground=ground, law=law, on=on,
        by=who.principal,
    )  # fmt: skip
    given = FIRST_PAPERS if papers is None else papers
    claimed = claims if claims is not None else tuple(code[:-6] for code in given if code in _CLAIM_PAPERS)
    application = save_answers(
        application_id=application.pk, answers=answers_of(service_point=POINTS[place], **answers), claims=claimed,
        acting=who.person, version=1, on=on, by=who.principal,
    )  # fmt: skip
    for code, kind in given.items():
        add_paper(application, who, code, kind, on=on)
    return application


def add_paper(application: Application, resident: Resident, code: str, kind: str, *, on: date = TODAY) -> None:
    """Hand in a paper, with a draft or later, as the API does."""
    paper: dict[str, Any] = {"document_code": code, "kind": kind, "document": a_paper(resident)}
    who: dict[str, Any] = {"acting": resident.person, "on": on, "by": resident.principal}
    if application.state == ApplicationState.DRAFT:
        law = law_for(application.item, application.place, on)
        attach_evidence(application_id=application.pk, law=law, **paper, **who)
    else:
        judging.add_paper(application_id=application.pk, **paper, **who)


def received(resident: Resident, application: Application, *, on: date = TODAY) -> Case:
    """Submit a draft and return its case."""
    return receive_application(
        application_id=application.pk, acting=resident.person, version=application.version, on=on, by=resident.principal
    )


def capture_all(case: Case, resident: Resident, *, without: tuple[str, ...] = ()) -> Case:
    """Give a case a photograph, fingerprints and the signed form, as rows."""
    for name, kind in (("photo", "photo"), ("fingerprints", "fingerprint"), ("signed_form", "signature")):
        if name not in without:
            setattr(case, name, a_paper(resident, kind))
    case.photo_from = "" if "photo" in without else "captured"
    case.form_printed_at = timezone.now()
    case.save()
    return case


def accepted(case: Case, clerk: Principal, *, on: date = TODAY) -> Case:
    """Accept a received case."""
    return accept_case(case_id=case.pk, version=case.version, words="材料已收", on=on, by=clerk)


def words_for(case: Case, *, on: date = TODAY) -> list[Word]:
    """Return a word for each line, as the rules find it; what they leave open is seen as met."""
    return [Word(line.target, line.code, line.found is not False) for line in examine(case, on).lines]


def judged(case: Case, officer: Principal, *words: Word, on: date = TODAY) -> Case:
    """Judge every line as found, then the given words."""
    case = judge(case_id=case.pk, words=words_for(case, on=on), version=case.version, on=on, by=officer)
    if words:
        case = judge(case_id=case.pk, words=words, version=case.version, on=on, by=officer)
    return case


def reviewed(case: Case, officer: Principal, *, recommends: str = "grant", on: date = TODAY) -> Case:
    """Give the second opinion."""
    return review_case(case_id=case.pk, version=case.version, recommends=recommends, words="已审核", on=on, by=officer)


def approved(case: Case, officer: Principal, *, on: date = TODAY) -> Permit:
    """Grant."""
    return approve_case(case_id=case.pk, version=case.version, words="同意", on=on, by=officer)


def on_the_way(case: Case, city: City, resident: Resident, to: str, *, on: date = TODAY) -> Case:
    """Take a received case to `to`: accepted, judged, reviewed, approved, made, completed, refused or withdrawn."""
    if to == CaseState.RECEIVED:
        return case
    if to == CaseState.WITHDRAWN:
        return withdraw_case(case_id=case.pk, acting=resident.person, on=on, by=resident.principal)
    case = capture_all(case, resident, without=("fingerprints",) if to == CaseState.REFUSED else ())
    case = accepted(case, city.clerk, on=on)
    if to == CaseState.ACCEPTED:
        return case
    case = reviewed(judged(case, city.reviewer, on=on), city.reviewer, on=on)
    if to == CaseState.REVIEWED:
        return case
    if to == CaseState.REFUSED:
        refuse_case(case_id=case.pk, version=case.version, words="不符", on=on, by=city.approver)
        return fresh(case)
    approved(case, city.approver, on=on)
    case = fresh(case)
    if to in {CaseState.MADE, CaseState.COMPLETED}:
        case = record_card_made(case_id=case.pk, version=case.version, on=on, by=city.clerk)
    if to == CaseState.COMPLETED:
        case = hand_over(
            case_id=case.pk, version=case.version, tracking_number="EMS-1", old_card_returned=True, on=on,
            by=city.clerk,
        )  # fmt: skip
    return case


def case_at(
    city: City, state: str, *, resident: Resident | None = None, on: date = TODAY, **application: Any
) -> tuple[Case, Resident]:
    """Return a case in a state, and its applicant. A refused one lacks fingerprints."""
    who = resident or a_resident()
    case = received(who, an_application(who, on=on, **application), on=on)
    return on_the_way(case, city, who, state, on=on), who


def fresh(case: Case) -> Case:
    """Return the case as it lies in the database now."""
    return Case.objects.select_related("application__person", "office").get(pk=case.pk)


def permit_of(case: Case) -> Permit:
    """Return the permit a case granted."""
    return Permit.objects.get(case_id=case.pk)


_CLAIM_PAPERS = frozenset({"employment_proof", "dwelling_proof", "study_proof"})
