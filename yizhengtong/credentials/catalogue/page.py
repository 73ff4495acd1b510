"""docs/credentials.md: the types, their names in four languages, every claim with its article."""

from collections.abc import Iterator
from pathlib import Path

from yizhengtong.credentials.catalogue.schema import ANY, FOUR_LANGUAGES, SourceEntry, shipped_types
from yizhengtong.credentials.catalogue.types import ClaimType, CredentialType, build

_HEAD = Path(__file__).with_name("page.template")
_LANGUAGES = " | ".join(FOUR_LANGUAGES)


def credentials_page() -> str:
    """Return the page: how credentials are made, then a part for each permit."""
    types = build(shipped_types(), "")
    lines = [_HEAD.read_text(encoding="utf-8").rstrip("\n"), "", *_ages(), "", *_namespace()]
    for permit in shipped_types().permits:
        lines += ["", *_permit(types[f"{permit}_sd_jwt"], types[f"{permit}_mdoc"])]
    return "\n".join(lines) + "\n"


def _ages() -> Iterator[str]:
    yield "## Ages"
    yield ""
    yield "Which ages a credential tells is ours; no source asks for any."
    yield ""
    yield "| years | why |"
    yield "| ---: | --- |"
    for age in shipped_types().ages:
        yield f"| {age.years} | {age.why} |"


def _namespace() -> Iterator[str]:
    yield f"The namespace of all elements is `{shipped_types().namespace}`."


def _permit(flat: CredentialType, mdoc: CredentialType) -> Iterator[str]:
    yield f"## `{flat.permit}`"
    yield ""
    yield f"`{flat.configuration_id}`: `vct` `{{YZT_ADDRESS}}{flat.vct}`. `{mdoc.configuration_id}`: `{mdoc.doctype}`."
    yield f"For permits of the kinds {', '.join(f'`{kind}`' for kind in flat.kinds)}."
    yield ""
    yield f"| name for | {_LANGUAGES} |"
    yield "| --- | --- | --- | --- | --- |"
    for region, titles in flat.titles.items():
        names = (titles[language] for language in FOUR_LANGUAGES)
        yield f"| {' | '.join(('the type' if region == ANY else region, *names))} |"
    yield ""
    yield from _left_out(flat.permit)
    yield f"| SD-JWT VC | mdoc | shown | {_LANGUAGES} | source |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for one, other in zip(flat.claims, mdoc.claims, strict=True):
        yield _row(one, other)


def _left_out(permit: str) -> Iterator[str]:
    left_out = shipped_types().permits[permit].left_out
    for item, why in left_out.items():
        yield f"Left out: {item}. {why}"
    if left_out:
        yield ""


def _row(flat: ClaimType, mdoc: ClaimType) -> str:
    shown = "always" if flat.is_open else ("freely" if flat.shown_freely else "chosen")
    words = " | ".join(flat.words[language] for language in FOUR_LANGUAGES)
    return f"| `{'.'.join(flat.path)}` | `{mdoc.path[-1]}` | {shown} | {words} | {_source(flat.source)} |"


def _source(source: SourceEntry) -> str:
    article = f"{source.text} art. {source.article}" if source.article.isdigit() else source.text + source.article
    return f"{article}: {source.why}" if source.why else article
