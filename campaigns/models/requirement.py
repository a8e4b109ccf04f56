"""What is asked, of whom, and by when."""

from collections.abc import Iterable
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from campaigns.enums import Frequency, RequirementKind
from campaigns.models.campaign import Campaign
from campaigns.models.plan import Activity, Indicator, Phase, Topic
from portal.files.kinds import FileKind
from portal.models import StoredFile
from schools.enums import Ownership, UnitKind
from schools.models import Unit


class RequirementQuerySet(models.QuerySet["Requirement"]):
    def issued(self) -> Self:
        """Those that units were asked for, withdrawn ones included."""
        return self.filter(issued_at__isnull=False)

    def in_force(self) -> Self:
        """Those that units are asked for."""
        return self.issued().filter(withdrawn_at=None)


class Requirement(models.Model):
    """What is asked, and of whom. The audience is a rule, so that a unit added later is covered.

    A requirement is a draft until `issued_at`: publishing issues those of the draft campaign, later
    ones are issued one by one. A recurring one has an occurrence for each period between
    `recurs_from` and `recurs_until`; `due_day` is the weekday (1 = Monday) or the day of the month.
    """

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
    activity = models.OneToOneField(
        Activity,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="minutes",
        editable=False,
        verbose_name="所属活动安排",
    )
    order = models.PositiveSmallIntegerField("序号", default=1)
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
    words_min = models.PositiveIntegerField("字数不少于", null=True, blank=True)
    words_max = models.PositiveIntegerField("字数不超过", null=True, blank=True)
    file_kinds = ArrayField(
        models.CharField(max_length=8, choices=FileKind.offered()),
        blank=True,
        default=list,
        verbose_name="限定文件类型",
    )
    template_file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="材料模板"
    )
    frequency = models.CharField("频次", max_length=12, choices=Frequency, default=Frequency.ONCE)
    recurs_from = models.DateField("定期报送自", null=True, blank=True)
    recurs_until = models.DateField("定期报送至", null=True, blank=True)
    due_day = models.PositiveSmallIntegerField("每期截止日", null=True, blank=True)
    sign_off = models.BooleanField(
        "须单位负责人签发", default=False, help_text="信息员提交后，由本单位负责人签发才算报出。"
    )
    district_first = models.BooleanField(
        "先由区县初审", default=False, help_text="区县局初审通过后，再由主办单位终审。"
    )
    nil_allowed = models.BooleanField(
        "允许零报告", default=False, help_text="没有可报内容的单位，说明情况后可以零报告。"
    )
    effort_minutes = models.PositiveSmallIntegerField(
        "每篇预计用时（分钟）", default=60, help_text="用来测算各单位负担，发布前可以看到。"
    )
    reviewers = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        related_name="+",
        blank=True,
        verbose_name="审核人",
        help_text="留空时由主办单位的活动专员审核。",
    )
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
    issued_at = models.DateTimeField("下达时间", null=True, editable=False)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, editable=False)

    objects = RequirementQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报送要求"
        ordering = ["phase__track", "phase__order", "order", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(min_pieces__gte=1), name="requirement_asks_something"),
            models.CheckConstraint(
                condition=Q(max_pieces__gte=F("min_pieces")),
                name="requirement_max_at_least_min",
                violation_error_message="“不超过”的篇数不能小于“不少于”的篇数，请改正。",
            ),
            models.CheckConstraint(
                condition=Q(words_min=None) | Q(words_max=None) | Q(words_max__gte=F("words_min")),
                name="requirement_words_max_at_least_min",
                violation_error_message="字数上限不能小于下限，请改正。",
            ),
            models.CheckConstraint(
                condition=Q(frequency=Frequency.ONCE, recurs_from=None, recurs_until=None, due_day=None)
                | (
                    ~Q(frequency=Frequency.ONCE)
                    & Q(recurs_until__gte=F("recurs_from"), due_day__gte=1, due_day__lte=31)
                ),
                name="requirement_recurs_within_days",
                violation_error_message="定期报送须写明起止日期和每期截止日，且止期不早于起期，请改正。",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(issued_at__isnull=False),
                name="requirement_withdrawn_after_issue",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def by_click(self) -> bool:
        """Fulfilled by one click (签收) instead of a piece."""
        return self.kind in RequirementKind.without_pieces()

    @property
    def pieces(self) -> str:
        """“1篇”, “1至3篇”, or that a click is enough."""
        if self.by_click:
            return "点击签收"
        if self.min_pieces == self.max_pieces:
            return f"{self.min_pieces}篇"
        return f"{self.min_pieces}至{self.max_pieces}篇"

    @property
    def recurs(self) -> bool:
        return self.frequency != Frequency.ONCE

    def indicators_for(self, unit: Unit) -> models.QuerySet[Indicator]:
        """What a progress table of `unit` has a line for.

        Whoever leads or supports topics reports on those and what lies below them; everybody else on all
        of the campaign. A requirement about one topic asks for nothing outside it.
        """
        topics = self.campaign.topics.select_related("lead").prefetch_related("supporting")
        found = Indicator.objects.filter(topic__in=self.topics_for(unit, topics))
        return found.select_related("topic").order_by("topic__position", "order", "pk")

    def topics_for(self, unit: Unit, topics: Iterable[Topic]) -> list[Topic]:
        """Those of the campaign's `topics` (with their duties) on which `unit` reports, by the same rule."""
        if self.topic is not None:
            topics = [one for one in topics if one.position[: self.topic.depth] == self.topic.position]
        topics = list(topics)
        duties = [one.position for one in topics if unit == one.lead or unit in one.supporting.all()]
        return [
            one
            for one in topics
            if not duties or any(one.position[: len(above)] == above for above in duties)
        ]


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

    @property
    def name(self) -> str:
        """“进度月报（2026年3月）”: what is asked, and for which period."""
        return f"{self.requirement.title}（{self.label}）" if self.label else self.requirement.title
