"""When people are reminded of what is due: rungs counted in working days from the last day."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from campaigns.enums import Told
from campaigns.models.requirement import Requirement
from schools.models import Unit


class Ladder(models.Model):
    """The rungs of a bureau, for all that it and those below it ask for, or those of one requirement.

    `campaigns.ladders` says which holds; without any row the one built in does. A ladder without rungs
    reminds of nothing.
    """

    unit = models.OneToOneField(
        Unit, models.CASCADE, null=True, blank=True, related_name="ladder", verbose_name="教育局"
    )
    requirement = models.OneToOneField(
        Requirement, models.CASCADE, null=True, blank=True, related_name="ladder", verbose_name="报送要求"
    )

    class Meta:
        verbose_name = verbose_name_plural = "催办安排"
        constraints = [
            models.CheckConstraint(
                condition=Q(unit=None) ^ Q(requirement=None), name="ladder_of_a_bureau_or_a_requirement"
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit or self.requirement}的催办安排"


class Rung(models.Model):
    """One step: on which working day before (negative), on (0) or after the last day, and whom it tells."""

    ladder = models.ForeignKey(Ladder, models.CASCADE, related_name="rungs", verbose_name="催办安排")
    days = models.SmallIntegerField(
        "工作日",
        validators=[MinValueValidator(-60, "请填写-60至60。"), MaxValueValidator(60, "请填写-60至60。")],
        help_text="截止前填负数，当天填0，逾期后填正数，均按工作日计。",
    )
    tells = ArrayField(models.CharField(max_length=10, choices=Told), verbose_name="通知对象")

    class Meta:
        verbose_name = verbose_name_plural = "催办节点"
        ordering = ["days"]
        constraints = [
            models.UniqueConstraint(
                fields=["ladder", "days"],
                name="rung_once",
                violation_error_message="同一天只能有一个催办节点，请合并。",
            ),
            models.CheckConstraint(condition=Q(days__gte=-60, days__lte=60), name="rung_within_sixty_days"),
            models.CheckConstraint(
                condition=Q(tells__len__gte=1),
                name="rung_tells_somebody",
                violation_error_message="请至少选择一类通知对象。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.days:+d}" if self.days else "0"
