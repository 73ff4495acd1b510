"""Telling a holder that a code was ended because somebody kept guessing."""

from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.notifications.services import About, tell
from yizhengtong.kernel.dates import legal_day
from yizhengtong.registry.consents.recipients import recipient_of
from yizhengtong.registry.people.models import Person

KIND = "share_code_ended"


def tell_of_end(event: Event) -> None:
    """Tell whose code it was. Delivered twice it is told once: the message's key is the event's."""
    if event.person_id is None:
        return
    person = Person.objects.select_related("account").filter(pk=event.person_id).first()
    if person is not None:
        about = About("permit", event.object_id, event.pk.hex)
        tell(kind=KIND, to=recipient_of(person), about=about, facts={"day": legal_day(event.at)})
