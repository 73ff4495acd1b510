"""Each lint finds what it is for, and lets pass what is right."""

from pathlib import Path

import lint_addresses
import lint_law_literals
import lint_personal_data
import pytest
import tracked

HOST = "files.python" + "hosted.org"


@pytest.mark.parametrize(
    "line",
    [
        "DAYS = 20",
        "if age < 16: pass",
        "x = -2",
        "x = 0.5",
        "until = start + timedelta(days=180)",
        "until = start + timedelta(weeks=1)",
        "until = datetime.timedelta(hours=1)",
        "start = date(2026, 1, 1)",
        "start = date(year, 1, 1)",
        "start = date.fromisoformat('2019-09-01')",
        "text = '20个工作日'",
        "text = '居住半年'",
        "text = '满十六周岁'",
        "text = '第十条'",
        "text = f'{x} within 15 days'",
        "text = 'half a year'",
        "days = int('20')",
        "fee = Decimal('0.5')",
        "def decide(*, days: int = 5) -> None: pass",
    ],
)
def test_a_number_of_the_law_is_found(line: str) -> None:
    found = lint_law_literals.literals_in(f"x = y\n{line}\n")
    assert found
    assert {number for number, _ in found} == {2}


@pytest.mark.parametrize(
    "line",
    [
        "def rule() -> None:\n    '''国办发〔2018〕81号 art. 2: half a year, 20个工作日.'''",
        "'''20个工作日'''",
        "first = items[0]; last = items[-1]; count = count + 1",
        "until = day + timedelta(days=1)",
        "until = start + timedelta(days=parameter.value)",
        "day = date(year, month, day)",
        "found = Finding('residence.not_long_enough', True, source)",
        "done = True",
        "kind = kinds['HMT']",
    ],
)
def test_what_is_no_number_of_the_law_passes(line: str) -> None:
    assert lint_law_literals.literals_in(f"{line}\n") == []


@pytest.mark.parametrize(
    ("path", "is_looked_at"),
    [
        ("yizhengtong/permitting/casework/rules.py", True),
        ("yizhengtong/registry/people/services.py", True),
        ("yizhengtong/permitting/casework/services/reception.py", True),
        ("yizhengtong/registry/residence/tests/rules.py", False),
        ("yizhengtong/law/values.py", False),
        ("yizhengtong/foundation/exchange/rules.py", False),
        ("yizhengtong/permitting/casework/rules.yaml", False),
    ],
)
def test_rules_and_services_are_looked_at_and_tests_are_not(path: str, is_looked_at: bool) -> None:
    assert lint_law_literals.is_looked_at(Path(path)) is is_looked_at


def test_the_address_of_a_registry_is_found_in_any_file() -> None:
    assert list(lint_addresses.addresses_in("README.md", f"one\nfrom {HOST}/x\n")) == [(2, "python" + "hosted.org")]


@pytest.mark.parametrize("name", ["dev.lock", "package-lock.json", "runtime.in", ".npmrc"])
def test_any_address_is_found_in_a_lock(name: str) -> None:
    assert list(lint_addresses.addresses_in(name, "a==1 @ https" + "://example.test/a"))
    assert not list(lint_addresses.addresses_in(name, "a==1 --hash=sha256:00"))


def test_an_ordinary_address_in_an_ordinary_file_passes() -> None:
    assert not list(lint_addresses.addresses_in("README.md", "http" + "://127.0.0.1:8000/"))


def test_no_committed_file_carries_an_address() -> None:
    assert lint_addresses.main(tracked.committed_files()) == 0


@pytest.mark.parametrize(
    "line",
    [
        "logger.info('person.found', person.name)",
        "logger.info(f'found {holder_name}')",
        "self.logger.warning('x', extra={'phone': x})",
        "log.info('application.submitted', number=x)",
        "logging.error('x %s', application.contact_phone)",
        "logger.info('x', extra={'x': person.birth_date})",
        "raise ValueError(f'wrong: {document_number}')",
        "raise Invalid('people.unknown', fact=person.name)",
        "raise ValueError('wrong %s' % guardian.number)",
        "raise ValueError('wrong {}'.format(address))",
    ],
)
def test_personal_data_on_the_way_into_a_log_or_an_exception_are_found(line: str) -> None:
    assert [number for number, _ in lint_personal_data.personal_data_in(f"x = y\n{line}\n")] == [2]


@pytest.mark.parametrize(
    "line",
    [
        "logger = logging.getLogger(__name__)",
        "logger.info('application.submitted', extra={'application': application.public_id})",
        "person.log.append(person.name)",
        "raise Invalid('people.wrong_number', errors=[FieldError('number', code)])",
        "raise KeyError(name)",
        "raise NotFound('people.unknown')",
    ],
)
def test_ids_and_codes_may_be_logged_and_raised(line: str) -> None:
    assert lint_personal_data.personal_data_in(f"{line}\n") == []
