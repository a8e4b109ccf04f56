"""`manage.py measure_likeness`: how well near-duplicate work is found, on essays made up for it."""

import time
from collections import defaultdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction
from django.utils import timezone

from campaigns.enums import CampaignKind, RequirementKind
from campaigns.models import Campaign, Occurrence, Phase, Requirement
from schools.enums import Ownership, UnitKind
from schools.models import Unit, User
from submissions.management.essays import SORTS, Piece, collection
from submissions.models import Assignment, Fingerprint, Likeness, Submission, Version
from submissions.services import comparing

LATENCIES = (50, 95, 100)  # percentiles


class Command(BaseCommand):
    help = "用自动生成的文章集检验相似材料的查找效果：各类的查准率、查全率和用时；数据库不留任何痕迹。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--essays", type=int, default=1000, help="文章篇数")
        parser.add_argument("--seed", type=int, default=1, help="随机种子，相同的种子得到相同的文章")

    def handle(self, *args: Any, essays: int, seed: int, **options: Any) -> None:
        pieces = collection(essays, seed)
        with transaction.atomic():
            versions = handed_in(pieces)
            seconds = []
            for version in versions:
                comparing.expect(version)
                began = time.perf_counter()
                comparing.compare_waiting(timezone.now)
                seconds.append(time.perf_counter() - began)
            compared = Fingerprint.objects.filter(version__in=versions).exclude(compared_at=None).count()
            self._report(pieces, _found(versions))
            transaction.set_rollback(True)
            connection.run_on_commit.clear()
        seconds.sort()
        ranks = "，".join(
            f"{part}%在{1000 * seconds[max(0, len(seconds) * part // 100 - 1)]:.0f}毫秒内"
            for part in LATENCIES
        )
        self.stdout.write(f"共比对{compared}篇，每篇用时：{ranks}")

    def _report(self, pieces: list[Piece], found: dict[int, dict[int, int]]) -> None:
        """Print precision and recall, of every sort and of all."""
        right, wrong, missed = defaultdict(int), defaultdict(int), defaultdict(int)
        for number, piece in enumerate(pieces):
            hits = found.get(number, {})
            for other in hits:
                (right if _root(pieces, number) == _root(pieces, other) else wrong)[piece.sort] += 1
            missed[piece.sort] += piece.source is not None and piece.source not in hits
        self.stdout.write("类别\t篇数\t查准率\t查全率")
        for sort in ("original", *SORTS):
            made = [piece for piece in pieces if piece.sort == sort]
            copied = sum(piece.source is not None for piece in made)
            self._line(NAMES[sort], len(made), right[sort], wrong[sort], copied, missed[sort])
        copied = sum(piece.source is not None for piece in pieces)
        totals = (sum(counts.values()) for counts in (right, wrong))
        self._line("合计", len(pieces), *totals, copied, sum(missed.values()))

    def _line(self, name: str, made: int, right: int, wrong: int, copied: int, missed: int) -> None:
        precision = (
            f"{right / (right + wrong):.3f}（{right}/{right + wrong}）" if right + wrong else "—（无）"
        )
        recall = f"{(copied - missed) / copied:.3f}（{copied - missed}/{copied}）" if copied else "—"
        self.stdout.write(f"{name}\t{made}\t{precision}\t{recall}")


NAMES = {
    "original": "原文",
    "exact": "照抄",
    "swapped": "段落调换",
    "reworded 5%": "改动5%",
    "reworded 10%": "改动10%",
    "reworded 20%": "改动20%",
    "reworded 30%": "改动30%",
    "reworded 50%": "改动50%",
    "both": "改动10%并调换段落",
    "half": "抄一半段落",
    "quarter": "抄四分之一段落",
    "sprinkled": "隔句抄",
    "independent": "同题自写",
    "boilerplate": "套话连篇",
}


def _root(pieces: list[Piece], number: int) -> int:
    """The original that a piece goes back to; two copies of one original are rightly found alike."""
    source = pieces[number].source
    return number if source is None else source


def _found(versions: list[Version]) -> dict[int, dict[int, int]]:
    """Of each piece by number: the numbers of those it was found to be like, with the share."""
    number_of = {version.pk: number for number, version in enumerate(versions)}
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for row in Likeness.objects.filter(version__in=versions, other__in=versions):
        found[number_of[row.version_id]][number_of[row.other_id]] = row.share
    return found


def handed_in(pieces: list[Piece]) -> list[Version]:
    """A version for each, with as little around it as the database asks for."""
    now = timezone.now()
    host = Unit.objects.create(name="检验用教育局", kind=UnitKind.BUREAU)
    author = User.objects.create_user(username="measure-likeness", name="检验程序")
    campaign = Campaign.objects.create(
        title="检验", kind=CampaignKind.DISCUSSION, host=host, starts_on=now.date(), ends_on=now.date()
    )
    phase = Phase.objects.create(campaign=campaign, name="检验", starts_on=now.date(), ends_on=now.date())
    requirement = Requirement.objects.create(
        campaign=campaign, phase=phase, kind=RequirementKind.ESSAY, title="征文", audience_kinds=[]
    )
    occurrence = Occurrence.objects.create(requirement=requirement, due_at=now)
    owed = Assignment.objects.create(
        occurrence=occurrence,
        unit=host,
        branch=host,
        unit_kind=host.kind,
        ownership=Ownership.PUBLIC,
        due_at=now,
    )
    rows = Submission.objects.bulk_create(
        Submission(assignment=owed, number=number) for number in range(1, len(pieces) + 1)
    )
    return Version.objects.bulk_create(
        Version(
            submission=row,
            number=1,
            submitted_at=now,
            submitted_by=author,
            title=f"检验{row.number}",
            body=piece.text,
            digest="0" * 64,
        )
        for row, piece in zip(rows, pieces, strict=True)
    )
