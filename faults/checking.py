"""A bank that checks: permits one by one by what their holders showed, and a file of rows."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from faults.applying import Step, Wanted
from faults.caller import Caller

CHECKED = "checks"
PARTNER = "/api/partner"
_AT_FIRST = 5
_WRONG_NAME_EACH = 4
_HEADINGS = "证件类型,证件号码,姓名,出生日期"
_DOCUMENT = "港澳台居民居住证"


class Checking:
    """Checks everybody in turn, some under a wrong name: what does not match stands in the history as well."""

    wanted: ClassVar = Wanted(CHECKED)

    def __init__(self, bank: Caller, people: Sequence[Mapping[str, str]], purpose: str) -> None:
        """`people`: number, name and birth date of each, nobody twice."""
        self._bank, self._people, self._purpose = bank, people, purpose
        self._turns = itertools.count()

    def steps(self) -> Iterator[Step]:
        """Yield some checks, and a file with everybody once."""
        for _ in range(_AT_FIRST):
            yield self._check
        yield self._send_file

    def meanwhile(self) -> Iterator[Step]:
        """Yield check after check."""
        yield self._check

    def _check(self) -> None:
        turn = next(self._turns)
        shown = dict(self._people[turn % len(self._people)])
        if turn % _WRONG_NAME_EACH == 0:
            shown["name"] = "无此人"
        self._bank.post("check", f"{PARTNER}/checks", {"purpose": self._purpose, **shown})

    def _send_file(self) -> None:
        rows = (f"{_DOCUMENT},{one['number']},{one['name']},{one['birth_date']}" for one in self._people)
        content = "\n".join([_HEADINGS, *rows, ""]).encode()
        self._bank.upload("check_file", f"{PARTNER}/bulk", content, purpose=self._purpose)
