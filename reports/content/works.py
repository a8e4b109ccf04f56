"""What good came of it: suggestions and what became of them, recommended work and what is shown."""

from django.db.models import Count, QuerySet

from reports.content.common import branches, sees_all
from reports.looking import Look
from reports.sums import below
from reports.tables import Cell, Column, Line, Table
from submissions import access
from submissions.enums import AssignmentState, SuggestionState
from submissions.figures import OF_SUGGESTIONS, RECOMMENDED
from submissions.models import Suggestion, Version

ON_ASSIGNMENT = "submission__assignment__"
FIRST = 5  # titles on the page of the campaign


# Suggestions ----------------------------------------------------------------------------------------


def answers_here(look: Look) -> bool:
    """Whether the person reads the campaign's suggestions: the host's, whichever unit made them
    (`access.suggestions`); below a unit that has nothing to do with the host there are none."""
    host, opened = look.campaign.host, look.below
    return look.scope.covers(host) and (sees_all(look) or opened.path.startswith(host.path))


def suggestions(look: Look) -> QuerySet[Suggestion]:
    """The campaign's, on demand of the units below one."""
    found = look.campaign.suggestions.all()
    return found if sees_all(look) else found.filter(unit__path__startswith=look.below.path)


COUNT = Column("条数", "n", counted="条")
SUGGESTION_COLUMNS = (
    COUNT,
    *(Column(one.name, one.key, one.meaning, counted=one.counted, bad=one.bad) for one in OF_SUGGESTIONS),
)


def suggestion_table(look: Look) -> Table:
    """By state, and all of them in the last line; each number leads to the list of suggestions."""
    parts = {one.key: Count("pk", filter=one.condition(look.at)) for one in OF_SUGGESTIONS}
    found = suggestions(look).order_by().values_list("state").annotate(n=Count("pk"), **parts)
    counted = {state: counts for state, *counts in found}
    lines = []
    if counted:
        states = [(one, counted.get(one, [0, 0, 0])) for one in SuggestionState.in_order()]
        lines = [Line(one.label, _suggestion_cells(look, counts, one)) for one, counts in states]
        total = [sum(column) for column in zip(*counted.values(), strict=True)]
        lines.append(Line("合计", _suggestion_cells(look, total, "all")))
    empty = "还没有合理化建议"
    return Table("suggestions", "合理化建议", "办理情况", SUGGESTION_COLUMNS, lines, empty=empty)


def _suggestion_cells(look: Look, counts: list[int], shelf: str) -> tuple[Cell, ...]:
    below_ = {"below": None, "township": None if sees_all(look) else look.below.pk}
    return tuple(
        Cell(n, look.address("suggestions", **below_, shelf=shelf, progress=progress))
        for n, progress in zip(counts, ("", "done", "overdue"), strict=True)
    )


# Excellent work -------------------------------------------------------------------------------------


def recommended(look: Look) -> QuerySet[Version]:
    """Versions recommended as excellent, of assignments that stand."""
    return versions(look).filter(RECOMMENDED.condition(look.at))


def shown(look: Look) -> QuerySet[Version]:
    """What is on the shelf: with consent, and as it was accepted."""
    return versions(look).filter(pk__in=access.shown().values("version"))


def versions(look: Look) -> QuerySet[Version]:
    """Of assignments that stand."""
    path = f"{ON_ASSIGNMENT}occurrence__requirement__campaign"
    found = Version.objects.filter(look.narrow(f"{ON_ASSIGNMENT}branch"), **{path: look.campaign})
    return found.exclude(**{f"{ON_ASSIGNMENT}state": AssignmentState.CANCELLED})


PRAISED = Column(RECOMMENDED.name, "recommended", RECOMMENDED.meaning, counted="篇")
SHOWN = Column("优秀展示", "shown", "正在优秀成果中展示的材料", counted="篇")
KINDS = {"recommended": (PRAISED, recommended), "shown": (SHOWN, shown)}


def works_table(look: Look) -> Table:
    """By what lies one level below, and all of them in the last line."""
    part = below(look.depth, f"{ON_ASSIGNMENT}branch__path")
    counted = {
        key: dict(find(look).order_by().values_list(part).annotate(Count("pk")))
        for key, (_, find) in KINDS.items()
    }
    paths = {path for counts in counted.values() for path in counts}
    lines = [
        Line(one.name, _work_cells(look, [counts.get(one.path, 0) for counts in counted.values()],
                                   **one.narrowed))
        for one in branches(look, paths)
    ]  # fmt: skip
    if lines:
        lines.append(Line("合计", _work_cells(look, [sum(counts.values()) for counts in counted.values()])))
    columns = tuple(column for column, _ in KINDS.values())
    return Table("works", "优秀成果", "镇街或教育局", columns, lines, empty="还没有推荐为优秀的材料")


def _work_cells(look: Look, counts: list[int], **narrowed: int) -> tuple[Cell, ...]:
    return tuple(
        Cell(n, look.address("works", **narrowed, figure=key)) for key, n in zip(KINDS, counts, strict=True)
    )


def titles(look: Look) -> list[Version]:
    """The pieces shown last, with their exhibits and units."""
    found = shown(look).filter(exhibit__isnull=False)  # joined from the few exhibits, not from all versions
    found = found.select_related("exhibit", f"{ON_ASSIGNMENT}unit")
    return list(found.order_by("-exhibit__answered_at", "-pk")[:FIRST])
