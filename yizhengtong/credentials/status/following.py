"""What happens to permits and to the keys of the lists is noted down here, in order and once it is certain.

The note is one small row in the transaction that moves the subscription on: whatever dies afterwards, it stays until
the entries say what the permit's state means. What the event says of the permit is not looked at.
"""

from yizhengtong.credentials.status.models import Change
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.observability.jobs import wake
from yizhengtong.foundation.scope import once_a_request

OF_PERMITS = frozenset(
    f"permits.{action}"
    for action in (
        "suspend", "restore", "endorse", "report_loss", "report_found", "replace", "convert", "void", "end_functions",
    )
)  # fmt: skip
"""Every step that changes what `value_for` looks at. The making of a card and its hand-over do not."""
OF_KEYS = frozenset({"credentials.key_rotated", "credentials.key_lost"})
FOLLOWED = OF_PERMITS | OF_KEYS


def note_change(event: Event) -> None:
    """Note that entries of a permit may say something else now, or that tokens need another key."""
    if event.kind in OF_PERMITS:
        Change.objects.create(permit_id=event.object_id)
    once_a_request("status.wake", _wake)


def _wake() -> None:
    """Once a delivery is enough: what it noted becomes visible together."""
    wake("status.build")
