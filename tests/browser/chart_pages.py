"""Addresses for the tests of charts.js: the portal, and pages with one made-up chart each.

`/charts/<kind>/?rows=5&more=0`: so many rows, `more` added to every number; `/charts/<kind>/part/` is the
chart and its table alone; a number leads to `/charts/<kind>/<row>/<column>/`.
"""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

STATES = {
    "accepted": "通过", "waiting": "待审", "returned": "退回", "missing": "未报", "overdue": "逾期",
    "late": "迟报", "exempt": "免报",
}  # fmt: skip
SERIES = {
    "trend": {"plan": "计划", "actual": "实际", "forecast": "预计"},
    "stack": STATES,
    "compare": {"percent": "完成率"},
    "heat": {f"percent-{number}": f"第{number}项工作报告" for number in range(1, 9)},
}
SCHOOLS = ["东镇中心小学", "西镇中心小学", "示例县第一初级中学", "示例县实验小学", "南镇希望小学"]

PART = """<figure class="chart" data-chart="{{ kind }}" data-table="rows"></figure>
<details class="behind"><summary>以表格查看</summary><div class="table-responsive" tabindex="0"><table class="table grid-table" id="rows">
  <caption>各校报送情况</caption>
  <thead><tr><th scope="col">名称</th>{% for key, name in series %}<th scope="col" data-series="{{ key }}">{{ name }}</th>{% endfor %}</tr></thead>
  <tbody>
    {% for row in rows %}
      <tr {% if row.now %}data-now{% endif %}>
        <th scope="row" data-value="{{ row.day }}"><a href="{{ row.url }}">{{ row.name }}</a></th>
        {% for cell in row.cells %}<td data-value="{{ cell.n }}">{% if cell.url %}<a href="{{ cell.url }}">{{ cell.n }}{{ unit }}</a>{% else %}{{ cell.n }}{{ unit }}{% endif %}</td>{% endfor %}
      </tr>
    {% endfor %}
  </tbody>
</table></div></details>"""  # noqa: E501
PAGE = f"""{{% extends "base.html" %}}
{{% block title %}}图表{{% endblock %}}
{{% block head %}}{{% include "parts/charts.html" %}}{{% endblock %}}
{{% block content %}}<h1>图表</h1><div id="part" class="sheet">{PART}</div>{{% endblock %}}"""


def amounts(kind: str, row: int, rows: int) -> list[int | str]:
    """The numbers of one row; "" is no point."""
    if kind == "trend":
        today = rows * 2 // 3
        return [row // 5 * 10, row * 2 if row <= today else "", row * 2 if row >= today else ""]
    if kind == "stack":
        return [12 - row % 7, row % 4, 1, row % 3, 2, row % 2, 1]
    return [(row * 13 + column * 31) % 101 for column in range(len(SERIES[kind]))]


def facts(request: HttpRequest, kind: str) -> dict:
    count, more = int(request.GET.get("rows", 5)), int(request.GET.get("more", 0))
    rows = []
    for n in range(count):
        day = date(2026, 3, 2) + timedelta(days=n)
        cells = [
            {
                "n": value if value == "" else value + more,
                "url": f"/charts/{kind}/{n}/{m}/" if kind != "heat" and value != "" else "",
            }
            for m, value in enumerate(amounts(kind, n, count))
        ]
        name = f"{day.month}月{day.day}日" if kind == "trend" else SCHOOLS[n % len(SCHOOLS)]
        url = f"/charts/{kind}/{n}/all/"
        rows.append(
            {"name": name, "day": day.isoformat(), "now": n == count * 2 // 3, "cells": cells, "url": url}
        )
    unit = "%" if kind in ("compare", "heat") else ""
    return {"kind": kind, "series": list(SERIES[kind].items()), "rows": rows, "unit": unit}


def page(request: HttpRequest, kind: str) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(PAGE).render(facts(request, kind), request))


def part(request: HttpRequest, kind: str) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(PART).render(facts(request, kind), request))


def behind(request: HttpRequest, kind: str, row: int, column: str) -> HttpResponse:
    return HttpResponse(f"<!doctype html><title>{kind} {row} {column}</title>")


urlpatterns = [
    path("charts/<str:kind>/", page),
    path("charts/<str:kind>/part/", part),
    path("charts/<str:kind>/<int:row>/<str:column>/", behind),
    path("", include("portal.urls")),
]
