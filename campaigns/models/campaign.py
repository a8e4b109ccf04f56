"""The campaign itself and the papers it rests on."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from campaigns.enums import CampaignKind, CampaignState
from portal.models import StoredFile
from schools.access import Scope
from schools.models import Unit, ancestor_paths


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible(self) -> Self:
        """Campaigns that have been published at some time."""
        return self.filter(state__in=CampaignState.visible())

    def for_scope(self, scope: Scope) -> Self:
        """Campaigns hosted inside the overseen subtrees, or by a unit above one of them."""
        above = {upper for path in scope.overseen for upper in ancestor_paths(path)}
        hosted = Q(host__path__in=above)
        for path in scope.overseen:
            hosted |= Q(host__path__startswith=path)
        return self.filter(hosted)


class Campaign(models.Model):
    title = models.CharField("活动名称", max_length=120)
    kind = models.CharField("活动类型", max_length=12, choices=CampaignKind)
    theme = models.CharField("主题", max_length=200, blank=True)
    goals = models.TextField("目标要求", blank=True)
    host = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="hosted_campaigns",
        verbose_name="主办单位",
        help_text="活动面向主办单位及其下属单位。",
    )
    office = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="领导小组办公室设在",
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name="上级活动",
        help_text="本活动承接上级单位的哪项活动；没有可不填。",
    )
    combined = models.ManyToManyField(
        "self", blank=True, verbose_name="结合开展的活动", help_text="方案要求与之结合、统筹开展的其他活动。"
    )
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")
    state = models.CharField(
        "状态", max_length=12, choices=CampaignState, default=CampaignState.DRAFT, editable=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name="创建人",
    )
    published_at = models.DateTimeField("发布时间", null=True, editable=False)
    closed_at = models.DateTimeField("结束时间", null=True, editable=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "活动"
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="campaign_ends_after_start",
                violation_error_message="结束日期不能早于开始日期，请改正。",
            ),
            models.CheckConstraint(
                condition=Q(state=CampaignState.DRAFT) ^ Q(published_at__isnull=False),
                name="campaign_published_has_time",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False)
                ^ Q(state__in=[CampaignState.DRAFT, CampaignState.PUBLISHED]),
                name="campaign_closed_has_time",
            ),
            models.CheckConstraint(condition=~Q(parent=F("pk")), name="campaign_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_draft(self) -> bool:
        return self.state == CampaignState.DRAFT

    @property
    def is_open(self) -> bool:
        """Whether something about it may still change: a draft, or running."""
        return self.state in (CampaignState.DRAFT, CampaignState.PUBLISHED)


class Basis(models.Model):
    """A paper that the campaign rests on."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="bases", verbose_name="活动")
    order = models.PositiveSmallIntegerField("序号", default=1)
    title = models.CharField("文件标题", max_length=200)
    number = models.CharField(
        "文号", max_length=60, blank=True, help_text="如“示教〔2026〕1号”，没有可不填。"
    )
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="附件"
    )

    class Meta:
        verbose_name = verbose_name_plural = "依据文件"
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return f"{self.title}（{self.number}）" if self.number else self.title
