"""What must hold for any stays at all."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from yizhengtong.foundation.texts import LANGUAGES, say
from yizhengtong.kernel.findings import Finding, Source
from yizhengtong.law.values import ResidenceMeasure
from yizhengtong.registry.residence.rules import Stay, area_of, days_lived, has_lived_here_long_enough
from yizhengtong.registry.residence.timeline import timeline

FIRST = date(2024, 1, 1)
REGIONS = ("370102", "370103", "370202", "440304")

requirements = st.builds(
    ResidenceMeasure,
    measure=st.sampled_from(["days", "months"]),
    n=st.integers(1, 200),
    scope=st.sampled_from(["county", "city", "province", "nation"]),
    contiguous=st.booleans(),
    evidence=st.just("registered"),
).map(lambda needed: needed if needed.measure == "days" else needed.model_copy(update={"n": 1 + needed.n % 12}))
days = st.integers(0, 900).map(lambda n: FIRST + timedelta(days=n))
gaps = st.integers(0, 20)


@st.composite
def a_stay(draw: st.DrawFn) -> Stay:
    start = draw(days)
    length = draw(st.none() | st.integers(1, 250))
    return Stay(draw(st.sampled_from(REGIONS)), start, None if length is None else start + timedelta(days=length))


some_stays = st.lists(a_stay(), max_size=5)


def look(stays: list[Stay], on: date, needed: ResidenceMeasure, gap: int) -> Finding:
    return has_lived_here_long_enough(stays, on, needed, "370102", Source("x"), gap_tolerance_days=gap)


def favour(finding: Finding) -> tuple[int, int]:
    """Higher is better for the applicant: what is found, then how soon it is met."""
    met_on = finding.met_on or date.max
    return {False: 0, None: 1, True: 2}[finding.met], -met_on.toordinal()


@given(some_stays, a_stay(), days, requirements, gaps)
def test_one_more_stay_never_makes_it_later(
    stays: list[Stay], another: Stay, on: date, needed: ResidenceMeasure, gap: int
) -> None:
    before, after = look(stays, on, needed, gap), look([*stays, another], on, needed, gap)
    assert favour(before)[0] <= favour(after)[0]
    assert favour(before)[1] <= favour(after)[1]


@given(some_stays, a_stay(), days, days, requirements, gaps)
def test_a_stay_split_in_two_that_touch_changes_nothing(
    stays: list[Stay], whole: Stay, cut: date, on: date, needed: ResidenceMeasure, gap: int
) -> None:
    if not (whole.start < cut and (whole.until is None or cut < whole.until)):
        cut = whole.start + timedelta(days=1)
    parts = [Stay(whole.region, whole.start, cut)]
    if whole.until is None or cut < whole.until:
        parts.append(Stay(whole.region, cut, whole.until))
    assert look([*stays, whole], on, needed, gap) == look([*stays, *parts], on, needed, gap)


@given(some_stays, days, requirements, gaps)
def test_the_order_of_stays_changes_nothing(stays: list[Stay], on: date, needed: ResidenceMeasure, gap: int) -> None:
    assert look(stays, on, needed, gap) == look(stays[::-1], on, needed, gap)


@given(some_stays, days, requirements, gaps)
def test_it_is_met_from_the_day_it_says_and_not_the_day_before(
    stays: list[Stay], on: date, needed: ResidenceMeasure, gap: int
) -> None:
    finding = look(stays, on, needed, gap)
    assert (finding.met is True) == (finding.met_on is not None and finding.met_on <= on)
    if finding.met_on is not None:
        assert look(stays, finding.met_on, needed, gap).met is True
    if finding.met_on is not None and finding.met_on > on:
        assert look(stays, finding.met_on - timedelta(days=1), needed, gap).met is not True


@given(some_stays, days, requirements, gaps)
def test_contiguity_is_never_milder_and_more_tolerance_never_stricter(
    stays: list[Stay], on: date, needed: ResidenceMeasure, gap: int
) -> None:
    strict, loose = (needed.model_copy(update={"contiguous": value}) for value in (True, False))
    if look(stays, on, strict, gap).met:
        assert look(stays, on, loose, gap).met
    assert favour(look(stays, on, strict, gap))[0] <= favour(look(stays, on, strict, gap + 1))[0]


@given(some_stays, days, requirements, gaps)
def test_every_finding_has_whole_words_in_every_language(
    stays: list[Stay], on: date, needed: ResidenceMeasure, gap: int
) -> None:
    finding = look(stays, on, needed, gap)
    for language in LANGUAGES:
        words = say(finding.code, language, finding.facts, region="TW")
        assert words != finding.code
        assert "{" not in words


@given(some_stays, days, requirements, gaps)
def test_a_gap_alone_never_refuses(stays: list[Stay], on: date, needed: ResidenceMeasure, gap: int) -> None:
    strict, loose = (needed.model_copy(update={"contiguous": value}) for value in (True, False))
    if look(stays, on, loose, gap).met:
        assert look(stays, on, strict, gap).met is not False


@given(some_stays, days, requirements, gaps)
def test_the_timeline_holds_every_day_once_and_adds_up_to_what_the_rule_counts(
    stays: list[Stay], on: date, needed: ResidenceMeasure, gap: int
) -> None:
    laid = timeline(stays, needed, "370102", on, gap_tolerance_days=gap)
    held = sorted(
        [(each.start, each.until) for each in laid.counted] + [(each.start, each.until) for each in laid.uncounted]
    )
    first = min((stay.start for stay in stays), default=on)
    assert sum((until - start).days for start, until in held) == max((on - first).days, 0)
    assert all(before[1] == after[0] for before, after in pairwise(held))
    finding = look(stays, on, needed, gap)
    assert laid.total == finding.facts["days"] == sum(piece.days for piece in laid.counted)
    assert laid.met_on == finding.met_on
    if not needed.contiguous:
        assert laid.total == days_lived(stays, on, area_of(needed.scope, "370102"))
