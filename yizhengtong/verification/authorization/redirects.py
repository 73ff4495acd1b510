"""Where an answer may be sent: exactly what a client registered, or what an unregistered wallet pushed, within bounds.

Nobody is redirected anywhere but to an address that came in the request pushed by the client itself and was shown to
the resident. Wallets use schemes of their own (RFC 8252 7.1) that nobody registers; those that a browser or the system
would act upon itself are refused.
"""

import re
from collections.abc import Sequence
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit, urlunsplit

LONGEST = 500
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{2,63}")
_HOST = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?")
"""What stands in a content policy and before a resident's eyes holds no sign that ends a directive or is decoded."""
_LOOPBACK = {"127.0.0.1", "::1"}
_ACTED_UPON = frozenset({
    *("about", "blob", "cid", "content", "data", "dict", "feed", "file", "filesystem", "ftp", "ftps", "git", "gopher"),
    *("imap", "intent", "irc", "jar", "javascript", "ldap", "livescript", "mailto", "market", "mid", "mms", "mocha"),
    *("news", "nfs", "nntp", "openid4vp", "pop", "resource", "rsync", "rtsp", "search", "sftp", "shell", "sip", "sips"),
    *("sms", "smsto", "ssh", "svn", "tel", "telnet", "urn", "vbscript", "view-source", "vnc", "webcal"),
    *("ws", "wss", "xmpp"),
})  # fmt: skip
_ACTED_UPON_PREFIXES = ("android-", "chrome", "edge", "moz-", "ms-", "opera", "safari-", "x-apple")


def is_allowed(uri: str, registered: Sequence[str] | None) -> bool:
    """Whether an answer may be sent there: if registered, letter by letter (RFC 9700 2.1); else of a wallet's kind."""
    if registered is not None:
        return uri in registered
    parts = _parts(uri)
    if parts is None:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname)
    if parts.scheme == "http":  # RFC 8252 7.3: a program on the same machine
        return parts.hostname in _LOOPBACK
    is_own = _SCHEME.fullmatch(parts.scheme) and parts.scheme not in _ACTED_UPON
    return bool(is_own) and not parts.scheme.startswith(_ACTED_UPON_PREFIXES) and "://" in uri


def answered(uri: str, parameters: dict[str, str]) -> str:
    """Return the address with an answer added to its query; what stands in it stays."""
    parts = urlsplit(uri)
    added = urlencode({name: value for name, value in parameters.items() if value})
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))


def source_of(uri: str) -> str:
    """Return what a content policy calls the place of an address: its origin, or a wallet's own scheme."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} else f"{parts.scheme}:"


def place_of(uri: str) -> str:
    """Return what a person is told of an address: its host, or the app's scheme."""
    parts = urlsplit(uri)
    return parts.netloc if parts.scheme in {"http", "https"} else f"{parts.scheme}://"


def _parts(uri: str) -> SplitResult | None:
    """Return the parts of an address that can be read in one way only."""
    is_plain = uri.isascii() and uri.isprintable() and not set(uri) & set(' "<>\\^`{|}') and len(uri) <= LONGEST
    try:
        parts = urlsplit(uri)
        parts.port  # noqa: B018 raises for what is none
    except ValueError:
        return None
    has_answer = {"code", "error", "iss", "state"} & parse_qs(parts.query, keep_blank_values=True).keys()
    has_host = parts.scheme not in {"http", "https"} or _HOST.fullmatch(parts.netloc)
    is_one_way = is_plain and "#" not in uri and "@" not in parts.netloc and has_host and not has_answer
    return parts if is_one_way else None
