"""Everything the platform keeps of one person, to take along (个人信息保护法 art. 45; 网络数据安全管理条例 art. 25).

Nobody else is in it: who acts for whom is told without names, officers by office and role.
"""

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils import timezone
from pydantic import BaseModel

from yizhengtong.foundation.accounts.models import AccountPhone, IdentityLink
from yizhengtong.foundation.audit.queries import entries_of
from yizhengtong.foundation.documents.models import Document
from yizhengtong.foundation.notifications.models import Challenge, Contact, Delivery, Message, Preference
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.casework.models import Case, Decision
from yizhengtong.permitting.permits.models import BankAccount, Permit
from yizhengtong.permitting.settlement.models import ApprovalNotice, HouseholdRegistration, VoluntaryConfirmation
from yizhengtong.registry.consents.queries import answers_of
from yizhengtong.registry.people.copies import parts_of
from yizhengtong.registry.people.models import MinorApproval, Person, PersonNumber, Representation
from yizhengtong.registry.residence.models import Registration, Report
from yizhengtong.rights.feedback.queries import ratings_of
from yizhengtong.rights.privacy import export_shapes as shapes
from yizhengtong.rights.privacy.corrections import corrections_of
from yizhengtong.rights.privacy.deletion import deletions_of
from yizhengtong.rights.privacy.history import lines_of
from yizhengtong.rights.privacy.objections import objections_of

SCHEMA_VERSION = "4"
NEWEST_ENTRIES = 1000
Shape = TypeVar("Shape", bound=BaseModel)
Row = TypeVar("Row", bound=Model)


def export_of(person: Person) -> shapes.Export:
    """Return everything about a person. Whether the asker may have it, and the record of it, are the caller's."""
    return shapes.Export(
        schema_version=SCHEMA_VERSION,
        made_at=timezone.now(),
        person=_shaped(shapes.PersonExport, person, id=public_id("per", person.pk)),
        telephones=_telephones(person),
        identities=_identities(person),
        numbers=[_shaped(shapes.NumberExport, each) for each in _of(PersonNumber, person)],
        representations=_representations(person),
        stays=[_shaped(shapes.StayExport, each) for each in _of(Registration, person)],
        reports=[_shaped(shapes.ReportExport, each) for each in _of(Report, person)],
        applications=[_application(each) for each in _of(Application, person)],
        cases=[_case(each) for each in _of(Case, person)],
        permits=[_permit(each) for each in _of(Permit, person)],
        settlements=[_settlement(each) for each in _of(ApprovalNotice, person)],
        messages=_listed(shapes.MessageExport, Message.objects.filter(person_id=person.pk)),
        deliveries=_listed(shapes.DeliveryExport, Delivery.objects.filter(person_id=person.pk)),
        contacts=_contacts(person),
        preferences=[_preference(each) for each in Preference.objects.filter(pk=person.pk)],
        minor_approvals=_listed(shapes.MinorApprovalExport, MinorApproval.objects.filter(person=person)),
        consents=[_shaped(shapes.ConsentExport, each) for each in answers_of(person.pk)],
        ratings=_listed(shapes.RatingExport, ratings_of(person)),
        requests=_requests(person),
        history=_history(person),
        files=_files(person),
        more={name: [dict(row) for row in rows] for name, rows in parts_of(person).items()},
    )


def files_of(person: Person) -> QuerySet[Document]:
    """Return the files kept of a person."""
    return Document.objects.filter(person_id=person.pk).order_by("id")


def _of(model: type[Row], person: Person) -> QuerySet[Row]:
    return model._default_manager.filter(person=person).order_by("pk")


def _listed(shape: type[Shape], rows: QuerySet[Row]) -> list[Shape]:
    return [_shaped(shape, each) for each in rows.order_by("pk")]


def _shaped(shape: type[Shape], row: object, **given: object) -> Shape:
    """Return a row in its shape: the fields of the same name, and what is given apart."""
    names = shape.model_fields.keys() - given.keys()
    return shape(**given, **{name: getattr(row, name) for name in names})


def _representations(person: Person) -> list[shapes.RepresentationExport]:
    found = Representation.objects.filter(represented=person) | Representation.objects.filter(representative=person)
    return [
        _shaped(
            shapes.RepresentationExport,
            each,
            direction="somebody_acts" if each.represented_id == person.pk else "acts_for_somebody",
        )
        for each in found.order_by("id")
    ]


