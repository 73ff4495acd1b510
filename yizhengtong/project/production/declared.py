"""What the operator declared: hosts, proxy, secrets, services, contact, backups."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error

from yizhengtong.project.production.weakness import production_check, weakness

_LEAST_CHARACTERS = 50
_LEAST_KEY_CHARACTERS = 32
_LEAST_DIFFERENT = 8
_LOCAL = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
_PUBLISHED = ("django-insecure-", "changeme", "secret")


@production_check
def is_declared() -> Iterator[Error]:
    """Production mode itself, and nothing of development in it."""
    if not settings.YZT_PRODUCTION:
        yield weakness("production.not_declared")
    if settings.DEBUG:
        yield weakness("production.debug")


@production_check
def is_reached_through_tls() -> Iterator[Error]:
    """Names under which residents reach it, and a proxy that ends TLS and says so."""
    hosts = set(settings.ALLOWED_HOSTS)
    if any(host.startswith(("*", ".")) for host in hosts):
        yield weakness("production.hosts_any")
    if not hosts - _LOCAL:
        yield weakness("production.hosts_local")
    if not settings.SECURE_PROXY_SSL_HEADER:
        yield weakness("production.proxy_not_declared")
    elif not settings.CONFIGURATION.trusted_proxies:
        yield weakness("production.proxies_not_counted")


@production_check
def issuer_is_named() -> Iterator[Error]:
    """The address that credentials and certificates name for good."""
    if not settings.YZT_ADDRESS.startswith("https://"):
        yield weakness("production.address_missing")


@production_check
def secret_is_strong() -> Iterator[Error]:
    """The key that signs sessions: long and random. Those of the vault it makes itself."""
    secret = settings.SECRET_KEY
    is_published = secret.lower().startswith(_PUBLISHED)
    if is_published or len(secret) < _LEAST_CHARACTERS or len(set(secret)) < _LEAST_DIFFERENT:
        yield weakness("production.secret_key_weak", least=_LEAST_CHARACTERS)


@production_check
def services_are_real() -> Iterator[Error]:
    """A scanner that knows viruses, and photo receipts from the service that gave them."""
    if not settings.YZT_CLAMD:
        yield weakness("production.scanner_fake")
    if not settings.YZT_PHOTO_SERVICE:
        yield weakness("production.photo_receipts_from_files")
    elif urlsplit(settings.YZT_PHOTO_SERVICE).scheme != "https":
        yield weakness("production.photo_service_open")


@production_check
def messages_go_out() -> Iterator[Error]:
    """A way out for SMS and one for e-mail, each through TLS or on this machine."""
    mail: dict[str, Any] = dict(settings.YZT_SMTP)
    sms: dict[str, Any] = dict(settings.YZT_SMS)
    if not mail["server"]:
        yield weakness("production.email_nowhere")
    elif mail["security"] == "none" and _host_of(mail["server"]) not in _LOCAL:
        yield weakness("production.smtp_open")
    if not sms["gateway"] and not sms["smpp"]:
        yield weakness("production.sms_nowhere")
    elif sms["gateway"] and len(sms["gateway_key"]) < _LEAST_KEY_CHARACTERS:
        yield weakness("production.sms_key_weak", least=_LEAST_KEY_CHARACTERS)
    elif sms["smpp"] and not sms["gateway"] and not sms["smpp_tls"] and _host_of(sms["smpp"]) not in _LOCAL:
        yield weakness("production.smpp_open")


def _host_of(address: str) -> str:
    return address.rpartition(":")[0] if ":" in address else address


@production_check
def somebody_answers() -> Iterator[Error]:
    """Who is told to people as the one that handles their data (个人信息保护法 arts. 17 and 57)."""
    if not settings.YZT_CONTACT.strip():
        yield weakness("production.contact_missing")


@production_check
def backups_are_declared() -> Iterator[Error]:
    """A folder that backups go to."""
    if settings.CONFIGURATION.backups is None:
        yield weakness("production.backups_nowhere")
