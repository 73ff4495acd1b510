"""E-mail by SMTP (RFC 5321), step by step, so that it is known whether a message went when a link breaks."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate
from typing import Literal

from yizhengtong.foundation.notifications.channels.contract import (
    Accepted,
    Known,
    Outgoing,
    Rejected,
    TryLater,
    Unsure,
)

_PERMANENT = 500
Security = Literal["tls", "starttls", "none"]


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server. `none` is for one on this machine."""

    host: str
    port: int
    security: Security
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_seconds: float = 20.0


class SmtpWay:
    """One connection a message. The Message-ID is the delivery's: mailboxes that see it twice may show it once."""

    name = "smtp"
    repeats_safely = False

    def __init__(self, server: Server, *, context: ssl.SSLContext | None = None) -> None:
        self.server, self.context = server, context

    def send(self, outgoing: Outgoing) -> Accepted:
        message = self._message(outgoing)
        with self._session() as client:
            with _before_the_message():
                _expect_sender(client.mail(self.server.sender))
                _expect(client.rcpt(outgoing.address))
            try:
                code, _ = client.data(message.as_bytes())
            except smtplib.SMTPDataError as refused:
                raise _refusal(refused.smtp_code) from None
            except (smtplib.SMTPServerDisconnected, OSError):
                raise Unsure("notifications.link_broke") from None
            _expect((code, b""))
        return Accepted((f"smtp:{outgoing.key}",))

    def ask(self, key: str) -> Known:  # noqa: ARG002 SMTP knows no such question
        return Known.CANNOT_TELL

    def close(self) -> None:
        """Nothing is kept open."""

    def _message(self, outgoing: Outgoing) -> EmailMessage:
        message = EmailMessage()
        try:
            message["From"], message["To"] = self.server.sender, outgoing.address
            message["Subject"] = outgoing.subject
        except ValueError:  # a line break, or no address
            raise Rejected("notifications.address_unusable") from None
        message["Message-ID"] = f"<{outgoing.key}@{self.server.sender.rpartition('@')[2]}>"
        message["Date"] = formatdate()
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(outgoing.text, charset="utf-8")
        return message

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        with _before_the_message():
            client = self._connected()
        try:
            yield client
        finally:
            with suppress(smtplib.SMTPException, OSError):
                client.quit()
            client.close()

    def _connected(self) -> smtplib.SMTP:
        server = self.server
        context = self.context or ssl.create_default_context()
        client: smtplib.SMTP
        if server.security == "tls":
            client = smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout_seconds, context=context)
        else:
            client = smtplib.SMTP(server.host, server.port, timeout=server.timeout_seconds)
        try:
            if server.security == "starttls":
                client.starttls(context=context)
            if server.user:
                client.login(server.user, server.password)
            client.ehlo_or_helo_if_needed()
        except BaseException:
            client.close()
            raise
        return client


@contextmanager
def _before_the_message() -> Iterator[None]:
    """Whatever goes wrong before the message is handed over: it did not go."""
    try:
        yield
    except smtplib.SMTPAuthenticationError:
        raise TryLater("notifications.login_refused") from None  # ours to mend, not the message's fault
    except smtplib.SMTPResponseException as refused:
        raise _refusal(refused.smtp_code) from None
    except (smtplib.SMTPException, OSError):
        raise TryLater("notifications.server_away") from None


def _expect(answer: tuple[int, bytes]) -> None:
    code = answer[0]
    if not 200 <= code < 300:
        raise _refusal(code)


def _expect_sender(answer: tuple[int, bytes]) -> None:
    if not 200 <= answer[0] < 300:
        raise TryLater("notifications.sender_refused")  # ours to mend


def _refusal(code: int) -> Rejected | TryLater:
    if code >= _PERMANENT:
        return Rejected("notifications.refused_by_server")
    return TryLater("notifications.server_busy")
