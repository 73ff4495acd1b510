"""The room's Django app, and what it follows: consent taken back ends the link that rests on it."""

from django.apps import AppConfig


class LinksConfig(AppConfig):
    name = "yizhengtong.verification.links"
    label = "links"

    def ready(self) -> None:
        from yizhengtong.foundation.events.journal import subscribe
        from yizhengtong.foundation.events.models import Event
        from yizhengtong.registry.people.copies import add_part
        from yizhengtong.verification.links.copying import links_in_copy, questions_in_copy
        from yizhengtong.verification.links.forgetting import forget_links
        from yizhengtong.verification.links.queries import LINK_USE
        from yizhengtong.verification.links.services import end_without_consent

        def end(event: Event) -> None:
            if event.person_id is not None and event.facts.get("use") == LINK_USE:
                end_without_consent(person_id=event.person_id)

        def forget(event: Event) -> None:
            if event.person_id is not None:
                forget_links(person_id=event.person_id)

        add_part("links", links_in_copy)
        add_part("link_questions", questions_in_copy)
        subscribe("links.consents", frozenset({"consents.withdraw"}), end)
        subscribe("links.deletions", frozenset({"privacy.deleted"}), forget)
