"""The page of a campaign in the browser: readable by everybody, wide and narrow, and on paper."""

import re
import subprocess
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from schools.enums import Role
from tests.browser.axe import report_of
from tests.browser.conftest import SignIn
from tests.browser.hand import press_on_chart
from tests.factories import County, person
from tests.reports.busy import busy

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LISTS = ("campaign", "topics", "topic_units", "pieces", "activities", "meetings", "indicators", "works")
#: Where the chart of the phases shows what is overdue in the first of them, in pixels of the window.
MIDDLE_OF_OVERDUE = """() => {
  const surface = document.querySelector("figure[data-table=phase] .surface");
  surface.scrollIntoView({ block: "center", behavior: "instant" });
  const before = ["accepted", "waiting", "returned"].map((key) => `td.f-${key}`);
  const value = (cell) => Number(document.querySelector(`#phase tbody ${cell}`).dataset.value);
  const start = before.reduce((sum, cell) => sum + value(cell), 0);
  const middle = start + value("td.f-overdue") / 2;
  const [left, top] = echarts.getInstanceByDom(surface).convertToPixel({ seriesIndex: 3 }, [middle, 0]);
  const box = surface.getBoundingClientRect();
  return [box.left + left, box.top + top];
}"""
SCROLLS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_axe_finds_nothing_and_no_page_scrolls_sideways(
    place: County, sign_in: SignIn, complaints: list[str]
) -> None:
    made = busy(place)
    addresses = [reverse(name, args=[made.campaign.pk]) for name in LISTS]
    addresses.append(reverse("readings", args=[made.campaign.pk], query={"indicator": made.share.pk}))
    leader, found = person(Role.LEADER, place.bureau), {}
    page = sign_in(leader)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for address in addresses:
            page.goto(address)
            found[address, width] = (report_of(page), page.evaluate(SCROLLS))
    assert found == {key: ([], 0) for key in found}
    assert complaints == []


def test_the_contents_stay_in_sight_on_a_desktop(place: County, sign_in: SignIn) -> None:
    made = busy(place)
    page = sign_in(person(Role.LEADER, place.bureau))
    page.goto(reverse("campaign", args=[made.campaign.pk]))
    contents = page.get_by_role("navigation", name="本页目录")
    contents.get_by_role("link", name="优秀成果").click()
    expect(page.locator("#excellent")).to_be_in_viewport()
    expect(contents).to_be_in_viewport()


def test_a_click_on_a_bar_follows_the_link_in_the_closed_table(place: County, sign_in: SignIn) -> None:
    made = busy(place)
    page = sign_in(person(Role.LEADER, place.bureau))
    page.goto(reverse("campaign", args=[made.campaign.pk]))
    link = page.locator("#phase tbody td.f-overdue a").first
    expect(link).to_be_hidden()
    leads_to = link.get_attribute("href")
    press_on_chart(page, *page.evaluate(MIDDLE_OF_OVERDUE))
    expect(page).to_have_url(re.compile(re.escape(leads_to) + "$"))


def test_paper_opens_the_tables_but_not_the_days(place: County, sign_in: SignIn, tmp_path: Path) -> None:
    made = busy(place)
    page = sign_in(person(Role.LEADER, place.bureau))
    page.goto(reverse("campaign", args=[made.campaign.pk]))
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    shown = {key: page.locator(f"#{key}").is_visible() for key in ("trend", "phase", "requirement", "branch")}
    assert shown == {"trend": False, "phase": True, "requirement": True, "branch": True}
    assert [one for one in page.get_by_text("查看表格").all() if one.is_visible()] == []


def test_paper_says_on_every_page_when_it_held_and_its_number(
    place: County, sign_in: SignIn, tmp_path: Path
) -> None:
    made = busy(place)
    page = sign_in(person(Role.LEADER, place.bureau))
    page.goto(reverse("campaign", args=[made.campaign.pk]))
    page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    said = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "page.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    sheets = said.split("\f")[:-1]
    assert len(sheets) > 1
    shows = [("数据截至20" in one, f"第{n}页，共{len(sheets)}页" in one) for n, one in enumerate(sheets, 1)]
    assert shows == [(True, True)] * len(sheets)
    assert not [word for word in ("本页目录", "看全部", "导出台账", "退出登录") if word in said]
