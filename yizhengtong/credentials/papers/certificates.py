"""What a holder keeps: the two papers of a settlement, vouchers and certificates of residence, a first password."""

from collections.abc import Sequence
from datetime import date

from yizhengtong.credentials.papers.flow import flow_of
from yizhengtong.credentials.papers.notices import cited_article
from yizhengtong.credentials.papers.sheet import Part, Sheet, Tongue, day, row, table, text
from yizhengtong.foundation.texts import say
from yizhengtong.kernel.regions import name_of
from yizhengtong.law.law import Law
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.settlement.models import ApprovalNotice
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.residence.models import Registration
from yizhengtong.registry.residence.timeline import Timeline
from yizhengtong.registry.residence.vouchers import Voucher

APPROVAL_NOTICE, SETTLEMENT_PERMIT, FLOW = "approval_notice", "settlement_permit", "conversion_flow"
RESIDENCE, VOUCHER, ACCOUNT_SLIP = "residence_certificate", "registration_voucher", "account_slip"
_SEXES = {"M": "男", "F": "女"}


def approval_notice(notice: ApprovalNotice, tongue: Tongue) -> Sheet:
    """《批准定居通知书》 (S0-T25): to whom, where, by whom, and what it is for (S0-T31)."""
    paper, place, says = notice.paper, name_of(notice.region) or "", "papers.approval_says"
    parts = [
        text(tongue.words("papers.to", name=paper["name"]), is_indented=False),
        text(tongue.words(says, place=place), tongue.second(says, place=place)),
        *_settler(paper, tongue),
        row(tongue, settles_at=paper["settles_at"]),
        row(tongue, issued_on=day(notice.issued_on), notice_until=_until(notice.last_valid_day, tongue)),
        text(tongue.words("papers.approval_next"), tongue.second("papers.approval_next")),
    ]  # fmt: skip
    return Sheet(
        kind=APPROVAL_NOTICE, title=tongue.words("papers.kind_approval_notice"),
        title_second=tongue.second("papers.kind_approval_notice"), parts=parts, dated=notice.issued_on,
        office=notice.authority, number=tongue.words("papers.number", number=notice.number),
        signed_by=tongue.words("papers.stamp", office=notice.authority), is_signed=True,
    )  # fmt: skip


def settlement_permit(permit: Permit, tongue: Tongue) -> Sheet:
    """《台湾居民定居证》 as a paper (S0-T15, S0-T26): for the household register at the place of settlement."""
    card = permit.card
    parts = [
        *_settler(card, tongue),
        row(tongue, settles_at=card.get("settles_at", "")),
        row(tongue, authority=permit.authority),
        row(tongue, valid_from=day(permit.valid_from), valid_until=_until(permit.last_valid_day, tongue)),
        text(tongue.words("papers.settlement_permit_says"), tongue.second("papers.settlement_permit_says")),
    ]
    return Sheet(
        kind=SETTLEMENT_PERMIT, title=tongue.words("papers.kind_settlement_permit"),
        title_second=tongue.second("papers.kind_settlement_permit"), parts=parts, dated=permit.valid_from,
        office=permit.authority, number=tongue.words("papers.number", number=permit.number),
        signed_by=tongue.words("papers.stamp", office=permit.authority), is_signed=True,
    )  # fmt: skip


def _until(last: date | None, tongue: Tongue) -> str:
    """Return the last day; where the sources give none (N), that they give none."""
    return day(last) if last and last != date.max else tongue.words("papers.no_last_day")


def _settler(paper: dict[str, str], tongue: Tongue) -> list[Part]:
    return [
        row(tongue, name=paper["name"], sex=_SEXES.get(paper["sex"], "")),
        row(
            tongue, birth_date=day(date.fromisoformat(paper["birth_date"])),
            travel_document_number=paper.get("travel_document_number", ""),
        ),
    ]  # fmt: skip


