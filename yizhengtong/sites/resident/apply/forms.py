"""The forms of an application, each one thing. What a field may hold is what the services take."""

from collections.abc import Sequence
from typing import Any
from unicodedata import category

from django import forms
from django.core.exceptions import ValidationError

from yizhengtong.foundation.pages.forms import Checks, PageForm, Radios
from yizhengtong.law.parameter import ServicePoint
from yizhengtong.permitting.casework.offering import offices_taking_in
from yizhengtong.registry.residence.queries import registrations_of
from yizhengtong.sites.resident.apply.drafts import Draft

_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs"})
_LONGEST_ADDRESS = 200
_POST = "post"


def can_be_printed(text: str) -> None:
    """Refuse control characters and those that turn the direction of writing; rare characters are welcome."""
    if any(category(letter) in _UNPRINTABLE for letter in text):
        raise ValidationError("", code="invalid")


class StepForm(PageForm):
    """A step's form: fields are answers of the draft, and begin with what stands there."""

    def __init__(self, data: Any = None, *, draft: Draft, **named: Any) -> None:
        self.draft = draft
        super().__init__(data, reader=draft.reader, initial=self.beginning(), **named)

    def beginning(self) -> dict[str, Any]:
        """Return what the fields begin with."""
        return dict(self.draft.application.answers)

    def answers(self) -> dict[str, Any]:
        """Return the answers to be kept."""
        return dict(self.cleaned_data)

    def claims(self) -> list[str] | None:
        """Return the claims made; None where the form is not about them."""
        return None


class FactsForm(StepForm):
    """Nothing is typed: what is known is looked at, and right."""

    words = "apply.facts."

    def answers(self) -> dict[str, Any]:
        return {"facts_checked": True}


class AddressForm(StepForm):
    words = "apply.address."
    residence_address = forms.CharField(
        max_length=_LONGEST_ADDRESS,
        validators=[can_be_printed],
        widget=forms.TextInput({"autocomplete": "street-address"}),
    )

    def beginning(self) -> dict[str, Any]:
        """Begin with the address of the stay registered last in this county."""
        begun = super().beginning()
        if not begun.get("residence_address"):
            application = self.draft.application
            stays = registrations_of(application.person, self.draft.by, "own data")
            here = [stay for stay in stays if stay.region == application.place]
            begun["residence_address"] = str(here[-1].address) if here else ""
        return begun


class PhoneForm(StepForm):
    words = "apply.phone."
    phone = forms.RegexField(
        r"^\+?[0-9 -]{5,19}$",
        max_length=20,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )


class PointForm(StepForm):
    words = "apply.point."
    service_point = forms.ChoiceField(widget=Radios)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["service_point"].choices = points_of(self.draft)  # type: ignore[attr-defined]


def points_of(draft: Draft) -> list[tuple[str, str]]:
    """Return the service points to choose from: code, and name with address and telephone where they are known."""
    told = {point.code: point for point in draft.law.service_points}
    return [
        (office.code, " · ".join((office.name, *_where(told.get(office.code)))))
        for office in offices_taking_in(draft.law, draft.application.place)
    ]


def _where(point: ServicePoint | None) -> tuple[str, ...]:
    return tuple(each for each in (point.address, point.phone) if each) if point else ()


class DeliveryForm(StepForm):
    words = "apply.delivery."
    delivery = forms.ChoiceField(widget=Radios)
    delivery_address = forms.CharField(
        max_length=_LONGEST_ADDRESS,
        required=False,
        validators=[can_be_printed],
        widget=forms.TextInput({"autocomplete": "shipping street-address"}),
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        modes = self.draft.law.value("delivery.modes")
        self.fields["delivery"].choices = [  # type: ignore[attr-defined]
            (mode, self.draft.say(f"apply.delivery.{mode}")) for mode in modes
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("delivery") == _POST and not cleaned.get("delivery_address"):
            self.add_error("delivery_address", self.draft.say("applications.delivery_address_needed"))
        return cleaned


class ClaimsForm(StepForm):
    words = "apply.claims."
    made = forms.MultipleChoiceField(widget=Checks)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        allowed = self.draft.law.value("claims.any_of")
        self.fields["made"].choices = [  # type: ignore[attr-defined]
            (claim, self.draft.say(f"applications.claim_{claim}")) for claim in allowed
        ]

    def beginning(self) -> dict[str, Any]:
        return {"made": self.draft.application.claims}

    def answers(self) -> dict[str, Any]:
        return {}

    def claims(self) -> list[str] | None:
        return list(self.cleaned_data["made"])


class ExemptionForm(StepForm):
    words = "apply.exemption."
    is_exempt = forms.ChoiceField(widget=Radios, required=False)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        groups = self.draft.law.value("residence.exempt_groups") or ()
        self.fields["is_exempt"].choices = [  # type: ignore[attr-defined]
            ("", self.draft.say("apply.exemption.none")),
            *((group, self.draft.say(f"applications.group_{group}")) for group in groups),
        ]


class PaperForm(PageForm):
    """A paper: which kind it is, and a picture taken now or a file that is there already."""

    words = "apply.paper."
    kind = forms.ChoiceField(widget=Radios)
    photograph = forms.FileField(
        required=False, widget=forms.FileInput({"accept": "image/*", "capture": "environment"})
    )
    file = forms.FileField(required=False, widget=forms.FileInput({"accept": "image/jpeg,image/png,application/pdf"}))

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, str]], **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        if len(kinds) == 1:
            self.fields["kind"].widget = forms.HiddenInput()
            self.fields["kind"].initial = kinds[0][0]
        for name in ("photograph", "file"):
            self.fields[name].error_messages["empty"] = self.reader.say("documents.empty")
            self.fields[name].is_one_of_several = True  # type: ignore[attr-defined]  # one of the two is needed

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not self.chosen():
            self.add_error("file", self.reader.say("apply.paper.file_missing"))
        return cleaned

    def chosen(self) -> Any:
        """Return the file that was sent: a picture taken now goes before a file."""
        return self.cleaned_data.get("photograph") or self.cleaned_data.get("file")


class ConfirmForm(PageForm):
    """The declarations of the last page, those that the item asks for."""

    words = "apply.confirm."
    declares_own_will = forms.BooleanField()
    acknowledges_cancellation = forms.BooleanField()
    declares_true = forms.BooleanField()
    asks_for_officer = forms.BooleanField(required=False)

    def __init__(self, *args: Any, asked: Sequence[str], **named: Any) -> None:
        super().__init__(*args, **named)
        for name in [name for name in self.fields if name not in asked]:
            del self.fields[name]
