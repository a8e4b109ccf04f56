"""Lists behind numbers: short ones are sent at once, long ones are ordered and written by a worker."""

from io import BytesIO

import pytest
from django.urls import reverse
from lxml import html
from openpyxl import load_workbook

from campaigns.enums import RequirementKind as R
from portal import jobs
from portal.files import store
from portal.models import Job
from reports import lists, long
from reports.views import listed
from schools.enums import Role
from tests.factories import NOW, County, person
from tests.reports.busy import plan
from tests.reports.test_pages import as_

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(place: County):
    """Three pieces: of the school and the second one, and of the middle school."""
    made = plan(place)
    for unit, title in ((place.school, "甲"), (made.second, "乙"), (place.middle, "丙")):
        made.send(unit, R.ESSAY, title=title)
    return made


@pytest.fixture
def leader(place: County):
    return as_(person(Role.LEADER, place.bureau))


def orders(response) -> list[str]:
    tree = html.fromstring(response.content.decode())
    return tree.xpath("//main//form[@method='post']/@action")


def test_a_short_list_is_sent_at_once(leader, made) -> None:
    address = reverse("pieces", args=[made.campaign.pk])
    assert orders(leader.get(address)) == []
    answer = leader.get(address, {"table": "pieces"})
    assert answer.headers["Content-Type"].endswith("spreadsheetml.sheet")


def test_a_long_list_is_ordered_and_written_whole(leader, made, place, monkeypatch) -> None:
    monkeypatch.setattr(listed, "FEW", 1)
    monkeypatch.setattr(lists, "AT_ONCE", 1)
    address = reverse("pieces", args=[made.campaign.pk], query={"below": place.township.pk})
    page = leader.get(address)
    [order] = orders(page)
    assert b"table=pieces" not in page.content
    leader.post(order)
    jobs.run_waiting(lambda: NOW)
    job = Job.objects.get()
    assert (job.title, job.result) == (f"导出材料：{made.campaign.title}", {"said": "共2行"})
    head, *rows = load_workbook(BytesIO(store.path_of(job.product).read_bytes())).active.values
    assert (head[:2], [row[:2] for row in rows]) == (
        ("标题", "单位"), [("甲", "东镇中心小学"), ("乙", "东镇第二小学")]
    )  # fmt: skip


def test_a_long_list_is_not_sent_by_the_page(leader, made, monkeypatch) -> None:
    monkeypatch.setattr(listed, "FEW", 1)
    answer = leader.get(reverse("pieces", args=[made.campaign.pk]), {"table": "pieces"})
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("name", long.LISTS)
def test_each_list_can_be_ordered(leader, made, name: str) -> None:
    query = {"indicator": made.built.pk} if name == "readings" else {}
    made.report(made.second, "10", "1")
    leader.post(reverse("take_table", args=[made.campaign.pk, name], query=query))
    jobs.run_waiting(lambda: NOW)
    listing = leader.get(reverse(name, args=[made.campaign.pk], query=query)).context["page"].paginator
    said = {"said": f"共{listing.count}行"} if listing.count else {}
    assert Job.objects.get().result == said


@pytest.mark.parametrize(("name", "query"), [
    ("pieces", {"topic": "x"}), ("works", {"figure": "x"}), ("readings", {"indicator": "0"}),
])  # fmt: skip
def test_what_is_not_there_cannot_be_ordered(leader, made, name: str, query: dict) -> None:
    assert leader.post(reverse("take_table", args=[made.campaign.pk, name], query=query)).status_code == 404
