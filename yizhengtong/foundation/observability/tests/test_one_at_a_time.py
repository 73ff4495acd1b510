"""Work of which one round at a time goes on, and nothing that came meanwhile is left undone."""

from threading import Event, Thread

import pytest

from yizhengtong.foundation.observability.jobs import OneAtATime

_PATIENCE_SECONDS = 60


def test_who_comes_while_one_goes_on_is_not_kept_and_makes_it_go_round_once_more() -> None:
    begun, may_end, rounds = Event(), Event(), []

    def work() -> None:
        rounds.append("begun")
        begun.set()
        assert may_end.wait(_PATIENCE_SECONDS)

    once = OneAtATime(work)
    first = Thread(target=once)
    first.start()
    assert begun.wait(_PATIENCE_SECONDS)
    once()
    once()  # both come back at once: what they saw, the next round sees
    assert rounds == ["begun"]
    may_end.set()
    first.join(_PATIENCE_SECONDS)
    assert rounds == ["begun", "begun"]


def test_a_round_that_fails_leaves_the_way_free() -> None:
    rounds = []

    def work() -> None:
        rounds.append("begun")
        if len(rounds) == 1:
            raise ValueError

    once = OneAtATime(work)
    with pytest.raises(ValueError):
        once()
    once()
    assert rounds == ["begun", "begun"]
