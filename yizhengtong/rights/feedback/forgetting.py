"""What somebody wrote beside a grade goes when they ask for it, once nothing waits for an answer; the grade stays."""

from uuid import UUID

from yizhengtong.foundation.history import forget_history
from yizhengtong.foundation.transactions import use_case
from yizhengtong.rights.feedback.models import Rating


@use_case
def forget_words(*, person_id: UUID) -> int:
    """Delete what a person wrote in ratings that are noted or answered, in their history too. Returns how many."""
    settled = Rating.objects.select_for_update().filter(person_id=person_id).exclude(state=Rating.State.OPEN)
    found = [each for each in settled if each.words or each.call_back_words]
    for rating in found:
        rating.words = rating.call_back_words = ""
        rating.version += 1
        rating.save(update_fields=["words", "call_back_words", "version"])
    forget_history(Rating, [each.pk for each in found])
    return len(found)
