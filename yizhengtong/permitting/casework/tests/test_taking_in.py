"""Which kinds of offices take in what, as the packs of the places name them."""

from contextlib import nullcontext
from datetime import date

import pytest

from tests.support.law import library
from yizhengtong.foundation.accounts.models import Office, OfficeKind
from yizhengtong.kernel.errors import Invalid
from yizhengtong.permitting.casework.takingin import ensure_takes_in

RUIAN, YUEQING, JINAN, DAY = "330381", "330382", "370102", date(2026, 9, 18)
POLICE, EXIT_ENTRY, ENTRUSTED = OfficeKind.POLICE, OfficeKind.EXIT_ENTRY, OfficeKind.ENTRUSTED


@pytest.mark.row("S3-30")
@pytest.mark.parametrize(
    ("place", "subject", "kind", "refusal"),
    [
        (RUIAN, "floating", POLICE, None),
        (RUIAN, "floating", ENTRUSTED, "casework.entrusted_body_takes_not_in"),
        (YUEQING, "floating", ENTRUSTED, None),
        (RUIAN, "floating", EXIT_ENTRY, "settlement.exit_entry_takes_no_other"),
        (JINAN, "hmt", ENTRUSTED, "casework.entrusted_body_takes_not_in"),
        (JINAN, "settlement", EXIT_ENTRY, None),
        (JINAN, "settlement", POLICE, "settlement.office_is_not_exit_entry"),
        (JINAN, "settlement", ENTRUSTED, "settlement.office_is_not_exit_entry"),
    ],
)
def test_an_office_takes_in_what_the_place_gives_to_its_kind(
    place: str, subject: str, kind: OfficeKind, refusal: str | None
) -> None:
    with pytest.raises(Invalid, match=f"^{refusal}$") if refusal else nullcontext():
        ensure_takes_in(Office(kind=kind), library().law(place, subject, DAY))
