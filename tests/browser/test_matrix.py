"""The matrix under the hand: arrows, headings that stay, words for what is pointed at; readable for all."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from notices.templatetags.days import day_of
from notices.workdays import last_day
from schools.enums import Role
from submissions.models import Assignment
from submissions.services import publishing
from tests.browser.axe import report_of
from tests.browser.conftest import SignIn
from tests.factories import DUE, NOW, OccurrenceFactory, RequirementFactory, UnitFactory, person, ready_plan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

UNITS, MONTHS = 40, 24


@pytest.fixture
def campaign(place):
    for n in range(UNITS):
        UnitFactory(name=f"东镇第{n + 1}小学", parent=place.township)
    essay = ready_plan(place, title="征文")
    report = RequirementFactory(campaign=essay.campaign, phase=essay.phase, title="月报", order=2)
    for number in range(1, MONTHS + 1):
        OccurrenceFactory(requirement=report, number=number, label=f"第{number}期")
    publishing.publish(essay.campaign, by=place.officer, at=NOW)
    late = Assignment.objects.filter(unit=place.school, occurrence__requirement=essay)
    late.update(state="accepted", completed_at=NOW, late=True)
    return essay.campaign


@pytest.fixture
def page(place, campaign, sign_in: SignIn) -> Page:
    page = sign_in(person(Role.LEADER, place.bureau))
    page.goto(reverse("matrix", args=[campaign.pk]))
    return page


def label(page: Page) -> str:
    return page.evaluate(
        "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
    )


def test_arrows_move_and_enter_opens(page: Page, place, complaints) -> None:
    first = page.locator("#matrix tbody td[class] a").first
    expect(first).to_have_attribute("tabindex", "0")
    assert page.locator("#matrix [tabindex='0']").count() == 1
    first.focus()
    said = []
    for key in (
        "ArrowRight",
        "ArrowDown",
        "ArrowDown",
        "ArrowLeft",
        "End",
        "Home",
        "Control+End",
        "Control+Home",
    ):
        page.keyboard.press(key)
        said.append(label(page).split("：")[0])
    assert said == [
        "示例县第一初级中学，月报（第1期）", "东镇应报1025项", "东镇中心小学，月报（第1期）",
        "东镇中心小学，征文", f"东镇中心小学，月报（第{MONTHS}期）", "东镇中心小学",
        f"东镇第{UNITS}小学，月报（第{MONTHS}期）", "合计已报1项",
    ]  # fmt: skip
    page.get_by_label("东镇中心小学，征文：通过，迟报").focus()
    expect(page.locator("#matrix-said")).to_have_text(
        f"东镇中心小学，征文：通过，迟报（截止{day_of(last_day(DUE))}）"
    )
    assert page.locator("#matrix [tabindex='0']").count() == 1
    page.keyboard.press("PageDown")
    assert label(page).startswith("东镇第")
    page.keyboard.press("PageUp")
    assert label(page).startswith("东镇中心小学")
    page.keyboard.press("Enter")
    owed = Assignment.objects.get(unit=place.school, occurrence__requirement__title="征文")
    page.wait_for_url(f"**{reverse('assignment', args=[owed.pk])}")
    assert complaints == []


def test_pointing_at_a_cell_says_what_it_is(page: Page) -> None:
    page.get_by_label("东镇中心小学，征文：通过，迟报").hover()
    expect(page.locator("#matrix-said")).to_contain_text("东镇中心小学，征文：通过，迟报")


@pytest.mark.parametrize("width", [1280, 390])
def test_headings_stay_while_the_region_scrolls(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    box, head, unit = (page.locator(one) for one in (".matrix-box", ".matrix thead", ".matrix tbody th"))
    box.evaluate("box => box.scrollTo(300, 400)")
    edge = box.bounding_box()
    assert abs(head.bounding_box()["y"] - edge["y"]) < 3
    assert abs(unit.nth(20).bounding_box()["x"] - edge["x"]) < 3
    group = page.locator(".matrix .group > th").last.bounding_box()
    assert abs(group["y"] - head.bounding_box()["y"] - head.bounding_box()["height"]) < 4
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert unit.nth(20).bounding_box()["width"] < width * 0.35


SHOWN = """() => {
  const of = (row, n) => row.cells[n].getBoundingClientRect();
  return [...document.querySelectorAll("#matrix .group")].flatMap((row) => {
    const name = of(row, 0), number = of(row, 1);
    const at = (box) => document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const top = (box) => at(box)?.closest("tr");
    return top(number) === row && top(name) !== row ? [row.cells[0].textContent] : [];
  });
}"""


@pytest.mark.parametrize(("width", "height"), [(1280, 700), (390, 844), (640, 450)])
def test_figures_of_a_township_never_stand_beside_another_name(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    box = page.locator(".matrix-box")
    box.evaluate("box => box.scrollIntoView()")
    mixed = {}
    for top in range(0, 1000, 13):
        box.evaluate("(box, top) => box.scrollTo(150, top)", top)
        if found := page.evaluate(SHOWN):
            mixed[top] = found
    assert mixed == {}


def test_in_a_low_window_most_of_the_matrix_is_units(page: Page) -> None:
    page.set_viewport_size({"width": 640, "height": 450})
    box, heads = page.locator(".matrix-box"), page.locator("#matrix .labels th").nth(5)
    box.evaluate("box => box.scrollTo(0, 500)")
    edge, names = box.bounding_box(), heads.bounding_box()
    assert abs(names["y"] - edge["y"]) < 3
    assert names["height"] < edge["height"] * 0.35


def test_blank_cells_say_that_nothing_is_asked(page: Page, place) -> None:
    theirs = Assignment.objects.filter(unit=place.middle, occurrence__requirement__title="月报")
    theirs.update(state="cancelled", override="cancelled")
    page.reload()
    blank = page.locator("#matrix tbody td:empty[tabindex]")
    assert blank.count() == page.locator("#matrix tbody td:empty[aria-label]").count() == MONTHS
    assert page.locator("#matrix thead td:empty[tabindex]").count() == 0
    blank.first.focus()
    expect(page.locator("#matrix-said")).to_have_text("示例县第一初级中学，月报（第1期）：不要求报送")


def test_at_the_edge_the_key_is_left_to_the_browser(page: Page) -> None:
    last = page.locator("#matrix tbody tr").last.locator("th a")
    last.focus()
    page.evaluate(
        "document.addEventListener('keydown', (event) => { window.kept = event.defaultPrevented; })"
    )
    page.keyboard.press("PageDown")
    assert page.evaluate("window.kept") is False


def test_names_of_columns_are_whole(page: Page) -> None:
    cut = "all => all.filter(one => one.scrollHeight > one.clientHeight).map(one => one.textContent)"
    label = page.locator("#matrix .labels th span").last
    label.evaluate("one => { one.textContent = '2026年第43周'; }")
    assert page.locator("#matrix .labels th span").evaluate_all(cut) == []


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("query", ["", "?dense=1", "?having=overdue"])
def test_everybody_can_read_it(page: Page, campaign, width: int, query: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    found = []
    for name in ("matrix", "behind"):
        page.goto(reverse(name, args=[campaign.pk]) + query)
        found += report_of(page)
    assert "\n".join(found) == ""


def test_narrow_units_fit_a_wide_screen_when_turned(page: Page, campaign) -> None:
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(reverse("matrix", args=[campaign.pk]) + "?dense=1")
    cell = page.locator("#matrix tbody tr").first.locator("td").nth(5).bounding_box()
    heading = page.locator("#matrix tbody td").nth(3).bounding_box()
    assert heading["x"] + heading["width"] + 130 * cell["width"] < 1920
    head = page.locator("#matrix thead").bounding_box()
    assert head["y"] + head["height"] + 30 * cell["height"] < 1080
