"""Take the pictures of README and guides from a running demo: `python -m dev.pictures http://127.0.0.1:8000`.

Needs Debian's chromium and the development requirements; writes docs/img and docs/guide/img. What a
picture needs to show, it looks for itself on the pages; nothing is confirmed, so the demo stays as it is.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

DOCS = Path(__file__).resolve().parent.parent / "docs"
PASSWORD = "Shili-2026"
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 760}
LOW = DESKTOP | {"height": 560}
WALL = {"width": 1920, "height": 1080}

#: (folder and name, who, size, how to get there from the first page)
Shot = tuple[str, str, dict[str, int], Callable[[Page], None]]


def click(*selectors: str) -> Callable[[Page], None]:
    """Follow the first link or button that matches each selector, one after the other."""

    def follow(page: Page) -> None:
        for selector in selectors:
            page.locator(selector).first.click()

    return follow


def go(path: str, *selectors: str) -> Callable[[Page], None]:
    """Open an address, then click on."""

    def there(page: Page) -> None:
        page.goto(path)
        click(*selectors)(page)

    return there


CAMPAIGN = ".glance-head h2 a"
CAMPAIGNS = "/admin/campaigns/campaign/"
DRAFT = "tr:has-text('草稿') th a"
REPORTS = "/progress/reports/"
MUCH = 60  # percent


def effect_of_a_deadline(page: Page) -> None:
    """The effect of a fortnight more, shown and not confirmed."""
    page.goto("/progress/")
    click(CAMPAIGN, "a:has-text('调整活动')", "a:has-text('调整期限') >> nth=-1")(page)
    due = page.locator("input[name=due_on]")
    year, month, day = map(int, due.input_value().split("-"))
    due.fill(f"{year + (month == 12)}-{month % 12 + 1:02}-{min(day, 28):02}")
    page.locator("input[name=reason]").fill("与期末工作错开")
    page.get_by_role("button", name="查看影响").click()


def a_piece_to_sign(page: Page) -> None:
    """What the head reads, scrolled to the two buttons."""
    go("/work/?shelf=sign", "a.task", "a:has-text('审阅签发')")(page)
    page.locator("button[value=sign]").evaluate("one => one.scrollIntoView({block: 'center'})")


def a_report_to_sign(page: Page) -> None:
    """What the leader does about a report, below the report itself."""
    go(f"{REPORTS}?shelf=to_sign", "a.task")(page)
    page.wait_for_load_state("networkidle")  # charts above it grow
    page.locator("#sign").evaluate("one => one.scrollIntoView({block: 'center', behavior: 'instant'})")


def two_alike(page: Page) -> None:
    """The first waiting article that shares most of its text with another, beside that one."""
    page.goto("/review/?kind=experience")
    pieces = [one.get_attribute("href") for one in page.locator("a.task").all()]
    for piece in pieces:
        page.goto(piece)
        found = page.locator(".likenesses li:has(a)")
        if found.count() and int(found.first.locator(".share").inner_text().rstrip("%")) >= MUCH:
            break
    page.goto(page.locator(".likenesses a").first.get_attribute("href"))


def more_time_for_some(page: Page) -> None:
    """Three schools typed into the list, nothing sent."""
    page.goto("/progress/")
    click(CAMPAIGN, "a:has-text('调整活动')")(page)
    article = page.locator("li.task:has-text('体会文章')")
    article.locator("details.acts summary").click()
    article.get_by_role("link", name="单位延期").click()
    schools = page.locator("label[for^=id_units_]").all_inner_texts()
    page.locator("textarea[name=names]").fill("\n".join(schools[:3]))
    page.locator("input[name=reason]").fill("线路检修，停网一周")


SHOTS: list[Shot] = [
    ("img/campaign", "leader1", DESKTOP, click(CAMPAIGN)),
    ("img/work", "school001", PHONE, click()),
    ("img/review", "officer1", DESKTOP, click("a.task")),
    ("guide/img/officer-new", "officer1", DESKTOP, go("/plans/new/")),
    ("guide/img/officer-begin", "officer1", DESKTOP, go("/plans/new/builtin-discussion/")),
    ("guide/img/officer-plan", "officer1", DESKTOP, go(CAMPAIGNS, DRAFT)),
    (
        "guide/img/officer-requirement",
        "officer1",
        DESKTOP,
        go(CAMPAIGNS, DRAFT, "#requirements tbody th a"),
    ),
    (
        "guide/img/officer-publish",
        "officer1",
        DESKTOP,
        go(CAMPAIGNS, DRAFT, "a:has-text('预览')"),
    ),
    (
        "guide/img/officer-changes",
        "officer1",
        DESKTOP,
        go("/progress/", CAMPAIGN, "a:has-text('调整活动')"),
    ),
    ("guide/img/officer-effect", "officer1", DESKTOP, effect_of_a_deadline),
    ("guide/img/officer-history", "officer1", DESKTOP, go(CAMPAIGNS, DRAFT, ".object-tools a.historylink")),
    ("guide/img/officer-templates", "officer1", DESKTOP, go("/plans/templates/")),
    ("guide/img/officer-reports", "officer1", DESKTOP, go(REPORTS)),
    ("guide/img/officer-report", "officer1", DESKTOP, go(f"{REPORTS}?shelf=draft&kind=month", "a.task")),
    (
        "guide/img/officer-report-edit",
        "officer1",
        DESKTOP | {"height": 1160},
        go(f"{REPORTS}?shelf=draft", "a.task", "a:text-is('修改')"),
    ),
    ("guide/img/officer-report-new", "officer1", DESKTOP, go(f"{REPORTS}new/")),
    ("guide/img/officer-fields", "officer1", DESKTOP, go("/progress/templates/fields/")),
    ("guide/img/system-roster", "system1", DESKTOP, go("/roster/")),
    ("guide/img/secretary-work", "school001", PHONE, click()),
    ("guide/img/secretary-calendar", "school001", PHONE, go("/work/?view=calendar")),
    ("guide/img/secretary-task", "school001", PHONE, go("/work/", "a.task:has-text('合理化建议')")),
    (
        "guide/img/secretary-piece",
        "school001",
        PHONE,
        go("/work/", "a.task:has-text('退回原因')", "a.btn:text-is('修改')"),
    ),
    (
        "guide/img/secretary-receipt",
        "school001",
        PHONE,
        go("/work/?shelf=waiting", "a.task", "a:text-is('回执')"),
    ),
    ("guide/img/secretary-suggestions", "school001", PHONE, go("/suggestions/mine/")),
    (
        "guide/img/secretary-consent",
        "school001",
        PHONE,
        go("/standing/history/?kind=minutes", "a.name", "a:has-text('答复是否同意展示')"),
    ),
    ("guide/img/secretary-sign", "head001", PHONE, a_piece_to_sign),
    ("guide/img/secretary-report", "school001", PHONE, go(REPORTS, "a.task")),
    ("guide/img/leader-progress-phone", "leader1", PHONE, click()),
    ("guide/img/leader-progress", "leader1", DESKTOP, click()),
    ("guide/img/leader-campaign", "leader1", DESKTOP, go("/progress/", CAMPAIGN)),
    ("guide/img/leader-matrix", "leader1", DESKTOP, go("/progress/", CAMPAIGN, "a:has-text('报送矩阵')")),
    ("guide/img/leader-behind", "leader1", DESKTOP, go("/progress/", CAMPAIGN, "a:has-text('落后单位')")),
    ("guide/img/leader-unit", "leader1", DESKTOP, go("/progress/behind/", "tbody th a")),
    ("guide/img/leader-mine", "leader1", DESKTOP, go("/progress/mine/")),
    ("guide/img/leader-wall", "leader1", WALL, go("/progress/wall/")),
    ("guide/img/leader-report", "leader1", PHONE, go(f"{REPORTS}?shelf=sent&kind=phase", "a.task")),
    ("guide/img/leader-report-sign", "leader1", PHONE, a_report_to_sign),
    ("guide/img/reviewer-queue", "officer1", DESKTOP, go("/review/")),
    ("guide/img/reviewer-version", "officer1", DESKTOP, go("/review/?kind=research", "a.task")),
    ("guide/img/reviewer-compare", "officer1", LOW, go("/review/?kind=minutes", "a.task:has-text('第2版')")),
    ("guide/img/reviewer-likeness", "officer1", LOW, two_alike),
    ("guide/img/reviewer-extensions", "officer1", DESKTOP, go("/extensions/")),
    ("guide/img/reviewer-ease", "officer1", DESKTOP, more_time_for_some),
    ("guide/img/reviewer-suggestion", "officer1", DESKTOP, go("/suggestions/", "tbody td.num a", "a.task")),
    ("guide/img/reviewer-shelf", "officer1", DESKTOP, go("/shelf/desk/")),
]


def take(browser: Browser, address: str, shot: Shot) -> None:
    """Log in, go there, save the picture."""
    name, user, size, there = shot
    context = browser.new_context(base_url=address, viewport=size, locale="zh-CN", device_scale_factor=1)
    page = context.new_page()
    page.goto("/login/")
    page.get_by_label("用户名").fill(user)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    there(page)
    page.wait_for_load_state("networkidle")
    target = DOCS / f"{name}.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=target)
    context.close()


def main(address: str, *only: str) -> None:
    """All pictures, or those whose names contain one of `only`."""
    chromium = subprocess.run(
        ["which", "chromium"], capture_output=True, text=True, check=True
    ).stdout.strip()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for shot in SHOTS:
            if not only or any(part in shot[0] for part in only):
                take(browser, address, shot)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
