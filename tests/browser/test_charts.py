"""Charts are drawn from the tables of a page, under the portal's own Content-Security-Policy."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import report_of
from tests.browser.chart_pages import SERIES
from tests.browser.conftest import SignIn
from tests.browser.hand import press_on_chart, until
from tests.factories import County

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.browser.chart_pages"),
]

#: How many colours a chart has.
COLOURS = """() => {
  const canvas = document.querySelector("figure.chart canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
}"""
#: Where the chart has drawn a point, in pixels of the window.
PLACE = """([series, x, y]) => {
  const surface = document.querySelector("figure.chart .surface");
  const [left, top] = echarts.getInstanceByDom(surface).convertToPixel({ seriesIndex: series }, [x, y]);
  const box = surface.getBoundingClientRect();
  return [left + box.left, top + box.top];
}"""
#: What a page that renews itself does.
SWAP = """(address) => htmx.ajax("GET", address, { target: "#part", swap: "innerHTML" })"""
#: Counts the charts that were begun and not ended from now on.
COUNT = """() => {
  const { init } = echarts;
  window.alive = 0;
  window.echarts = { ...echarts, init: (...given) => {
    const chart = init(...given);
    const { dispose } = chart;
    chart.dispose = () => { alive -= 1; dispose.call(chart); };
    alive += 1;
    return chart;
  } };
}"""


def drawn(page: Page, address: str) -> Page:
    page.goto(address)
    expect(page.locator("figure.chart canvas")).to_be_visible()
    until(page, f"({COLOURS})() > 1")  # the canvas is there a frame before its points are
    return page


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize("kind", SERIES)
def test_it_is_drawn_and_described(
    place: County, sign_in: SignIn, complaints: list[str], kind: str, phone: bool
) -> None:
    page = drawn(sign_in(place.secretary, phone=phone), f"/charts/{kind}/?rows=12")
    until(page, f"({COLOURS})() > 20")
    expect(page.get_by_role("img", name="各校报送情况（图中的数据都在表格里）")).to_be_visible()
    expect(page.locator("#rows")).to_be_hidden()
    assert report_of(page) == []
    page.get_by_text("以表格查看").click()
    expect(page.locator("#rows")).to_be_visible()
    assert report_of(page) == []
    assert complaints == []


@pytest.mark.parametrize(
    ("kind", "series", "x", "y", "leads_to"),
    [
        ("trend", 1, "2026-03-04", 4, "2/1"),
        ("stack", 0, 4, 2, "2/0"),
        ("stack", 1, 11.5, 1, "1/1"),
        ("compare", 0, 5, 3, "3/0"),
        ("heat", 0, 4, 2, "2/all"),
    ],
)
def test_a_click_follows_the_link_of_the_cell(
    place: County, sign_in: SignIn, kind: str, series: int, x: float | str, y: float, leads_to: str
) -> None:
    page = drawn(sign_in(place.secretary), f"/charts/{kind}/")
    press_on_chart(page, *page.evaluate(PLACE, [series, x, y]))
    expect(page).to_have_url(re.compile(f"/charts/{kind}/{leads_to}/$"))


def test_the_name_of_a_row_leads_where_its_heading_does(place: County, sign_in: SignIn) -> None:
    page = drawn(sign_in(place.secretary), "/charts/stack/")
    left, top = page.evaluate(PLACE, [0, 0, 4])
    press_on_chart(page, left - 20, top)
    expect(page).to_have_url(re.compile("/charts/stack/4/all/$"))


def test_days_of_renewing_leave_one_chart(place: County, sign_in: SignIn, complaints: list[str]) -> None:
    page = drawn(sign_in(place.secretary), "/charts/stack/")
    page.evaluate("window.first = document.querySelector('figure.chart .surface')")
    page.evaluate(COUNT)
    for more in range(50):
        page.evaluate(SWAP, f"/charts/stack/part/?more={more}")
    expect(page.locator("#rows tbody td").first).to_have_attribute("data-value", "61")
    until(page, "alive === 1 && document.querySelectorAll('canvas').length === 1")
    until(page, "echarts.getInstanceByDom(first) === undefined")
    page.evaluate(SWAP, "/charts/stack/part/?rows=0")
    expect(page.locator("figure.chart")).to_be_hidden()
    until(page, "alive === 0 && document.querySelectorAll('canvas').length === 0")
    assert complaints == []


def test_what_leaves_the_page_by_any_way_ends(place: County, sign_in: SignIn) -> None:
    page = drawn(sign_in(place.secretary), "/charts/heat/")
    page.evaluate("window.first = document.querySelector('figure.chart .surface')")
    page.evaluate("document.querySelector('figure.chart').remove()")
    until(page, "echarts.getInstanceByDom(first) === undefined")


def test_it_has_the_width_of_its_place(place: County, sign_in: SignIn) -> None:
    page = drawn(sign_in(place.secretary), "/charts/trend/")
    page.set_viewport_size({"width": 600, "height": 800})
    width = page.locator("figure.chart").evaluate("(figure) => figure.clientWidth")
    expect(page.locator("figure.chart canvas")).to_have_css("width", f"{width}px")


def test_paper_shows_every_row(place: County, sign_in: SignIn) -> None:
    page = drawn(sign_in(place.secretary), "/charts/compare/?rows=60")
    tall = "document.querySelector('figure.chart canvas').clientHeight"
    before = page.evaluate(tall)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(tall) > 1.7 * before
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(tall) == before


def test_without_echarts_the_table_stands_open(place: County, sign_in: SignIn) -> None:
    page = sign_in(place.secretary)
    page.route("**/echarts.min.js", lambda route: route.abort())
    page.goto("/charts/heat/")
    expect(page.locator("#rows")).to_be_visible()
    expect(page.locator("figure.chart")).to_be_hidden()


def test_without_rows_there_is_no_chart(place: County, sign_in: SignIn, complaints: list[str]) -> None:
    page = sign_in(place.secretary)
    page.goto("/charts/trend/?rows=0")
    expect(page.get_by_text("以表格查看")).to_be_visible()
    expect(page.locator("figure.chart")).to_be_hidden()
    assert complaints == []
