"""A draft as its pages see it: the application with its law, item, facts and papers, each looked up once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.pages.reader import Reader, reader_of
from yizhengtong.foundation.pages.serving import SeeOther, signed_in
from yizhengtong.foundation.texts import base_of, say
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.kernel.regions import ancestors, name_of
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import RequiredDocument, ServiceItem
from yizhengtong.law.schema import Names
from yizhengtong.permitting.applications.facts import Facts
from yizhengtong.permitting.applications.models import Application, ApplicationState, Confirmation, Evidence
from yizhengtong.permitting.applications.policies import ensure_may_touch
from yizhengtong.permitting.applications.rules import is_asked_for
from yizhengtong.permitting.casework.gathering import gather_facts, law_for
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.rules import is_accepted_online
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import living_in_family
from yizhengtong.registry.people.models import Person
from yizhengtong.sites.resident.acting import own_person

_HMT_WORDS = {
    "zh-Hans": "港澳台居民居住证",
    "zh-Hant": "港澳台居民居住證",
    "en": "residence permit",
}
_REGIONS = {"HK", "MO", "TW"}


@dataclass(eq=False)
class Draft:
    """An application and who reads it. `application` is a draft, or submitted where papers may still come."""

    application: Application
    reader: Reader
    acting: Person
    on: date

    @property
    def by(self) -> Principal:
        """Who is signed in: pages of drafts are only reached signed in."""
        if self.reader.principal is None:
            raise NotFound("not_found")
        return self.reader.principal

    @property
    def id(self) -> str:
        return public_id("apl", self.application.pk)

    @property
    def is_draft(self) -> bool:
        return self.application.state == ApplicationState.DRAFT

    @cached_property
    def law(self) -> Law:
        return law_for(self.application.item, self.application.place, self.on)

    @cached_property
    def item(self) -> ServiceItem:
        return self.law.items[self.application.item]

    @cached_property
    def rules(self) -> frozenset[str]:
        """The conditions of the item, by rule."""
        return frozenset(condition.rule for condition in self.item.conditions)

    @cached_property
    def facts(self) -> Facts:
        return gather_facts(self.application, self.law)

    @cached_property
    def evidence(self) -> list[Evidence]:
        """The papers handed in and not taken back, the first one first."""
        found = Evidence.objects.filter(application=self.application, is_withdrawn=False).select_related("document")
        return list(found.order_by("id"))

    @cached_property
    def confirmations(self) -> Mapping[str, Confirmation]:
        """What registers said last, by kind of proof."""
        told = Confirmation.objects.filter(application=self.application).order_by("asked_at", "id")
        return {each.evidence: each for each in told}

    @cached_property
    def documents(self) -> list[RequiredDocument]:
        """The papers that the item asks of this application as it is filled in now."""
        return [each for each in self.item.documents if is_asked_for(each, self.facts, self.law, self.on)]

    @cached_property
    def permit(self) -> Permit | None:
        """The living permit that the item is about, a lost one too."""
        return living_in_family(self.application.person, self.item.permit_kind).first()

    @cached_property
    def is_online(self) -> bool:
        """Whether the system takes it in without a visit, so that every paper is needed online."""
        return is_accepted_online(self.item, self.law)

    @property
    def title(self) -> str:
        return item_title(self.item, self.reader.language, self.application.person.region)

    @property
    def place(self) -> str:
        return place_in_words(self.application.place)

    @property
    def region(self) -> str:
        """HK, MO or TW, for the words; empty for others."""
        region = self.application.person.region
        return region if region in _REGIONS else ""

    def say(self, code: str, **facts: object) -> str:
        """Return words as they are said about the applicant: 内地 or 大陆 by where they are from."""
        return say(code, self.reader.language, facts, region=self.region)

    def named(self, names: Names) -> str:
        """Return a name of the packs."""
        return names.in_language(base_of(self.reader.language))

    def address(self, name: str, *more: str) -> str:
        """Return the address of a page of this application."""
        return reverse(name, args=[self.id, *more])


def today() -> date:
    """Return the legal day."""
    return legal_day(timezone.now())


def draft_of(request: HttpRequest, application_id: str, *, also_submitted: bool = False) -> Draft:
    """Return an application of one's own or of somebody one may act for; the read is recorded.

    Raises NotFound; SeeOther to the case where it is submitted, unless `also_submitted`.
    """
    found = Application.objects.select_related("person").exclude(state=ApplicationState.DISCARDED)
    application = found.filter(pk=key_of(application_id)).first()
    if application is None:
        raise NotFound("not_found")
    acting = own_person(request)
    ensure_may_touch(application, acting, today())
    if application.state == ApplicationState.SUBMITTED and not also_submitted:
        raise SeeOther(case_address(application, done=request.method == "POST"))
    record_read(
        "applications.read", by=signed_in(request), on=("application", application.pk),
        person_id=application.person_id, purpose="own data",
    )  # fmt: skip
    return Draft(application, reader_of(request), acting, today())


def case_address(application: Application, *, done: bool = False) -> str:
    """Return the address of a submitted application's case; `done`: of the page that confirms its submission."""
    case_id = Case.objects.filter(application=application).values_list("pk", flat=True).first()
    if case_id is None:
        raise NotFound("not_found")
    return reverse("case-done" if done else "case", args=[public_id("cas", case_id)])


def key_of(application_id: str) -> UUID:
    """Return the key behind an application's public id. Raises NotFound."""
    return parse_public_id("apl", application_id)


def item_title(item: ServiceItem, language: str, region: str) -> str:
    """Return an item's name; the permit in it is called as it is where its holder is from (S1-031)."""
    base = base_of(language)
    name = item.name.in_language(base)
    if region not in _REGIONS:
        return name
    return name.replace(_HMT_WORDS[base], say(f"messages.permit_hmt_{region.lower()}", base))


def place_in_words(code: str) -> str:
    """Return a county with what it lies in, as one says it: 山东省济南市历下区."""
    names = [name_of(each) for each in reversed(ancestors(code)[:-1])]
    return "".join(name for name in (*names, name_of(code)) if name)
