"""The limit of a decision: the findings it holds, constructed and nothing looked at. Frozen."""

from collections.abc import Sequence

from yizhengtong.kernel.findings import Finding


def build_findings(like: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return findings with the codes, words and facts of those given, newly constructed."""
    return tuple(Finding(each.code, each.met, each.source, each.facts, each.met_on) for each in like)
