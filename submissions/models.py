"""What is owed and what came: assignments with their events, pieces with immutable versions, counters.

The database holds the rules (migration 0002): versions, their files, reviews and events are
append-only; assignments are never deleted; counters are written by triggers on assignments.
"""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from campaigns.models import Occurrence, Requirement, Topic
from portal.models import StoredFile
from schools.access import Scope
from schools.enums import Ownership, UnitKind
from schools.models import Unit
from submissions.enums import AssignmentState, EventKind, Override, PieceState, ReviewStep, Verdict

USER = settings.AUTH_USER_MODEL


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def in_scope(self, scope: Scope) -> Self:
        """Only what belongs to units in `scope`."""
        return self.filter(scope.narrow("unit"))

    def with_plan(self) -> Self:
        """Join what every page shows of an assignment: its plan and its unit."""
        return self.select_related(
            "occurrence__requirement__campaign__host", "occurrence__requirement__phase", "unit"
        )


class Assignment(models.Model):
    """One occurrence owed by one unit: the ledger row of the system.

    `branch`, `unit_kind` and `ownership` are kept as they were when the task was given.
    `state` is the stored fold of the pieces (`submissions.states.fold`); `late` is frozen at the
    first complete hand-in against the `due_at` then in force. 逾期 is no column: it is time.
    """

    occurrence = models.ForeignKey(
        Occurrence, models.PROTECT, related_name="assignments", verbose_name="期次"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assignments", verbose_name="单位")
    branch = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="所属镇街或教育局")
    unit_kind = models.CharField("单位类别", max_length=16, choices=UnitKind)
    ownership = models.CharField("办学性质", max_length=8, choices=Ownership)
    due_at = models.DateTimeField("截止时刻")
    cutoff_at = models.DateTimeField("停止接收时刻", null=True, blank=True)
    state = models.CharField("状态", max_length=12, choices=AssignmentState, default=AssignmentState.TODO)
    override = models.CharField(
        "特别处理", max_length=12, choices=Override, default=Override.NONE, blank=True
    )
    completed_at = models.DateTimeField("首次报齐时间", null=True, blank=True)
    late = models.BooleanField("迟报", default=False)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报送任务"
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["occurrence", "unit"], name="assignment_once_per_unit"),
            models.CheckConstraint(
                condition=Q(cutoff_at=None) | Q(cutoff_at__gte=F("due_at")),
                name="assignment_cutoff_not_before_due",
            ),
            models.CheckConstraint(
                condition=Q(state__in=AssignmentState.values), name="assignment_state_known"
            ),
            models.CheckConstraint(
                condition=Q(override__in=Override.values), name="assignment_override_known"
            ),
            models.CheckConstraint(
                condition=Q(late=False) | Q(completed_at__isnull=False),
                name="assignment_late_only_when_complete",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "state", "due_at"], name="assignment_of_unit"),
            models.Index(fields=["occurrence", "state", "due_at"], name="assignment_of_occurrence"),
            models.Index(fields=["occurrence", "branch"], name="assignment_of_branch"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.occurrence}"

    @property
    def requirement(self) -> Requirement:
        return self.occurrence.requirement

    @property
    def name(self) -> str:
        """What is asked, and for which period."""
        return self.occurrence.name

    def is_overdue(self, at: datetime) -> bool:
        return self.state in AssignmentState.not_handed_in() and self.due_at <= at


class AssignmentEvent(models.Model):
    """Append-only: what happened to an assignment, when, by whom (None: the system)."""

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="events", verbose_name="报送任务")
    at = models.DateTimeField("时间")
    by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="操作人"
    )
    kind = models.CharField("事项", max_length=12, choices=EventKind)
    version = models.ForeignKey(
        "Version", models.PROTECT, null=True, blank=True, related_name="events", verbose_name="材料版本"
    )
    note = models.TextField("说明", blank=True)
    before = models.CharField("原状态", max_length=12, choices=AssignmentState, blank=True)
    after = models.CharField("新状态", max_length=12, choices=AssignmentState)

    class Meta:
        verbose_name = verbose_name_plural = "事件"
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["assignment", "at"], name="event_timeline")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.assignment_id}"


class Submission(models.Model):
    """One piece a unit hands in for an assignment; its words live in the draft and the versions."""

    assignment = models.ForeignKey(
        Assignment, models.PROTECT, related_name="submissions", verbose_name="报送任务"
    )
    number = models.PositiveSmallIntegerField("第几篇")
    state = models.CharField("状态", max_length=12, choices=PieceState, default=PieceState.DRAFT)
    handed_in_at = models.DateTimeField("最近提交时间", null=True, blank=True)
    correct_by = models.DateTimeField("修改期限", null=True, blank=True)

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
    """What a piece says; the same fields in the draft and in every version."""

    title = models.CharField("标题", max_length=120, blank=True)
    authors = models.CharField("作者", max_length=120, blank=True)
    topic = models.ForeignKey(
        Topic, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="专题"
    )
    abstract = models.TextField("摘要", max_length=500, blank=True)
    body = models.TextField("正文", max_length=50_000, blank=True)

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

    @property
    def edition(self) -> str:
        """Changes with every saving; tells a page whether it shows what is stored."""
        return self.saved_at.isoformat()


class DraftFile(models.Model):
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="draft_files")
    file = models.OneToOneField(StoredFile, models.PROTECT, related_name="draft_file")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.file.name


class Version(Content):
    """What was handed in, once and for all: the database refuses every change and removal."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="versions", verbose_name="材料")
    number = models.PositiveSmallIntegerField("版本")
    submitted_at = models.DateTimeField("提交时间")
    submitted_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="提交人")
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


class Counter(models.Model):
    """`n` assignments that share these properties.

    The effective `due_at` is part of the key, so that 逾期 is a condition at reading time and no
    stored number needs the clock to tick.
    """

    occurrence = models.ForeignKey(Occurrence, models.DO_NOTHING, related_name="+")
    branch = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    unit_kind = models.CharField(max_length=16)
    ownership = models.CharField(max_length=8)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=12)
    late = models.BooleanField()
    n = models.IntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.occurrence_id}/{self.branch_id} {self.state}: {self.n}"


class Tally(Counter):
    """Folded counters, one row per key."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence", "branch", "unit_kind", "ownership", "due_at", "state", "late"],
                name="tally_key_once",
            )
        ]


class TallyDelta(Counter):
    """Changes not folded yet, appended by triggers in the transaction of the change: no hot row."""


class Standing(Counter):
    """The current counters: tally and deltas in one database view. Sum `n`; never count its rows."""

    class Meta:
        managed = False
        db_table = "submissions_standing"
