"""What a rating means (国办发〔2019〕51号): five grades, two stages, when it may be given. No Django, no clock."""

from yizhengtong.rights.feedback.grades import LEAST_SATISFIED


def is_negative(grade: int) -> bool:
    """Whether a grade is one of the two that must be looked into and answered."""
    return grade < LEAST_SATISFIED


def stage_on(*, is_accepted: bool, is_closed: bool) -> str:
    """Return the stage a rating given now belongs to: `acceptance` (受理) or `completion` (办结); empty: too early."""
    if is_closed:
        return "completion"
    return "acceptance" if is_accepted else ""


def may_rate(stage: str, channel: str) -> bool:
    """Whether a rating may be given: online for the whole case at its end (一事一评), at the window each visit's end.

    Whichever comes first is the one rating of the case.
    """
    return stage == "completion" or (stage == "acceptance" and channel == "window")