def _application(application: Application) -> shapes.ApplicationExport:
    papers = [
        _shaped(shapes.PaperExport, paper, file_id=public_id("doc", paper.document_id))
        for paper in application.evidence.order_by("id")
    ]
    return _shaped(
        shapes.ApplicationExport,
        application,
        id=public_id("apl", application.pk),
        papers=papers,
        confirmations=[
            _shaped(shapes.ConfirmationExport, each, answered_by=each.register)
            for each in application.confirmations.order_by("pk")
        ],
        voluntary_confirmations=_listed(
            shapes.VoluntaryConfirmationExport, VoluntaryConfirmation.objects.filter(application=application)
        ),
    )


def _case(case: Case) -> shapes.CaseExport:
    decision = Decision.objects.filter(case=case).first()
    return _shaped(
        shapes.CaseExport,
        case,
        id=public_id("cas", case.pk),
        application_id=public_id("apl", case.application_id),
        appointments=[each.starts_at for each in case.appointments.order_by("id")],
        judgements=_listed(shapes.JudgementExport, case.judgements.all()),
        journal=[_shaped(shapes.JournalExport, each, by=each.by_kind) for each in case.journal.order_by("id")],
        notices=[_shaped(shapes.NoticeExport, each) for each in case.notices.order_by("id")],
        decision=_shaped(shapes.DecisionExport, decision) if decision else None,
    )


def _permit(permit: Permit) -> shapes.PermitExport:
    account = BankAccount.objects.filter(permit=permit).first()
    return _shaped(
        shapes.PermitExport,
        permit,
        id=public_id("pmt", permit.pk),
        endorsements=_listed(shapes.EndorsementExport, permit.endorsements.all()),
        bank_account=_shaped(shapes.BankAccountExport, account) if account else None,
    )


def _settlement(notice: ApprovalNotice) -> shapes.SettlementExport:
    registration = HouseholdRegistration.objects.filter(notice=notice).first()
    registered_on = registration.registered_on if registration else None
    return _shaped(shapes.SettlementExport, notice, registered_on=registered_on)


def _preference(chosen: Preference) -> shapes.PreferenceExport:
    hours = {name: f"{getattr(chosen, name):%H:%M}" for name in ("quiet_from", "quiet_until")}
    return _shaped(shapes.PreferenceExport, chosen, **hours)


def _telephones(person: Person) -> list[shapes.TelephoneExport]:
    if person.account_id is None:
        return []
    return _listed(shapes.TelephoneExport, AccountPhone.objects.filter(account_id=person.account_id))


def _identities(person: Person) -> list[shapes.IdentityExport]:
    if person.account_id is None:
        return []
    linked = IdentityLink.objects.filter(account_id=person.account_id).order_by("pk")
    return _listed(shapes.IdentityExport, linked)


def _contacts(person: Person) -> list[shapes.ContactExport]:
    waiting = Challenge.objects.filter(person_id=person.pk).order_by("pk")
    return [
        *_listed(shapes.ContactExport, Contact.objects.filter(person_id=person.pk)),
        *(_shaped(shapes.ContactExport, each, confirmed_at=None) for each in waiting),
    ]


def _requests(person: Person) -> list[shapes.RequestExport]:
    objections = [
        shapes.RequestExport(kind="objection", about=each.action, words=each.words, filed_at=each.filed_at,
                             state=each.state, answer=each.answer)
        for each in objections_of(person)
    ]  # fmt: skip
    corrections = [
        shapes.RequestExport(kind="correction", about=each.field, words=f"{each.value} {each.words}".strip(),
                             filed_at=each.filed_at, state=each.state, answer=each.reasons)
        for each in corrections_of(person)
    ]  # fmt: skip
    deletions = [
        shapes.RequestExport(kind="deletion", about="", words="", filed_at=each.filed_at, state=str(each), answer="")
        for each in deletions_of(person)
    ]
    return [*objections, *corrections, *deletions]


def _history(person: Person) -> list[shapes.HistoryExport]:
    entries = entries_of(person_id=person.pk, limit=NEWEST_ENTRIES)
    own = {person.account_id} if person.account_id else set()
    return [
        shapes.HistoryExport(
            at=line.entry.at,
            who=line.who,
            office=line.officer.office if line.officer else "",
            action=line.entry.action,
            purpose=line.entry.purpose,
        )
        for line in lines_of(entries, person_id=person.pk, own_accounts=own)
    ]


def _files(person: Person) -> list[shapes.FileExport]:
    return [_shaped(shapes.FileExport, each, id=public_id("doc", each.pk)) for each in files_of(person)]
