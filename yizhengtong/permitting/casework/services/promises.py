"""Promising: the first of the four steps (S4-11)."""

from datetime import date
from uuid import UUID

from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.applications.services import item_of, save_answers
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.promising import promise_of
from yizhengtong.registry.people.models import Person


@use_case
def make_promise(
    *, application_id: UUID, text_hash: str, acting: Person, version: int, on: date, by: Principal
) -> Application:
    """Keep with a draft that its applicant promised, and exactly which text.

    Raises Conflict `casework.promise_changed` when the text is not, or no longer, that of the law; what saving raises.
    """
    answers = {"promises": True, "promise_hash": text_hash, "promised_at": timezone.now().isoformat()}
    application = save_answers(
        application_id=application_id, answers=answers, claims=None, acting=acting, version=version, on=on, by=by
    )
    law = law_for(application.item, application.place, on)
    if promise_of(law, item_of(law, application.item)).hash != text_hash:
        raise Conflict("casework.promise_changed")
    return application
