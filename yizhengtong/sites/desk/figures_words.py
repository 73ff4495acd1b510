"""Names that several parts of the desk show beside numbers: items as the packs call them, reasons without a case."""

from yizhengtong.foundation.pages.reader import Reader
from yizhengtong.foundation.texts import base_of
from yizhengtong.kernel.errors import NotFound
from yizhengtong.law.queries import library_in_force


def item_names(reader: Reader) -> dict[str, str]:
    """Return the names of items as the packs in force have them; none where no law is in force."""
    try:
        files = library_in_force().files.values()
    except NotFound:
        return {}
    language = base_of(reader.language)
    return {each.name: each.entry.name.in_language(language) for file in files for each in file["items"]}


def reason_words(reader: Reader, code: str) -> str:
    """Return what a code of a finding asks, without the numbers of one case."""
    return reader.say("residence.has_lived_here_long_enough" if code.startswith("residence.") else code)
