"""A query set compiled once asks what the query set itself would ask."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from yizhengtong.foundation.accounts.models import Account, Office, StaffMember
from yizhengtong.foundation.postgresql.prepared import Prepared


def members() -> Prepared[StaffMember]:
    return Prepared(lambda key: StaffMember.objects.select_related("account", "office").filter(account_id=key))


@pytest.fixture
def officer(db: None) -> StaffMember:
    account = Account.objects.create_user("officer-li", "Longer-than-8")
    office = Office.objects.create(code="370102", name="历下分局", region="370102", path="370102")
    return StaffMember.objects.create(account=account, office=office, name="李受理", roles=["clerk"])


def test_it_gives_the_rows_of_its_keys_with_what_they_name(officer: StaffMember) -> None:
    asked = members()
    for _ in range(2):
        found = asked.first(officer.account_id)
        assert found == officer
        with CaptureQueriesContext(connection) as more:
            assert (found.office.name, found.account.username) == ("历下分局", "officer-li")
        assert not more.captured_queries
    assert asked.first(uuid4()) is None


def test_the_statement_is_that_of_the_query_set(officer: StaffMember) -> None:
    asked = members()
    with CaptureQueriesContext(connection) as sent:
        list(asked(officer.account_id))
        list(asked(officer.account_id))
        list(StaffMember.objects.select_related("account", "office").filter(account_id=officer.account_id))
    assert len({each["sql"] for each in sent}) == 1


def test_two_keys_keep_their_places(officer: StaffMember) -> None:
    asked = Prepared(lambda office, key: StaffMember.objects.filter(office_id=office, account_id=key))
    assert asked.first(officer.office_id, officer.account_id) == officer
    assert asked.first(officer.account_id, officer.office_id) is None


def test_what_was_asked_before_is_not_changed_by_asking_again(officer: StaffMember) -> None:
    asked = members()
    first, second = asked(officer.account_id), asked(uuid4())
    assert (list(first), list(second)) == ([officer], [])


@pytest.mark.django_db(transaction=True)
def test_another_thread_asks_over_its_own_connection(officer: StaffMember) -> None:
    asked = members()
    assert asked.first(officer.account_id)

    def there() -> StaffMember | None:
        try:
            return asked.first(officer.account_id)
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        StaffMember.objects.filter(pk=officer.pk).update(is_serving=False)  # not to be seen from elsewhere
        found = pool.submit(there).result(timeout=60)
    assert found is not None
    assert found.is_serving


@pytest.mark.django_db(transaction=True)
def test_a_lock_asks_for_a_transaction(officer: StaffMember) -> None:
    asked = Prepared(lambda key: StaffMember.objects.select_for_update().filter(account_id=key))
    with transaction.atomic():
        assert asked.first(officer.account_id) == officer
    with pytest.raises(TransactionManagementError):
        asked.first(officer.account_id)


def test_a_key_that_is_not_in_the_statement_is_refused(db: None) -> None:
    with pytest.raises(ValueError, match="not in the statement"):
        Prepared(lambda _key: StaffMember.objects.all()).first(uuid4())
