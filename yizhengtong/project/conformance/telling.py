"""The report as people read it: what is wrong, grouped by how and with its reason, and one line of what it comes to."""

from collections.abc import Iterator, Sequence

from yizhengtong.project.conformance.running import Result, Verdict
from yizhengtong.project.conformance.vectors import Vector

_HEADS = {
    Verdict.WRONGLY_REFUSED: "Refused, and must be taken",
    Verdict.WRONGLY_TAKEN: "Taken, and must be refused",
    Verdict.NO_ANSWER: "Not answered",
}
_NAMES_HIDDEN = "Nothing is said of {count} names: where every number is refused, a name is too."


def report(results: Sequence[Result]) -> Iterator[str]:
    """Yield the lines of a report on a run."""
    hidden = _names_of_no_account(results)
    for verdict, head in _HEADS.items():
        found = [each for each in results if each.verdict == verdict]
        shown = [each for each in found if each not in hidden]
        if shown:
            yield f"{head} ({len(found)}):"
            yield from (f"  {_line(each.vector)}  {each.because or each.vector.why}" for each in shown)
            yield ""
    if hidden:
        yield _NAMES_HIDDEN.format(count=len(hidden))
    right = sum(each.verdict == Verdict.RIGHT for each in results)
    yield f"{right} of {len(results)} right{': this form takes permits' if right == len(results) else ''}."


def _names_of_no_account(results: Sequence[Result]) -> list[Result]:
    """Return the refused names of a form that takes no number they could come with."""
    names = [each for each in results if each.vector.is_of_name]
    numbers = [each for each in results if each.vector.kind in {name.vector.kind for name in names}]
    refused = [each for each in numbers if each.vector.must_take and each.verdict == Verdict.WRONGLY_REFUSED]
    is_any_taken = len(refused) < sum(each.vector.must_take for each in numbers)
    return [] if is_any_taken else names


def _line(vector: Vector) -> str:
    """Return what was sent, with the name where it is sent for that: its letters are of many widths."""
    name = f" {vector.name}:" if vector.is_of_name else ""
    return f"{vector.code:21} {vector.number or '(empty)':19}{name}"
