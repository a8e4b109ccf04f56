"""The matrix of one campaign: units × what they were asked for, page by page, upright or turned."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from campaigns.models import Occurrence
from notices.workdays import last_day
from reports import narrowing
from reports.looking import Look, look
from reports.matrix import Cell, Matrix, Row, branch_name, label_of
from reports.sums import Numbers
from reports.views.sifting import address, kept, sifter, sought
from schools.access import roles_required
from schools.enums import Role
from schools.models import Unit
from submissions.figures import percent

PER_PAGE = 150


@dataclass(frozen=True)
class Head:
    """A column, a branch or the whole: its name, its figures and the addresses of the rows behind them."""

    name: str
    title: str
    owed: int
    handed: int
    owed_url: str
    handed_url: str
    url: str = ""

    @property
    def percent(self) -> int | None:
        return percent(self.handed, self.owed)


@require_safe
@roles_required(*Role.overseeing())
def matrix(request: HttpRequest, pk: int) -> HttpResponse:
    """A page of units with all their tasks; `?dense=1` turns it, so that 130 units stand side by side."""
    seen = look(request, pk)
    shown = Matrix(seen, narrowing.read(request.GET, seen))
    page = Paginator(shown.places, PER_PAGE).get_page(request.GET.get("page"))
    under = kept(request.GET)
    columns = [_column(seen, one, shown.sums.of["occurrence"][one.pk], under) for one in shown.columns]
    groups = [
        (
            _branch(seen, branch, shown.sums.of["branch"].get(branch.pk), under),
            lines(seen, shown, rows, under),
        )
        for branch, rows in shown.grouped(page.object_list)
    ]
    dense = bool(request.GET.get("dense"))
    context = {
        "campaign": seen.campaign,
        "look": seen,
        "page": page,
        "dense": dense,
        "query": address(request.GET, "dense"),
        "under": address(request.GET),
        "sought": sought(request.GET),
        "narrowed": shown.narrowed.names,
        "legend": [(mark, count, seen.rows(**under, figure=mark.key)) for mark, count in shown.legend],
        "requirements": shown.requirements,
        "columns": columns,
        "total": _head("合计", "", shown.sums.total, seen, under),
        "groups": groups,
        "turned": _turned(columns, shown, groups) if dense else [],
        "choices": sifter(request.GET, seen),
    }
    return render(request, "reports/matrix.html", context)


@dataclass(frozen=True)
class Line:
    """A unit: its name and address, its figures with theirs, and its cells as HTML."""

    name: str
    url: str
    owed: int
    handed: int
    owed_url: str
    handed_url: str
    cells: list[SafeString]


def lines(seen: Look, shown: Matrix, rows: list[Row], under: dict[str, str]) -> list[Line]:
    asked = [escape(one.name) for one in shown.columns]
    return [_line(seen, row, asked, under) for row in rows]


def _line(seen: Look, row: Row, asked: list[SafeString], under: dict[str, str]) -> Line:
    mine = {key: value for key, value in under.items() if key not in ("q", "having", "below")}
    mine |= {"unit": row.unit.pk, "branch": row.branch.pk}
    year = timezone.localtime(seen.at).year
    return Line(
        row.name,
        reverse("unit", args=[row.unit.pk]) if row.readable else seen.rows(**mine),
        row.owed,
        row.handed,
        seen.rows(**mine, figure="owed"),
        seen.rows(**mine, figure="handed"),
        [cell(one, row, name, year) for one, name in zip(row.cells, asked, strict=True)],
    )


BLANK = mark_safe("<td></td>")


def cell(one: Cell | None, row: Row, asked: SafeString, year: int) -> SafeString:
    """A cell of the table, in Python: for thousands of them a template of its own is too slow.

    Days of `year` are said without it.
    """
    if one is None:
        return BLANK
    style = f"m-{one.mark.key} late" if one.late else f"m-{one.mark.key}"
    if not row.readable:
        return mark_safe(f'<td class="{style}"><span>{one.mark.sign}</span></td>')
    said = f"{escape(row.name)}，{asked}：{one.said}（截止{_day(one.due_at, year)}）"
    url = _assignment() % one.pk
    return mark_safe(f'<td class="{style}"><a href="{url}" aria-label="{said}">{one.mark.sign}</a></td>')


@lru_cache(maxsize=1)
def _assignment() -> str:
    """The address of a task, to be filled in: looking it up takes longer than all the rest of a cell."""
    return reverse("assignment", args=[0]).replace("/0/", "/%d/")


@lru_cache(maxsize=1024)
def _day(due_at: datetime, year: int) -> str:
    day = last_day(due_at)
    return f"{'' if day.year == year else f'{day.year}年'}{day.month}月{day.day}日"


def _head(
    name: str, title: str, numbers: Numbers, seen: Look, under: dict[str, str], url: str = "", **narrowed: Any
) -> Head:
    owed, handed = (seen.rows(**(under | narrowed), figure=key) for key in ("owed", "handed"))
    return Head(name, title, numbers["owed"], numbers["handed"], owed, handed, url)


def _column(seen: Look, one: Occurrence, numbers: Numbers, under: dict[str, str]) -> Head:
    return _head(label_of(one), one.name, numbers, seen, under, occurrence=one.pk)


def _branch(seen: Look, branch: Unit, numbers: Numbers | None, under: dict[str, str]) -> Head:
    further = seen.address("matrix", **(under | {"below": branch.pk})) if branch != seen.below else ""
    name = branch_name(branch)
    numbers = numbers or {"owed": 0, "handed": 0}
    return _head(name, name, numbers, seen, under, further if name == branch.name else "", branch=branch.pk)


def _turned(
    columns: list[Head], shown: Matrix, groups: list[tuple[Head, list[Line]]]
) -> Iterator[tuple[str, str, Head, list[SafeString]]]:
    """The table by columns: requirement, its full name, figures, and the cells of every unit of the page."""
    by_unit = [line.cells for _, found in groups for line in found]
    for n, (occurrence, head) in enumerate(zip(shown.columns, columns, strict=True)):
        yield occurrence.requirement.title, occurrence.name, head, [cells[n] for cells in by_unit]
