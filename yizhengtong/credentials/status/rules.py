"""What the state of a permit means for the copies of its credentials.

Pure. A lost card takes nothing from the electronic copies (I): 国令663 art. 11 and 国办发〔2018〕81号 art. 9 let the
holder of a lost card have a new one and say nothing of the permit ending or resting meanwhile, and whoever finds the
card has no key of the holder's wallet. A permit without a card is lost with the phone: its copies rest until that is
found.
"""

from datetime import date

from yizhengtong.credentials.formats.status_list import INVALID, SUSPENDED, VALID
from yizhengtong.permitting.permits.kinds import ELECTRONIC


def value_for(state: str, endorsed_until: date | None, delivery: str, on: date) -> int:
    """Return what entries say of a permit on a legal day.

    国令663 art. 10: from the day after `endorsed_until` it has no functions, whether the daily sweep wrote so or not;
    of a lost one the sweep does not write it.
    """
    if state == "ended":
        return INVALID
    if state == "suspended" or (endorsed_until is not None and on > endorsed_until):
        return SUSPENDED
    if state == "lost" and delivery == ELECTRONIC:
        return SUSPENDED
    return VALID
