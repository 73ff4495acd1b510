"""Papers that were printed: enough to say of one that is shown whether it is ours and holds, and nothing more."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from yizhengtong.kernel.ids import new_id
from yizhengtong.registry.people.models import Person


class IssuedPaper(models.Model):
    """One content of one paper. Printed again unchanged it is the same row; changed, a new one takes its place."""

    class About(models.TextChoices):
        CASE = "case"
        NOTICE = "notice"
        PERMIT = "permit"
        PERSON = "person"
        REGISTRATION = "registration"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reference_hash = models.BinaryField(
        max_length=16, help_text="Keyed; the reference itself stands on the paper only."
    )
    kind = models.CharField(max_length=24)
    language = models.CharField(max_length=12)
    about = models.CharField(max_length=12, choices=About.choices)
    object_id = models.UUIDField()
    person = models.ForeignKey(Person, models.PROTECT, related_name="papers")
    content_hash = models.BinaryField(max_length=32, help_text="Keyed, of everything the paper says.")
    dated = models.DateField(help_text="The day the paper bears.")
    office = models.CharField(max_length=80, help_text="Whose paper it is, as printed.")
    printed_at = models.DateTimeField(default=timezone.now, help_text="For the first time.")
    replaced_at = models.DateTimeField(null=True, help_text="When another content of the same paper was printed.")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["reference_hash"], name="papers_one_reference"),
            models.UniqueConstraint(
                fields=["about", "object_id", "kind", "language"],
                condition=Q(replaced_at=None),
                name="papers_one_current",
            ),
        )
        indexes = (models.Index(fields=["person", "-id"], name="papers_person"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.dated}"
