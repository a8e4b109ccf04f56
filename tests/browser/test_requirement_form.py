"""The form of a requirement shows what its frequency and kind ask for."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.conftest import SignIn
from tests.factories import County, ready_plan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_rows_follow_the_frequency_and_the_kind(
    place: County, sign_in: SignIn, complaints: list[str]
) -> None:
    page = sign_in(place.officer)
    page.goto(reverse("admin:campaigns_requirement_change", args=[ready_plan(place).pk]))
    expect(page.locator("#id_due_on")).to_be_visible()
    expect(page.locator("#id_due_day")).to_be_hidden()
    page.locator("#id_frequency").select_option(label="每月")
    expect(page.locator("#id_due_on")).to_be_hidden()
    expect(page.locator("#id_due_day")).to_be_visible()
    expect(page.locator("#id_words_min")).to_be_visible()
    page.locator("#id_kind").select_option(label="签收")
    expect(page.locator("#id_words_min")).to_be_hidden()
    assert complaints == []
