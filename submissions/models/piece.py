"""What came: pieces with one mutable draft and immutable versions, and what reviewers decide on those."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.models import Indicator, Topic
from portal.models import StoredFile
from submissions.enums import PieceState, ReviewStep, Verdict
from submissions.models.assignment import Assignment

USER = settings.AUTH_USER_MODEL


class Submission(models.Model):
    """One piece a unit hands in for an assignment; its words live in the draft and the versions."""

    assignment = models.ForeignKey(
        Assignment, models.PROTECT, related_name="submissions", verbose_name="报送任务"
    )
    number = models.PositiveSmallIntegerField("第几篇")
    state = models.CharField("状态", max_length=12, choices=PieceState, default=PieceState.DRAFT)
    handed_in_at = models.DateTimeField("最近提交时间", null=True, blank=True)
    correct_by = models.DateTimeField("修改期限", null=True, blank=True)
    #: The version that is with the bureau and counts; none while the school holds the piece.
    current = models.ForeignKey(
        "Version", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="现行版本"
    )

    class Meta:
        verbose_name = verbose_name_plural = "材料"
        ordering = ["assignment", "number"]
        constraints = [
            models.UniqueConstraint(fields=["assignment", "number"], name="submission_number_once"),
            models.CheckConstraint(condition=Q(state__in=PieceState.values), name="submission_state_known"),
            models.CheckConstraint(
                condition=Q(state=PieceState.DRAFT) | Q(handed_in_at__isnull=False),
                name="submission_handed_in_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=PieceState.handed_in()) ^ Q(current=None),
                name="submission_current_with_the_bureau",
            ),
        ]
        indexes = [
            models.Index(
                fields=["handed_in_at"],
                condition=Q(state__in=PieceState.undecided()),
                name="submission_queue",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment} 第{self.number}篇"

    def last_return(self, *, by_bureau: bool = False) -> "Review | None":
        """The latest decision that sent the piece back, if any did; on demand not that of the unit's head."""
        sent_back = Review.objects.filter(version__submission=self, verdict__in=Verdict.sending_back())
        if by_bureau:
            sent_back = sent_back.exclude(step=ReviewStep.SIGN)
        return sent_back.select_related("by", "version").order_by("at", "pk").last()


class Content(models.Model):
    """What a piece says; the same fields in the draft and in every version.

    `sheet` holds what the kind of material asks for besides (submissions/sheets.py): as typed in a draft,
    checked and in its one shape in a version.
    """

    title = models.CharField("标题", max_length=120, blank=True)
    authors = models.CharField("作者", max_length=120, blank=True)
    topic = models.ForeignKey(
        Topic, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="专题"
    )
    abstract = models.TextField("摘要", max_length=500, blank=True)
    body = models.TextField("正文", max_length=50_000, blank=True)
    sheet = models.JSONField("分项内容", default=dict, blank=True)
    reused_from = models.ForeignKey(
        "Version", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="沿用自"
    )

    class Meta:
        abstract = True


class Draft(Content):
    """The mutable side of a piece, one per piece."""

    submission = models.OneToOneField(Submission, models.CASCADE, related_name="draft")
    saved_at = models.DateTimeField("保存时间")
    saved_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="保存人")
    files = models.ManyToManyField(StoredFile, through="DraftFile", related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "草稿"

    def __str__(self) -> str:
        return self.title


class DraftFile(models.Model):
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="draft_files")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="draft_files")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["draft", "file"], name="draft_file_once")]

    def __str__(self) -> str:
        return self.file.name


class Version(Content):
    """What was handed in, once and for all: the database refuses every change and removal."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="versions", verbose_name="材料")
    number = models.PositiveSmallIntegerField("版本")
    submitted_at = models.DateTimeField("提交时间")
    submitted_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="提交人")
    on_behalf = models.BooleanField("代报", default=False)
    digest = models.CharField("内容校验值", max_length=64)
    files = models.ManyToManyField(StoredFile, through="VersionFile", related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "材料版本"
        ordering = ["submission", "number"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "number"], name="version_number_once"),
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="version_hashed"),
            models.CheckConstraint(condition=~Q(title=""), name="version_has_title"),
        ]

    def __str__(self) -> str:
        return f"{self.title}（第{self.number}版）"


class VersionFile(models.Model):
    version = models.ForeignKey(Version, models.PROTECT, related_name="version_files")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="version_files")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["version", "file"], name="version_file_once")]

    def __str__(self) -> str:
        return self.file.name


class VersionValueQuerySet(models.QuerySet["VersionValue"]):
    def before(self, assignment: Assignment) -> dict[int, Decimal]:
        """What the unit last reported for each indicator, in earlier periods of the same requirement."""
        mine = self.filter(
            version__submission__assignment__unit=assignment.unit_id,
            version__submission__assignment__occurrence__requirement=assignment.requirement,
            version__submission__assignment__occurrence__due_at__lt=assignment.occurrence.due_at,
        ).exclude(version__submission__state__in=PieceState.with_the_school())
        due_at = "version__submission__assignment__occurrence__due_at"
        return dict(mine.order_by(due_at, "version").values_list("indicator", "value"))


class VersionValue(models.Model):
    """The value a version reports for one indicator, as a number that SQL can sum."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="values", verbose_name="材料版本")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="values", verbose_name="指标")
    value = models.DecimalField("填报值", max_digits=14, decimal_places=2)

    objects = VersionValueQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "填报值"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "indicator"], name="version_value_once"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.value}"


class Review(models.Model):
    """A decision on one version in one step; one decision each, so two reviewers cannot overwrite."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="reviews", verbose_name="材料版本")
    step = models.PositiveSmallIntegerField("审核环节", default=1)
    verdict = models.CharField("结论", max_length=8, choices=Verdict)
    reason = models.TextField("意见", blank=True)
    correct_by = models.DateTimeField("修改期限", null=True, blank=True)
    recommended = models.BooleanField("推荐为优秀", default=False)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="审核人")
    at = models.DateTimeField("审核时间")

    class Meta:
        verbose_name = verbose_name_plural = "审核"
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "step"], condition=~Q(verdict=Verdict.REOPEN), name="review_once_per_step"
            ),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.ACCEPT) | ~Q(reason=""), name="review_return_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(recommended=False) | Q(verdict=Verdict.ACCEPT), name="review_recommends_accepted"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} {self.version}"
