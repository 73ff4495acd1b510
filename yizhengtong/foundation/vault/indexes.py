"""Blind indexes: keyed hashes by which a personal value is found without being readable.

The same number under another purpose gives another index, so that two tables cannot be joined by a thief.
"""

from yizhengtong.foundation.vault.keyring import keyring

_INDEX_BYTES = 16  # 128 bits: no two of a billion values meet


def blind_index(purpose: str, value: str) -> bytes:
    """Return 16 bytes that stand for `value` (already in its normal form) in the index named `purpose`."""
    return keyring().mac(f"{purpose}\0{value}".encode())[:_INDEX_BYTES]


def keyed_digest(purpose: str, digest: bytes) -> bytes:
    """Return 32 bytes that stand for the plain digest of something that could be guessed, such as a request."""
    return keyring().mac(purpose.encode() + b"\0" + digest)


def bigram_indexes(purpose: str, text: str) -> list[str]:
    """Return the indexes of each pair of neighbouring characters of a name, as 16 hexadecimal digits, sorted.

    A search gives the pairs of the word looked for: the names that hold them all are found. A name of one character is
    its own pair.
    """
    letters = "".join(text.split()).casefold()
    pairs = {letters[at : at + 2] for at in range(max(len(letters) - 1, 1))} - {""}
    return sorted(blind_index(purpose, pair)[:8].hex() for pair in pairs)


def cache_key(key: str, key_prefix: str, version: int) -> str:
    """Return the name under which Django's cache keeps something: keys hold addresses and hashes of user names."""
    return blind_index("cache", f"{key_prefix}:{version}:{key}").hex()
