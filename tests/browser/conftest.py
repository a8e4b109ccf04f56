"""People at their browsers."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from schools.models import User
from tests.factories import County, county

PASSWORD = "Shili-2026x"

# A busy machine is no reason to fail.
expect.set_options(timeout=15_000)

SignIn = Callable[[User], Page]


@pytest.fixture
def place(transactional_db: None) -> County:
    return county()


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def sign_in(browser: Browser, live_server, complaints: list[str]) -> Iterator[SignIn]:
    """Open a browser of its own for a person and log in through the form."""
    contexts = []

    def signed_in(user: User, *, phone: bool = False) -> Page:
        user.set_password(PASSWORD)
        user.save()
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        context = browser.new_context(base_url=live_server.url, locale="zh-CN", viewport=size)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/")
        page.get_by_label("用户名").fill(user.username)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        return page

    yield signed_in
    for context in contexts:
        context.close()
