"""Texts as they are compared, and the pairs that were found to share much."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from submissions.models.piece import Version


class Fingerprint(models.Model):
    """The text of a version that reached the bureau, and the hashes it is found by.

    The row is written with the hand-in; until `compared_at` is set it waits for the worker. `attempts` are
    those that began; a worker that lives to tell takes its own back.
    """

    version = models.OneToOneField(Version, models.PROTECT, primary_key=True, related_name="fingerprint")
    text = models.TextField(blank=True)
    hashes = ArrayField(models.IntegerField(), default=list)
    compared_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["version"], condition=Q(compared_at=None), name="fingerprint_waiting"),
            GinIndex(fields=["hashes"], name="fingerprint_hashes", fastupdate=False),
        ]

    def __str__(self) -> str:
        return str(self.version)


class Likeness(models.Model):
    """Two versions of different pieces that share passages; `version` is the one handed in later.

    `share` and `other_share` are percentages of either text; `passages` lists
    [start, length, other start, other length] in characters of the two `Fingerprint.text`s.
    """

    version = models.ForeignKey(Version, models.PROTECT, related_name="likenesses")
    other = models.ForeignKey(Version, models.PROTECT, related_name="+")
    share = models.PositiveSmallIntegerField("相同部分占本文比例")
    other_share = models.PositiveSmallIntegerField("相同部分占对方比例")
    passages = models.JSONField(default=list)

    class Meta:
        ordering = ["-share", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "other"], name="likeness_pair_once"),
            models.CheckConstraint(condition=~Q(version=F("other")), name="likeness_of_two"),
            models.CheckConstraint(
                condition=Q(share__lte=100, other_share__lte=100), name="likeness_percent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.share}% {self.other}"
