"""优秀成果: accepted pieces that are chosen and, with consent, shown to all units of the host."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from submissions.enums import ExhibitState
from submissions.models.piece import Version

USER = settings.AUTH_USER_MODEL


class Exhibit(models.Model):
    """A version on the shelf, from its choice on; others see it in `SHOWN` alone."""

    version = models.OneToOneField(Version, models.PROTECT, related_name="exhibit", verbose_name="材料版本")
    state = models.CharField("状态", max_length=12, choices=ExhibitState, default=ExhibitState.ASKED)
    comment = models.TextField("推荐语", max_length=500, blank=True)
    chosen_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="选定人")
    chosen_at = models.DateTimeField("选定时间")
    answered_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    removed_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤下人"
    )
    removed_at = models.DateTimeField("撤下时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "优秀成果"
        ordering = ["-chosen_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=ExhibitState.SHOWN) | Q(answered_at__isnull=False),
                name="exhibit_shown_with_consent",
            ),
            models.CheckConstraint(
                condition=Q(state=ExhibitState.REMOVED) ^ Q(removed_at=None), name="exhibit_removed_has_time"
            ),
        ]
        indexes = [
            models.Index(fields=["-answered_at"], condition=Q(state=ExhibitState.SHOWN), name="exhibit_shelf")
        ]

    def __str__(self) -> str:
        return str(self.version)
