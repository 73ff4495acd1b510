"""Credential types as the rest of the house sees them: one for each permit and format."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from yizhengtong.credentials.catalogue.schema import (
    ANY,
    ClaimEntry,
    InFourLanguages,
    PermitEntry,
    SourceEntry,
    Types,
    Value,
)

AGES = "ages"


class Format(StrEnum):
    """The formats a credential is issued in (OpenID4VCI 1.0, appendix A)."""

    SD_JWT = "dc+sd-jwt"
    MDOC = "mso_mdoc"


@dataclass(frozen=True, slots=True)
class ClaimType:
    """One thing that is disclosed or not. `path`: where it stands, in an mdoc namespace and element.

    `shown_freely`: False means that no page ticks it beforehand. `is_open`: it cannot be hidden.
    """

    code: str
    path: tuple[str, ...]
    value: Value
    words: Mapping[str, str]
    source: SourceEntry
    shown_freely: bool
    is_open: bool = False
    years: int | None = None


@dataclass(frozen=True, slots=True)
class CredentialType:
    """What credentials of one configuration are. `vct` for SD-JWT VC, `doctype` and `namespace` for mdoc; else empty.

    `statutory`: `no`, `by_law` (what `eform.statutory` of the place says), `unsaid` (no source says).
    """

    configuration_id: str
    permit: str
    format: Format
    kinds: tuple[str, ...]
    vct: str
    doctype: str
    namespace: str
    statutory: str
    titles: Mapping[str, Mapping[str, str]]
    descriptions: Mapping[str, str]
    claims: tuple[ClaimType, ...]

    @property
    def disclosable(self) -> tuple[tuple[str, ...], ...]:
        """The paths that `sd_jwt.issue` hides."""
        return tuple(claim.path for claim in self.claims if not claim.is_open)

    def title(self, language: str, region: str = "") -> str:
        """Return the type's name; with the holder's region the name on the holder's card (S1-031)."""
        return self.titles.get(region, self.titles[ANY])[language]


def build(types: Types, address: str) -> Mapping[str, CredentialType]:
    """Return the types by configuration id; `address` is the public origin, under which `vct` lies."""
    built = (_build(types, name, kind, address) for name in types.permits for kind in Format)
    return {each.configuration_id: each for each in built}


_SUFFIXES = {Format.SD_JWT: "sd_jwt", Format.MDOC: "mdoc"}


def _build(types: Types, name: str, kind: Format, address: str) -> CredentialType:
    permit, is_mdoc = types.permits[name], kind == Format.MDOC
    return CredentialType(
        configuration_id=f"{name}_{_SUFFIXES[kind]}",
        permit=name,
        format=kind,
        kinds=permit.kinds,
        vct="" if is_mdoc else f"{address}{permit.vct}",
        doctype=permit.doctype if is_mdoc else "",
        namespace=types.namespace if is_mdoc else "",
        statutory=permit.statutory,
        titles=cast(Mapping[str, Mapping[str, str]], permit.titles),
        descriptions=cast(Mapping[str, str], permit.descriptions),
        claims=tuple(
            claim
            for code, source in permit.claims.items()
            for claim in _claims(types, permit, code, source, is_mdoc=is_mdoc)
        ),
    )


def _claims(
    types: Types, permit: PermitEntry, code: str, source: SourceEntry, *, is_mdoc: bool
) -> tuple[ClaimType, ...]:
    entry = types.claims[code]
    if entry.value != AGES:
        path = (types.namespace, entry.mdoc) if is_mdoc else (entry.sd_jwt,)
        is_open = entry.value == "flag" and permit.statutory != "unsaid" and not is_mdoc
        return (_claim(code, path, entry, entry.words, source, is_open=is_open),)
    return tuple(
        _claim(
            f"{code}_{age.years}",
            (types.namespace, f"{entry.mdoc}_{age.years}") if is_mdoc else (entry.sd_jwt, str(age.years)),
            entry, entry.words, source, years=age.years,
        )
        for age in types.ages
    )  # fmt: skip


def _claim(
    code: str,
    path: tuple[str, ...],
    entry: ClaimEntry,
    words: InFourLanguages,
    source: SourceEntry,
    *,
    is_open: bool = False,
    years: int | None = None,
) -> ClaimType:
    filled = {str(language): each.format(years=years) for language, each in words.items()}
    return ClaimType(code, path, entry.value, filled, source, entry.shown_freely, is_open, years)
