"""What is asked of who comes without an application."""

from collections.abc import Sequence
from typing import Any

from django import forms

from yizhengtong.foundation.pages.forms import Checks, Day, PageForm, Radios
from yizhengtong.foundation.texts import base_of
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.law.parameter import ServiceItem
from yizhengtong.permitting.casework.services.walk_ins import Newcomer, Stay
from yizhengtong.registry.people.households import Household

KINDS = (
    DocumentKind.HRP,
    DocumentKind.HRP_NON_CHINESE,
    DocumentKind.MTP_TAIWAN_FIVE_YEAR,
    DocumentKind.MTP_TAIWAN_ONE_TIME,
    DocumentKind.RESIDENT_ID,
)
REGIONS, SEXES, CLAIMS = ("HK", "MO", "TW", "CN"), ("F", "M"), ("employment", "dwelling", "study")
MAINLAND = "CN"
READ = ("name", "latin_name", "birth_date", "sex", "region", "valid_until")
"""What a document reader tells besides kind and number."""


class ShownForm(PageForm):
    """The document on the counter; a reader fills in the rest unseen."""

    words = "desk.shown."
    kind = forms.ChoiceField(widget=Radios)
    number = forms.CharField(
        max_length=32, widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"})
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (str(kind), self.reader.say(f"desk.number.{kind}")) for kind in KINDS
        ]


class AskForm(PageForm):
    """Why a minor's record must be opened at the counter."""

    words = "desk.minor."
    why = forms.CharField(max_length=300, widget=forms.Textarea)


class PersonForm(PageForm):
    """Who somebody is, as printed on the document."""

    words = "desk.person."
    name = forms.CharField(max_length=60)
    latin_name = forms.CharField(max_length=80, required=False)
    birth_date = forms.DateField(widget=Day)
    sex = forms.ChoiceField(widget=Radios)
    region = forms.ChoiceField(widget=Radios)
    valid_until = forms.DateField(widget=Day, required=False)
    hukou_region = forms.RegexField(r"^[0-9]{6}$", required=False)
    hukou_address = forms.CharField(max_length=200, required=False)
    nation = forms.CharField(max_length=20, required=False)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        say = self.reader.say
        self.fields["sex"].choices = [(each, say(f"desk.sex.{each}")) for each in SEXES]  # type: ignore[attr-defined]
        self.fields["region"].choices = [  # type: ignore[attr-defined]
            (each, say(f"desk.region.{each}")) for each in REGIONS
        ]

    def newcomer(self) -> Newcomer:
        """Return what was said; a household register belongs to mainland persons alone."""
        said = self.cleaned_data
        household = Household(said["hukou_region"], said["hukou_address"], said["nation"])
        return Newcomer(
            said["name"],
            said["birth_date"],
            said["sex"],
            said["region"],
            said["latin_name"],
            household if said["region"] == MAINLAND else None,
        )


class WindowForm(PageForm):
    """The application, filled in by the clerk from what the applicant says."""

    words = "desk.apply."
    item = forms.ChoiceField(widget=Radios)
    ground = forms.ChoiceField(required=False)
    residence_address = forms.CharField(max_length=200)
    lives_since = forms.DateField(widget=Day, required=False)
    phone = forms.RegexField(r"^\+?[0-9 -]{5,19}$", max_length=20)
    claims = forms.MultipleChoiceField(widget=Checks, required=False)
    delivery = forms.ChoiceField(widget=Radios)
    delivery_address = forms.CharField(max_length=200, required=False)
    declares_own_will = forms.BooleanField()
    declares_true = forms.BooleanField()
    acknowledges_cancellation = forms.BooleanField(required=False)

    def __init__(self, *args: Any, items: Sequence[ServiceItem], **named: Any) -> None:
        super().__init__(*args, **named)
        say, language = self.reader.say, base_of(self.reader.language)
        grounds = dict.fromkeys(ground for item in items for ground in item.grounds)
        choices = {
            "item": [(item.code, item.name.in_language(language)) for item in items],
            "ground": [("", say("desk.none")), *((each, say(f"applications.ground_{each}")) for each in grounds)],
            "claims": [(each, say(f"applications.claim_{each}")) for each in CLAIMS],
            "delivery": [(each, say(f"desk.answer.delivery.{each}")) for each in ("collect", "post")],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]

    def answers(self, service_point: str) -> dict[str, Any]:
        """Return the answers as an application keeps them; what was left empty is not among them."""
        names = (
            "residence_address",
            "phone",
            "delivery",
            "delivery_address",
            "declares_own_will",
            "declares_true",
            "acknowledges_cancellation",
        )
        said = {name: self.cleaned_data[name] for name in names if self.cleaned_data[name]}
        return {**said, "service_point": service_point}

    def stay(self) -> Stay | None:
        """Return the stay to register with it, where the applicant says since when."""
        since = self.cleaned_data["lives_since"]
        return Stay(self.cleaned_data["residence_address"], since) if since else None
