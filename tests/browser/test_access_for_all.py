"""Everybody can read and work every page: WCAG 2.1 AA as axe sees it, wide and narrow; the keyboard."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect

from tests.browser.axe import report_of
from tests.browser.conftest import SignIn
from tests.test_access import ADMIN, DOORS, World, admin_address, build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PEOPLE = ("secretary", "head", "officer", "leader", "system", "security", "auditor")
#: Files, parts of pages and answers to scripts.
NO_PAGES = {
    "file", "file_preview", "job_file", "job_progress", "plan_template_file", "roster_template",
    "jsi18n", "autocomplete", "calendar_ics",
    "report_word", "report_book", "report_copy", "report_progress",
    "bulletin_word", "paper_sample", "paper_template_file",
}  # fmt: skip
WIDE, NARROW = 1280, 320  # the same page at 400 %, and a small phone


@pytest.fixture
def world(transactional_db: None) -> World:
    return build()


def new_to(who: str, ok: tuple[str, ...]) -> bool:
    """A page of these people is looked at as the first of PEOPLE, and as officer and leader, who see more."""
    return who in ok and (who in ("officer", "leader") or who == next(one for one in PEOPLE if one in ok))


ROOMS = [door for door in DOORS if (door.method, door.status) == ("get", 200) and door.name not in NO_PAGES]
OFFICES = {name: ok for name, ok in ADMIN.items() if name not in NO_PAGES}


def rooms(who: str, world: World) -> list[str]:
    return [door.address(world) for door in ROOMS if new_to(who, door.ok)]


def offices(who: str, world: World) -> list[str]:
    return [admin_address(name, world) for name, ok in OFFICES.items() if new_to(who, ok)]


@pytest.mark.parametrize(
    ("pages_of", "who"),
    [(rooms, who) for who in PEOPLE if any(new_to(who, door.ok) for door in ROOMS)]
    + [(offices, who) for who in PEOPLE if any(new_to(who, ok) for ok in OFFICES.values())],
    ids=lambda one: one if isinstance(one, str) else one.__name__,
)
def test_axe_finds_nothing(
    pages_of: Callable[[str, World], list[str]], who: str, world: World, sign_in: SignIn
) -> None:
    """Wide as the page comes, and narrow with everything opened that opens."""
    page, found = sign_in(world.people[who]), []
    for address in pages_of(who, world):
        page.set_viewport_size({"width": WIDE, "height": 900})
        page.goto(address)
        found += [f"{address} wide: {line}" for line in report_of(page)]
        page.set_viewport_size({"width": NARROW, "height": 900})
        page.evaluate(
            "document.querySelectorAll('details:not(.preview)').forEach((one) => (one.open = true))"
        )
        found += [f"{address} narrow: {line}" for line in report_of(page)]
        if page.evaluate("document.documentElement.scrollWidth") > NARROW:
            found.append(f"{address}: has to be scrolled sideways")
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def test_axe_finds_nothing_at_the_door(transactional_db: None, browser: Browser, live_server) -> None:
    page = browser.new_page()
    page.goto(live_server.url)
    found = report_of(page)
    page.get_by_label("用户名").fill("nobody")
    page.get_by_label("密码").fill("wrong")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_text("用户名或密码不正确")).to_be_visible()
    assert found + report_of(page) == []
    page.close()


def test_the_first_key_leads_past_the_menu(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.people["officer"])
    page.goto(reverse("queue"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    expect(page.get_by_role("link", name="跳到正文")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("main :focus")).to_have_text("待审材料")


def test_the_menu_and_the_filters_open_by_keyboard(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.people["secretary"], phone=True)
    page.goto(reverse("work"))
    for summary, inside in ((".me > summary", ".me :focus"), (".sifter > summary", ".sifter form :focus")):
        page.locator(summary).focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.locator(inside)).to_be_visible()


def test_a_table_that_does_not_fit_is_scrolled_by_keyboard(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.people["officer"], phone=True)
    page.goto(reverse("publish", args=[world.planned.pk]))
    table = page.get_by_role("region", name="各类单位的负担")
    table.focus()
    page.keyboard.press("ArrowRight")
    expect(table).not_to_have_js_property("scrollLeft", 0)
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(table).to_have_count(0)


def test_what_has_the_focus_shows_it(world: World, sign_in: SignIn) -> None:
    """Bootstrap takes the outline off its buttons and boxes."""
    page = sign_in(world.people["officer"])
    page.goto(reverse("queue"))
    page.keyboard.press("Tab")  # from now on it is the keyboard that moves
    for seen in (page.get_by_role("button", name="查找"), page.get_by_label("只看迟报的")):
        seen.focus()
        expect(seen).to_have_css("outline-style", "solid")
