"""What leaders have seen, and what they sign."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from campaigns.models import Campaign, Occurrence, Phase
from portal.models import Job, StoredFile
from reports.enums import Audience, PaperState, ReportKind
from schools.models import Unit

USER = settings.AUTH_USER_MODEL


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


class Outgoing(models.Model):
    """A paper that is edited by officers, signed by a leader and sent out (services/signoff.py).

    `figures` is what was counted at `counted_at` and never changes; the words are the officer's until it is
    sent. `note` is why the leader gave it back, or why it is not to be sent.
    """

    state = models.CharField("状态", max_length=10, choices=PaperState, default=PaperState.DRAFT)
    title = models.CharField("标题", max_length=120)
    figures = models.JSONField("统计", default=dict)
    counted_at = models.DateTimeField("统计时间")
    edited_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", verbose_name="拟稿人")
    edited_at = models.DateTimeField("拟稿时间", null=True)
    note = models.CharField("退回原因", max_length=300, blank=True)
    signed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", verbose_name="签发人")
    ended_at = models.DateTimeField("办结时间", null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title


class Bulletin(Outgoing):
    """督查通报 of one deadline: drafted after its last rung.

    Title and body are words of their own. What was discarded because its deadline had moved or its campaign
    was over has `lapsed`: should that deadline hold again, it gets another one.
    """

    occurrence = models.ForeignKey(Occurrence, models.PROTECT, related_name="bulletins", verbose_name="期次")
    edition = models.DateTimeField("期限")
    body = models.TextField("正文")
    lapsed = models.BooleanField("不再适用", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "督查通报"
        ordering = ["-counted_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence", "edition"],
                condition=Q(lapsed=False),
                name="bulletin_once_per_deadline",
            ),
            models.CheckConstraint(
                condition=Q(lapsed=False) | Q(state=PaperState.DISCARDED),
                name="bulletin_lapsed_is_discarded",
            ),
            models.CheckConstraint(condition=Q(state__in=PaperState.written()), name="bulletin_state_known"),
            models.CheckConstraint(
                condition=Q(state=PaperState.SENT) ^ Q(signed_by=None), name="bulletin_sent_is_signed"
            ),
            models.CheckConstraint(
                condition=Q(state__in=PaperState.open()) ^ Q(ended_at__isnull=False),
                name="bulletin_ended_has_time",
            ),
        ]

    @property
    def campaign(self) -> Campaign:
        return self.occurrence.requirement.campaign

    @property
    def host(self) -> Unit:
        return self.campaign.host


class PaperTemplate(models.Model):
    """A bureau's own .docx with fields, for one kind of report (papers/filling.py)."""

    host = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="所属单位")
    kind = models.CharField("报告类型", max_length=12, choices=ReportKind)
    name = models.CharField("模板名称", max_length=60)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="paper_templates", verbose_name="文件")
    added_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="上传人")
    added_at = models.DateTimeField("上传时间")
    retired_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "报告模板"
        ordering = ["kind", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["host", "kind", "name"],
                condition=Q(retired_at=None),
                name="paper_template_name_unique",
                violation_error_message="已有同名的模板，请换一个名称，或先停用原来的模板。",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Report(Outgoing):
    """An edition of a report: its figures are counted by a worker and frozen, and it is never overwritten.

    `subject` says what it is about (services/ordering.py); editions of one subject are numbered. `closing` is
    the closing of its phase or campaign that asked for it, none where a person did. `starts_on` and
    `ends_on` (both included) are the days it tells of. `opening` and `ending` are the officer's passages,
    `number` the 发文字号 with which it gets a red head. `chosen` are the versions that a newsletter prints.
    Word and workbook are made out of the figures whenever they are asked for, and kept when it is signed.
    """

    kind = models.CharField("类型", max_length=12, choices=ReportKind)
    host = models.ForeignKey(Unit, models.PROTECT, related_name="reports", verbose_name="编制单位")
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, related_name="reports", verbose_name="活动"
    )
    phase = models.ForeignKey(Phase, models.PROTECT, null=True, related_name="reports", verbose_name="阶段")
    starts_on = models.DateField("起始日期")
    ends_on = models.DateField("截止日期")
    subject = models.CharField("事项", max_length=60)
    edition = models.PositiveSmallIntegerField("版次")
    closing = models.DateTimeField("结束时间", null=True)
    chosen = models.JSONField("选用材料", default=list)
    counted_at = models.DateTimeField("统计时间", null=True)
    renderer = models.PositiveSmallIntegerField("排版版本", default=1)
    opening = models.TextField("开头语", blank=True)
    ending = models.TextField("结束语", blank=True)
    number = models.CharField("发文字号", max_length=40, blank=True)
    audience = models.CharField("印发范围", max_length=8, choices=Audience, default=Audience.UNITS)
    template = models.ForeignKey(
        PaperTemplate, models.PROTECT, null=True, related_name="reports", verbose_name="套用模板"
    )
    ordered_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", verbose_name="发起人")
    ordered_at = models.DateTimeField("发起时间")
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="+", verbose_name="后台任务")
    word = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, related_name="report_words", verbose_name="Word文件"
    )
    book = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, related_name="report_books", verbose_name="Excel文件"
    )

    class Meta:
        verbose_name = verbose_name_plural = "报告"
        ordering = ["-ordered_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["subject", "edition"], name="report_edition_once"),
            models.UniqueConstraint(
                fields=["subject"],
                condition=Q(state=PaperState.COMPILING),
                name="report_compiled_once_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["host", "number"],
                condition=~Q(number="") & ~Q(state=PaperState.DISCARDED),
                name="report_number_once",
            ),
            models.UniqueConstraint(
                fields=["subject", "closing"],
                condition=Q(closing__isnull=False),
                name="report_once_per_closing",
            ),
            models.CheckConstraint(condition=Q(state__in=PaperState.values), name="report_state_known"),
            models.CheckConstraint(
                condition=Q(kind__in=ReportKind.of_campaigns()) ^ Q(campaign=None),
                name="report_of_campaign_has_one",
            ),
            models.CheckConstraint(
                condition=Q(kind=ReportKind.PHASE) ^ Q(phase=None), name="report_of_phase_has_one"
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="report_days_in_order"),
            models.CheckConstraint(
                condition=Q(counted_at__isnull=False) | Q(state__in=PaperState.uncounted()),
                name="report_written_is_counted",
            ),
            models.CheckConstraint(
                condition=Q(state=PaperState.SENT) ^ Q(signed_by=None), name="report_sent_is_signed"
            ),
            models.CheckConstraint(
                condition=~Q(state=PaperState.SENT) | Q(word__isnull=False, book__isnull=False),
                name="report_sent_is_kept",
            ),
            models.CheckConstraint(
                condition=Q(state__in=PaperState.ended()) ^ Q(ended_at=None), name="report_ended_has_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.issue}）"

    @property
    def issue(self) -> str:
        """Which of its subject it is; newsletters come out in issues."""
        return f"第{self.edition}{'期' if self.kind == ReportKind.NEWSLETTER else '版'}"


class Receipt(models.Model):
    """签收: one explicit click of one person for a unit that a report was published to."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="receipts", verbose_name="报告")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", verbose_name="签收人")
    at = models.DateTimeField("签收时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "报告签收"
        ordering = ["unit__path"]
        constraints = [
            models.UniqueConstraint(fields=["report", "unit"], name="receipt_once"),
            models.CheckConstraint(condition=Q(by=None) ^ Q(at__isnull=False), name="receipt_has_both"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.unit_id}"


class SignedCopy(models.Model):
    """The final version as it was signed on paper; a later one does not replace the row of an earlier."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="copies", verbose_name="报告")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="signed_copies", verbose_name="文件")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="上传人")
    at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = verbose_name_plural = "正式文件"
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["report", "file"], name="signed_copy_once")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.file_id}"
