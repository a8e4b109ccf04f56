"""The whole story in a real browser: a campaign is made, published, answered, returned, corrected, seen.

Every page is watched for errors in the browser's console, which is where a breach of the
Content-Security-Policy shows.
"""

import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from docx import Document
from playwright.sync_api import Page, expect

from campaigns.models import Campaign
from portal.models import StoredFile
from schools.enums import Role
from submissions.models import Assignment, Version
from tests.browser.conftest import SignIn
from tests.factories import PDF, County, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def day(offset: int) -> date:
    return timezone.localdate() + timedelta(days=offset)


def word_file() -> bytes:
    document = Document()
    document.add_paragraph("家校同心，让每一次家访都有回音。")
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def create_campaign(page: Page, place: County) -> None:
    """The plan on one admin page: what, when, phases, topics, leading group."""
    page.get_by_role("link", name="活动编制").click()
    page.goto(reverse("admin:campaigns_campaign_add") + "?blank=1")
    page.locator("#id_title").fill("“办好家门口的学校”大讨论")
    page.locator("#id_kind").select_option(label="大讨论")
    page.locator("#id_starts_on").fill(day(-3).isoformat())
    page.locator("#id_ends_on").fill(day(60).isoformat())
    for row, (name, starts, ends) in enumerate(
        [("宣传发动", -3, 10), ("学习讨论", 11, 40), ("成果转化", 41, 60)]
    ):
        page.locator(f"#id_phases-{row}-name").fill(name)
        page.locator(f"#id_phases-{row}-starts_on").fill(day(starts).isoformat())
        page.locator(f"#id_phases-{row}-ends_on").fill(day(ends).isoformat())
    for row, (number, title) in enumerate([("1", "教师怎样交流"), ("1.1", "骨干教师怎样带动薄弱学校")]):
        page.locator("#topics-group .add-row a").click()
        page.locator(f"#id_topics-{row}-position").fill(number)
        page.locator(f"#id_topics-{row}-title").fill(title)
    page.locator("#leadership-group .add-row a").click()
    page.locator("#id_leadership-0-role").select_option(label="组长")
    page.locator("#id_leadership-0-post").fill("局长")
    page.locator("select#id_office + .select2").click()
    page.locator(".select2-search__field").fill(place.section.name)
    page.locator(".select2-results__option", has_text=place.section.name).click()
    page.locator("input[name=_save]").click()


def add_requirement(page: Page, kind: str, title: str, phase: str, last_day: date) -> None:
    campaign = Campaign.objects.get()
    page.goto(reverse("admin:campaigns_requirement_add") + f"?campaign={campaign.pk}")
    page.locator("#id_phase").select_option(label=phase)
    page.locator("#id_kind").select_option(label=kind)
    page.locator("#id_title").fill(title)
    page.locator("#id_due_on").fill(last_day.isoformat())
    page.get_by_label("小学", exact=True).check()
    page.get_by_label("初中", exact=True).check()
    page.locator("input[name=_save]").click()


MEETING = {
    "时间": timezone.localdate().isoformat(), "地点": "会议室", "主持人": "张示例", "记录人": "李示例",
    "参加人数": "30", "议题": "作风大家谈", "主要内容": "到会三十人。",
}  # fmt: skip


def hand_in(page: Page, task: str, title: str, files: list[dict], said: dict[str, str]) -> None:
    page.goto(reverse("work"))
    page.locator("a.task", has_text=task).click()
    page.get_by_role("link", name="填写并上传").click()
    page.get_by_label("标题").fill(title)
    for label, words in said.items():
        page.get_by_label(label, exact=True).fill(words)
    page.get_by_label("附件").set_input_files(files)
    expect(page.locator("#draft-files li > a")).to_have_count(len(files))  # in any order
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", name="报送回执")).to_be_visible()


def tiles(page: Page, **figures: str) -> None:
    for figure, shown in figures.items():
        expect(page.locator(f".tiles [data-figure={figure}] .n").first).to_have_text(shown)


