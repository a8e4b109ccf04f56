"""A list behind a number: by page, and whole as a workbook."""

from collections.abc import Iterable
from dataclasses import replace

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reports import workbooks
from reports.lists import Listed
from reports.long import LISTS
from reports.looking import Look, look
from reports.paging import FEW
from reports.tables import Table
from schools.access import View, roles_required
from schools.enums import Role

PER_PAGE = 50


def view(name: str) -> View:
    """The page of one of the lists that may be long."""

    @require_safe
    @roles_required(*Role.overseeing())
    def shown(request: HttpRequest, pk: int) -> HttpResponse:
        seen = look(request, pk)
        return respond(request, seen, LISTS[name].make(seen, request.GET), name)

    return shown


def respond(request: HttpRequest, look: Look, listed: Listed, name: str = "") -> HttpResponse:
    """The page asked for, or with `?table=` everything (or a table above it) as a workbook.

    More than `FEW` rows of a list that has a `name` are ordered from the page instead, and not sent here.
    """
    count = len(listed)
    ordered = name if count > FEW else ""
    key = request.GET.get("table")
    if key and not (ordered and key == listed.table.key):
        tables = listed.more
        if key == listed.table.key:
            tables = (replace(listed.table, lines=list(listed.all_lines())),)
        return workbooks.respond(named(tables, key), look.campaign.title, look.at)
    pages = Paginator(listed.found, PER_PAGE)
    pages.count = count
    page = pages.get_page(request.GET.get("page"))
    asked = request.GET.copy()
    for one in ("page", "table"):
        asked.pop(one, None)
    narrowed = asked.copy()
    narrowed.pop("below", None)
    context = {
        "campaign": look.campaign,
        "look": look,
        "now": look.at,
        "listed": listed,
        "ordered": ordered,
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
