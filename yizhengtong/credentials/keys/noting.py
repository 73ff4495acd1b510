"""What is done to keys, in the audit trail."""

from collections.abc import Sequence

from yizhengtong.credentials.keys.models import Authority, IssuerKey
from yizhengtong.foundation.audit.trail import Actor, record_act


def note(action: str, about: IssuerKey | Authority, by: Actor | None, fields: Sequence[str] = ()) -> None:
    """Record an act on a key. Nobody acted where a deployment's first keys came with its tables: that is no entry."""
    if by is not None:
        kind = "issuer_key" if isinstance(about, IssuerKey) else "authority"
        record_act(f"keys.{action}", by=by, on=(kind, about.pk), person_id=None, fields=fields)
