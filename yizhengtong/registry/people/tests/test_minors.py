"""From which day a minor's record is guarded; how it is opened is casework's tests' question."""

from datetime import date

import pytest

from yizhengtong.registry.people.minors import is_guarded
from yizhengtong.registry.people.models import Person


@pytest.mark.django_db
@pytest.mark.usefixtures("law_in_force")
def test_before_the_regulation_was_in_force_no_approval_was_asked_for() -> None:
    child = Person(birth_date=date(2017, 9, 18))
    assert not is_guarded(child, date(2023, 12, 31))
    assert is_guarded(child, date(2024, 1, 1))
