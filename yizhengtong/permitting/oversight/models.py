"""Figures of offices by month, and simulations of drafts."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from yizhengtong.kernel.ids import new_id

MOST_GOING = 4
"""How many simulations wait or run at a time: each reads all decisions."""


class Measure(models.TextChoices):
    """What is counted. All but the last three by the month in which it happened; those as things stand now."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    IN_TIME = "in_time", "decided by the day it was due"
    LATE = "late", "decided after the day it was due"
    REASON = "reason", "code: of what was unmet in a refusal"
    WAITING = "waiting", "code: the state in which open cases stand; days: since their last step"
    OVERDUE = "overdue", "undecided, the day it was due is over"
    DUE_SOON = "due_soon", "undecided, due today or within the next working days"


NOW = (Measure.WAITING, Measure.OVERDUE, Measure.DUE_SOON)


class Figure(models.Model):
    """So many cases of an item at an office in a month. Written whole by a task, never by hand.

    `month`: its first day. `days`, `longest`: sum and maximum of days, where the measure has a duration.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    office_id = models.UUIDField()
    office_path = models.CharField(max_length=255)
    month = models.DateField()
    item = models.CharField(max_length=40)
    measure = models.CharField(max_length=10, choices=Measure.choices)
    code = models.CharField(max_length=64, default="")
    cases = models.IntegerField()
    days = models.BigIntegerField(default=0)
    longest = models.IntegerField(default=0)
    counted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["month", "office_path"], name="oversight_figure_month")]

    def __str__(self) -> str:
        return f"{self.measure} {self.month:%Y-%m} {self.cases}"


class Simulation(models.Model):
    """A draft of the law on the archive: how far it is, and what came out (`casework.simulation.Tally.to_json`)."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    edition_hash = models.CharField(max_length=64)
    law_on = models.DateField(null=True, help_text="As if the law of that day had held; none: of each one's own day.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    decisions = models.IntegerField(default=0, help_text="In the archive when it began.")
    done = models.IntegerField(default=0)
    result = models.JSONField(null=True)
    asked_by = models.UUIDField(null=True)
    asked_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["edition_hash", "-asked_at"], name="oversight_simulation_of")]

    def __str__(self) -> str:
        return f"{self.edition_hash[:12]} {self.state}"
