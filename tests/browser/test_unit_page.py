"""A leader finds a unit, reads its page, follows a number; 我的学校 on a phone; both open to everybody."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from schools.enums import Role
from schools.models import User
from submissions.models import Assignment
from submissions.services import reviewing
from tests.browser.axe import report_of
from tests.browser.conftest import SignIn
from tests.factories import NOW, County, PairingFactory, ResponsibilityFactory, assigned, handed_in, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def leader(place: County) -> User:
    """Answers for the township through the section; its school is late with one task and did another."""
    User.objects.filter(pk=place.secretary.pk).update(name="李示例", phone="13900000000")
    user = person(Role.LEADER, place.bureau, name="张示例", phone="13900000001")
    ResponsibilityFactory(leader=user, unit=place.section)
    ResponsibilityFactory(leader=None, section=place.section, unit=place.township)
    PairingFactory(unit=place.school, partner=place.middle)
    reviewing.accept(handed_in(assigned(place), place.secretary), by=place.officer, at=NOW)
    late = assigned(place, title="未报的")
    Assignment.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(days=3))
    return user


def test_a_leader_finds_a_unit_and_follows_a_number(
    place: County, leader: User, sign_in: SignIn, complaints: list[str]
) -> None:
    page = sign_in(leader)
    page.get_by_role("link", name="查单位").click()
    page.get_by_role("searchbox").fill("dzzx")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name="东镇中心小学").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("东镇中心小学 逾期")
    expect(page.get_by_role("link", name="13900000000")).to_have_attribute("href", "tel:13900000000")
    assert report_of(page) == []
    page.locator(".tiles.now [data-figure=overdue]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("逾期，共1项")
    assert report_of(page) + complaints == []


def test_my_schools_on_a_phone(place: County, leader: User, sign_in: SignIn, complaints: list[str]) -> None:
    page = sign_in(leader, phone=True)
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="我的学校").click()
    first = page.locator("tbody tr").filter(has_text="东镇中心小学")
    expect(first.locator(".f-light")).to_contain_text("逾期")
    expect(first.get_by_role("link", name="李示例 13900000000")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = report_of(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    found += report_of(page)
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(reverse("unit", args=[place.school.pk]))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert found + report_of(page) + complaints == []
