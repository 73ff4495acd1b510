"""The system's libcrypto, as far as SM2 needs it: OpenSSL 3, asked by ctypes. No Django.

What fails leaves nothing in OpenSSL's queue of errors, which Python's own TLS reads in the same thread.
"""

import ctypes
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_void_p
from functools import cache
from typing import Any

from yizhengtong.credentials.keys.errors import KeyProblem

NAME = "libcrypto.so.3"
_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "BN_bn2binpad": (c_int, (c_void_p, c_char_p, c_int)),
    "BN_clear_free": (None, (c_void_p,)),
    "CRYPTO_free": (None, (c_void_p, c_char_p, c_int)),
    "ERR_clear_error": (None, ()),
    "EVP_DigestSign": (c_int, (c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t)),
    "EVP_DigestSignInit": (c_int, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "EVP_DigestVerify": (c_int, (c_void_p, c_char_p, c_size_t, c_char_p, c_size_t)),
    "EVP_DigestVerifyInit": (c_int, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "EVP_MD_CTX_free": (None, (c_void_p,)),
    "EVP_MD_CTX_new": (c_void_p, ()),
    "EVP_MD_CTX_set_pkey_ctx": (None, (c_void_p, c_void_p)),
    "EVP_PKEY_CTX_free": (None, (c_void_p,)),
    "EVP_PKEY_CTX_new": (c_void_p, (c_void_p, c_void_p)),
    "EVP_PKEY_CTX_new_from_name": (c_void_p, (c_void_p, c_char_p, c_char_p)),
    "EVP_PKEY_CTX_set1_id": (c_int, (c_void_p, c_char_p, c_int)),
    "EVP_PKEY_free": (None, (c_void_p,)),
    "EVP_PKEY_generate": (c_int, (c_void_p, POINTER(c_void_p))),
    "EVP_PKEY_get_bn_param": (c_int, (c_void_p, c_char_p, POINTER(c_void_p))),
    "EVP_PKEY_is_a": (c_int, (c_void_p, c_char_p)),
    "EVP_PKEY_keygen_init": (c_int, (c_void_p,)),
    "EVP_sm3": (c_void_p, ()),
    "d2i_AutoPrivateKey": (c_void_p, (c_void_p, POINTER(c_char_p), ctypes.c_long)),
    "d2i_PUBKEY": (c_void_p, (c_void_p, POINTER(c_char_p), ctypes.c_long)),
    "i2d_PUBKEY": (c_int, (c_void_p, POINTER(c_void_p))),
}


class Refused(Exception):
    """libcrypto refused: a malformed key, or a signature that is none. It says nothing of the content."""


@cache
def library() -> Any:
    """Return libcrypto with typed functions. Raises KeyProblem `keys.libcrypto_missing`."""
    try:
        found = ctypes.CDLL(NAME)
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(found, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError):
        raise KeyProblem("keys.libcrypto_missing", library=NAME) from None
    return found


class PrivateOrPublicKey:
    """A key held by libcrypto; freed with this object. It may be used by several threads at once."""

    __slots__ = ("_free", "pointer")

    def __init__(self, pointer: int) -> None:
        self.pointer, self._free = pointer, library().EVP_PKEY_free

    def __del__(self) -> None:
        self._free(self.pointer)

    def public_der(self) -> bytes:
        """Return its SubjectPublicKeyInfo."""
        written = c_void_p()
        size = library().i2d_PUBKEY(self.pointer, byref(written))
        if size <= 0 or not written.value:
            raise _refused()
        try:
            return ctypes.string_at(written.value, size)
        finally:
            library().CRYPTO_free(written, b"", 0)

    def private_number(self, size: int) -> bytes:
        """Return its private number in `size` bytes, big end first."""
        number, written = c_void_p(), ctypes.create_string_buffer(size)
        if library().EVP_PKEY_get_bn_param(self.pointer, b"priv", byref(number)) != 1:
            raise _refused()
        try:
            if library().BN_bn2binpad(number, written, size) != size:
                raise _refused()
            return written.raw
        finally:
            library().BN_clear_free(number)


def generate(kind: bytes) -> PrivateOrPublicKey:
    """Make a key. Raises KeyProblem `keys.algorithm_missing` where this libcrypto was built without the algorithm."""
    context = library().EVP_PKEY_CTX_new_from_name(None, kind, None)
    made = c_void_p()
    try:
        is_made = context and library().EVP_PKEY_keygen_init(context) == 1
        if not is_made or library().EVP_PKEY_generate(context, byref(made)) != 1 or not made.value:
            library().ERR_clear_error()
            raise KeyProblem("keys.algorithm_missing", library=NAME, algorithm=kind.decode())
        return PrivateOrPublicKey(made.value)
    finally:
        library().EVP_PKEY_CTX_free(context)


def public_key(der: bytes, kind: bytes) -> PrivateOrPublicKey:
    """Read a SubjectPublicKeyInfo. Raises Refused, also for a point that is not on the curve."""
    return _read(library().d2i_PUBKEY, der, kind)


def private_key(der: bytes, kind: bytes) -> PrivateOrPublicKey:
    """Read a private key (PKCS #8). Raises Refused."""
    return _read(library().d2i_AutoPrivateKey, der, kind)


def sign(key: PrivateOrPublicKey, data: bytes, identity: bytes, longest: int) -> bytes:
    """Return the signature in DER over SM3 of `data`, with the signer's identity. `longest`: most bytes it may have."""
    with _Signing(key, identity) as context:
        signature, size = ctypes.create_string_buffer(longest), c_size_t(longest)
        if library().EVP_DigestSignInit(context, None, library().EVP_sm3(), None, key.pointer) != 1:
            raise _refused()
        if library().EVP_DigestSign(context, signature, byref(size), data, len(data)) != 1:
            raise _refused()
        return signature.raw[: size.value]


def verifies(key: PrivateOrPublicKey, data: bytes, signature: bytes, identity: bytes) -> bool:
    """Whether a signature in DER is the key's over SM3 of `data`, with the signer's identity."""
    with _Signing(key, identity) as context:
        if library().EVP_DigestVerifyInit(context, None, library().EVP_sm3(), None, key.pointer) != 1:
            raise _refused()
        answer: int = library().EVP_DigestVerify(context, signature, len(signature), data, len(data))
        is_signed = answer == 1
        if not is_signed:
            library().ERR_clear_error()
        return is_signed


class _Signing:
    """A digest's context bound to a key's with its identity set, as EVP_PKEY-SM2(7) has it; freed on the way out."""

    def __init__(self, key: PrivateOrPublicKey, identity: bytes) -> None:
        self._digest = library().EVP_MD_CTX_new()
        self._of_key = library().EVP_PKEY_CTX_new(key.pointer, None)
        self._identity = identity

    def __enter__(self) -> Any:
        if not self._digest or not self._of_key:
            self._free()
            raise _refused()
        if library().EVP_PKEY_CTX_set1_id(self._of_key, self._identity, len(self._identity)) != 1:
            self._free()
            raise _refused()
        library().EVP_MD_CTX_set_pkey_ctx(self._digest, self._of_key)
        return self._digest

    def __exit__(self, *_: object) -> None:
        self._free()

    def _free(self) -> None:
        library().EVP_MD_CTX_free(self._digest)
        library().EVP_PKEY_CTX_free(self._of_key)


def _read(reader: Any, der: bytes, kind: bytes) -> PrivateOrPublicKey:
    at = c_char_p(der)
    pointer = reader(None, byref(at), len(der))
    if not pointer:
        raise _refused()
    key = PrivateOrPublicKey(pointer)
    if library().EVP_PKEY_is_a(pointer, kind) != 1:
        raise _refused()
    return key


def _refused() -> Refused:
    library().ERR_clear_error()
    return Refused()
