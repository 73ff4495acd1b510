"""What goes wrong with issuer keys: the vault's KeyProblem, with codes `keys.…` (texts.yaml). Never key material."""

from yizhengtong.foundation.vault.errors import KeyProblem

__all__ = ["KeyProblem"]
