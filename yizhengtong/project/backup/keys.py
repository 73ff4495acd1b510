"""The keys, apart from every backup: which they are, sealed to a passphrase or a public key, and put back.

The bundle is one JSON document. By passphrase its key comes from scrypt; for a recipient from X25519 with an ephemeral
key and HKDF, so that who makes the bundle cannot open it. Either way the content is sealed by AES-256-GCM.
"""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from django.conf import settings

from yizhengtong.foundation.vault.models import DataKey
from yizhengtong.kernel.errors import Conflict, Invalid
from yizhengtong.project.backup.manifest import write_durably

_PURPOSE = b"yizhengtong keys 1"
_SCRYPT = {"n": 2**17, "r": 8, "p": 1}
_LEAST_PASSPHRASE = 16
_NONCE_BYTES = 12
_PEM = serialization.Encoding.Raw, serialization.PublicFormat.Raw
_SECRET, _MASTER, _AUDIT = "secret_key", "master", "audit"
_MADE_AT_START = frozenset({_SECRET, "metrics_token"})
"""Made by whatever command runs first, and no data depend on them: what is there already stays."""

_TOKEN = "token"  # noqa: S105 a word for a check value


def key_folder() -> Path:
    """Return the folder that generated keys lie in."""
    return Path(settings.CONFIGURATION.home) / "keys"


def audit_folder() -> Path:
    """Return the folder of the keys that sign the trail's checkpoints: the sealer's."""
    return Path(settings.CONFIGURATION.audit_keys or key_folder() / _AUDIT)


def master_file() -> Path | None:
    """Return the file of the vault's master keys, None where a token holds them."""
    return None if settings.YZT_KEYS.startswith("pkcs11:") else Path(settings.YZT_KEYS)


def key_files() -> set[Path]:
    """Return every file that holds a key: those of the keys' folder, the master keys' and the sealer's wherever."""
    master, signing = master_file(), list(audit_folder().glob("*.key"))
    others = [path for path in key_folder().rglob("*") if path.parent != audit_folder()]
    return {path for path in (master, *signing, *others) if path is not None and _is_ours_to_see(path)}


def _is_ours_to_see(path: Path) -> bool:
    """Whether this account sees a file there: the sealer's does not see the vault's keys, and is not to."""
    try:
        return path.is_file()
    except PermissionError:
        return False


def check_values() -> dict[str, str]:
    """Return the master keys that wrap keys of this database, each with the start of an HMAC under it.

    It tells one key from another without telling the key. A token's keys have only their name.
    """
    names = DataKey.objects.exclude(wrapped=b"").values_list("master", flat=True).distinct()
    held = held_masters()
    return {name: _check_value(held[name]) if name in held else _TOKEN for name in names}


def missing_master(wanted: Mapping[str, str]) -> str | None:
    """Return the name of a master key that a backup needs and that is not the one held here, None when all are."""
    held = held_masters()
    here = {name: _check_value(secret) for name, secret in held.items()}
    return next((name for name, value in wanted.items() if value not in (_TOKEN, here.get(name))), None)


def held_masters() -> dict[str, str]:
    """Return the secrets of the master keys' file by name; none where there is no file."""
    path = master_file()
    lines = path.read_text(encoding="ascii").splitlines() if path is not None and path.exists() else []
    pairs = (line.split() for line in lines if line.strip())
    return {pair[0]: pair[-1] for pair in pairs}


def _check_value(secret: str) -> str:
    return hmac.new(secret.encode(), _PURPOSE, hashlib.sha256).hexdigest()[:16]


def seal_keys(*, passphrase: str = "", recipient: X25519PublicKey | None = None) -> bytes:
    """Return the bundle of all keys, sealed. Raises Invalid `backup.passphrase_short`."""
    content = json.dumps(_collected()).encode()
    nonce = os.urandom(_NONCE_BYTES)
    if recipient is not None:
        ephemeral = X25519PrivateKey.generate()
        how = {"to": "x25519", "ephemeral": _text(ephemeral.public_key().public_bytes(*_PEM))}
        key = _agreed(ephemeral.exchange(recipient))
    else:
        if len(passphrase) < _LEAST_PASSPHRASE:
            raise Invalid("backup.passphrase_short", least=_LEAST_PASSPHRASE)
        salt = os.urandom(16)
        how = {"to": "passphrase", "salt": _text(salt)}
        key = _derived(passphrase, salt)
    sealed = AESGCM(key).encrypt(nonce, content, _PURPOSE)
    return json.dumps({**how, "nonce": _text(nonce), "content": _text(sealed)}).encode() + b"\n"


def open_keys(bundle: bytes, *, passphrase: str = "", private: X25519PrivateKey | None = None) -> Mapping[str, bytes]:
    """Return the keys' contents by their names in the bundle. Raises Invalid `backup.keys_unreadable`."""
    try:
        known: dict[str, Any] = json.loads(bundle)
        if private is not None:
            key = _agreed(private.exchange(X25519PublicKey.from_public_bytes(_bytes(known["ephemeral"]))))
        else:
            key = _derived(passphrase, _bytes(known["salt"]))
        content = AESGCM(key).decrypt(_bytes(known["nonce"]), _bytes(known["content"]), _PURPOSE)
        return {name: _bytes(value) for name, value in json.loads(content).items()}
    except (InvalidTag, ValueError, KeyError, TypeError):
        raise Invalid("backup.keys_unreadable") from None


def put_back(keys: Mapping[str, bytes]) -> list[Path]:
    """Write the keys where they belong here. Raises Conflict `backup.keys_exist` before anything is written."""
    targets = {_place_of(name): content for name, content in keys.items()}
    for path in targets:
        is_other = path.exists() and path.read_bytes() != targets[path] and path.name not in _MADE_AT_START
        if ".." in path.parts or is_other:
            raise Conflict("backup.keys_exist", path=path)
    for path, content in targets.items():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            write_durably(path, content)
    return sorted(targets)


def _collected() -> dict[str, str]:
    """Return every key by its name in the bundle; one that came from the environment goes into its file's place."""
    found = {_SECRET: str(settings.SECRET_KEY).encode()}
    for path in key_files():
        found.setdefault(_name_of(path), path.read_bytes())
    return {name: _text(content) for name, content in sorted(found.items())}


def _name_of(path: Path) -> str:
    """Return what a key is called in the bundle, wherever this installation keeps it."""
    if path == master_file():
        return _MASTER
    if path.parent == audit_folder():
        return f"{_AUDIT}/{path.name}"
    return path.relative_to(key_folder()).as_posix()


def _place_of(name: str) -> Path:
    """Return where a key of the bundle belongs in this installation."""
    if name == _MASTER:
        return master_file() or key_folder() / name
    parent, _, rest = name.rpartition("/")
    return audit_folder() / rest if parent == _AUDIT else key_folder() / name


def _derived(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, **_SCRYPT).derive(passphrase.encode())


def _agreed(shared: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_PURPOSE).derive(shared)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
