"""Who may touch an application: the person, and whoever may act for them today."""

from datetime import date

from yizhengtong.kernel.errors import NotFound
from yizhengtong.permitting.applications.models import Application
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import may_act_for


def ensure_may_touch(application: Application, acting: Person, on: date) -> None:
    """Raise NotFound unless `acting` is the applicant or may act for them: others cannot tell that it exists."""
    if not may_act_for(acting, application.person, on):
        raise NotFound("not_found")
