"""A small city with a registrar, and a run of the import that keeps what it tells."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.city import City, a_city
from tests.support.law import JINAN, TODAY
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.lists.telling import Told, Unheard
from yizhengtong.permitting.importing import running
from yizhengtong.permitting.importing.mapping import read_mapping
from yizhengtong.permitting.importing.running import Request, Summary


@dataclass(slots=True)
class Listener(Unheard):
    """What a run told."""

    told: list[Told] = field(default_factory=list)
    summary: Summary = field(default_factory=lambda: Summary(is_applied=False))

    def tell(self, told: Told) -> None:
        self.told.append(told)

    @property
    def outcomes(self) -> dict[int, str]:
        return {told.line: told.outcome for told in self.told}

    @property
    def codes(self) -> set[tuple[int, str]]:
        return {(told.line, told.code) for told in self.told if told.code}


@pytest.fixture
def town(db: None) -> City:
    return a_city()


@pytest.fixture
def registrar(town: City) -> Principal:
    return town.officer("registrar", Role.REGISTRAR, office=JINAN)


@pytest.fixture
def run(town: City, registrar: Principal) -> Callable[..., Listener]:
    def run_import(path: Path, *, is_applied: bool = False, by: Principal | None = None) -> Listener:
        listener = Listener()
        office = town.offices[JINAN]
        request = Request(path, read_mapping(), office, by or registrar, TODAY, is_applied)
        listener.summary = running.run(request, listener)
        return listener

    return run_import
