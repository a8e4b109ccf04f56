"""What is owed: one occurrence by one unit, and what happened to it; requests about it."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from campaigns.models import Occurrence, Requirement
from schools.access import Scope
from schools.enums import Ownership, UnitKind
from schools.models import Unit
from submissions.enums import AssignmentState, EventKind, ExtensionState, Override

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
    #: For conditions that also stand for counters, which have no instants; never set by hand.
    complete = models.GeneratedField(
        expression=Q(completed_at__isnull=False),
        output_field=models.BooleanField(),
        db_persist=True,
        verbose_name="已报齐过",
    )

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
        indexes = [
            models.Index(fields=["assignment", "at"], name="event_timeline"),
            models.Index(fields=["at"], name="event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.assignment_id}"


class ExtensionRequest(models.Model):
    """A unit asks for more time; at most one request of an assignment waits for its answer.

    `until` and `granted_until` are exclusive instants, like `due_at`.
    """

    assignment = models.ForeignKey(
        Assignment, models.PROTECT, related_name="extension_requests", verbose_name="报送任务"
    )
    until = models.DateTimeField("申请延至")
    reason = models.TextField("申请理由")
    asked_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间")
    state = models.CharField("状态", max_length=12, choices=ExtensionState, default=ExtensionState.OPEN)
    answer = models.TextField("答复", blank=True)
    granted_until = models.DateTimeField("同意延至", null=True, blank=True)
    closed_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办理人"
    )
    closed_at = models.DateTimeField("办理时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "延期申请"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"], condition=Q(state=ExtensionState.OPEN), name="extension_one_open"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="extension_has_reason"),
            models.CheckConstraint(
                condition=Q(state=ExtensionState.OPEN) ^ Q(closed_at__isnull=False),
                name="extension_closed_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=ExtensionState.GRANTED) | Q(granted_until__isnull=False),
                name="extension_granted_until",
            ),
            models.CheckConstraint(
                condition=~Q(state=ExtensionState.REFUSED) | ~Q(answer=""),
                name="extension_refused_has_answer",
            ),
        ]
        indexes = [
            models.Index(
                fields=["asked_at"], condition=Q(state=ExtensionState.OPEN), name="extension_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.assignment} {self.get_state_display()}"
