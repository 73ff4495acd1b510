"""By when a ticket is answered, and by which office."""

from datetime import date

from django.conf import settings

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.kernel.dates import Duration
from yizhengtong.law.law import Law
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.residence.models import Registration

ANSWER_WITHIN = "rights.answer_within"


def answer_due(law: Law, on: date) -> date:
    """Return the last day of an answer: by the pack's `rights.answer_within`, else as the deployment promises (N)."""
    limit = law.value(ANSWER_WITHIN)
    promised = Duration(settings.YZT_TICKET_WORKING_DAYS, "workday")
    return law.calendar.deadline(on, promised if limit is None else limit.duration).day


def office_of(person: Person) -> str:
    """Return the path of the office that answers for a person: of the newest permit, else of the newest residence.

    Empty where neither leads to an office: then the top one answers.
    """
    of_permit = Permit.objects.filter(person=person).order_by("-issued_at", "-pk").values_list("office_path", flat=True)
    return of_permit.first() or _office_of_residence(person)


def _office_of_residence(person: Person) -> str:
    stays = Registration.objects.filter(person=person, is_current=True).order_by("-start")
    region = stays.values_list("region", flat=True).first()
    offices = Office.objects.filter(region=region).order_by("path").values_list("path", flat=True)
    return (offices.first() or "") if region else ""
