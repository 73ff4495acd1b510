"""Every way out keeps one contract, each against a real server of its protocol."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from uuid import uuid4

import pytest

from yizhengtong.foundation.notifications.channels.contract import Known, Outgoing, Rejected, TryLater, Unsure, Way
from yizhengtong.foundation.notifications.channels.files import FileWay
from yizhengtong.foundation.notifications.channels.gateway import GatewayWay
from yizhengtong.foundation.notifications.channels.smpp import Manner, SmppWay
from yizhengtong.foundation.notifications.channels.smtp import Security, Server, SmtpWay
from yizhengtong.foundation.notifications.smpp.session import Peer
from yizhengtong.foundation.notifications.tests.servers import (
    KEY,
    Centre,
    free_port,
    has_centre,
    mail_server,
    message_centre,
    sms_gateway,
    until,
)

TEXT = "您好，您的居住证申请已受理。"


@dataclass
class Ground:
    """A way out, its server, and the addresses at which the server does as it is asked."""

    way: Way
    good: str
    busy: str
    refused: str
    silent: str
    number_taken: Callable[[], int]
    away: Way


def noting(heard: list[tuple[str, str]]) -> Callable[[str, str], bool]:
    def note(provider_id: str, state: str) -> bool:
        heard.append((provider_id, state))
        return True

    return note


def outgoing(address: str, text: str = TEXT, key: str = "") -> Outgoing:
    return Outgoing(key or uuid4().hex, address, "申请已受理", text)


def smtp_server(port: int, security: Security = "none") -> Server:
    with_login = security != "none"
    return Server(
        "127.0.0.1", port, security, "noreply@example.org", user="yzt" if with_login else "",
        password="secret" if with_login else "",
    )  # fmt: skip


def peer(port: int, password: str = "secret") -> Peer:  # noqa: S107
    return Peer("127.0.0.1", port, "yzt", password)


@pytest.fixture
def heard() -> list[tuple[str, str]]:
    return []


@pytest.fixture(params=["smtp", "gateway", "smpp"])
def ground(request: pytest.FixtureRequest, tmp_path: Path, heard: list[tuple[str, str]]) -> Iterator[Ground]:
    with ExitStack() as stack:
        if request.param == "smtp":
            mailbox, context = stack.enter_context(mail_server(tmp_path, security="starttls"))
            way: Way = SmtpWay(smtp_server(mailbox.port, "starttls"), context=context)
            addresses = [f"{name}@example.org" for name in ("somebody", "busy", "nobody", "gone")]
            away: Way = SmtpWay(smtp_server(free_port()))
            taken: Callable[[], int] = lambda: len(mailbox.taken)  # noqa: E731
        elif request.param == "gateway":
            gateway = stack.enter_context(sms_gateway())
            way = GatewayWay(f"http://127.0.0.1:{gateway.port}/v1", KEY)
            addresses = [f"+861380000000{how}" for how in "1243"]
            away = GatewayWay(f"http://127.0.0.1:{free_port()}/v1", KEY)
            taken = lambda: len(gateway.sent)  # noqa: E731
        else:
            centre = stack.enter_context(needed_centre(tmp_path))
            way = SmppWay(peer(centre.port), Manner(sender="10690001"), noting(heard))
            addresses = [f"+861380000000{how}" for how in "1243"]
            away = SmppWay(peer(free_port()), Manner(), lambda *_: True)
            taken = lambda: len(centre.lines("submit"))  # noqa: E731
        stack.callback(way.close)
        good, busy, refused, silent = addresses
        yield Ground(way, good, busy, refused, silent, taken, away)


def needed_centre(folder: Path) -> AbstractContextManager[Centre]:
    if not has_centre():
        if os.environ.get("CI"):
            raise AssertionError("Net::SMPP is missing. On Debian: apt install libnet-smpp-perl")
        pytest.skip("not run: Net::SMPP not found. On Debian: apt install libnet-smpp-perl")
    return message_centre(folder)


def test_what_is_acknowledged_was_taken_in_once(ground: Ground) -> None:
    accepted = ground.way.send(outgoing(ground.good))
    assert accepted.provider_ids
    assert ground.number_taken() == 1


def test_a_busy_server_is_tried_later(ground: Ground) -> None:
    with pytest.raises(TryLater) as told:
        ground.way.send(outgoing(ground.busy))
    assert told.value.code == "notifications.server_busy"


def test_a_refusal_for_good_is_not_tried_again(ground: Ground) -> None:
    with pytest.raises(Rejected) as told:
        ground.way.send(outgoing(ground.refused))
    assert told.value.code == "notifications.refused_by_server"


def test_a_link_that_breaks_before_the_acknowledgement_leaves_it_unsure(ground: Ground) -> None:
    with pytest.raises(Unsure):
        ground.way.send(outgoing(ground.silent))
    assert ground.number_taken() == 1


def test_after_a_broken_link_the_next_message_goes(ground: Ground) -> None:
    with pytest.raises(Unsure):
        ground.way.send(outgoing(ground.silent))
    assert ground.way.send(outgoing(ground.good)).provider_ids


def test_a_server_that_is_away_is_not_taken_for_one_that_has_it(ground: Ground) -> None:
    with pytest.raises((TryLater, Unsure)) as told:
        ground.away.send(outgoing(ground.good))
    assert isinstance(told.value, TryLater) or ground.away.repeats_safely
    assert ground.away.ask(uuid4().hex) == Known.CANNOT_TELL


def test_no_error_holds_the_address_or_the_text(ground: Ground) -> None:
    for address in (ground.busy, ground.refused, ground.silent):
        with pytest.raises(Exception) as told:
            ground.way.send(outgoing(address))
        assert address not in repr(told.value)
        assert TEXT not in repr(told.value)
    assert ground.good not in repr(outgoing(ground.good))


# SMTP


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_mail_goes_through_each_kind_of_link(tmp_path: Path, security: Security) -> None:
    with mail_server(tmp_path, security=security) as (mailbox, context):
        sent = outgoing("somebody@example.org")
        SmtpWay(smtp_server(mailbox.port, security), context=context).send(sent)
    message = message_from_bytes(mailbox.taken[0].content, policy=policy.default)
    assert message["Message-ID"] == f"<{sent.key}@example.org>"
    assert message["Subject"] == "申请已受理"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().strip() == TEXT


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tmp_path: Path) -> None:
    with mail_server(tmp_path, security="starttls") as (mailbox, _), pytest.raises(TryLater):
        SmtpWay(smtp_server(mailbox.port, "starttls")).send(outgoing("somebody@example.org"))
    assert mailbox.taken == []


def test_a_wrong_password_is_ours_to_mend_and_not_the_messages_fault(tmp_path: Path) -> None:
    with mail_server(tmp_path, security="starttls") as (mailbox, context):
        server = Server("127.0.0.1", mailbox.port, "starttls", "noreply@example.org", user="yzt", password="wrong")
        with pytest.raises(TryLater) as told:
            SmtpWay(server, context=context).send(outgoing("somebody@example.org"))
    assert told.value.code == "notifications.login_refused"


def test_what_is_refused_after_the_text_is_refused_for_good(tmp_path: Path) -> None:
    with mail_server(tmp_path, security="none") as (mailbox, _), pytest.raises(Rejected):
        SmtpWay(smtp_server(mailbox.port)).send(outgoing("spam@example.org"))


@pytest.mark.parametrize("address", ["a@example.org\r\nBcc: b@example.org", "a@example.org\nb"])
def test_no_header_is_smuggled_into_a_mail(tmp_path: Path, address: str) -> None:
    with mail_server(tmp_path, security="none") as (mailbox, _), pytest.raises(Rejected):
        SmtpWay(smtp_server(mailbox.port)).send(outgoing(address))
    assert mailbox.taken == []


# The gateway


def test_a_gateway_that_lost_its_answer_has_the_message_once() -> None:
    with sms_gateway() as gateway:
        way = GatewayWay(f"http://127.0.0.1:{gateway.port}/v1", KEY)
        lost = outgoing("+8613800000003")
        with pytest.raises(Unsure):
            way.send(lost)
        assert way.ask(lost.key) == Known.HAS_IT
        assert way.ask(uuid4().hex) == Known.HAS_IT_NOT
        with pytest.raises(Unsure):
            way.send(lost)
        assert (gateway.requests, len(gateway.sent)) == (2, 1)


def test_a_gateway_says_how_long_to_wait() -> None:
    with sms_gateway() as gateway, pytest.raises(TryLater) as told:
        GatewayWay(f"http://127.0.0.1:{gateway.port}/v1", KEY).send(outgoing("+8613800000002"))
    assert told.value.least.total_seconds() == 90


def test_a_request_with_the_wrong_key_is_not_taken() -> None:
    with sms_gateway() as gateway, pytest.raises(TryLater):
        GatewayWay(f"http://127.0.0.1:{gateway.port}/v1", "wrong").send(outgoing("+8613800000001"))
    assert gateway.sent == {}


# SMPP


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with needed_centre(tmp_path) as found:
        yield found


@pytest.fixture
def smpp(centre: Centre, heard: list[tuple[str, str]]) -> Iterator[SmppWay]:
    way = SmppWay(peer(centre.port), Manner(sender="10690001"), noting(heard))
    yield way
    way.close()


def test_chinese_travels_as_ucs2_with_a_receipt_asked_for(smpp: SmppWay, centre: Centre) -> None:
    smpp.send(outgoing("+8613800000001"))
    line = centre.lines("submit")[0]
    assert line[1:6] == ["8613800000001", "10690001", "0", "8", "1"]
    assert bytes.fromhex(line[6]).decode("utf-16-be") == TEXT


def test_english_travels_in_the_gsm_alphabet(smpp: SmppWay, centre: Centre) -> None:
    smpp.send(outgoing("+8613800000001", "Hello. Your permit {€} is ready."))
    line = centre.lines("submit")[0]
    assert line[4] == "0"
    assert bytes.fromhex(line[6]) == b"Hello. Your permit \x1b\x28\x1b\x65\x1b\x29 is ready."


def test_a_long_text_arrives_whole_in_parts(smpp: SmppWay, centre: Centre) -> None:
    text = "您好，" + "请补正材料𠮷" * 30
    accepted = smpp.send(outgoing("+8613800000001", text))
    parts = [bytes.fromhex(line[6]) for line in centre.lines("submit")]
    assert len(accepted.provider_ids) == len(parts) > 1
    assert {line[3] for line in centre.lines("submit")} == {"64"}
    assert [part[:3] for part in parts] == [b"\x05\x00\x03"] * len(parts)
    assert len({part[3] for part in parts}) == 1
    assert [(part[4], part[5]) for part in parts] == [(len(parts), number + 1) for number in range(len(parts))]
    assert "".join(part[6:].decode("utf-16-be") for part in parts) == text
    assert max(map(len, parts)) <= 140


def test_a_long_text_may_travel_in_one_payload(centre: Centre) -> None:
    way = SmppWay(peer(centre.port), Manner(long="payload"), lambda *_: True)
    text = "您好，" + "请补正材料" * 40
    assert len(way.send(outgoing("+8613800000001", text)).provider_ids) == 1
    way.close()
    line = centre.lines("submit")[0]
    assert line[6] == ""
    assert bytes.fromhex(line[7]).decode("utf-16-be") == text


@pytest.mark.parametrize(("how", "state"), [("1", "delivered"), ("5", "failed"), ("6", "delivered")])
def test_a_receipt_is_heard_and_answered(
    smpp: SmppWay, centre: Centre, heard: list[tuple[str, str]], how: str, state: str
) -> None:
    accepted = smpp.send(outgoing(f"+861380000000{how}"))
    assert until(lambda: (accepted.provider_ids[0], state) in heard)
    assert until(lambda: centre.lines("noted", "0"))


def test_a_receipt_that_could_not_be_noted_is_not_confirmed(centre: Centre) -> None:
    def fails(*_: str) -> bool:
        raise RuntimeError("no database")

    way = SmppWay(peer(centre.port), Manner(), fails)
    way.send(outgoing("+8613800000009"))
    assert until(lambda: centre.lines("noted", "100"))
    assert way.send(outgoing("+8613800000001")).provider_ids
    way.close()


def test_a_part_that_is_throttled_is_sent_again_without_the_first(smpp: SmppWay, centre: Centre) -> None:
    accepted = smpp.send(outgoing("+8613800000007", "您好，" + "请补正材料" * 20))
    sent = [bytes.fromhex(line[6])[5] for line in centre.lines("submit")]
    assert len(accepted.provider_ids) == 2
    assert sent == [1, 2, 2]


def test_one_link_serves_many_and_is_closed_with_a_farewell(smpp: SmppWay, centre: Centre) -> None:
    for _ in range(3):
        smpp.send(outgoing("+8613800000001"))
    smpp.close()
    assert len(centre.lines("bind")) == 1
    assert until(lambda: centre.lines("unbind"))
    assert until(lambda: centre.lines("alive"))  # the answer to the centre's own sign of life


def test_the_link_shows_that_it_lives(centre: Centre) -> None:
    quick = Peer("127.0.0.1", centre.port, "yzt", "secret", alive_seconds=0.05)
    way = SmppWay(quick, Manner(), lambda *_: True)
    way.keep()
    assert until(lambda: len(centre.lines("enquire")) >= 2)
    way.close()


def test_a_wrong_password_at_the_centre_is_tried_later(centre: Centre) -> None:
    way = SmppWay(peer(centre.port, "wrong"), Manner(), lambda *_: True)
    with pytest.raises(TryLater):
        way.send(outgoing("+8613800000001"))
    assert centre.lines("submit") == []


# Files


def test_a_file_is_ours_alone_and_holds_a_key_once(tmp_path: Path) -> None:
    way = FileWay(tmp_path / "messages", "sms")
    sent = outgoing("+8613800000001")
    assert way.ask(sent.key) == Known.HAS_IT_NOT
    way.send(sent)
    way.send(sent)
    assert way.ask(sent.key) == Known.HAS_IT
    path = tmp_path / "messages" / "sms.jsonl"
    assert len(path.read_text().splitlines()) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
