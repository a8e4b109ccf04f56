"""大屏 in a browser: it refreshes itself, says when it cannot, and grows by nothing over days."""

import re

import pytest
from playwright.sync_api import Page, expect

from schools.enums import Role
from tests.browser.axe import report_of
from tests.factories import assigned, handed_in, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REFRESH = (
    "htmx.ajax('GET', location.href, {source: '#wall', target: '#wall', select: '#wall', swap: 'outerHTML'})"
)


@pytest.fixture
def wall(place, sign_in) -> Page:
    owed = assigned(place)
    handed_in(owed, place.secretary)
    page = sign_in(person(Role.LEADER, place.bureau))
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(f"/progress/{owed.requirement.campaign.pk}/wall/")
    return page


def refresh(page: Page) -> None:
    page.evaluate(REFRESH)
    expect(page.locator("#wall.htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


def kept(page: Page) -> dict[str, int]:
    """DOM nodes, listeners and charts that are left after a collection of garbage."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("HeapProfiler.collectGarbage")
    counted = devtools.send("Memory.getDOMCounters")
    canvases = page.evaluate("document.querySelectorAll('canvas').length")
    return {"nodes": counted["nodes"], "listeners": counted["jsEventListeners"], "canvases": canvases}


def test_it_fits_the_screen_and_is_readable_from_five_metres(wall: Page, complaints) -> None:
    expect(wall.locator("canvas").first).to_be_visible()
    size = wall.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    read = "#wall h1, #wall h2, #wall p, #wall .what, #wall .chart, #wall li"
    sizes = (
        f"[...document.querySelectorAll('{read}')].map((one) => parseFloat(getComputedStyle(one).fontSize))"
    )
    smallest = wall.evaluate(f"Math.min(...{sizes})")
    assert (size, smallest >= 30, complaints) == ([1920, 1080], True, [])


def test_axe_finds_nothing_on_the_wall(wall: Page) -> None:
    assert report_of(wall) == []


def test_it_shows_what_has_come_in_meanwhile(wall: Page, place) -> None:
    share = wall.locator(".wall-share .n")
    expect(share).to_have_text("50%")
    from submissions.models import Assignment

    theirs = Assignment.objects.get(unit=place.middle)
    handed_in(theirs, person(Role.SECRETARY, place.middle))
    refresh(wall)
    expect(share).to_have_text("100%")


def test_two_hundred_refreshes_leave_nothing_behind(wall: Page, complaints) -> None:
    """As many as in more than three hours; the page loads itself anew after six."""
    answer = wall.request.get(wall.url)
    wall.route("**/wall/", lambda route: route.fulfill(response=answer))  # the server has tests of its own
    wall.set_viewport_size({"width": 480, "height": 270})  # what is drawn small is drawn soon
    for _ in range(20):
        refresh(wall)
    before = kept(wall)
    for _ in range(200):
        refresh(wall)
    after = kept(wall)
    assert (after["canvases"], complaints) == (before["canvases"], [])
    assert after["nodes"] <= before["nodes"] + 50
    assert after["listeners"] <= before["listeners"] + 20


def test_when_the_line_breaks_the_figures_stay_and_it_says_so(wall: Page) -> None:
    wall.route("**/wall/", lambda route: route.abort())
    wall.evaluate(f"{REFRESH}.catch(() => null)")
    expect(wall.get_by_role("status")).to_have_text(
        re.compile(r"^数据停在\d+月\d+日\d\d:\d\d，正在重新连接$")
    )
    expect(wall.locator(".wall-share .n")).to_have_text("50%")
    wall.unroute("**/wall/")
    refresh(wall)
    expect(wall.locator(".wall-stale")).to_be_hidden()


def test_when_the_session_is_gone_it_asks_to_log_in(wall: Page) -> None:
    wall.context.clear_cookies()
    wall.evaluate(REFRESH)
    expect(wall.get_by_role("status")).to_have_text("登录已失效，请重新登录")
    expect(wall.locator(".wall-share .n")).to_have_text("50%")
