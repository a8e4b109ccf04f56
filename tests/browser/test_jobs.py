"""A long job watched in a browser, with JavaScript and without."""

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect

from portal import jobs
from portal.models import JobProgress
from tests.browser.conftest import SignIn
from tests.factories import NOW, County, JobFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def done_at_once():
    jobs.register("test.work")(lambda job, report, at: {})
    yield
    del jobs._kinds["test.work"]


def test_the_page_follows_the_job_to_its_end(
    place: County, sign_in: SignIn, complaints: list[str], done_at_once: None
) -> None:
    job = JobFactory(by=place.secretary)
    page = sign_in(place.secretary)
    page.goto(reverse("job", args=[job.pk]))
    expect(page.get_by_text("正在排队，等待处理")).to_be_visible()
    JobProgress.objects.update(attempts=1, step="写入", done=40, total=300)
    expect(page.get_by_text("正在处理：写入（40/300）")).to_be_visible()
    jobs.run_waiting(lambda: NOW)
    expect(page.get_by_text("处理已完成。")).to_be_visible()
    assert complaints == []


def test_when_the_session_ends_the_whole_page_goes_to_the_login(place: County, sign_in: SignIn) -> None:
    page = sign_in(place.secretary)
    page.goto(reverse("job", args=[JobFactory(by=place.secretary).pk]))
    page.context.clear_cookies()
    expect(page.get_by_role("button", name="登录")).to_be_visible()
    expect(page.locator("#progress")).to_have_count(0)


def test_without_javascript_the_page_refreshes_itself(
    place: County, sign_in: SignIn, browser: Browser, live_server, done_at_once: None
) -> None:
    job = JobFactory(by=place.secretary)
    cookies = sign_in(place.secretary).context.storage_state()
    with browser.new_context(
        base_url=live_server.url, java_script_enabled=False, storage_state=cookies
    ) as plain:
        page = plain.new_page()
        page.goto(reverse("job", args=[job.pk]))
        jobs.run_waiting(lambda: NOW)
        expect(page.get_by_text("处理已完成。")).to_be_visible()
