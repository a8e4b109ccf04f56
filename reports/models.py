"""What leaders have seen."""

from django.conf import settings
from django.db import models


class Visit(models.Model):
    """When a person last looked at the overview, and since when changes are shown to them.

    Written by a beacon, never by the page itself; `since` moves on with the first look after a pause.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+", verbose_name="人员"
    )
    since = models.DateTimeField("变化起算时间", null=True)  # none at the first visit
    last_at = models.DateTimeField("最近查看时间")

    class Meta:
        verbose_name = verbose_name_plural = "查看记录"

    def __str__(self) -> str:
        return f"{self.user_id} {self.last_at}"
