"""New passwords of the roles: clear in a file for the processes, as SCRAM verifiers in what the database is told."""

import base64
import hashlib
import hmac
import os
import secrets

from yizhengtong.project.database import PROCESS_ROLES

_ITERATIONS = 4096  # PostgreSQL's own; the passwords are 192 random bits, which no dictionary holds


def new_passwords(path: str) -> dict[str, str]:
    """Write a new password for every role to a new file that only its owner reads; return role → verifier.

    Raises FileExistsError: passwords that are in use are not overwritten.
    """
    passwords = {role: secrets.token_hex(24) for role in ("yzt_migrator", *PROCESS_ROLES)}
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{role} {password}\n" for role, password in passwords.items())
    return {role: verifier(password, secrets.token_bytes(16)) for role, password in passwords.items()}


def verifier(password: str, salt: bytes) -> str:
    """Return what PostgreSQL keeps of a password (RFC 5803), so that no statement and no log holds the password."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    encoded = [base64.b64encode(each).decode() for each in (salt, stored, server)]
    return f"SCRAM-SHA-256${_ITERATIONS}:{encoded[0]}${encoded[1]}:{encoded[2]}"
