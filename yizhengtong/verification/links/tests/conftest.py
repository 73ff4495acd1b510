"""Holders of a permit, whose card has their travel permit's number, and who links."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from tests.support.cases import case_at, permit_of
from tests.support.city import City, a_city
from tests.support.law import TODAY
from tests.support.people import Resident, a_resident
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.postgresql.readers import Reader, ReaderKind, reader_connection
from yizhengtong.kernel.ids import new_id
from yizhengtong.kernel.numbers import DocumentKind, parse
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.verification.checks.finding import find
from yizhengtong.verification.links.models import Link, Ticket
from yizhengtong.verification.links.services import Claim, link_at_window, link_online
from yizhengtong.verification.links.tickets import say_wrong

HRP, MTP = DocumentKind.HRP, DocumentKind.MTP_TAIWAN_FIVE_YEAR


@dataclass(frozen=True, slots=True)
class Holder:
    """A resident with a permit."""

    resident: Resident
    permit: Permit

    def links(self, number: str = "", kind: str = HRP, **more: Any) -> Claim:
        """Link online; with the consent that is asked."""
        facts: dict[str, Any] = {
            "person": self.resident.person, "acting": self.resident.person, "kind": kind, "agreed": True,
            "number": number or self.resident.number, "apart": ("provision",), "on": TODAY,
            "by": self.resident.principal,
        }  # fmt: skip
        return link_online(**(facts | more))

    def doubts(self, words: str = "这不是我的通行证") -> Ticket:
        person = self.resident.person
        return say_wrong(person=person, acting=person, words=words, on=TODAY, by=self.resident.principal)

    @property
    def living(self) -> list[Link]:
        return list(Link.objects.filter(person=self.resident.person, state="linked"))


@pytest.fixture
def town(db: None) -> City:
    return a_city()


@pytest.fixture
def wang(town: City) -> Holder:
    return a_holder(town)


@pytest.fixture
def chan(town: City) -> Holder:
    return a_holder(town, name="陳大文")


@pytest.fixture
def head(town: City) -> Principal:
    return town.officer("head", Role.SUPERVISOR, office="370102")


def a_holder(town: City, **facts: Any) -> Holder:
    case, resident = case_at(town, CaseState.COMPLETED, resident=a_resident(**facts))
    return Holder(resident, permit_of(case))


def at_window(permit: Permit, number: str, by: Principal, *, kind: str = HRP, **more: Any) -> Claim:
    facts: dict[str, Any] = {"saw_originals": True, "consent_signed": True, "on": TODAY}
    return link_at_window(permit_id=permit.pk, kind=kind, number=number, by=by, **(facts | more))


def permit_behind(number: str, kind: DocumentKind = HRP) -> UUID | None:
    """Return the permit that a check by a travel document finds."""
    return find(parse(kind, number), name="", birth_date=None, use="check_bank", party_id=new_id()).permit_id


def reads_as(officer: Principal) -> None:
    """Let the connection read as an officer, as a request's does."""
    reader_connection().read_as(Reader(ReaderKind.STAFF, str(officer.id), officer.office_path))
