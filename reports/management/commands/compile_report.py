"""`manage.py compile_report CAMPAIGN [PHASE] -o FILE.docx`: a report from the shell; no row is kept."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from campaigns.models import Campaign, Phase
from portal.ids import as_id
from portal.jobs import read_as_of_now
from reports.counts.counting import figures_of
from reports.enums import PaperState
from reports.models import Report
from reports.services import ordering, shapes
from submissions.rules import NotAllowed


class Command(BaseCommand):
    help = "编制一个阶段（不写阶段则为整个活动）的报告，写成Word文件，并以JSON输出统计；不保存到系统中。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", nargs="?", metavar="CAMPAIGN", help="活动的编号或名称。")
        parser.add_argument(
            "phase", nargs="?", metavar="PHASE", help="阶段的编号或名称；不写则编制活动总结。"
        )
        parser.add_argument("-o", "--output", metavar="FILE.docx", help="Word文件写到哪里。")
        parser.add_argument(
            "--list", action="store_true", dest="listed", help="列出活动和阶段，每行一个JSON对象。"
        )

    def handle(
        self,
        *args: Any,
        campaign: str | None,
        phase: str | None,
        output: str | None,
        listed: bool,
        **options: Any,
    ) -> None:
        if listed:
            for line in _listed():
                self.stdout.write(_json(line))
            return
        if not campaign or not output:
            raise CommandError("请写明活动，并用-o写明Word文件写到哪里；用--list可以查看活动和阶段的编号。")
        report = _compiled(campaign, phase)
        try:
            Path(output).write_bytes(shapes.word_of(report))
        except OSError as error:
            raise CommandError(f"Word文件写不到“{output}”（{error.strerror}），请换一个位置。") from error
        self.stdout.write(_json(report.figures))


def _compiled(campaign: str, phase: str | None) -> Report:
    """The report, counted at one moment, as a row that is not saved."""
    with transaction.atomic():
        read_as_of_now()
        at = timezone.now()
        found = _one(Campaign.objects.visible().select_related("host", "office"), campaign, "title", "活动")
        try:
            about = (
                ordering.of_phase(_one(found.phases.select_related("campaign__host"), phase, "name", "阶段"))
                if phase
                else ordering.of_campaign(found)
            )
        except NotAllowed as refusal:
            raise CommandError(str(refusal)) from refusal
        report = Report(**vars(about), state=PaperState.DRAFT, edition=1, ordered_at=at, counted_at=at)
        report.figures = figures_of(report, at, _unheard)
    return report


def _one(among: QuerySet, typed: str, name: str, noun: str) -> Any:
    """The one with that id or that name. Raises CommandError for none and for several."""
    known = Q(pk=as_id(typed)) if typed.isdecimal() else Q(**{name: typed})
    found = list(among.filter(known)[:2])
    if not found:
        raise CommandError(f"没有编号或名称为“{typed}”的{noun}，用--list可以查看。")
    if len(found) > 1:
        raise CommandError(f"名称为“{typed}”的{noun}不止一个，请改写编号，用--list可以查看。")
    return found[0]


def _listed() -> Iterator[dict[str, Any]]:
    for campaign in Campaign.objects.visible().select_related("host").prefetch_related("phases"):
        yield {
            "campaign": campaign.pk,
            "phase": None,
            "name": campaign.title,
            "host": campaign.host.name,
            **_days(campaign),
        }
        for phase in campaign.phases.all():
            yield {"campaign": campaign.pk, "phase": phase.pk, "name": phase.name, **_days(phase)}


def _days(of: Campaign | Phase) -> dict[str, Any]:
    first, last = (one and one.isoformat() for one in (of.starts_on, of.ends_on))
    return {"starts_on": first, "ends_on": last, "state": of.state}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _unheard(step: str, done: int = 0, total: int = 0) -> None:
    """Nobody waits for how far it has come."""
