"""Every address × every reader: nobody's page opens for someone else, and no address stands outside the policies."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.test import Client

from tests.contract import conftest as contract
from tests.contract.world import OFFICE, OTHER_OFFICE, World
from tests.pages.addresses import Address, addresses, ids_of
from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.registry.people.models import Person

folder, made, world, _django_db_helper = contract.folder, contract.made, contract.world, contract._django_db_helper
pytestmark = pytest.mark.django_db
ALL = sorted(addresses(), key=str)
SOMEBODYS = [address for address in ALL if address.is_of_somebody and address.who is not None]
METHODS = ("GET", "POST")
READERS = ("nobody", "holder", "stranger", "reporter", OFFICE, OTHER_OFFICE, "partner")
KINDS = {
    "holder": PrincipalKind.RESIDENT,
    "stranger": PrincipalKind.RESIDENT,
    "reporter": PrincipalKind.REPORTER,
    OFFICE: PrincipalKind.STAFF,
    OTHER_OFFICE: PrincipalKind.STAFF,
}
"""A partner's key opens no page: to pages a partner is nobody."""


def ask(world: World, address: Address, reader: str, method: str, ids: dict[str, str] | None = None) -> Any:
    """Ask for an address with a reader's session, or a partner's key; what it does is undone."""
    client = Client(raise_request_exception=False)
    credentials = world.credentials[reader]
    if "X-Session-Token" in credentials:
        client.cookies[django_settings.SESSION_COOKIE_NAME] = credentials["X-Session-Token"]
    headers = {name: value for name, value in credentials.items() if name == "Authorization"}
    with transaction.atomic():
        answer = client.generic(method, address.at(ids or ids_of(world, address)), headers=headers)
        transaction.set_rollback(True)
    return answer


def cause_of(answer: Any) -> str:
    """Return what broke, where Django's client has kept it."""
    info = getattr(answer, "exc_info", None)
    return f"{info[0].__name__}: {str(info[1])[:200]}" if info else ""


def test_there_are_pages_of_every_kind() -> None:
    kinds = {None, PrincipalKind.RESIDENT, PrincipalKind.REPORTER, PrincipalKind.STAFF}
    assert {address.who for address in ALL} == kinds
    assert len(ALL) > 60
    assert len(SOMEBODYS) > 20


def test_every_address_that_is_not_an_apis_declares_a_policy() -> None:
    assert not [str(address) for address in ALL if address.policy is None]


def test_every_parameter_has_a_value_to_try(world: World) -> None:
    known = {name for address in ALL for name in ids_of(world, address)}
    assert not {(str(address), name) for address in ALL for name in address.parameters if name not in known}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("reader", READERS)
def test_every_address_answers_a_reader_as_its_policy_says(world: World, reader: str, method: str) -> None:
    wrong = []
    for address in ALL:
        answer = ask(world, address, reader, method)
        if answer.status_code >= 500:
            wrong.append(f"{address}: {answer.status_code} {cause_of(answer)}")
        elif address.who is None or answer.status_code == NOT_SO:
            continue
        elif reader not in KINDS:
            goes_to = answer.get("Location", "")
            if answer.status_code != 302 or "/sign-in?" not in goes_to:
                wrong.append(f"{address}: {answer.status_code} {goes_to}, not to the sign-in")
        elif KINDS[reader] != address.who and answer.status_code not in {403, 404}:
            wrong.append(f"{address}: {answer.status_code}, not 403")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("reader", "kind"), [("stranger", PrincipalKind.RESIDENT), (OTHER_OFFICE, PrincipalKind.STAFF)]
)
def test_what_belongs_to_somebody_opens_for_nobody_else(
    world: World, reader: str, kind: PrincipalKind, method: str
) -> None:
    names = [world.permit["number"], *secrets_of(world)]
    opened = []
    for address in SOMEBODYS:
        if address.who != kind or address.name in OF_ALL_OFFICERS:
            continue
        answer = ask(world, address, reader, method)
        body = b"".join(answer) if answer.streaming else answer.content
        if answer.status_code not in {403, 404, NOT_SO} or any(name.encode() in body for name in names):
            opened.append(f"{address}: {answer.status_code} {answer.get('Location', '')}")
    assert not opened, "\n".join(opened)


NOT_SO = 405
"""What an address that only takes sent forms says to who asks for it: whoever that is, so it tells nothing."""
HAS_NO_ROW = {
    *("application-loss", "desk-case-twin", "desk-case-paper"),
    *("case-paper", "desk-paper", "permit-paper", "residence-voucher-pdf"),
    *("case-paper-ofd", "desk-paper-ofd", "permit-paper-ofd", "residence-voucher-ofd"),
}
"""Addresses for which the world has no row: a reissue's draft, two persons alike, a paper's own key, a printed
paper of a kind that the case has. Nobody else's opens either; that one's own does is tested in their rooms."""
OF_ALL_OFFICERS = {
    *("desk-law-edition", "desk-law-simulation", "desk-law-proposal", "desk-law-confirmation", "desk-law-withdrawal"),
    *("desk-factor-remove", "resident-factor-remove"),
}
"""Addresses that name a row which is nobody's: editions of the law; or one's own second factor."""


_OTHER_OFFICERS = ("demo-reviewer", "demo-approver", "demo-supervisor", "demo-registrar", "world-administrator")


def secrets_of(world: World) -> list[str]:
    """Return what stands on the holder's and the child's pages alone."""
    person = Person.objects.get(pk=parse_public_id("per", world.ids["person_id"]))
    return [person.name]


def test_what_is_somebodys_does_open_for_them_so_the_matrix_is_of_use(world: World) -> None:
    """An address that is shut for its owner too would prove nothing above."""
    readers = {
        PrincipalKind.RESIDENT: ["holder"],
        PrincipalKind.STAFF: [OFFICE, *_OTHER_OFFICERS],
        PrincipalKind.REPORTER: ["reporter"],
    }
    shut = []
    for address in SOMEBODYS:
        if address.name in OF_ALL_OFFICERS | HAS_NO_ROW or address.is_unmade:
            continue
        tried = [(reader, method) for reader in readers[address.who or PrincipalKind.RESIDENT] for method in METHODS]
        if all(ask(world, address, reader, method).status_code in {403, 404} for reader, method in tried):
            shut.append(str(address))
    assert not shut, "\n".join(shut)


@pytest.mark.parametrize("reader", ["holder", OFFICE])
@pytest.mark.parametrize("odd", ["x", "cas_" + "0" * 26, "%00", "%F0%A0%AE%B7", "a" * 300, "..", "'--", "%ff"])
def test_an_odd_id_is_nothing_and_no_defect(world: World, reader: str, odd: str) -> None:
    wrong = []
    for address in SOMEBODYS:
        if KINDS[reader] == address.who:
            ids = dict.fromkeys(ids_of(world, address), odd) | {"factor_id": "9" * 30}
            for method in METHODS:
                answer = ask(world, address, reader, method, ids)
                if answer.status_code not in {302, 303, 403, 404, 405}:
                    wrong.append(f"{method} {address}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("reader", ["holder", OFFICE])
def test_no_address_holds_anything_personal(world: World, reader: str) -> None:
    """Public ids are all that an address may name: it stands in histories, logs and referrers."""
    names = [world.permit["number"], *secrets_of(world)]
    told = []
    for address in ALL:
        if address.who == KINDS[reader]:
            answer = ask(world, address, reader, "GET")
            links = answer.get("Location", "")
            told += [str(address) for name in names if name in links]
    assert not told
