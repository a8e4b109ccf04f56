"""Count and write the reports of a large county: 2,000 units, more than 20,000 submissions (docs/scale.md).

Run with DATABASE_URL naming a migrated database that may be thrown away:

    DJANGO_SETTINGS_MODULE=portal.settings python -m bench.reports build [schools]
    DJANGO_SETTINGS_MODULE=portal.settings python -m bench.reports time
    DJANGO_SETTINGS_MODULE=portal.settings python -m bench.reports explain [milliseconds]

`build` fills it; `time` counts, composes and writes the report of every phase and of the campaign as a worker
does, each in a process of its own, and says seconds and how much memory it took at most beyond the portal
itself, when it was counted and when all was written; `explain` shows the plans of what takes longer.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from multiprocessing import get_context
from typing import Any

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench import province  # noqa: E402
from campaigns.models import Campaign, Phase  # noqa: E402
from portal.jobs import read_as_of_now  # noqa: E402
from reports.counts import stage  # noqa: E402
from reports.papers import book, word  # noqa: E402
from reports.papers.stage import compose  # noqa: E402
from reports.papers.wording import Words  # noqa: E402
from schools.models import Unit  # noqa: E402
from submissions.models import Assignment, Submission  # noqa: E402
from submissions.services import counting  # noqa: E402

#: What is at hand of each piece: abstracts, one in ten recommended, one in twenty returned.
ABSTRACTS = (
    "UPDATE submissions_version SET abstract = repeat('围绕课堂教学改革开展研讨，形成了可行的做法。', 20)"
)
REVIEWS = """
INSERT INTO submissions_review (version_id, step, verdict, reason, recommended, by_id, at)
SELECT v.id, 1, CASE WHEN v.id %% 20 = 3 THEN 'return' ELSE 'accept' END,
    CASE WHEN v.id %% 20 = 3 THEN '请补充' ELSE '' END, v.id %% 10 = 0, %s, v.submitted_at
FROM submissions_version v
"""
SUGGESTIONS = """
INSERT INTO submissions_suggestion (campaign_id, unit_id, source, text, added_at, state, answer, answered_at,
    outcome) SELECT %s, id, '', '建议' || id, now(), 'adopted', '', now(), '' FROM schools_unit
WHERE kind = 'primary' LIMIT 500
"""


def main() -> None:
    acts: dict[str, Callable[..., None]] = {"build": build, "time": measure, "explain": explain}
    acts[sys.argv[1]](*sys.argv[2:])


def build(schools: str = "2000") -> None:
    if Campaign.objects.exists():
        sys.exit("This database holds campaigns already; name an empty one.")
    now = timezone.now()
    province.CITIES, province.COUNTIES, province.TOWNSHIPS = 2, 6, 60
    bureau, leaders = province.people(int(schools))
    made = province.campaign(bureau, timezone.localdate(now) - timedelta(days=200), now)
    province.handed_in(made, leaders.province, now)
    with transaction.atomic(), province.without_triggers():
        province.run(ABSTRACTS)
        province.run(REVIEWS, [leaders.province.pk])
        province.run(SUGGESTIONS, [made.pk])
    counting.mend()
    province.run("VACUUM ANALYZE")
    for model in (Unit, Assignment, Submission):
        print(f"{model.__name__:12} {model.objects.count():>8,}")


# Measuring --------------------------------------------------------------------------------------------


def measure() -> None:
    columns = ("count", "paper", "word", "book", "figures", "counted", "written")
    print(f"{'report':8}", *(f"{one:>9}" for one in columns))
    of = [None, *Phase.objects.values_list("pk", flat=True)]
    connection.close()
    for pk in of:
        with get_context("spawn").Pool(1) as pool:
            print(pool.apply(_timed, [pk]))


def _timed(pk: int | None) -> str:
    """One report; the first statement of a connection is not counted."""
    campaign, phase = _about(pk)
    before = _peak()
    laps = [time.perf_counter()]
    figures = _counted(campaign, phase)
    counted = _peak()
    laps.append(time.perf_counter())
    paper = compose(figures, Words("情况报告"))
    laps.append(time.perf_counter())
    word.write(paper, timezone.now())
    laps.append(time.perf_counter())
    book.write(paper, timezone.now())
    laps.append(time.perf_counter())
    seconds = [f"{later - sooner:.2f} s" for sooner, later in pairwise(laps)]
    size = len(json.dumps(figures, ensure_ascii=False).encode()) >> 10
    cells = (*seconds, f"{size} KB", f"{counted - before} MB", f"{_peak() - before} MB")
    return " ".join([f"{phase.pk if phase else 'all':<8}", *(f"{one:>9}" for one in cells)])


def _about(pk: int | None) -> tuple[Campaign, Phase | None]:
    return (
        Campaign.objects.select_related("host", "office").get(),
        Phase.objects.get(pk=pk) if pk else None,
    )


def _counted(campaign: Campaign, phase: Phase | None) -> dict[str, Any]:
    with transaction.atomic():
        read_as_of_now()
        return stage.count(campaign, phase, timezone.now(), lambda *told: None)


def _peak() -> int:
    """Megabytes that this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def explain(milliseconds: str = "200") -> None:
    slow: list[tuple[float, str, Any]] = []

    def timed(execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        begun = time.perf_counter()
        result = execute(sql, params, many, context)
        slow.append((time.perf_counter() - begun, sql, params))
        return result

    for pk in (None, *Phase.objects.values_list("pk", flat=True)[:2]):
        with connection.execute_wrapper(timed):
            _counted(*_about(pk))
    for seconds, sql, params in sorted(slow, key=lambda one: -one[0]):
        if seconds * 1000 >= float(milliseconds):
            print(f"\n{seconds:.2f} s: {sql[:300]}")
            for (line,) in province.run(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params):
                print(f"    {line}")


if __name__ == "__main__":
    main()
