"""Kinds and states of what goes out."""

from django.db.models import TextChoices


class PaperState(TextChoices):
    """Of a bulletin or a report. Only reports are compiled by a worker."""

    COMPILING = "compiling", "编制中"
    DRAFT = "draft", "待修改"
    TO_SIGN = "to_sign", "待签发"
    SENT = "sent", "已印发"
    DISCARDED = "discarded", "不印发"

    @classmethod
    def open(cls) -> tuple["PaperState", ...]:
        """Somebody still has something to do with it."""
        return (cls.DRAFT, cls.TO_SIGN)

    @classmethod
    def written(cls) -> tuple["PaperState", ...]:
        """There is a text."""
        return (cls.DRAFT, cls.TO_SIGN, cls.SENT, cls.DISCARDED)

    @classmethod
    def ended(cls) -> tuple["PaperState", ...]:
        """It stays as it is."""
        return (cls.SENT, cls.DISCARDED)

    @classmethod
    def uncounted(cls) -> tuple["PaperState", ...]:
        """There need be no figures: what could not be compiled is discarded without any."""
        return (cls.COMPILING, cls.DISCARDED)


class ReportKind(TextChoices):
    PHASE = "phase", "阶段报告"
    CAMPAIGN = "campaign", "活动总结"
    WEEK = "week", "每周进展"
    MONTH = "month", "月度汇总"
    NEWSLETTER = "newsletter", "简报"

    @classmethod
    def of_campaigns(cls) -> tuple["ReportKind", ...]:
        """About one campaign."""
        return (cls.PHASE, cls.CAMPAIGN, cls.NEWSLETTER)

    @classmethod
    def periodic(cls) -> tuple["ReportKind", ...]:
        """About all campaigns of a bureau in a stretch of days."""
        return (cls.WEEK, cls.MONTH)


class Audience(TextChoices):
    """Whom a report is published to."""

    UNITS = "units", "局内和参加活动的单位"
    INSIDE = "inside", "局内各科室"
