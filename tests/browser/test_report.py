"""A phase closed by hand makes its report before one's eyes; signed, the school reads and signs for it."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from docx import Document
from playwright.sync_api import expect

from campaigns.models import Phase
from portal import jobs
from reports.models import Receipt, Report
from schools.enums import Role
from submissions.services import phases
from tests.browser.axe import report_of
from tests.browser.conftest import SignIn
from tests.factories import County, assigned, handed_in, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: Eleven columns and numbers of a county in every cell; those that take more than one line.
BROKEN = """() => document.querySelectorAll(".paper table.grid-table tr").forEach((row) => {
  while (row.cells.length < 11) row.append(row.lastElementChild.cloneNode(true));
}) ?? [...document.querySelectorAll(".paper td.num")].filter((cell) => {
  cell.textContent = "12345";
  const text = document.createRange();
  text.selectNodeContents(cell);
  return text.getClientRects().length > 1;
}).length"""
OPENING, ENDING = "各学校认真组织，本阶段工作按计划完成。", "请各单位做好下一阶段的准备。"


@pytest.fixture
def phase(place: County) -> Phase:
    """One that runs today; one of two schools has handed in."""
    owed = assigned(place)
    running = owed.requirement.phase
    yesterday, later = (timezone.localdate() + timedelta(days=days) for days in (-1, 20))
    Phase.objects.filter(pk=running.pk).update(starts_on=yesterday, ends_on=later)
    phases.switch_in(running.campaign, at=timezone.now())
    handed_in(owed, place.secretary, at=timezone.now())
    return Phase.objects.get(pk=running.pk)


def test_a_phase_closed_by_hand_makes_its_report(
    place: County, phase: Phase, sign_in: SignIn, complaints: list[str]
) -> None:
    leader = person(Role.LEADER, place.bureau)
    page = sign_in(place.officer)
    page.goto(reverse("phase_change", args=[phase.pk, "close"]))
    page.get_by_role("button", name="查看影响").click()
    page.get_by_role("button", name="确认结束阶段").click()
    page.get_by_role("link", name="阶段报告").click()
    page.get_by_role("link", name="情况通报").click()
    expect(page.get_by_text("正在排队，等待编制")).to_be_visible()
    assert jobs.run_waiting(timezone.now) == 1
    expect(page.get_by_role("heading", name="总体情况")).to_be_visible()  # by itself
    expect(page.locator("article").get_by_text("草稿", exact=True)).to_be_visible()
    assert report_of(page) == []
    page.set_viewport_size({"width": 1024, "height": 900})
    assert (page.locator(".paper td.num").count() > 5, page.evaluate(BROKEN)) == (True, 0)
    made = Report.objects.get()
    assert (made.phase, made.edition, made.figures["numbers"]["owed"]) == (phase, 1, 2)

    page.get_by_role("link", name="修改", exact=True).click()
    page.get_by_label("开头语").fill(OPENING)
    page.get_by_label("结束语").fill(ENDING)
    page.get_by_role("button", name="保存").click()
    expect(page.locator("article").get_by_text(OPENING)).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="送签").click()
    expect(page.get_by_text("已送局领导签发")).to_be_visible()

    desk = sign_in(leader, phone=True)
    desk.goto(reverse("report", args=[made.pk]))
    expect(desk.locator("article").get_by_text(ENDING)).to_be_visible()
    desk.on("dialog", lambda dialog: dialog.accept())
    desk.get_by_role("button", name="签发", exact=True).click()
    expect(desk.get_by_text("已签收0个，共2个单位")).to_be_visible()
    expect(desk.locator("article").get_by_text("草稿", exact=True)).to_have_count(0)
    with desk.expect_download() as fetched:
        desk.get_by_role("link", name="Word").click()
    with open(fetched.value.path(), "rb") as file:
        lines = [one.text for one in Document(io.BytesIO(file.read())).paragraphs]
    assert (OPENING in lines, ENDING in lines) == (True, True)

    school = sign_in(place.secretary, phone=True)
    school.goto(reverse("reports"))
    school.get_by_role("link", name="情况通报").click()
    school.get_by_role("button", name="签收").click()
    expect(school.get_by_text(f"{place.school.name}已签收")).to_be_visible()
    assert report_of(school) == []
    assert Receipt.objects.exclude(at=None).get().by == place.secretary
    assert complaints == []
