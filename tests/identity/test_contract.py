"""What every identity service must hold, asked of each: the real oidc-provider, and a service that gives tickets."""

from collections.abc import Iterator
from datetime import date

import pytest

from tests.identity.stand_ins import BACK, SECRET, answer_of, openid_provider, ticket_house
from yizhengtong.foundation.accounts.identity.contract import IdentityService
from yizhengtong.foundation.accounts.identity.oidc import OpenIDService
from yizhengtong.foundation.accounts.identity.tickets import TicketService
from yizhengtong.kernel.errors import Conflict, Forbidden


@pytest.fixture(scope="module", params=["client-es", "client-rs", "tickets"])
def service(request: pytest.FixtureRequest) -> Iterator[IdentityService]:
    if request.param == "tickets":
        with ticket_house() as house:
            yield TicketService("province", address=house.address, client_id="client-es", client_secret=SECRET)
    else:
        with openid_provider() as issuer:
            yield OpenIDService("province", issuer=issuer, client_id=request.param, client_secret=SECRET, levels=["L3"])


@pytest.mark.row("S4-11")
def test_who_comes_back_is_proved_with_name_document_birth_date_and_level(service: IdentityService) -> None:
    asking = service.ask(back=BACK)
    proven = service.prove(answer=answer_of(asking.address), kept=asking.kept, back=BACK)
    assert (proven.service, proven.subject, proven.name) == ("province", "ming", "王小明")
    assert (proven.kind, proven.number) == ("hrp", "H12345678")
    assert (proven.birth_date, proven.level) == (date(1990, 5, 1), "L3")
    for personal in ("王小明", "H12345678", "ming"):
        assert personal not in repr(proven)


def test_an_answer_is_good_once(service: IdentityService) -> None:
    asking = service.ask(back=BACK)
    answer = answer_of(asking.address)
    service.prove(answer=answer, kept=asking.kept, back=BACK)
    with pytest.raises(Forbidden, match=r"identity\.refused"):
        service.prove(answer=answer, kept=asking.kept, back=BACK)


def test_an_answer_to_another_asking_proves_nothing(service: IdentityService) -> None:
    mine, theirs = service.ask(back=BACK), service.ask(back=BACK)
    answer = answer_of(theirs.address)
    with pytest.raises(Forbidden, match=r"identity\.refused"):
        service.prove(answer=answer, kept=mine.kept, back=BACK)
    with pytest.raises(Forbidden, match=r"identity\.refused"):
        service.prove(answer={**answer, "state": mine.kept["state"]}, kept=mine.kept, back=BACK)


def test_a_made_up_or_missing_answer_proves_nothing(service: IdentityService) -> None:
    for changed in ("state", "ticket" if isinstance(service, TicketService) else "code"):
        asking = service.ask(back=BACK)
        answer = answer_of(asking.address)
        for instead in ("made up", ""):
            with pytest.raises(Forbidden, match=r"identity\.refused"):
                service.prove(answer={**answer, changed: instead}, kept=asking.kept, back=BACK)


def test_nothing_kept_proves_nothing(service: IdentityService) -> None:
    asking = service.ask(back=BACK)
    with pytest.raises(Forbidden, match=r"identity\.refused"):
        service.prove(answer={**answer_of(asking.address), "state": ""}, kept={}, back=BACK)


def test_two_askings_share_nothing(service: IdentityService) -> None:
    first, second = service.ask(back=BACK).kept, service.ask(back=BACK).kept
    assert not set(first.values()) & set(second.values())


@pytest.mark.parametrize("kind", ["openid", "tickets"])
def test_a_service_that_is_away_is_told_as_such(kind: str) -> None:
    address = "http://127.0.0.1:9"
    known = {"client_id": "client-es", "client_secret": SECRET}
    service: IdentityService = (
        OpenIDService("province", issuer=address, **known)
        if kind == "openid"
        else TicketService("province", address=address, **known)
    )
    with pytest.raises(Conflict, match=r"identity\.unavailable"):
        _gone_through(service)


def _gone_through(service: IdentityService) -> None:
    asking = service.ask(back=BACK)
    service.prove(answer={**asking.kept, "ticket": "x"}, kept=asking.kept, back=BACK)
