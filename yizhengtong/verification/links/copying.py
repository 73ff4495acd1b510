"""Links and questions about them, for the copy of one's own data."""

from yizhengtong.kernel.ids import public_id
from yizhengtong.registry.people.copies import Row
from yizhengtong.registry.people.models import Person
from yizhengtong.verification.links.models import Link, Ticket


def links_in_copy(person: Person) -> list[Row]:
    """Return every link of a person, the oldest first; the numbers stand among the person's numbers."""
    return [
        {
            "id": public_id("lnk", each.pk), "kind": each.travel_kind, "proof": each.proof, "state": each.state,
            "agreed_on_paper": each.agreed_on_paper, "linked_at": each.linked_at, "ended_at": each.ended_at,
            "end_reason": each.end_reason,
        }
        for each in Link.objects.filter(person=person).order_by("id")
    ]  # fmt: skip


def questions_in_copy(person: Person) -> list[Row]:
    """Return every question asked about a person's link, the oldest first; who decided is not named."""
    return [
        {
            "id": public_id("lkt", each.pk), "about": each.kind, "kind": each.travel_kind, "number": each.number,
            "words": each.words, "opened_on": each.opened_on, "due_on": each.due_on, "state": each.state,
            "decision": each.decision, "remedy": each.remedy, "answer": each.answer, "decided_on": each.decided_on,
        }
        for each in Ticket.objects.filter(person=person).order_by("id")
    ]  # fmt: skip
