"""The overview in a browser: readable for everybody on both widths; a look at it is kept."""

from datetime import datetime

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from reports.models import Visit
from schools.enums import Role
from tests.browser.axe import report_of
from tests.browser.conftest import SignIn
from tests.factories import NOW, County, assigned, handed_in, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("phone", [False, True])
def test_everybody_can_read_it(place: County, sign_in: SignIn, complaints: list[str], phone: bool) -> None:
    handed_in(assigned(place), place.secretary, at=NOW)
    page = sign_in(person(Role.LEADER, place.bureau), phone=phone)
    for address in (reverse("progress"), reverse("waiting", query={"kind": "reviews"})):
        page.goto(address)
        assert report_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert complaints == []


def test_a_look_is_kept_as_of_the_moment_that_was_shown(
    place: County, sign_in: SignIn, complaints: list[str]
) -> None:
    assigned(place)
    leader = person(Role.LEADER, place.bureau)
    page = sign_in(leader)  # leads to the overview at once
    page.goto(reverse("inbox"), wait_until="networkidle")
    with page.expect_response(lambda answer: answer.url.endswith(reverse("seen"))) as told:
        page.goto(reverse("progress"))
    assert told.value.status == 204
    shown = page.locator("[data-visit]").get_attribute("data-at")
    assert Visit.objects.get(user=leader).last_at == datetime.fromisoformat(shown)
    expect(page.get_by_role("heading", name="最近7天")).to_be_visible()
    assert complaints == []
