"""The questions about a person, one thing a page."""

from collections.abc import Iterable
from unicodedata import category

from django import forms
from django.utils import timezone

from yizhengtong.foundation.pages.forms import Day, PageForm, Radios
from yizhengtong.foundation.pages.reader import Reader
from yizhengtong.kernel import regions
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.numbers import LONGEST, DocumentKind
from yizhengtong.registry.people.models import Region, Sex
from yizhengtong.registry.people.names import LONGEST_ADDRESS, LONGEST_NATION

_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs"})
KINDS = {
    Region.HONG_KONG: (DocumentKind.HRP, DocumentKind.HRP_NON_CHINESE),
    Region.MACAO: (DocumentKind.HRP, DocumentKind.HRP_NON_CHINESE),
    Region.TAIWAN: (DocumentKind.MTP_TAIWAN_FIVE_YEAR, DocumentKind.MTP_TAIWAN_ONE_TIME),
    Region.CHINA: (DocumentKind.RESIDENT_ID,),
}
"""Which documents somebody is registered with."""


class PersonForm(PageForm):
    """A form of this part: refuses what cannot be printed, takes rare characters as they are."""

    words = "myself."

    def clean(self) -> None:
        for name, value in list(self.cleaned_data.items()):
            if isinstance(value, str) and any(category(letter) in _UNPRINTABLE for letter in value):
                self.add_error(name, self.reader.say("pages.wrong", field=self.fields[name].label))

    def choices(self, name: str, codes: Iterable[str], prefix: str) -> None:
        """Offer codes in their words."""
        field = self.fields[name]
        field.choices = [(code, self.reader.say(f"{prefix}{code}")) for code in codes]  # type: ignore[attr-defined]


class RelationForm(PersonForm):
    """What one is to somebody."""

    relation = forms.ChoiceField(widget=Radios)

    def __init__(self, *args: object, reader: Reader, **named: object) -> None:
        super().__init__(*args, reader=reader, **named)
        self.choices("relation", ("guardian", "near_relative"), "myself.relation_")


class RegionForm(PersonForm):
    """Of which place somebody is a resident."""

    region = forms.ChoiceField(widget=Radios)

    def __init__(self, *args: object, reader: Reader, **named: object) -> None:
        super().__init__(*args, reader=reader, **named)
        self.choices("region", (Region.HONG_KONG, Region.MACAO, Region.TAIWAN, Region.CHINA), "myself.region_")


class DetailsForm(PersonForm):
    """The name as printed, the birth date, the sex."""

    name = forms.CharField(max_length=60, widget=forms.TextInput({"autocomplete": "name"}))
    latin_name = forms.CharField(max_length=80, required=False)
    birth_date = forms.DateField(widget=Day)
    sex = forms.ChoiceField(widget=Radios)

    def __init__(self, *args: object, reader: Reader, **named: object) -> None:
        super().__init__(*args, reader=reader, **named)
        self.choices("sex", Sex.values, "myself.sex_")


class DocumentForm(PersonForm):
    """A document: its kind as printed on it, its number, until when it is valid."""

    kind = forms.ChoiceField(widget=Radios)
    number = forms.CharField(max_length=LONGEST, widget=forms.TextInput({"autocapitalize": "characters"}))
    valid_until = forms.DateField(widget=Day, required=False)

    def __init__(self, *args: object, reader: Reader, region: str, **named: object) -> None:
        super().__init__(*args, reader=reader, **named)
        self.choices("kind", KINDS[Region(region)], "numbers.kinds.")
        if len(KINDS[Region(region)]) == 1:
            self.fields["kind"].initial = KINDS[Region(region)][0]

    def clean_valid_until(self) -> object:
        day = self.cleaned_data["valid_until"]
        if day is not None and day < legal_day(timezone.now()):
            raise forms.ValidationError(self.reader.say("myself.valid_until_over"))
        return day


class ProvinceForm(PersonForm):
    """The province of the household register."""

    province = forms.ChoiceField()

    def __init__(self, *args: object, reader: Reader, **named: object) -> None:
        super().__init__(*args, reader=reader, **named)
        here = [each for each in regions.children(regions.NATION) if regions.is_on_the_mainland(each.code)]
        self.fields["province"].choices = [("", "")] + [(each.code, each.name) for each in here]  # type: ignore[attr-defined]


class HouseholdForm(PersonForm):
    """The household register of a mainland person, by its county."""

    hukou_region = forms.ChoiceField()
    hukou_address = forms.CharField(max_length=LONGEST_ADDRESS)
    nation = forms.CharField(max_length=LONGEST_NATION)

    def __init__(self, *args: object, reader: Reader, province: str, **named: object) -> None:
        super().__init__(*args, reader=reader, **named)
        groups: list[tuple[str, object]] = [("", "")]
        for each in regions.children(province):
            below = regions.children(each.code)
            groups.append((each.name, [(one.code, one.name) for one in below]) if below else (each.code, each.name))
        self.fields["hukou_region"].choices = groups  # type: ignore[attr-defined]
