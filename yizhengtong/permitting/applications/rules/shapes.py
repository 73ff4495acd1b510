"""What a condition is: facts, law, item, the legal day looked on and the source that names it; a finding comes out."""

from collections.abc import Callable, Mapping
from datetime import date

from yizhengtong.kernel.findings import Finding, Source
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import ServiceItem
from yizhengtong.permitting.applications.facts import Facts

Condition = Callable[[Facts, Law, ServiceItem, date, Source], Finding]
Conditions = Mapping[str, Condition]
