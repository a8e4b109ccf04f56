"""A list behind a number: by page, and whole as a workbook."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from reports import workbooks
from reports.looking import Look
from reports.tables import Line, Table

PER_PAGE = 50


@dataclass(frozen=True)
class Listed:
    """`table` has no lines yet: `lines` makes them of some of the rows `found`, in their order.

    `heading` says how many there are, `told` what they were narrowed to, `more` tables that stand above;
    `count` is how many, if that is known: with a million pieces each count takes seconds.
    """

    heading: str
    found: QuerySet | list
    lines: Callable[[Iterable[Any]], list[Line]]
    table: Table
    told: tuple[str, ...] = ()
    more: tuple[Table, ...] = ()
    count: int | None = None


def respond(request: HttpRequest, look: Look, listed: Listed) -> HttpResponse:
    """The page asked for, or with `?table=` everything (or a table above it) as a workbook."""
    if key := request.GET.get("table"):
        if key == listed.table.key:
            whole = replace(listed.table, lines=listed.lines(listed.found))
            return workbooks.respond(whole, look.campaign.title, look.at)
        return workbooks.respond(named(listed.more, key), look.campaign.title, look.at)
    pages = Paginator(listed.found, PER_PAGE)
    if listed.count is not None:
        pages.count = listed.count
    page = pages.get_page(request.GET.get("page"))
    asked = request.GET.copy()
    asked.pop("page", None)
    narrowed = asked.copy()
    narrowed.pop("below", None)
    context = {
        "campaign": look.campaign,
        "look": look,
        "now": look.at,
        "listed": listed,
        "table": replace(listed.table, lines=listed.lines(page.object_list)),
        "page": page,
        "query": asked.urlencode(),
        "table_query": narrowed.urlencode(),
    }
    return render(request, "reports/listed.html", context)


def named(tables: Iterable[Table], key: str) -> Table:
    """The table with that key. Raises Http404."""
    for one in tables:
        if one.key == key:
            return one
    raise Http404
