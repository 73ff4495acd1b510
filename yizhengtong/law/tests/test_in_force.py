"""Which edition a request decides by: asked along with who asks, and anew once the request itself has changed it."""

from datetime import date

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.law import JINAN
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.scope import asked_along, keep_for_request, request_scope
from yizhengtong.kernel.ids import new_id
from yizhengtong.law import queries
from yizhengtong.law.law import Law
from yizhengtong.law.models import Edition
from yizhengtong.law.queries import EDITION_IN_FORCE
from yizhengtong.law.reading import pack_texts
from yizhengtong.law.services import confirm_edition, propose_edition


def test_what_came_along_is_not_asked_again(law_in_force: None, today: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(asked_along()[EDITION_IN_FORCE])
        (came,) = cursor.fetchone()
    assert came == Edition.objects.get(state=Edition.State.IN_FORCE).hash
    with request_scope(), CaptureQueriesContext(connection) as sent:
        keep_for_request(EDITION_IN_FORCE, came)
        _read(today)
    assert not [each for each in sent if "in_force" in each["sql"]]


def test_a_request_that_puts_an_edition_in_force_goes_on_by_it(law_in_force: None, today: date) -> None:
    first, second = (Principal(PrincipalKind.STAFF, new_id()) for _ in range(2))
    texts = pack_texts()
    changed = {**texts, "cn/calendar.yaml": f"{texts['cn/calendar.yaml']}\n"}
    with request_scope():
        before = _read(today)
        edition = propose_edition(texts=changed, by=first)
        confirm_edition(edition_hash=edition.hash, by=second)
        assert _read(today) is not before


def _read(on: date) -> Law:
    return queries.law_in_force(JINAN, "hmt", on)
