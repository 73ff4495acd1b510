"""What goes wrong with keys and envelopes. Codes and ids of keys only: never content, never key material."""

from yizhengtong.kernel.errors import Conflict


class UnknownEnvelope(Conflict):
    """Bytes that do not open here.

    Codes: `vault.not_an_envelope`, `vault.key_unknown`, `vault.key_retired`, `vault.damaged` (changed, cut, moved to
    another place, or sealed with another key of the same id).
    """


class KeyProblem(Conflict):
    """A key cannot be had or used. Codes: `vault.no_key`, `vault.master_…`, `vault.wrapped_key_damaged`."""
