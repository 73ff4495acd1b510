"""The packs as one library, and the law of one region, subject and day out of it.

A library is built from texts alone: the same texts give the same law and the same hash years later.
"""

import os
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.workdays import Calendar
from yizhengtong.law import resolution
from yizhengtong.law.errors import ErrorList
from yizhengtong.law.law import Law
from yizhengtong.law.packfile import PackFile, read_pack_file
from yizhengtong.law.parameter import Duty, Entitlement, Evidence, Parameter, ServiceItem, ServicePoint
from yizhengtong.law.topics import Topic
from yizhengtong.law.validation import NATION, chain, validate

_MOST_LAWS_KEPT = 20_000


def packs_folder() -> Path:
    """The folder the packs are read from: the one named by YZT_PACKS, else the one beside this module."""
    return Path(os.environ.get("YZT_PACKS") or Path(__file__).parent / "packs")


def pack_texts(root: Path | None = None) -> Mapping[str, str]:
    """Every pack text under `root`, by its path relative to it, with slashes."""
    folder = root or packs_folder()
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*.yaml"))}


def load(root: Path | None = None) -> "Library":
    """Read and check every pack under `root`. Raises PackErrors with everything that is wrong."""
    return Library.from_texts(pack_texts(root))


@dataclass(slots=True)
class _Volume:
    """The files that hold in one region for one subject, with what does not change by the day computed once."""

    files: tuple[PackFile, ...]
    days: tuple[date, ...]
    hash: str
    pack_hashes: tuple[tuple[str, str], ...]
    calendar: Calendar
    evidence: Mapping[str, Evidence]
    points: tuple[ServicePoint, ...]
    duties: tuple[Duty, ...]
    entitlements: tuple[Entitlement, ...]
    tables: dict[int, tuple[Mapping[str, Parameter], Mapping[str, Any], Mapping[str, ServiceItem]]] = field(
        default_factory=dict
    )

    def table(self, on: date) -> tuple[Mapping[str, Parameter], Mapping[str, Any], Mapping[str, ServiceItem]]:
        index = bisect_right(self.days, on)
        if index not in self.tables:
            parameters = resolution.parameters(self.files, on)
            values = MappingProxyType({key: parameter.value for key, parameter in parameters.items()})
            self.tables[index] = parameters, values, resolution.items(self.files, on)
        return self.tables[index]


class Library:
    """Every pack read and checked. `files` by path; `topics` are the points D1–D28."""

    def __init__(self, files: Mapping[str, PackFile]) -> None:
        self.files = files
        self._volumes: dict[tuple[str, str], _Volume] = {}
        self._laws: dict[tuple[str, str, date], Law] = {}

    @classmethod
    def from_texts(cls, texts: Mapping[str, str]) -> "Library":
        """The library these texts make. Raises PackErrors with everything that is wrong in them."""
        errors = ErrorList()
        read = {path: read_pack_file(path, text, errors) for path, text in sorted(texts.items())}
        files = {path: file for path, file in read.items() if file is not None}
        validate(files.values(), errors)
        errors.raise_if_any()
        return cls(files)

    @property
    def texts(self) -> Mapping[str, str]:
        return {path: file.text for path, file in self.files.items()}

    @property
    def topics(self) -> tuple[Topic, ...]:
        return tuple(each.entry for file in self.files.values() for each in file["topics"])

    def law(self, region: str, subject: str, on: date) -> Law:
        """The law of `subject` (hmt or floating) in `region` (cn or a code of six digits) on a Shanghai day.

        Raises NotFound `law.none_in_force` where no pack holds on that day.
        """
        known = self._laws.get((region, subject, on))
        if known is not None:
            return known
        law = self._law(region, subject, on)
        if len(self._laws) >= _MOST_LAWS_KEPT:
            self._laws.clear()
        self._laws[region, subject, on] = law
        return law

    def _law(self, region: str, subject: str, on: date) -> Law:
        if region != NATION and not (len(region) == 6 and region.isascii() and region.isdigit()):
            raise NotFound("law.none_in_force", region=region, subject=subject, on=on)
        volume = self._volume(region, subject)
        parameters, values, items = volume.table(on)
        if not parameters:
            raise NotFound("law.none_in_force", region=region, subject=subject, on=on)
        return Law(
            region=region,
            subject=subject,
            on=on,
            hash=volume.hash,
            pack_hashes=volume.pack_hashes,
            parameters=parameters,
            values=values,
            items=items,
            evidence=volume.evidence,
            calendar=volume.calendar,
            service_points=volume.points,
            duties=volume.duties,
            entitlements=volume.entitlements,
        )

    def _volume(self, region: str, subject: str) -> _Volume:
        if (region, subject) not in self._volumes:
            self._volumes[region, subject] = self._bind(region, subject)
        return self._volumes[region, subject]

    def _bind(self, region: str, subject: str) -> _Volume:
        """Gather the files from the nation downwards. Subjects are never mixed (D14); the calendar serves all."""
        levels = chain(region)
        order = {level: index for index, level in enumerate(levels)}
        files = tuple(
            sorted(
                (
                    file
                    for file in self.files.values()
                    if file.header.region in order
                    and file.header.kind != "readings"
                    and file.header.subject in (subject, "any")
                ),
                key=lambda file: (order[file.header.region], file.path),
            )
        )
        hashes = tuple(sorted((file.path, file.sha256) for file in files))
        duties = resolution.duties(files)
        return _Volume(
            files=files,
            days=resolution.change_days(files),
            hash=law_hash(hashes),
            pack_hashes=hashes,
            calendar=resolution.calendar(files),
            evidence=resolution.evidence(files),
            points=resolution.service_points(files),
            duties=duties,
            entitlements=resolution.entitlements(files, duties),
        )


def law_hash(pack_hashes: tuple[tuple[str, str], ...]) -> str:
    """sha256 over the sorted lines `path sha256` of every file that takes part."""
    lines = "".join(f"{path} {digest}\n" for path, digest in sorted(pack_hashes))
    return sha256(lines.encode()).hexdigest()