def residence_certificate(
    person: Person, stays: Sequence[Registration], line: Timeline | None, place: str, on: date, tongue: Tongue
) -> Sheet:
    """Where a person is registered as living, period by period with its source (Q5), as of a day.

    `line`: which days count at `place`, by the law of the place; None where no law of it is in force.
    """
    rows = [
        (
            day(stay.start),
            day(stay.until) if stay.until else tongue.words("papers.until_today"),
            f"{name_of(stay.region) or stay.region} {stay.address}",
            tongue.words(f"papers.source_{stay.reported_by}"),
            day(stay.declared_on),
        )
        for stay in stays
    ]
    parts: list[Part] = [
        row(tongue, name=person.name, birth_date=day(person.birth_date)),
        text(tongue.words("papers.residence_says", day=on), tongue.second("papers.residence_says", day=on)),
        table(
            tongue, {"since": 4, "until": 4, "residence_address": 6, "source": 3, "declared_on": 4},
            rows or [("—", "—", tongue.words("papers.no_stay"), "—", "—")],
        ),
    ]  # fmt: skip
    if line is not None:
        counted = {"place": name_of(place) or place, "n": line.total}
        parts.append(
            text(
                tongue.words("papers.residence_counts", **counted), tongue.second("papers.residence_counts", **counted)
            )
        )
    return Sheet(
        kind=RESIDENCE, title=tongue.words("papers.kind_residence_certificate"),
        title_second=tongue.second("papers.kind_residence_certificate"), parts=parts, dated=on,
        office=tongue.words("papers.platform"), signed_by=tongue.words("papers.platform"),
    )  # fmt: skip


def voucher_sheet(voucher: Voucher, tongue: Tongue) -> Sheet:
    """登记凭证 of one registration; the seal on it is the voucher's own."""
    until = day(date.fromisoformat(voucher["until"])) if voucher["until"] else tongue.words("papers.until_today")
    issued = date.fromisoformat(voucher["issued_on"])
    parts = [
        row(tongue, name=voucher["name"]),
        row(tongue, place=name_of(voucher["region"]) or voucher["region"]),
        row(tongue, residence_address=voucher["address"]),
        row(tongue, since=day(date.fromisoformat(voucher["start"])), until=until),
        row(tongue, declared_on=day(date.fromisoformat(voucher["declared_on"])), issued_on=day(issued)),
        row(tongue, seal=voucher["seal"]),
        text(tongue.words("papers.voucher_says"), tongue.second("papers.voucher_says")),
    ]
    return Sheet(
        kind=VOUCHER, title=tongue.words("papers.kind_registration_voucher"),
        title_second=tongue.second("papers.kind_registration_voucher"), parts=parts, dated=issued,
        office=tongue.words("papers.platform"), number=tongue.words("papers.number", number=voucher["number"]),
        signed_by=tongue.words("papers.platform"),
    )  # fmt: skip


def account_slip(
    username: str, password: str, until: date | None, address: str, office: str, on: date, tongue: Tongue
) -> Sheet:
    """What somebody takes home from the window who got an account there: name of user and a one-time password."""
    parts = [
        *([row(tongue, sign_in_at=address)] if address else []),
        row(tongue, username=username),
        row(tongue, first_password=password),
        *([row(tongue, good_until=day(until))] if until else []),
        text(tongue.words("papers.account_says"), tongue.second("papers.account_says")),
        text(tongue.words("papers.account_warns"), tongue.second("papers.account_warns")),
    ]
    return Sheet(
        kind=ACCOUNT_SLIP, title=tongue.words("papers.kind_account_slip"),
        title_second=tongue.second("papers.kind_account_slip"), parts=parts, dated=on, office=office,
        signed_by=tongue.words("papers.stamp", office=office), is_signed=True,
    )  # fmt: skip


def flow_sheet(law: Law, office: str, dated: date, tongue: Tongue) -> Sheet:
    """互认转换流程图, drawn from the rules in force (S4-28)."""
    steps = [
        {
            "words": step.words,
            "details": list(step.details),
            "source": f"{step.source.text}{cited_article(step.source.article)}",
            "otherwise": step.otherwise,
        }
        for step in flow_of(law)
    ]
    return Sheet(
        kind=FLOW, title=say("papers.flow_title", facts={"place": name_of(law.region) or law.region}),
        title_second=tongue.second("papers.kind_conversion_flow"), parts=[{"kind": "flow", "steps": steps}],
        dated=dated, office=office,
    )  # fmt: skip
