"""The numbers behind every figure, written by triggers (migrations 0002 and 0003).

Every counter is three things: a folded table, a table of changes not folded yet, and a database view that
is both. Changes are appended in the transaction of what they count, so that no row is hot. Sum the view;
never count its rows.
"""

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Coalesce

from campaigns.models import Campaign, Indicator, Occurrence, Topic
from schools.models import Unit
from submissions.models.piece import Version


class Counter(models.Model):
    """`n` assignments that share these properties.

    The effective `due_at` is part of the key, so that 逾期 is a condition at reading time and no
    stored number needs the clock to tick. `complete`: all that was asked for had been handed in once.
    """

    occurrence = models.ForeignKey(Occurrence, models.DO_NOTHING, related_name="+")
    branch = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    unit_kind = models.CharField(max_length=16)
    ownership = models.CharField(max_length=8)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=12)
    late = models.BooleanField()
    complete = models.BooleanField()
    n = models.IntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.occurrence_id}/{self.branch_id} {self.state}: {self.n}"


class Tally(Counter):
    """Folded counters, one row per key. The key begins with the branch and holds the number, so that what a
    county asks for is read from this index alone (docs/scale.md)."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "branch", "occurrence", "unit_kind", "ownership", "due_at", "state", "late", "complete",
                ],
                include=["n"],
                name="tally_key_once",
            )
        ]  # fmt: skip


class TallyDelta(Counter):
    """Changes of `Tally`."""


class Standing(Counter):
    """How assignments stand."""

    class Meta:
        managed = False
        db_table = "submissions_standing"


class DayCounter(models.Model):
    """`n` assignments, owed still, that were first complete on a day (Asia/Shanghai)."""

    occurrence = models.ForeignKey(Occurrence, models.DO_NOTHING, related_name="+")
    branch = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    completed_on = models.DateField()
    n = models.IntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.occurrence_id}/{self.branch_id} {self.completed_on}: {self.n}"


class DayTally(DayCounter):
    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "occurrence", "completed_on"], include=["n"], name="day_tally_key_once"
            )
        ]


class DayTallyDelta(DayCounter):
    """Changes of `DayTally`."""


class Pace(DayCounter):
    """When assignments were completed."""

    class Meta:
        managed = False
        db_table = "submissions_pace"


class PieceCounter(models.Model):
    """Of one unit in one campaign: `n` pieces about `topic` (None: about none) that are with the bureau,
    among them `meetings` minutes, with `present` people together.

    The topic is the one that the requirement prescribes, or the piece's own.
    """

    campaign = models.ForeignKey(Campaign, models.DO_NOTHING, related_name="+")
    topic = models.ForeignKey(Topic, models.DO_NOTHING, null=True, related_name="+")
    branch = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    n = models.IntegerField()
    meetings = models.IntegerField()
    present = models.IntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.unit_id} {self.topic_id}: {self.n}"


class PieceTally(PieceCounter):
    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("campaign"),
                Coalesce("topic", Value(0)),
                F("branch"),
                F("unit"),
                name="piece_tally_key_once",
            )
        ]


class PieceTallyDelta(PieceCounter):
    """Changes of `PieceTally`."""


class Output(PieceCounter):
    """What units have brought."""

    class Meta:
        managed = False
        db_table = "submissions_output"


class Reading(models.Model):
    """What a unit reported last for an indicator: the value of the latest period that is with the bureau.

    One row for each unit, so no row is hot; written by triggers, like the counters.
    """

    indicator = models.ForeignKey(Indicator, models.DO_NOTHING, related_name="readings", verbose_name="指标")
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+", verbose_name="单位")
    branch = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+", verbose_name="所属镇街或教育局")
    version = models.ForeignKey(Version, models.DO_NOTHING, related_name="+", verbose_name="材料版本")
    value = models.DecimalField("数值", max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = verbose_name_plural = "指标现值"
        constraints = [models.UniqueConstraint(fields=["indicator", "unit"], name="reading_once")]

    def __str__(self) -> str:
        return f"{self.indicator_id}/{self.unit_id}: {self.value}"
