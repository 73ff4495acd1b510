"""Messages of log calls are written out; the lint of personal data says so."""

import pytest
from lint_personal_data import personal_data_in


@pytest.mark.parametrize(
    "call",
    ['log.info("a.b")', 'log.info("a.b n=%s", n)', 'log.log(level, "a.b")', "log.info()", 'other.info(f"{x}")'],
)
def test_a_message_that_is_written_out_is_fine(call: str) -> None:
    assert personal_data_in(call) == []


@pytest.mark.parametrize(
    ("call", "what"),
    [
        ('log.info(f"a.b {x}")', "f'a.b {x}'"),
        ('log.warning("a.b " + x)', "'a.b ' + x"),
        ('logging.error("a.b %s" % x)', "'a.b %s' % x"),
        ("logger.exception(error)", "error"),
        ('log.log(level, f"{x}")', "f'{x}'"),
    ],
)
def test_a_message_that_was_put_together_is_found(call: str, what: str) -> None:
    assert personal_data_in(call) == [(1, what)]
