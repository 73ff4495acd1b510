"""The shape of types.yaml, read strictly: what is not named here is refused."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from yizhengtong.foundation.yaml_files import read_yaml

Language = Literal["zh-Hans", "zh-Hant-HK", "zh-Hant-TW", "en"]
Value = Literal["text", "day", "sex", "ages", "picture", "count", "region", "flag"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Words = Annotated[str, StringConstraints(min_length=1)]
ReverseDomain = Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.[a-z][a-z0-9_]*)+\.[1-9]\d*$")]
MetadataPath = Annotated[str, StringConstraints(pattern=r"^(/[a-z0-9-]+)+/[1-9]\d*$")]
FOUR_LANGUAGES: tuple[Language, ...] = ("zh-Hans", "zh-Hant-HK", "zh-Hant-TW", "en")
ANY = "any"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _in_all_four(words: Mapping[Language, str]) -> Mapping[Language, str]:
    if tuple(words) != FOUR_LANGUAGES:
        raise ValueError(f"words are needed in {', '.join(FOUR_LANGUAGES)}, in this order")
    return words


InFourLanguages = Annotated[Mapping[Language, Words], AfterValidator(_in_all_four)]


class Age(_Entry):
    """An age that a credential tells of, and why that one: none of them is asked for by a source."""

    years: int = Field(ge=1, le=120)
    why: Words


class ClaimEntry(_Entry):
    """A claim: its names in both formats, its kind of value, whether it is ticked beforehand."""

    sd_jwt: Name
    mdoc: Name
    value: Value
    shown_freely: bool
    words: InFourLanguages


class SourceEntry(_Entry):
    """Why a credential says it: the article, and the item of the pack's `card.items`; or why we chose it."""

    text: Words
    article: str = ""
    item: str = ""
    why: str = ""

    @model_validator(mode="after")
    def _has_a_reason(self) -> Self:
        if not self.article and not self.why:
            raise ValueError("a claim needs an article or a reason")
        return self


class PermitEntry(_Entry):
    """What the credentials of one kind of permit say. `titles`: by region of the holder, `any` for the type itself."""

    kinds: tuple[Name, ...] = Field(min_length=1)
    doctype: ReverseDomain
    vct: MetadataPath
    statutory: Literal["by_law", "no", "unsaid"]
    titles: Mapping[Literal["any", "HK", "MO", "TW"], InFourLanguages]
    descriptions: InFourLanguages
    left_out: Mapping[Name, Words] = Field(default_factory=dict)
    claims: Mapping[Name, SourceEntry] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_a_title(self) -> Self:
        if ANY not in self.titles:
            raise ValueError("a type needs a title for any region")
        return self


class Types(_Entry):
    """The whole file."""

    namespace: ReverseDomain
    ages: tuple[Age, ...]
    claims: Mapping[Name, ClaimEntry]
    permits: Mapping[Name, PermitEntry]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        used = {name for permit in self.permits.values() for name in permit.claims}
        if used != self.claims.keys():
            raise ValueError(f"claims without words or without a permit: {sorted(used ^ self.claims.keys())}")
        kinds = [kind for permit in self.permits.values() for kind in permit.kinds]
        if len(kinds) != len(set(kinds)):
            raise ValueError("a kind of permit has two entries")
        return self


@cache
def shipped_types() -> Types:
    """Return what types.yaml says. Raises ValueError (pydantic) for anything out of shape."""
    return Types.model_validate(read_yaml(Path(__file__).with_name("types.yaml")))
