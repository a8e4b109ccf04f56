"""Long jobs on the picture: tables longer than a page, as workbooks (portal.jobs)."""

from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone

from portal import jobs
from portal.files import store
from portal.files.kinds import FileKind
from portal.files.names import named_after
from portal.models import Job
from reports import taking
from reports.counts.counting import figures_of
from reports.enums import PaperState
from reports.models import Report
from reports.services import compiling, ordering
from submissions.rules import NotAllowed

GONE = "所选的活动或单位已不在您的管辖范围内，请回到页面重新选择后再导出。"


@jobs.register(taking.TABLE)
def table(job: Job, report: jobs.Report, at: datetime) -> dict[str, Any]:
    """Write the table that was ordered."""
    with store.workspace() as folder:
        path = folder / "table.xlsx"
        try:
            said = taking.write(job, path, report, at)
        except NotAllowed as refusal:
            raise jobs.Refused(str(refusal)) from refusal
        except Http404 as gone:
            raise jobs.Refused(GONE) from gone
        report("保存表格")
        subject = job.title.removeprefix("导出").replace("：", "")
        name = named_after(f"{subject}{timezone.localtime(at):%Y%m%d}.{FileKind.XLSX}")
        job.product = store.put(path, name, FileKind.XLSX, by=job.by, at=at)
    return {"said": said}


@jobs.register(ordering.COMPILE, page="report_of_job", one_moment=True)
def compile_report(job: Job, report: jobs.Report, at: datetime) -> dict[str, Any]:
    """Count an ordered report and make it a draft."""
    about = Report.objects.select_related("campaign__host", "campaign__office", "phase", "host")
    found = about.get(pk=job.params["report"])
    if found.state == PaperState.COMPILING:
        figures = figures_of(found, at, report)
        report("排版")
        compiling.freeze(found, figures, at=at)
    return {}
