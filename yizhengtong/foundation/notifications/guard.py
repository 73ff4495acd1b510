"""What may leave the platform in words: checked when words are saved, and again when a message is made.

Refused: a document number, a person's full name, a link that could carry a token.
"""

import re
import string
import unicodedata
from collections.abc import Mapping, Sequence

from yizhengtong.foundation.notifications.kinds import PLACEHOLDER_TYPES, Channel, Kind, Words
from yizhengtong.kernel.errors import FieldError

LONGEST = {Channel.SMS: 500, Channel.EMAIL: 4000, Channel.INBOX: 4000}
_LONGEST_SUBJECT = 120
_GREETINGS = {"zh-Hans": "您好", "zh-Hant": "您好", "en": "Hello"}
_DATES = re.compile(r"\d{4}-\d{2}-\d{2}|\d{4}年\d{1,2}月\d{1,2}日")
_BETWEEN = re.compile(r"[\s\-‐-―.·()（）_/\u200b-\u200f\ufeff]+")
_DIGITS = re.compile(r"\d{8,}")
_LETTER_NUMBER = re.compile(r"(?<![A-Za-z])[A-Za-z]{1,2}\d{6,}")
_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]{0,30}://|www\.)[!-~]*", re.IGNORECASE)
_ENDINGS = ".,;!?)"
_PLAIN_LINK = re.compile(r"(?:https://|www\.)[a-z0-9.-]+(?:/[a-z-]{0,24}){0,3}", re.IGNORECASE)


def parts_of(channel: str, words: Words) -> dict[str, str]:
    """Return the parts of a text by the names that PLACEHOLDER_TYPES uses."""
    if channel == Channel.SMS:
        return {"sms": words.text}
    return {f"{channel}.subject": words.subject, f"{channel}.text": words.text}


def problems_of_words(kind: Kind, channel: str, language: str, words: Words) -> list[FieldError]:
    """Return everything that is wrong with a template, at once; `field` is subject or text."""
    found: list[FieldError] = []
    for part, text in parts_of(channel, words).items():
        field = "subject" if part.endswith("subject") else "text"
        longest = _LONGEST_SUBJECT if field == "subject" else LONGEST[Channel(channel)]
        if not text.strip():
            found.append(FieldError(field, "notifications.words_missing"))
        if len(text) > longest:
            found.append(FieldError(field, "notifications.words_too_long", {"longest": longest}))
        if field == "subject" and not text.isprintable():
            found.append(FieldError(field, "notifications.subject_one_line"))
        found += _placeholder_problems(kind, part, field, text)
        if channel != Channel.INBOX:
            found += [FieldError(field, code) for code in dangers(text, [])]
    if channel == Channel.SMS and words.subject:
        found.append(FieldError("subject", "notifications.subject_not_here"))
    if channel != Channel.INBOX and not words.text.startswith(_GREETINGS[language]):
        found.append(FieldError("text", "notifications.greeting_missing", {"greeting": _GREETINGS[language]}))
    return found


def _placeholder_problems(kind: Kind, part: str, field: str, text: str) -> list[FieldError]:
    try:
        names = placeholders_in(text)
    except ValueError:
        return [FieldError(field, "notifications.braces_unpaired")]
    unknown = [name for name in names if name not in kind.placeholders]
    misplaced = [
        name for name in names if name in kind.placeholders and part not in PLACEHOLDER_TYPES[kind.placeholders[name]]
    ]
    return [
        FieldError(field, "notifications.placeholder_unknown", {"placeholder": _told(name)}) for name in unknown
    ] + [FieldError(field, "notifications.placeholder_not_here", {"placeholder": name}) for name in misplaced]


def _told(name: str) -> str:
    """Return a placeholder's name as it may be repeated: what is no name at all is not."""
    return name if re.fullmatch(r"[a-z_]{1,24}", name) else "?"


def placeholders_in(text: str) -> list[str]:
    """Return the names in braces. Raises ValueError for unpaired ones, for formats, attributes and indexes."""
    names = []
    for _, name, form, conversion in string.Formatter().parse(text):
        if name is None:
            continue
        if form or conversion or not name.isidentifier():
            raise ValueError("only names stand in braces")
        names.append(name)
    return names


def dangers(text: str, names: Sequence[str]) -> list[str]:
    """Return the codes of what must not leave: of a text as it is sent, or of a template without `names`."""
    plain = unicodedata.normalize("NFKC", text)
    joined = _BETWEEN.sub("", _DATES.sub(" , ", _LINK.sub(_link_left_out, plain)))
    found = []
    if _DIGITS.search(joined) or _LETTER_NUMBER.search(joined):
        found.append("notifications.number_in_words")
    links = _LINK.findall(text)
    if len(links) != len(_LINK.findall(plain)) or not all(map(_is_plain, links)):  # or one that is written to hide
        found.append("notifications.link_in_words")
    if _names_somebody(plain, names):
        found.append("notifications.name_in_words")
    return found


def dangers_leaving(channel: str, words: Words, names: Sequence[str]) -> list[str]:
    """Return what must not leave of a message as it would be sent. A mail's text may name; SMS and subjects may not."""
    found = dangers(words.text, names if channel == Channel.SMS else [])
    return found + [code for code in dangers(words.subject, names) if code not in found]


def _is_plain(link: str) -> bool:
    return _PLAIN_LINK.fullmatch(link.rstrip(_ENDINGS)) is not None


def _link_left_out(found: re.Match[str]) -> str:
    """Take a plain link out; what another holds is looked at like any text."""
    return " " if _is_plain(found.group()) else found.group()


def _names_somebody(text: str, names: Sequence[str]) -> bool:
    shown = _folded(text)
    return any(len(_folded(name)) > 1 and _folded(name) in shown for name in names)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its placeholders filled in. Raises KeyError naming the first that has no value."""
    return string.Formatter().vformat(text, (), values)
