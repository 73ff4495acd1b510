"""One row of each of the platform's own models: what a filling does not say, its rows have from these."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
django.setup()

from django.utils import timezone  # noqa: E402 Django first

from yizhengtong.foundation.accounts.models import Office  # noqa: E402
from yizhengtong.kernel.dates import legal_day  # noqa: E402
from yizhengtong.permitting.applications.models import Application  # noqa: E402
from yizhengtong.permitting.casework.models import Case  # noqa: E402
from yizhengtong.registry.people.models import Person  # noqa: E402


def save_templates() -> tuple[Person, Application, Case]:
    """Save a person, its application and its case at the first service point."""
    today = legal_day(timezone.now())
    office = Office.objects.filter(parent__parent__isnull=False).first()
    assert office is not None
    person = Person.objects.create(name="测试", birth_date=today, sex="F", region="HK")
    application = Application.objects.create(
        person=person, filled_by=person, item="hmt.first_issue", place="370102", state="submitted",
        submitted_at=timezone.now(), answers={"service_point": office.code, "delivery": "collect"},
    )  # fmt: skip
    case = Case.objects.create(
        application=application, person=person, item="hmt.first_issue", office=office, office_path=office.path,
        received_on=today, state="withdrawn",
    )  # fmt: skip
    return person, application, case
