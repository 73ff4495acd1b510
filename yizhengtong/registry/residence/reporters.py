"""Who reports others: registering with an account of its own, and an officer's word that it is who it says.

浙江省流动人口居住登记条例 arts. 8–12. Until it is verified its reports are kept and nothing follows from them.
"""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Account, Office
from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role, ensure_second_factor
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.trail import record_act, record_read
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel import regions
from yizhengtong.kernel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Stale
from yizhengtong.kernel.numbers import DocumentKind, parse
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.residence.credit_codes import credit_code
from yizhengtong.registry.residence.models import Reporter, ReporterKind

LONGEST_NAME = 120
LONGEST_CONTACT = 60
"""Characters. What the platform takes, not numbers of the law."""

_PERSONS = frozenset({ReporterKind.LANDLORD})
"""Who may be a person without a credit code."""


@use_case
def register_reporter(*, account_id: UUID, kind: str, name: str, code: str, contact: str, region: str,
                      by: Principal) -> Reporter:  # fmt: skip
    """Make an account that of a reporter: from then on it is no resident's and opens /api/reporter alone.

    `code`: 统一社会信用代码; of a landlord also the identity number. Raises Invalid `residence.reporter_invalid` with
    every wrong field, Conflict `residence.account_is_a_residents` or `residence.already_a_reporter`, NotFound.
    """
    account = Account.objects.select_for_update(no_key=True).get(pk=account_id)
    if Person.objects.filter(account_id=account_id).exists():
        raise Conflict("residence.account_is_a_residents")
    reporter = Reporter(
        account=account, kind=kind, name=name.strip(), code=_normal_code(kind, code), contact=contact.strip(),
        region=region, office_path=office_path_of(region),
    )  # fmt: skip
    _check(reporter)
    try:
        with transaction.atomic():
            reporter.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("residence.already_a_reporter") from error
    account.is_reporter = True
    account.save(update_fields=["is_reporter"])
    record_act("residence.register_reporter", by=by, on=("reporter", reporter.pk), person_id=None)
    return reporter


def reporter_of(by: Principal) -> Reporter:
    """Return the reporter who is signed in. Raises Forbidden `residence.reporter_refused` for one that was refused."""
    reporter = Reporter.objects.filter(account_id=by.id).first() if by.id else None
    if reporter is None:  # only an account that registered is of this kind
        raise NotFound("not_found")
    if reporter.state == Reporter.State.REFUSED:
        raise Forbidden("residence.reporter_refused")
    return reporter


def reporters_waiting(by: Principal) -> QuerySet[Reporter]:
    """Return the reporters of a registrar's area who are not verified, without opening who they are."""
    ensure_second_factor(by)
    ensure_role(by, Role.REGISTRAR)
    area = Q(office_path=by.office_path) | Q(office_path__startswith=f"{by.office_path}.")
    waiting = Reporter.objects.filter(area, state=Reporter.State.UNVERIFIED)
    return waiting.defer("name", "code", "contact").order_by("id")


def reporter_for(reporter_id: UUID, by: Principal) -> Reporter:
    """Return a reporter of the registrar's area; the read is recorded."""
    reporter = _of_area(Reporter.objects.filter(pk=reporter_id), by)
    record_read("residence.read_reporter", by=by, on=("reporter", reporter.pk), person_id=None,
                purpose="verification", fields=["name", "code", "contact"])  # fmt: skip
    return reporter


@use_case
def verify_reporter(*, reporter_id: UUID, is_verified: bool, version: int, by: Principal) -> Reporter:
    """Note that a reporter is who it says, or that it is not; what it reported meanwhile is compared from then on.

    Raises NotFound outside the area, Forbidden, Stale, Conflict `residence.reporter_decided`.
    """
    reporter = _of_area(Reporter.objects.select_for_update().filter(pk=reporter_id), by)
    if reporter.version != version:
        raise Stale("web.stale_version")
    if reporter.state != Reporter.State.UNVERIFIED:
        raise Conflict("residence.reporter_decided")
    reporter.state = Reporter.State.VERIFIED if is_verified else Reporter.State.REFUSED
    reporter.decided_by, reporter.decided_at = by.id, timezone.now()
    reporter.version += 1
    reporter.save(update_fields=["state", "decided_by", "decided_at", "version"])
    action = "residence.verify_reporter" if is_verified else "residence.refuse_reporter"
    record_act(action, by=by, on=("reporter", reporter.pk), person_id=None)
    if is_verified:
        publish("residence.reporter_verified", on=("reporter", reporter.pk), person_id=None)
    return reporter


def office_path_of(region: str) -> str:
    """Return the path of the office that answers for a county: its own, else that of the nearest division above.

    Empty where the deployment has none for it: only the top office then covers it.
    """
    for code in (region, regions.area_around(region, "city"), regions.area_around(region, "province")):
        office = Office.objects.filter(region=code, merged_into=None).order_by("path").first()
        if office is not None:
            return office.path
    top = Office.objects.filter(parent=None, merged_into=None).order_by("path").first()
    return top.path if top else ""


def _of_area(found: QuerySet[Reporter], by: Principal) -> Reporter:
    """Return the one that was asked for, to a registrar of its area. Raises NotFound, Forbidden."""
    reporter = found.first()
    if reporter is None:
        raise NotFound("not_found")
    ensure_officer_of(reporter.office_path, by)
    ensure_role(by, Role.REGISTRAR)
    return reporter


def _normal_code(kind: str, code: str) -> str:
    """Return a credit code or, of a landlord, an identity number in its normal form. Raises Invalid."""
    found = credit_code(code)
    if found is not None:
        return found
    if kind in _PERSONS:
        try:
            return parse(DocumentKind.RESIDENT_ID, code).text
        except Invalid:
            pass
    wrong = "residence.landlord_code_wrong" if kind in _PERSONS else "residence.credit_code_wrong"
    raise Invalid("residence.reporter_invalid", errors=[FieldError("code", wrong)])


def _check(reporter: Reporter) -> None:
    wrong = {
        "kind": "" if reporter.kind in ReporterKind.values else "residence.unknown_reporter_kind",
        "name": "" if 0 < len(reporter.name) <= LONGEST_NAME else "residence.reporter_name_wrong",
        "contact": "" if 0 < len(reporter.contact) <= LONGEST_CONTACT else "residence.reporter_contact_wrong",
        "region": "" if regions.region(reporter.region) and not regions.children(reporter.region)
        else "residence.region_too_wide",
    }  # fmt: skip
    errors = [FieldError(field, code, {"most": LONGEST_NAME}) for field, code in wrong.items() if code]
    if errors:
        raise Invalid("residence.reporter_invalid", errors=errors)
