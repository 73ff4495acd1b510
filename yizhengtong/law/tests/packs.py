"""Small synthetic packs: a nation, a province, a city, a county."""

from collections.abc import Mapping

NATION, PROVINCE, CITY, COUNTY = (
    "cn/hmt.yaml",
    "cn/370000/hmt.yaml",
    "cn/370000/370100/hmt.yaml",
    "cn/370000/370100/370102/hmt.yaml",
)
_REGIONS = {NATION: "cn", PROVINCE: "370000", CITY: "370100", COUNTY: "370102"}

LIMIT = "{n: %d, unit: workday, start: acceptance, end: issued}"
RESIDENCE = "{measure: %s, n: %d, scope: %s, contiguous: false, evidence: any}"


def entry(value: str, unit: str, *, since: str = "2020-01-01", until: str = "", more: str = "") -> str:
    """One dated entry of a parameter."""
    end = f"      until: {until}\n" if until else ""
    return (
        f"    - value: {value}\n      unit: {unit}\n      source: {{text: law, article: '7', words: 字}}\n"
        f"      from: {since}\n{end}      certainty: C\n      rows: [D1]\n{more}"
    )


def limit(n: int, **days: str) -> str:
    return entry(LIMIT % n, "workday", **days)


DEVIATION = "      deviation: {why: because it is printed so, rows: [S2-08]}\n"


def pack(path: str, subject: str = "hmt", **parameters: str) -> Mapping[str, str]:
    """The text of one pack under its path. Keys are written with `__` for the dot."""
    body = "".join(f"  {key.replace('__', '.')}:\n{entries}" for key, entries in parameters.items())
    section = f"parameters:\n{body}" if body else ""
    text = (
        f'kind: pack\nregion: "{_REGIONS[path]}"\nsubject: {subject}\nname: 试\n'
        f"sources:\n  law: {{text: 试法, certainty: C}}\n{section}"
    )
    return {path: text}
