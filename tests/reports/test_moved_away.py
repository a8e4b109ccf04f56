"""Work of a unit that has moved away still counts where it was, and is no longer told there."""

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html
from openpyxl import load_workbook

from schools.enums import Role, UnitKind
from tests.factories import County, UnitFactory, person
from tests.reports.busy import MEETING, Busy, R, busy, leader_of, plan
from tests.reports.following import client_of

pytestmark = pytest.mark.django_db

AWAY = "东镇中心小学（已划转）"
UNREAD = "—"
#: What each list tells of the school as long as it may.
TOLD = {
    "pieces": ["新题目", "新纪要", "月度数据"],
    "meetings": ["新纪要", "新会场", "新主持"],
    "works": ["新题目", "新作者"],
    "readings": ["月度数据"],
}


@pytest.fixture
def moved(place: County) -> Busy:
    """The school of the township has moved to another one, and has handed in since."""
    made = busy(place)
    place.school.parent = UnitFactory(name="西镇", kind=UnitKind.TOWNSHIP, parent=place.bureau)
    place.school.save()
    made.send(place.school, R.ESSAY, 3, title="新题目", authors="新作者", accept=place.officer)
    held = MEETING | {"place": "新会场", "chair": "新主持"}
    made.send(place.school, R.MINUTES, 2, title="新纪要", present="8", **held)
    values = {f"value_{made.share.pk}": "11", f"value_{made.built.pk}": "2"}
    made.send(place.school, R.PROGRESS, 2, title="月度数据", **values)
    return made


@pytest.fixture
def township(place: County) -> Client:
    return client_of(leader_of(place.section, place.township))


def address(made: Busy, name: str, **query: Any) -> str:
    if name == "readings":
        query |= {"indicator": made.share.pk}
    return reverse(name, args=[made.campaign.pk], query=query)


def lines(client: Client, made: Busy, name: str, **query: Any) -> list[tuple]:
    """(name, address, values) of each line."""
    found = client.get(address(made, name, **query)).context["table"].lines
    return [(line.name, line.url, [cell.value for cell in line.cells]) for line in found]


def said(client: Client, made: Busy, name: str) -> tuple[str, str]:
    """All that the page says, and its workbook."""
    page = client.get(address(made, name))
    file = client.get(address(made, name, table=page.context["table"].key))
    sheet = load_workbook(BytesIO(b"".join(file.streaming_content))).active
    taken = [str(value) for row in sheet.iter_rows(values_only=True) for value in row]
    return html.fromstring(page.content.decode()).text_content(), "".join(taken)


def test_its_rows_count_and_stay_blank(township: Client, moved: Busy) -> None:
    pieces = [row for row in lines(township, moved, "pieces") if row[2][0] == AWAY]
    assert (len(pieces), {row[:2] for row in pieces}) == (7, {(UNREAD, "")})
    assert lines(township, moved, "meetings") == [
        (UNREAD, "", [None, AWAY, "", "", present]) for present in (30, 8)
    ]
    works = [row for row in lines(township, moved, "works") if row[2][0] == AWAY]
    assert works == [(UNREAD, "", [AWAY, "东镇", "", "征文"])] * 2
    units = [row for row in lines(township, moved, "topic_units") if row[0] == AWAY]
    assert units == [(AWAY, "", [7])]


def test_its_value_stays_for_the_sum_alone(township: Client, moved: Busy) -> None:
    assert lines(township, moved, "readings") == [(AWAY, "", ["东镇", Decimal("11.00"), "", "", ""])]


@pytest.mark.parametrize("name", TOLD)
def test_neither_the_page_nor_the_workbook_tells_of_its_work(
    place: County, township: Client, moved: Busy, name: str
) -> None:
    bureau = client_of(person(Role.LEADER, place.bureau))
    found = [[one for one in TOLD[name] if one in text] for text in said(bureau, moved, name)]
    assert found == [TOLD[name]] * 2
    assert [[one for one in TOLD[name] if one in text] for text in said(township, moved, name)] == [[], []]


@pytest.mark.parametrize("figure", ["silent", "asked"])
def test_who_has_not_reported_stands_where_it_was_asked(place: County, figure: str) -> None:
    made = plan(place)
    made.second.parent = UnitFactory(name="邻县教育局", kind=UnitKind.BUREAU, parent=None)
    made.second.save()
    client = client_of(person(Role.LEADER, place.bureau))
    found = lines(client, made, "readings", figure=figure)
    assert {name: values[0] for name, _, values in found} == {
        "东镇中心小学": "东镇", "东镇第二小学（已划转）": "东镇", "示例县第一初级中学": "示例县教育局",
    }  # fmt: skip
