"""Forms whose labels, hints and errors are words by code.

The label of a field `phone` of a form with `words = "apply.contact."` has the code `apply.contact.phone`; its hint,
where there is one, `apply.contact.phone_hint`; what is said when it is left empty `apply.contact.phone_missing`, else
`pages.missing`. Templates render a field with `{{ form.phone.as_field_group }}`, the summary of all errors with
`{% include "pages/errors.html" %}`. A field with `is_one_of_several` is not called optional: one of several is needed.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django import forms
from django.db import transaction
from django.forms.renderers import TemplatesSetting
from django.utils.datastructures import MultiValueDict

from yizhengtong.foundation.pages.reader import Reader
from yizhengtong.foundation.texts import knows
from yizhengtong.kernel.errors import Problem


class PagesRenderer(TemplatesSetting):
    """Django's form renderer with our templates of a field."""

    field_template_name = "pages/field.html"


class Radios(forms.RadioSelect):
    template_name = "pages/fields/options.html"


class Checks(forms.CheckboxSelectMultiple):
    template_name = "pages/fields/options.html"


class Day(forms.DateInput):
    """A day by the browser's own calendar, or typed as 2026-08-01."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class PageForm(forms.Form):
    """A form of a page, in the words of its reader."""

    words: ClassVar[str] = ""
    required_css_class = "required"

    def __init__(self, data: Any = None, files: Any = None, *, reader: Reader, **named: Any) -> None:
        super().__init__(data, files, label_suffix="", **named)
        self.reader = reader
        if data is None and reader.kept is not None:
            self._show_again(reader.kept["fields"])
        for name, field in self.fields.items():
            self._put_words(name, field)

    def _show_again(self, kept: Mapping[str, list[str]]) -> None:
        """Begin with what was typed here before the session ended (foundation.pages.keeping)."""
        typed: MultiValueDict[str, str] = MultiValueDict(kept)
        for name, field in self.fields.items():
            key = self.add_prefix(name)
            if key in typed and not isinstance(field, forms.FileField):
                self.initial[name] = field.widget.value_from_datadict(typed, MultiValueDict(), key)

    def _put_words(self, name: str, field: forms.Field) -> None:
        code = f"{self.words}{name}"
        label = self.reader.say(code) if knows(code) else str(field.label or name)
        field.label = label
        if knows(f"{code}_hint"):
            field.help_text = self.reader.say(f"{code}_hint")
        missing = f"{code}_missing" if knows(f"{code}_missing") else "pages.missing"
        field.error_messages["required"] = self.reader.say(missing, field=label)
        field.error_messages["invalid"] = self._invalid(code, label)
        field.error_messages["invalid_choice"] = self._invalid(code, label)

    def _invalid(self, code: str, label: str) -> str:
        known = f"{code}_wrong" if knows(f"{code}_wrong") else "pages.wrong"
        return self.reader.say(known, field=label)

    def does(self, act: Callable[[], object]) -> bool:
        """Do what the form asks for, whole or not at all; show what the service refused. Whether it was done."""
        self.is_valid()
        try:
            with transaction.atomic():
                act()
        except Problem as problem:
            self.add_problem(problem)
            return False
        return True

    def add_problem(self, problem: Problem, fields: Mapping[str, str] | None = None) -> None:
        """Show what a service refused at the fields it names; all else above the form.

        `fields`: which field of this form stands for a field of the service, where the names differ.
        """
        for error in problem.errors:
            name = (fields or {}).get(error.field, error.field.rpartition(".")[2])
            self.add_error(name if name in self.fields else None, self.reader.say(error.code, **error.facts))
        if not problem.errors:
            self.add_error(None, self.reader.say(problem.code, **problem.facts))
