"""Making the city once: the law in force by two persons, offices from the pack's service points, officers."""

import base64
import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.db import transaction

from yizhengtong.foundation.accounts.models import Account, Office
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.services import appoint_officer
from yizhengtong.kernel.errors import Conflict, Forbidden
from yizhengtong.law.reading import pack_texts
from yizhengtong.law.services import confirm_edition, propose_edition
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.project.demonstration.people import photo_jpeg
from yizhengtong.project.founding import make_offices
from yizhengtong.verification.relying_parties.services import register_relying_party

CITY = "370100"
CITY_NAME = "济南市公安局"
PASSWORD = "Jinan-demo-1!"  # noqa: S105 public on purpose: demonstration accounts are refused in production
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 likewise


@dataclass(frozen=True, slots=True)
class Officer:
    """A synthetic officer of the demonstration."""

    username: str
    name: str
    office: str
    roles: tuple[Role, ...]


OFFICERS = (
    Officer("demo-clerk", "李受理", "370100-01", (Role.CLERK,)),
    Officer("demo-reviewer", "王审核", "370102", (Role.REVIEWER,)),
    Officer("demo-approver", "张审批", "370102", (Role.APPROVER,)),
    Officer("demo-shizhong", "赵受理", "370100-02", (Role.CLERK, Role.REVIEWER)),
    Officer("demo-city-reviewer", "孙审核", CITY, (Role.REVIEWER,)),
    Officer("demo-city-approver", "吴审批", CITY, (Role.APPROVER,)),
    Officer("demo-supervisor", "陈主管", CITY, (Role.SUPERVISOR,)),
    Officer("demo-auditor", "周审计", CITY, (Role.AUDITOR,)),
    Officer("demo-registrar", "钱登记", "370102", (Role.REGISTRAR,)),
)


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What the journeys need to know of the city. Kept in the home folder, readable by its owner alone."""

    relying_party_key: str
    photo_receipt: str


def make_city(on: date) -> Demonstration:
    """Make what is not there yet, and return what journeys need. Raises Forbidden in production mode.

    May be cut off anywhere and run again.
    """
    if settings.YZT_PRODUCTION:
        raise Forbidden("accounts.demonstration_refused")
    put_law_in_force()
    if not Office.objects.filter(code=CITY).exists():
        with transaction.atomic():
            make_offices(law=law_for("hmt.first_issue", CITY, on), city=CITY, name=CITY_NAME, by=SYSTEM)
            for officer in OFFICERS:
                _appoint(officer)
    path = Path(settings.CONFIGURATION.home) / "demonstration.json"
    if not path.exists():
        _write_privately(path, json.dumps(asdict(_register_bank(on))))
    return Demonstration(**json.loads(path.read_text()))


def _register_bank(on: date) -> Demonstration:
    _, key = register_relying_party(
        name="泉城演示银行", legal_basis="《中华人民共和国反洗钱法》", purposes=["bank", "work"], by=SYSTEM
    )
    return Demonstration(key, _file_photo_receipt(on))


def _write_privately(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(text)
    part.replace(path)


def put_law_in_force() -> None:
    """Propose the packs as they lie in the checkout and confirm them, by two persons, unless they are in force."""
    first, second = (_lawyer(name) for name in ("demo-lawyer-1", "demo-lawyer-2"))
    try:
        edition = propose_edition(texts=pack_texts(), by=first)
    except Conflict:
        return
    confirm_edition(edition_hash=edition.hash, by=second)


def _lawyer(username: str) -> Principal:
    account, is_new = Account.objects.get_or_create(username=username, defaults={"is_demonstration": True})
    if is_new:
        account.set_unusable_password()
        account.save()
    return Principal(PrincipalKind.SYSTEM, account.pk)


def _appoint(officer: Officer) -> None:
    member = appoint_officer(
        username=officer.username,
        password=PASSWORD,
        name=officer.name,
        office=Office.objects.get(code=officer.office),
        roles=officer.roles,
        by=SYSTEM,
        is_demonstration=True,
    )
    TOTP.activate(member.account, TOTP_SECRET)


def _file_photo_receipt(on: date) -> str:
    """Lay a passed photo test where the file-fed look-up finds it."""
    folder = Path(settings.YZT_PHOTO_RECEIPTS)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    receipt = "JN2026-0001"
    image = base64.b64encode(photo_jpeg()).decode()
    answer = {"receipt": receipt, "passed": True, "taken_on": on.isoformat(), "region": CITY, "image": image}
    (folder / f"{receipt}.json").write_text(json.dumps(answer))
    return receipt
