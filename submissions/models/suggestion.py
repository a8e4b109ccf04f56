"""合理化建议: what units and meetings propose, what the bureau answers, and what becomes of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.models import Campaign, Topic
from schools.models import Unit
from submissions.enums import SuggestionState
from submissions.models.piece import Version

USER = settings.AUTH_USER_MODEL


class Suggestion(models.Model):
    """One proposal: item `position` of an accepted piece, or entered by the bureau (`source` says
    from where). The state is the bureau's answer; an adopted one is given to a unit and followed until it
    is done.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="suggestions", verbose_name="活动")
    topic = models.ForeignKey(
        Topic, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="专题"
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提出单位"
    )
    source = models.CharField("来源", max_length=120, blank=True)
    version = models.ForeignKey(
        Version, models.PROTECT, null=True, blank=True, related_name="suggestions", verbose_name="材料版本"
    )
    position = models.PositiveSmallIntegerField("第几条", null=True, blank=True)
    text = models.TextField("建议内容", max_length=2000)
    added_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )
    added_at = models.DateTimeField("登记时间")
    state = models.CharField("办理情况", max_length=12, choices=SuggestionState, default=SuggestionState.NEW)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name="并入"
    )
    answer = models.TextField("答复", max_length=2000, blank=True)
    answered_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    responsible = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任单位"
    )
    due_on = models.DateField("办理期限", null=True, blank=True)
    outcome = models.TextField("办理结果", max_length=2000, blank=True)
    done_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办结人"
    )
    done_at = models.DateTimeField("办结时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "合理化建议"
        ordering = ["added_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="suggestion_item_once"),
            models.CheckConstraint(
                condition=Q(version=None) | Q(position__isnull=False), name="suggestion_item_has_position"
            ),
            models.CheckConstraint(
                condition=Q(unit__isnull=False) | ~Q(source=""), name="suggestion_from_somewhere"
            ),
            models.CheckConstraint(
                condition=Q(state=SuggestionState.MERGED) ^ Q(merged_into=None), name="suggestion_merged_into"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=SuggestionState.answered()) | Q(answered_at__isnull=False),
                name="suggestion_answered_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=SuggestionState.with_reason()) | ~Q(answer=""),
                name="suggestion_answer_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(responsible=None) | Q(state__in=SuggestionState.carried_out()),
                name="suggestion_responsible_for_adopted",
            ),
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(state__in=SuggestionState.carried_out()) & ~Q(outcome=""),
                name="suggestion_done_has_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "state"], name="suggestion_of_campaign"),
            models.Index(fields=["unit", "-added_at"], name="suggestion_of_unit"),
            models.Index(
                fields=["responsible", "due_on"],
                condition=Q(responsible__isnull=False),
                name="suggestion_to_do",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]
