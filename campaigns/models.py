"""What is asked: a campaign with its phases, topics, leading group and requirements."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from campaigns.enums import CampaignKind, CampaignState, LeadershipRole, RequirementKind
from schools.access import Scope
from schools.enums import Ownership, UnitKind
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
    basis = models.TextField("依据文件", blank=True, help_text="每行一份，写明标题和文号。")
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
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_draft(self) -> bool:
        return self.state == CampaignState.DRAFT


class Phase(models.Model):
    """A stretch of days (both included) with an aim; phases of one `track` must not overlap."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="phases", verbose_name="活动")
    order = models.PositiveSmallIntegerField("序号", default=1)
    track = models.PositiveSmallIntegerField(
        "系列", default=1, help_text="方案有几套并行的阶段时，用1、2、3区分；同一系列内日期不得重叠。"
    )
    name = models.CharField("阶段名称", max_length=60)
    aim = models.TextField("任务", blank=True)
    starts_on = models.DateField("开始日期", null=True, blank=True)
    ends_on = models.DateField("结束日期", null=True, blank=True)

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
        ]

    def __str__(self) -> str:
        return self.name


class Topic(models.Model):
    """A node of the topic tree. `position` is the outline number: [2, 1] is “2.1”, a child of [2]."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="topics", verbose_name="活动")
    position = ArrayField(models.PositiveSmallIntegerField(), verbose_name="编号")
    title = models.CharField("专题", max_length=120)
    questions = models.TextField("引导问题", blank=True, help_text="每行一个问题。")

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


class Requirement(models.Model):
    """What is asked, and of whom. The audience is a rule, so that a unit added later is covered."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="requirements", verbose_name="活动")
    phase = models.ForeignKey(Phase, models.RESTRICT, related_name="requirements", verbose_name="阶段")
    topic = models.ForeignKey(
        Topic,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="requirements",
        verbose_name="限定专题",
        help_text="留空时由报送单位自选专题。",
    )
    kind = models.CharField("材料类别", max_length=16, choices=RequirementKind)
    title = models.CharField("名称", max_length=120)
    guidance = models.TextField("要求说明", blank=True)
    receiver = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="报送至",
        help_text="材料报到哪个科室或办公室。",
    )
    min_pieces = models.PositiveSmallIntegerField(
        "不少于（篇）", default=1, validators=[MinValueValidator(1, "至少为1篇。")]
    )
    max_pieces = models.PositiveSmallIntegerField("不超过（篇）", default=3)
    audience_kinds = ArrayField(
        models.CharField(max_length=16, choices=UnitKind),
        blank=True,
        default=list,
        verbose_name="报送单位类别",
    )
    audience_ownership = models.CharField(
        "办学性质", max_length=8, choices=Ownership, blank=True, help_text="留空表示公办、民办都报。"
    )
    audience_branch = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="限定范围",
        help_text="只要某一镇街或区县所属单位报送时选择；留空为主办单位全部下属单位。",
    )
    included = models.ManyToManyField(
        Unit, related_name="+", blank=True, verbose_name="另加单位", help_text="类别之外另行要求报送的单位。"
    )
    excluded = models.ManyToManyField(
        Unit, related_name="+", blank=True, verbose_name="除外单位", help_text="类别之内不要求报送的单位。"
    )

    class Meta:
        verbose_name = verbose_name_plural = "报送要求"
        ordering = ["phase__track", "phase__order", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(min_pieces__gte=1), name="requirement_asks_something"),
            models.CheckConstraint(
                condition=Q(max_pieces__gte=F("min_pieces")),
                name="requirement_max_at_least_min",
                violation_error_message="“不超过”的篇数不能小于“不少于”的篇数，请改正。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def by_click(self) -> bool:
        """Fulfilled by one click (签收) instead of a piece."""
        return self.kind in RequirementKind.without_pieces()


class Occurrence(models.Model):
    """One due date of a requirement. Instants; `due_at` is exclusive (see notices.workdays.end_of)."""

    requirement = models.ForeignKey(
        Requirement, models.CASCADE, related_name="occurrences", verbose_name="报送要求"
    )
    number = models.PositiveSmallIntegerField("期次", default=1)
    label = models.CharField("期次名称", max_length=30, blank=True)
    due_at = models.DateTimeField("截止时刻")
    cutoff_at = models.DateTimeField("停止接收时刻", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "期次"
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["requirement", "number"], name="occurrence_once"),
            models.CheckConstraint(
                condition=Q(cutoff_at=None) | Q(cutoff_at__gte=F("due_at")),
                name="occurrence_cutoff_not_before_due",
                violation_error_message="停止接收日期不能早于截止日期，请改正。",
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.requirement.title
