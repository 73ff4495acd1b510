"""What goes when a person's working data go: ended links, and what was written in questions that are decided."""

from uuid import UUID

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.history import forget_history
from yizhengtong.foundation.transactions import use_case
from yizhengtong.verification.links.models import Link, Ticket


@use_case
def forget_links(*, person_id: UUID) -> int:
    """Delete a person's ended links with their history, and the words of decided questions. Returns how many links."""
    ended = Link.objects.select_for_update().filter(person_id=person_id, state=Link.State.ENDED)
    keys = list(ended.values_list("pk", flat=True))
    Link.objects.filter(pk__in=keys).delete()
    forget_history(Link, keys)
    decided = list(
        Ticket.objects.select_for_update(of=("self",)).filter(person_id=person_id, state=Ticket.State.DECIDED)
    )
    for ticket in decided:
        ticket.words = ticket.answer = ticket.number = ""
        ticket.version += 1
        ticket.save(update_fields=["words", "answer", "number", "version"])
    forget_history(Ticket, [each.pk for each in decided])
    if keys or decided:
        record_act("links.forget", by=SYSTEM, on=("retention", None), person_id=person_id, purpose="retention",
                   fields=[f"links:{len(keys)}", f"questions:{len(decided)}"])  # fmt: skip
    return len(keys)
