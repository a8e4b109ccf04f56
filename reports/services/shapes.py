"""A report as people read it: its paper out of frozen figures and words, and the files of that paper."""

from datetime import date

from django.utils import timezone

from portal.files import store
from reports.enums import PaperState, ReportKind
from reports.models import Report
from reports.papers import book, filling, newsletter, periodic, stage, word
from reports.papers.paper import Paper
from reports.papers.wording import Words

DRAFT = "草稿"
GONE = "模板文件暂时无法取得，请改用公文格式或重新选择模板。"
COMPOSERS = {
    ReportKind.PHASE: stage.compose,
    ReportKind.CAMPAIGN: stage.compose,
    ReportKind.WEEK: periodic.compose,
    ReportKind.MONTH: periodic.compose,
    ReportKind.NEWSLETTER: newsletter.compose,
}


def words_of(report: Report) -> Words:
    """What people have added to its figures, and whether it has been signed."""
    signed = report.state == PaperState.SENT
    return Words(
        report.title,
        report.opening,
        report.ending,
        report.number,
        "" if signed else DRAFT,
        _day(report) if signed else None,
        report.edition,
    )


def paper_of(report: Report) -> Paper:
    """The paper of a compiled report."""
    return COMPOSERS[ReportKind(report.kind)](report.figures, words_of(report))


def word_of(report: Report) -> bytes:
    """The .docx: in the bureau's own template if one was chosen, else as an official document.

    The same figures, words, template and renderer make the same bytes. Raises filling.Faulty where the
    template does not go with the report or its file cannot be read.
    """
    paper = paper_of(report)
    if report.template_id is None:
        return word.write(paper, report.counted_at)
    try:
        template = store.path_of(report.template.file).read_bytes()
    except OSError as error:
        raise filling.Faulty(GONE) from error
    return filling.fill(template, report.kind, report.figures, paper, words_of(report), report.counted_at)


def book_of(report: Report) -> bytes:
    """The .xlsx of all its tables."""
    return book.write(paper_of(report), report.counted_at)


def _day(report: Report) -> date:
    return timezone.localdate(report.ended_at)
