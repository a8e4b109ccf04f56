"""Take the README's pictures from a running demo: `python -m dev.pictures http://127.0.0.1:8000`.

Needs Debian's chromium and the development requirements; writes docs/img/*.png.
"""

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "img"
PASSWORD = "Shili-2026"
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 760}


def take(browser: Browser, address: str, user: str, name: str, size: dict[str, int], *clicks: str) -> None:
    """Log in as `user`, follow the links that match the selectors `clicks`, save `name`.png."""
    context = browser.new_context(base_url=address, viewport=size, locale="zh-CN", device_scale_factor=1)
    page = context.new_page()
    page.goto("/login/")
    page.get_by_label("用户名").fill(user)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    for selector in clicks:
        page.locator(selector).first.click()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png")
    context.close()


def main(address: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    chromium = subprocess.run(
        ["which", "chromium"], capture_output=True, text=True, check=True
    ).stdout.strip()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        take(browser, address, "leader1", "campaign", DESKTOP, ".sheet-head h2 a")
        take(browser, address, "school001", "work", PHONE)
        take(browser, address, "officer1", "review", DESKTOP, "a.task")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
