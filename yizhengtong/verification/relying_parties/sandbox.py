"""The sandbox: people who do not exist, for trying every way to check. A test key is answered from these alone.

Nothing of it is written into anybody's history, and no person of this platform is ever looked up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from yizhengtong.foundation.yaml_files import read_yaml
from yizhengtong.kernel.numbers import DocumentKind, DocumentNumber, parse


@dataclass(frozen=True, slots=True)
class SandboxPerson:
    """Somebody of the sandbox. `state`: how the permit stands; `travel`: the lifelong part of that number.

    `is_linked`: both numbers are known to be one person's. `has_agreed`: to be checked, for any purpose.
    """

    code: str
    name: str
    latin_name: str
    birth_date: date
    permit: str
    travel_kind: DocumentKind
    travel: str
    is_linked: bool
    has_agreed: bool
    state: str
    tries: str


@cache
def sandbox_people() -> Mapping[str, SandboxPerson]:
    """Return everybody of the sandbox by code, in the order of the file."""
    table = read_yaml(Path(__file__).with_name("people.yaml"))
    return {
        code: SandboxPerson(code=code, **{**each, "travel_kind": DocumentKind(each["travel_kind"])})
        for code, each in table.items()
    }


def person_behind(number: DocumentNumber) -> SandboxPerson | None:
    """Return whose a number is in the sandbox: of a permit, or of a travel document that is linked to one."""
    return _by_number().get((number.kind, number.core))


@cache
def _by_number() -> Mapping[tuple[DocumentKind, str], SandboxPerson]:
    found = {}
    for person in sandbox_people().values():
        found[DocumentKind.HMT_PERMIT, parse(DocumentKind.HMT_PERMIT, person.permit).core] = person
        if person.is_linked:
            found[person.travel_kind, parse(person.travel_kind, person.travel).core] = person
    return found
