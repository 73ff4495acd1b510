"""Every kind of caller there is, with real credentials, in the world of the contract tests."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from tests.contract.world import World
from tests.support.mainland import a_credit_code
from tests.support.sessions import session
from yizhengtong.foundation.accounts.models import Account, Office, StaffMember
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.registry.people.models import Person, Representation
from yizhengtong.registry.residence.models import Reporter
from yizhengtong.verification.relying_parties.models import RelyingParty
from yizhengtong.verification.relying_parties.services import register_organisation, register_relying_party


@dataclass(frozen=True, slots=True)
class Caller:
    """What the policies ask of a caller. `area`: own (the case's office), parent, sub, other; empty for no officer."""

    kind: str
    area: str = ""
    role: Role | None = None
    has_second_factor: bool = True
    is_registered: bool = True
    owns: bool = False
    has_purpose: bool = True
    is_organisation: bool = False
    is_let_in: bool = True

    @property
    def covers(self) -> bool:
        return self.area in {"own", "parent", "top"}


AREAS = ("own", "parent", "top", "sub", "other")
OFFICERS = {f"{role.value} {area}": Caller("staff", area, role) for role in Role for area in AREAS}
CALLERS: Mapping[str, Caller] = {
    "nobody": Caller("nobody"),
    "owner and guardian": Caller("resident", owns=True),
    "another resident": Caller("resident"),
    "guardian no longer": Caller("resident"),
    "resident not registered": Caller("resident", is_registered=False),
    "resident deactivated": Caller("resident", owns=True, is_let_in=False),
    "demonstration account in production": Caller("resident", owns=True, is_let_in=False),
    "reporter": Caller("reporter"),
    "reporter deactivated": Caller("reporter", is_let_in=False),
    **OFFICERS,
    "clerk without second factor": Caller("staff", "own", Role.CLERK, has_second_factor=False),
    "clerk who left": Caller("staff", "own", Role.CLERK, is_let_in=False),
    "organisation": Caller("reporter", owns=True, is_organisation=True),
    "another organisation": Caller("reporter", is_organisation=True),
    "organisation deactivated": Caller("reporter", is_organisation=True, is_let_in=False),
    "partner": Caller("partner"),
    "partner of the world": Caller("partner", owns=True),
    "partner without the purpose": Caller("partner", has_purpose=False),
    "partner shut out": Caller("partner", is_let_in=False),
}


def credentials_of(name: str, world: World) -> dict[str, str]:
    """Make the caller where it is not there, and return its headers."""
    caller = CALLERS[name]
    if caller.kind == "nobody":
        return {}
    if caller.kind in {"partner", "reporter"} and caller.owns:
        return world.credentials["organisation" if caller.is_organisation else "partner"]
    if caller.kind == "partner":
        return _partner(name, caller)
    if caller.kind == "reporter":
        return {"X-Session-Token": (_organisation if caller.is_organisation else _reporter)(name, caller)}
    return {"X-Session-Token": _resident(name, world) if caller.kind == "resident" else _officer(name, caller, world)}


def _partner(name: str, caller: Caller) -> dict[str, str]:
    purposes = ["bank", "work"] if caller.has_purpose else ["library"]
    party, key = register_relying_party(name=name, legal_basis="x", purposes=purposes, by=SYSTEM)
    RelyingParty.objects.filter(pk=party.pk).update(is_active=caller.is_let_in)
    return {"Authorization": f"Bearer {key}"}


def _reporter(name: str, caller: Caller) -> str:
    account = Account.objects.create(username=f"x-{name}", is_reporter=True, is_active=caller.is_let_in)
    Reporter.objects.create(account=account, kind="agent", name="演示中介", code="x", contact="x", region="370102",
                            office_path="370100.370102")  # fmt: skip
    return session(account)


def _organisation(name: str, caller: Caller) -> str:
    account = Account.objects.create(username=f"x-{name}")
    by = Principal(PrincipalKind.RESIDENT, account.pk)
    register_organisation(name=name, code=a_credit_code(), contact="x", by=by)
    Account.objects.filter(pk=account.pk).update(is_active=caller.is_let_in)
    return session(account)


def _resident(name: str, world: World) -> str:
    ward = Person.objects.get(pk=parse_public_id("per", world.ids["person_id"]))
    guardian = Representation.objects.get(represented=ward).representative
    account = guardian.account
    assert account is not None
    make: dict[str, Callable[[], Account]] = {
        "owner and guardian": lambda: account,
        "another resident": lambda: _registered(name, guardian),
        "guardian no longer": lambda: _former(name, guardian, ward),
        "resident not registered": lambda: Account.objects.create(username="x-unregistered"),
        "resident deactivated": lambda: _changed(account, is_active=False),
        "demonstration account in production": lambda: _changed(account, is_demonstration=True),
    }
    return session(make[name]())


def _changed(account: Account, **columns: Any) -> Account:
    Account.objects.filter(pk=account.pk).update(**columns)
    return account


def _registered(name: str, like: Person) -> Account:
    account = Account.objects.create(username=f"x-{name}")
    Person.objects.create(account=account, name="陈小红", birth_date=like.birth_date, sex="F", region="HK")
    return account


def _former(name: str, like: Person, ward: Person) -> Account:
    account = _registered(name, like)
    today = timezone.now().date()
    former = Person.objects.get(account=account)
    since = today.replace(year=today.year - 1)
    Representation.objects.create(
        representative=former, represented=ward, relation="guardian", since=since, until=today.replace(day=1)
    )
    return account


def _officer(name: str, caller: Caller, world: World) -> str:
    office = _office(caller.area, world)
    account = Account.objects.create(username=f"x-{name}")
    roles: Iterable[Role] = [caller.role] if caller.role else []
    StaffMember.objects.create(
        account=account, office=office, name="x", roles=[role.value for role in roles], is_serving=caller.is_let_in
    )
    return session(account, has_second_factor=caller.has_second_factor)


def _office(area: str, world: World) -> Office:
    """The case's office, one above it, one below it, or one beside it whose path begins with the same letters."""
    own = Case.objects.get(pk=parse_public_id("cas", world.ids["case_id"])).office
    if area == "parent":
        assert own.parent is not None
        return own.parent
    if area == "top":
        return Office.objects.get(path=own.path.partition(".")[0])
    path = {"own": own.path, "sub": f"{own.path}.x", "other": f"{own.path}x"}[area]
    fields = {"code": f"x-{area}", "name": "x", "region": own.region}
    return Office.objects.get_or_create(path=path, defaults=fields)[0]
