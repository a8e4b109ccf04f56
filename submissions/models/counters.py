"""The numbers behind every figure, written by triggers (migration 0002)."""

from django.db import models

from campaigns.models import Occurrence
from schools.models import Unit


class Counter(models.Model):
    """`n` assignments that share these properties.

    The effective `due_at` is part of the key, so that 逾期 is a condition at reading time and no
    stored number needs the clock to tick.
    """

    occurrence = models.ForeignKey(Occurrence, models.DO_NOTHING, related_name="+")
    branch = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    unit_kind = models.CharField(max_length=16)
    ownership = models.CharField(max_length=8)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=12)
    late = models.BooleanField()
    n = models.IntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.occurrence_id}/{self.branch_id} {self.state}: {self.n}"


class Tally(Counter):
    """Folded counters, one row per key."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence", "branch", "unit_kind", "ownership", "due_at", "state", "late"],
                name="tally_key_once",
            )
        ]


class TallyDelta(Counter):
    """Changes not folded yet, appended by triggers in the transaction of the change: no hot row."""


class Standing(Counter):
    """The current counters: tally and deltas in one database view. Sum `n`; never count its rows."""

    class Meta:
        managed = False
        db_table = "submissions_standing"
