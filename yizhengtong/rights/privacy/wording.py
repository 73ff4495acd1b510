"""People's rights in words, for whoever shows them: who looked, what a use of data is, how a request stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.texts import say
from yizhengtong.law.law import Law
from yizhengtong.law.values import DataUse
from yizhengtong.registry.consents.models import Consent
from yizhengtong.rights.privacy.history import Line


@dataclass(frozen=True, slots=True)
class WordedUse:
    """A use of one's data with everything that art. 17 wants told, without who receives them.

    `answer`: given, refused, withdrawn, or empty: never asked. `may_ask`: False once it was answered.
    """

    code: str
    title: str
    basis: str
    basis_words: str
    handler: str
    contact: str
    method: str
    kinds: tuple[str, ...]
    retention: str
    rights: str
    separate: tuple[str, ...]
    separate_words: tuple[str, ...]
    article: str
    answer: str
    may_ask: bool


def who_words(line: Line, organisations: Mapping[object, str], language: str) -> str:
    """Return who did it. `organisations`: names by key of who is no officer and no resident."""
    facts: dict[str, object] = {"organisation": organisations.get(line.entry.actor_id, "")}
    if line.officer is not None:
        facts = {
            "office": line.officer.office,
            "roles": [say(f"accounts.role_{role}", language) for role in line.officer.roles],
            "pseudonym": line.officer.pseudonym,
        }
    return say(f"privacy.who_{line.who}", language, facts)


def handler_name() -> str:
    """Return who handles the data here: the office above all others."""
    return Office.objects.filter(parent=None).values_list("name", flat=True).first() or ""


def worded_use(use: DataUse, newest: Consent | None, handler: str, language: str) -> WordedUse:
    """Return a use in words with the answer that counts."""
    return WordedUse(
        code=use.code,
        title=say(f"privacy.use_{use.code}", language),
        basis=use.basis,
        basis_words=say(f"privacy.basis_{use.basis}", language),
        handler=handler,
        contact=settings.YZT_CONTACT or say("privacy.contact_at_point", language),
        method=say(f"privacy.method_{use.code}", language),
        kinds=tuple(say(f"privacy.kind_{kind}", language) for kind in use.kinds),
        retention=say(f"privacy.keeps_{use.keeps}", language, {"days": settings.YZT_KEEP_WORK_DAYS}),
        rights=say("privacy.rights", language),
        separate=tuple(use.separate),
        separate_words=tuple(say(f"consents.apart_{each}", language) for each in use.separate),
        article=use.article,
        answer=newest.answer if newest else "",
        may_ask=use.basis == "consent" and newest is None,
    )


def kept_uses(law: Law) -> Sequence[DataUse]:
    """Return the uses whose data stay although deletion is asked: a statute keeps them."""
    uses: Sequence[DataUse] = law.value("consent.uses")
    return [use for use in uses if use.keeps != "work" and use.basis == "statutory_duty"]
