"""The plan of a campaign: phases, topics with indicators, the people who lead, what is held."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from campaigns.enums import ActivityKind, Aggregation, Comparator, LeadershipRole, PhaseState
from campaigns.models.campaign import Campaign
from schools.models import Unit


class Phase(models.Model):
    """A stretch of days (both included) with an aim; phases of one `track` must not overlap.

    The state follows the days by itself while the campaign runs. `closed_at` stays when a closed phase
    is opened again: from then on only a person closes it (submissions.services.phases).
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="phases", verbose_name="活动")
    order = models.PositiveSmallIntegerField("序号", default=1)
    track = models.PositiveSmallIntegerField(
        "系列", default=1, help_text="方案有几套并行的阶段时，用1、2、3区分；同一系列内日期不得重叠。"
    )
    name = models.CharField("阶段名称", max_length=60)
    aim = models.TextField("任务", blank=True)
    starts_on = models.DateField("开始日期", null=True, blank=True)
    ends_on = models.DateField("结束日期", null=True, blank=True)
    suggested = models.BooleanField(
        "日期为建议", default=False, help_text="模板所依据的文件没有写明日期；核对后请取消勾选。"
    )
    state = models.CharField(
        "状态", max_length=12, choices=PhaseState, default=PhaseState.UPCOMING, editable=False
    )
    opened_at = models.DateTimeField("开始时间", null=True, editable=False)
    closed_at = models.DateTimeField("关闭时间", null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "阶段"
        ordering = ["track", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "name"],
                name="phase_name_unique",
                violation_error_message="本活动已有同名阶段，请换一个名称。",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="phase_ends_after_start",
                violation_error_message="阶段结束日期不能早于开始日期，请改正。",
            ),
            models.CheckConstraint(
                condition=Q(state=PhaseState.UPCOMING) | Q(opened_at__isnull=False),
                name="phase_opened_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=PhaseState.CLOSED) | Q(closed_at__isnull=False),
                name="phase_closed_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TopicQuerySet(models.QuerySet["Topic"]):
    def with_duties(self) -> Self:
        """With who leads and supports, and what is measured."""
        return self.select_related("lead").prefetch_related("supporting", "indicators")


class Topic(models.Model):
    """A node of the topic tree. `position` is the outline number: [2, 1] is “2.1”, a child of [2]."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="topics", verbose_name="活动")
    position = ArrayField(models.PositiveSmallIntegerField(), verbose_name="编号")
    title = models.CharField("专题", max_length=120)
    questions = models.TextField("引导问题", blank=True, help_text="每行一个问题。")
    lead = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="牵头单位"
    )
    supporting = models.ManyToManyField(Unit, related_name="+", blank=True, verbose_name="配合单位")

    objects = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "专题"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "position"],
                name="topic_position_unique",
                violation_error_message="本活动已有相同编号的专题，请改用其他编号。",
            ),
            models.CheckConstraint(condition=Q(position__len__gt=0), name="topic_position_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def number(self) -> str:
        return ".".join(map(str, self.position))

    @property
    def depth(self) -> int:
        return len(self.position)


class Indicator(models.Model):
    """What a topic is measured by: “骨干教师比例 ≥ 15 %，2026年12月31日前”."""

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="indicators", verbose_name="专题")
    order = models.PositiveSmallIntegerField("序号", default=1)
    name = models.CharField("指标", max_length=120)
    comparator = models.CharField("关系", max_length=4, choices=Comparator, default=Comparator.AT_LEAST)
    value = models.DecimalField("目标值", max_digits=14, decimal_places=2)
    unit = models.CharField("计量单位", max_length=20, help_text="如“%”“所”“人”。")
    aggregation = models.CharField(
        "汇总方式",
        max_length=8,
        choices=Aggregation,
        default=Aggregation.SUM,
        help_text="各单位填报的数值合计还是平均。",
    )
    due_on = models.DateField("完成时限", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "指标"
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["topic", "name"],
                name="indicator_name_unique",
                violation_error_message="本专题已有同名指标，请换一个名称。",
            )
        ]

    def __str__(self) -> str:
        value = self.value.normalize()
        return f"{self.name}{self.get_comparator_display()}{value:f}{self.unit}"


class Leadership(models.Model):
    """A seat in the leading group, held by a person of the portal or described by a post."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="leadership", verbose_name="活动")
    role = models.CharField("职务", max_length=12, choices=LeadershipRole, default=LeadershipRole.MEMBER)
    order = models.PositiveSmallIntegerField("序号", default=1)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="人员"
    )
    post = models.CharField(
        "岗位", max_length=80, blank=True, help_text="不指定到人时填写，如“各科室负责人”。"
    )

    class Meta:
        verbose_name = verbose_name_plural = "领导小组成员"
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False) | ~Q(post=""),
                name="leadership_someone",
                violation_error_message="请选择人员，或填写岗位。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.user or self.post}"


class InspectionGroup(models.Model):
    """指导检查组: who looks after which schools. A unit stands for everything below it."""

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="inspection_groups", verbose_name="活动"
    )
    order = models.PositiveSmallIntegerField("序号", default=1)
    name = models.CharField("名称", max_length=60, help_text="如“第一检查组”。")
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="组长"
    )
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", blank=True, verbose_name="成员"
    )
    units = models.ManyToManyField(
        Unit,
        related_name="+",
        blank=True,
        verbose_name="负责单位",
        help_text="选择镇街即包括其下属全部学校。",
    )

    class Meta:
        verbose_name = verbose_name_plural = "检查组"
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "name"],
                name="inspection_group_name_unique",
                violation_error_message="本活动已有同名检查组，请换一个名称。",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Activity(models.Model):
    """A lecture, discussion, forum, class or contest, held once, by days in Asia/Shanghai.

    The minutes that its host will owe are a requirement of their own (`Requirement.activity`).
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="activities", verbose_name="活动")
    phase = models.ForeignKey(Phase, models.RESTRICT, related_name="activities", verbose_name="阶段")
    topic = models.ForeignKey(
        Topic, models.RESTRICT, null=True, blank=True, related_name="activities", verbose_name="专题"
    )
    kind = models.CharField("形式", max_length=12, choices=ActivityKind)
    title = models.CharField("名称", max_length=120)
    starts_on = models.DateField("日期", null=True, blank=True)
    ends_on = models.DateField("结束日期", null=True, blank=True, help_text="只有一天的活动留空。")
    place = models.CharField("地点", max_length=120, blank=True)
    host = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承办单位"
    )
    chair = models.CharField("主持人", max_length=80, blank=True, help_text="写姓名或岗位，如“局主要领导”。")

    class Meta:
        verbose_name = verbose_name_plural = "活动安排"
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="activity_ends_after_start",
                violation_error_message="结束日期不能早于开始日期，请改正。",
            ),
        ]

    def __str__(self) -> str:
        return self.title
