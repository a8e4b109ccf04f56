"""People at their browsers."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from schools.models import User
from tests.browser.hand import PATIENCE, patient
from tests.factories import County, county

PASSWORD = "Shili-2026x"

expect.set_options(timeout=PATIENCE * 1000)

SignIn = Callable[[User], Page]


@pytest.fixture
def place(transactional_db: None) -> County:
    return county()


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def sign_in(browser: Browser, live_server, complaints: list[str]) -> Iterator[SignIn]:
    """Open a browser of its own for a person who is logged in, at the first page of that person's day."""
    contexts = []

    def signed_in(user: User, *, phone: bool = False) -> Page:
        user.set_password(PASSWORD)
        user.save()
        known = Client()
        known.force_login(user)
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        context = browser.new_context(base_url=live_server.url, locale="zh-CN", viewport=size)
        contexts.append(context)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": known.cookies[name].value, "url": live_server.url}])
        context.on("page", patient)
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/")
        return page

    yield signed_in
    for context in contexts:
        context.close()
