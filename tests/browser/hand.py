"""How a person's hand works a page: it waits until the page is there, and comes near before it presses."""

import time
from typing import Any

from playwright.sync_api import Page

PATIENCE = 30.0  # seconds; a busy machine is no reason to fail
#: Two frames later, what the mouse has caused is drawn.
FRAMES = "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true))))"
#: What lies there can be pressed.
POINTED = "([left, top]) => document.elementFromPoint(left, top).parentElement.style.cursor === 'pointer'"


def patient(page: Page) -> Page:
    """A hand that waits for the page: nothing is pressed or looked for before the scripts are there.

    What people press earlier than that has tests of its own, with `hasty`.
    """
    page.add_locator_handler(page.locator("html"), lambda: page.wait_for_load_state(), no_wait_after=True)
    return page


def hasty(page: Page) -> Page:
    """Take the patience away again."""
    page.remove_locator_handler(page.locator("html"))
    return page


def until(page: Page, holds: str, given: Any = None) -> None:
    """Wait until a JavaScript expression or function holds.

    `page.wait_for_function` asks again out of the page itself, where the Content-Security-Policy forbids it.
    """
    end = time.monotonic() + PATIENCE
    while not page.evaluate(holds, given):
        assert time.monotonic() < end, f"has not come to hold: {holds}"
        page.wait_for_timeout(20)


def press_on_chart(page: Page, left: float, top: float) -> None:
    """Press what a chart has drawn here, in pixels of the window; a point is drawn for the mouse above it."""
    page.mouse.move(left - 3, top)
    page.evaluate(FRAMES)
    page.mouse.move(left, top)
    until(page, POINTED, [left, top])
    page.mouse.click(left, top)