def test_from_plan_to_picture(place: County, sign_in: SignIn, complaints: list[str], tmp_path: Path) -> None:
    officer = sign_in(place.officer)
    create_campaign(officer, place)
    add_requirement(officer, "征文", "主题征文", "学习讨论", day(40))
    add_requirement(officer, "会议纪要", "“大家谈”会议纪要", "宣传发动", day(10))
    campaign = Campaign.objects.get()
    officer.goto(reverse("admin:campaigns_campaign_change", args=[campaign.pk]))
    officer.get_by_role("link", name="预览并发布").click()
    expect(officer.locator(".tile .n")).to_have_text(["2", "4", "0"])
    officer.get_by_role("button", name="确认发布").click()
    expect(officer.get_by_role("heading", name=campaign.title)).to_be_visible()
    assert Assignment.objects.count() == 4

    leader = sign_in(person(Role.LEADER, place.bureau))
    leader.goto(reverse("campaign", args=[campaign.pk]))
    tiles(leader, owed="4", handed="0", missing="4")

    secretary = sign_in(place.secretary, phone=True)
    docx = {"name": "征文.docx", "mimeType": "application/octet-stream", "buffer": word_file()}
    pdf = {"name": "会议纪要.pdf", "mimeType": "application/pdf", "buffer": PDF}
    hand_in(secretary, "主题征文", "家访路上", [docx, {**pdf, "name": "附录.pdf"}], {})
    hand_in(secretary, "“大家谈”会议纪要", "第一次大家谈", [pdf], MEETING)
    leader.reload()
    tiles(leader, handed="2", waiting="2", missing="2")

    officer.goto(reverse("queue"))
    officer.locator("a.task", has_text="家访路上").click()
    officer.get_by_label("审核意见").fill("请补充家访后的变化，最好有数字。")
    officer.get_by_role("button", name="退回").click()
    expect(officer.get_by_role("heading", name="第一次大家谈")).to_be_visible()  # the next one to read
    officer.get_by_role("button", name="通过").click()
    expect(officer.get_by_text("没有待审的材料")).to_be_visible()
    leader.reload()
    tiles(leader, accepted="1", returned="1", waiting="0")

    secretary.goto(reverse("inbox"))
    secretary.get_by_role("button", name="《家访路上》已退回，请修改后重新提交").click()
    secretary.get_by_role("link", name="查看相关事项").click()
    secretary.get_by_role("link", name="修改").click()
    expect(secretary.get_by_text("请补充家访后的变化，最好有数字。")).to_be_visible()
    secretary.get_by_label("正文").fill("家访之后，到校率由九成升至全员。")
    secretary.get_by_role("button", name="提交").click()
    expect(secretary.get_by_role("heading", name="报送回执")).to_be_visible()
    assert [version.number for version in Version.objects.filter(title="家访路上")] == [1, 2]

    officer.goto(reverse("queue"))
    officer.locator("a.task", has_text="家访路上").click()
    officer.get_by_label("推荐为优秀材料").check()
    officer.get_by_role("button", name="通过").click()
    expect(officer.get_by_text("没有待审的材料")).to_be_visible()

    leader.reload()
    tiles(leader, accepted="2", returned="0")
    leader.locator(".tiles [data-figure=accepted]").click()
    expect(leader.locator("[data-row]")).to_have_count(2)
    leader.get_by_role("link", name="《家访路上》").click()
    with leader.expect_download() as download:
        leader.get_by_role("link", name="征文.docx").click()
    download.value.save_as(tmp_path / "征文.docx")
    assert (tmp_path / "征文.docx").read_bytes() == docx["buffer"]

    neighbour = sign_in(person(Role.SECRETARY, place.middle))
    version = Version.objects.get(title="家访路上", number=2)
    addresses = [
        reverse("assignment", args=[version.submission.assignment_id]),
        reverse("piece", args=[version.submission.assignment_id, 1]),
        *(reverse(name, args=[version.pk]) for name in ("version", "receipt")),
        *(reverse("file", args=[stored.pk]) for stored in StoredFile.objects.all()),
    ]
    assert complaints == []
    assert [neighbour.request.get(address).status for address in addresses] == [404] * 7
