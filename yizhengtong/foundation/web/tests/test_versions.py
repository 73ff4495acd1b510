"""If-Match: who changes says which version was read."""

from contextlib import suppress

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from yizhengtong.foundation.web.versions import ensure_fresh, set_version, version_read
from yizhengtong.kernel.errors import Invalid, Stale


def read(header: str | None) -> int:
    return version_read(RequestFactory().get("/", headers={} if header is None else {"If-Match": header}))


@pytest.mark.parametrize(("header", "version"), [('"1"', 1), ('"0"', 0), ('W/"12"', 12), ('"999999999"', 999_999_999)])
def test_a_version_is_read_from_the_header(header: str, version: int) -> None:
    assert read(header) == version


@pytest.mark.parametrize(
    "header", [None, "", "1", '""', '"a"', "*", '"-1"', '"1.0"', '"1", "2"', '"1234567890"', "'1'", ' "1"x']
)
def test_a_missing_or_malformed_version_is_refused(header: str | None) -> None:
    with pytest.raises(Invalid) as refusal:
        read(header)
    assert refusal.value.code == "web.if_match_needed"


@given(st.text())
def test_whatever_stands_there_is_a_version_or_refused(header: str) -> None:
    request = RequestFactory().get("/")
    request.META["HTTP_IF_MATCH"] = header
    with suppress(Invalid):
        assert 0 <= version_read(request) < 10**9


@given(st.integers(min_value=0, max_value=10**9 - 1))
def test_the_tag_of_an_answer_is_taken_back(version: int) -> None:
    response = HttpResponse()
    set_version(response, version)
    assert read(response["ETag"]) == version


def test_what_changed_meanwhile_is_stale() -> None:
    ensure_fresh(3, 3)
    for version in (2, 4):
        with pytest.raises(Stale):
            ensure_fresh(3, version)
