"""Figures as parts of a page: each a table, a chart of one of its columns, and the same rows for the file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.pages.charts import Mark, bars, columns
from yizhengtong.foundation.pages.reader import Reader
from yizhengtong.permitting.casework.states import OPEN
from yizhengtong.permitting.oversight.models import Measure
from yizhengtong.permitting.oversight.queries import FEWEST_SHOWN, NOTHING, Amounts, Figures, below
from yizhengtong.rights.feedback.grades import GRADES
from yizhengtong.rights.feedback.queries import Counts
from yizhengtong.sites.desk.figures_words import item_names, reason_words


@dataclass(frozen=True, slots=True)
class Cell:
    """A number as it is read; `value` None: not shown, or there is none."""

    shown: str
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table. `address`: of a page about it, or empty."""

    label: str
    cells: tuple[Cell, ...]
    address: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One subject: the words of its heading and hint, its table, the chart of it."""

    name: str
    title: str
    hint: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    chart: SafeString


def parts_of(
    reader: Reader,
    found: Figures,
    office: Office,
    offices: Sequence[Office],
    ratings: Sequence[Counts],
    address_of: Callable[[str], str],
) -> list[Part]:
    """Return all parts, in the order in which a head looks at them."""
    write = _Writer(reader)
    lower = below(office, found.by_office, offices)
    return [
        write.limits(lower, address_of),
        write.waiting(found),
        write.volumes(found),
        write.items(found),
        write.reasons(found),
        write.ratings(ratings),
    ]


class _Writer:
    """Writes parts in the words of one reader."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def limits(self, lower: Sequence[tuple[Office, Amounts]], address_of: Callable[[str], str]) -> Part:
        """Kept, missed, about to be missed, by the offices of the next level."""
        lines = []
        for office, amounts in lower:
            kept, late = _of(amounts, Measure.IN_TIME), _of(amounts, Measure.LATE)
            share = 100 * kept / (kept + late) if kept + late else None
            cells = (*_counts(kept, late), _percent(share), *_counts(_of(amounts, Measure.DUE_SOON)),
                     *_counts(_of(amounts, Measure.OVERDUE)))  # fmt: skip
            lines.append(Line(office.name, cells, address_of(office.code)))
        names = ("kept", "missed", "share", "soon", "over")
        return self._part("limits", "office", names, lines, drawn=2)

    def waiting(self, found: Figures) -> Part:
        """How many stand at each step now, and for how long."""
        lines = []
        for state in OPEN:
            amount = found.waiting.get(state, NOTHING)
            cells = (*_counts(amount.cases), Cell(f"{amount.average:.1f}", amount.average), *_counts(amount.longest))
            lines.append(Line(self.reader.say(f"casework.state_{state}"), cells))
        return self._part("waiting", "step", ("cases", "average", "longest"), lines, drawn=0)

    def volumes(self, found: Figures) -> Part:
        """Received, decided and withdrawn by month."""
        measures = (Measure.RECEIVED, Measure.GRANTED, Measure.REFUSED, Measure.WITHDRAWN)
        lines = [
            Line(f"{month:%Y-%m}", _counts(*(_of(amounts, measure) for measure in measures)))
            for month, amounts in sorted(found.by_month.items())
            if any(_of(amounts, measure) for measure in measures)
        ]
        return self._part("volumes", "month", ("received", "granted", "refused", "withdrawn"), lines, drawn=0, beside=1)

    def items(self, found: Figures) -> Part:
        """The same by item, with how long a decision took."""
        names, lines = item_names(self.reader), []
        for item, amounts in sorted(found.by_item.items()):
            granted, refused = amounts.get(Measure.GRANTED, NOTHING), amounts.get(Measure.REFUSED, NOTHING)
            both = granted.plus(refused)
            cells = (*_counts(_of(amounts, Measure.RECEIVED), granted.cases, refused.cases),
                     Cell(f"{both.average:.1f}", both.average) if both.cases else Cell("–"))  # fmt: skip
            if any(cell.value for cell in cells):
                lines.append(Line(names.get(item, item), cells))
        return self._part("items", "item", ("received", "granted", "refused", "took"), lines, drawn=0)

    def reasons(self, found: Figures) -> Part:
        """Why was refused. A refusal may have several reasons; few cases are not told one by one."""
        lines = [
            Line(reason_words(self.reader, code), (_few(cases), Cell(code)))
            for code, cases in sorted(found.reasons.items(), key=lambda each: (-each[1], each[0]))
        ]
        return self._part("reasons", "reason", ("cases", "code"), lines, drawn=0)

    def ratings(self, counts: Sequence[Counts]) -> Part:
        """How people were satisfied, by office; grades from the worst to the best."""
        lines = [
            Line(
                each.name or each.code,
                (
                    *_counts(*(each.grades.get(grade, 0) for grade in GRADES)),
                    _percent(each.satisfied_percent),
                    *_counts(each.waiting, each.late),
                ),
            )
            for each in counts
        ]
        names = (*(f"feedback.grade_{word}" for word in GRADES.values()), "satisfied", "unanswered", "late")
        return self._part("ratings", "office", names, lines, drawn=len(GRADES))

    def _part(
        self, name: str, first: str, names: Sequence[str], lines: list[Line], *, drawn: int, beside: int | None = None
    ) -> Part:
        say = self.reader.say
        title = say(f"desk.figures.{name}")
        words = tuple(say(word if "." in word else f"desk.figures.{word}") for word in (f"by_{first}", *names))
        shown = (drawn,) if beside is None else (drawn, beside)
        marks = [
            Mark(line.label, tuple(line.cells[at].value for at in shown), tuple(line.cells[at].shown for at in shown))
            for line in lines
        ]
        description = say("desk.figures.chart_of", column="、".join(words[at + 1] for at in shown))
        drawing = bars(name, title, description, marks) if beside is None else columns(
            name, title, description, [Mark(mark.label[2:], mark.values, mark.shown) for mark in marks],
            [words[at + 1] for at in shown],
        )  # fmt: skip
        return Part(name, title, say(f"desk.figures.{name}_hint", fewest=FEWEST_SHOWN), words, tuple(lines), drawing)


def months_back(today: date, months: int) -> date:
    """Return the first day of the month so many months before the one of `today`."""
    index = today.year * 12 + today.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def _of(amounts: Amounts, measure: str) -> int:
    return amounts.get(measure, NOTHING).cases


def _counts(*numbers: int) -> tuple[Cell, ...]:
    return tuple(Cell(f"{number}", number) for number in numbers)


def _percent(share: float | None) -> Cell:
    return Cell("–") if share is None else Cell(f"{share:.1f}%", round(share, 1))


def _few(cases: int) -> Cell:
    return Cell(f"{cases}", cases) if cases >= FEWEST_SHOWN else Cell(f"<{FEWEST_SHOWN}")
