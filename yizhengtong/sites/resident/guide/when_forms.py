"""The questions of "when will I qualify": who, where, which stays, what one has. Nothing of it is kept."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from yizhengtong.foundation.pages.forms import Checks, Day, PageForm, Radios
from yizhengtong.foundation.pages.reader import Reader
from yizhengtong.permitting.casework.guiding.qualifying import MAINLAND, Claim, Wish
from yizhengtong.registry.residence.rules import Stay
from yizhengtong.sites.resident.guide.places import Asked, full_name, place_asked

REGIONS = ("HK", "MO", "TW", MAINLAND)
CLAIMS = ("employment", "dwelling", "study")
LEAST_STAYS, MOST_STAYS = 2, 8
_EARLIEST, _LATEST = date(1950, 1, 1), date(2100, 1, 1)
_LONGEST_PLACE = 40
_NUMBERED = re.compile(r"_\d+$")


def stays_in(data: Mapping[str, Any]) -> int:
    """Return how many stays a sent form or an address has, within bounds."""
    numbers = [int(name.rpartition("_")[2]) for name in data if re.fullmatch(r"place_[1-9]", name)]
    return max(LEAST_STAYS, min(MOST_STAYS, max(numbers, default=0)))


class WhenForm(PageForm):
    """Who asks, the stays, what one has. `wish` holds what it comes to once it is valid."""

    words = "when."
    who = forms.ChoiceField(widget=Radios)
    hukou = forms.CharField(max_length=_LONGEST_PLACE, required=False)
    has = forms.MultipleChoiceField(widget=Checks, required=False)
    where = forms.CharField(max_length=_LONGEST_PLACE, required=False)

    def __init__(self, data: Any = None, *, reader: Reader, stays: int, **named: Any) -> None:
        self.stays = stays
        super().__init__(data, reader=reader, **named)
        self.fields["who"].choices = [(code, reader.say(f"when.who_{code}")) for code in REGIONS]  # type: ignore[attr-defined]
        self.fields["has"].choices = [  # type: ignore[attr-defined]
            (code, reader.say(f"applications.claim_{code}")) for code in CLAIMS
        ]
        for claim in CLAIMS:
            self._add(f"since_{claim}", forms.DateField(widget=Day, required=False))
        for number in range(1, stays + 1):
            self._add(f"place_{number}", forms.CharField(max_length=_LONGEST_PLACE, required=False))
            for name in ("from", "until", "registered"):
                self._add(f"{name}_{number}", forms.DateField(widget=Day, required=False))
        self.places: dict[str, Asked] = {}

    def _add(self, name: str, field: forms.Field) -> None:
        self.fields[name] = field
        self._put_words(_NUMBERED.sub("", name), field)

    @property
    def rows(self) -> list[tuple[int, list[forms.BoundField]]]:
        """The fields of each stay."""
        names = ("place", "from", "until", "registered")
        return [(number, [self[f"{name}_{number}"] for name in names]) for number in range(1, self.stays + 1)]

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        for name in ("hukou", "where", *(f"place_{number}" for number in range(1, self.stays + 1))):
            self._look_up(name, answers.get(name, ""))
        if answers.get("who") == MAINLAND and not answers.get("hukou"):
            self.add_error("hukou", self.reader.say("when.hukou_missing"))
        for number in range(1, self.stays + 1):
            self._check_stay(number, answers)
        if not self.errors and not self._stays() and "where" not in self.places:
            self.add_error("place_1", self.reader.say("when.place_missing"))
        return answers

    def _look_up(self, name: str, words: str) -> None:
        if not words:
            return
        found = place_asked(words, counties_only=True)
        if found.code:
            self.places[name] = found
        elif found.candidates:
            names = [full_name(each.code) for each in found.candidates]
            self.add_error(name, self.reader.say("when.place_several", names=names))
        else:
            self.add_error(name, self.reader.say("when.place_wrong"))

    def _check_stay(self, number: int, answers: Mapping[str, Any]) -> None:
        start, until = answers.get(f"from_{number}"), answers.get(f"until_{number}")
        registered = answers.get(f"registered_{number}")
        if not answers.get(f"place_{number}"):
            if (start or until or registered) and f"place_{number}" not in self.errors:
                self.add_error(f"place_{number}", self.reader.say("when.place_missing"))
            return
        if start is None and f"from_{number}" not in self.errors:
            self.add_error(f"from_{number}", self.reader.say("when.from_missing"))
        if any(day is not None and not _EARLIEST <= day <= _LATEST for day in (start, until, registered)):
            self.add_error(f"from_{number}", self.reader.say("when.from_wrong"))
        if start and until and until <= start:
            self.add_error(f"until_{number}", self.reader.say("residence.ends_before_start"))

    def _stays(self) -> tuple[Stay, ...]:
        answers = self.cleaned_data
        return tuple(
            Stay(
                self.places[f"place_{number}"].code,
                answers[f"from_{number}"],
                answers.get(f"until_{number}"),
                declared_on=answers.get(f"registered_{number}"),
            )
            for number in range(1, self.stays + 1)
            if f"place_{number}" in self.places and answers.get(f"from_{number}")
        )

    def wish(self) -> Wish:
        """Return what is asked. The place is the one named, else that of the last stay."""
        stays = self._stays()
        last = max(stays, key=lambda stay: (stay.until is None, stay.start), default=None)
        where = self.places.get("where")
        hukou = self.places.get("hukou")
        return Wish(
            region=self.cleaned_data["who"],
            place=where.code if where else last.region if last else "",
            stays=stays,
            hukou=hukou.code if hukou else "",
            claims={claim: Claim(self.cleaned_data.get(f"since_{claim}")) for claim in self.cleaned_data["has"]},
        )
