"""The pages of the roster, from the upload to the codes."""

from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from portal import jobs
from portal.models import AuditEvent, Job, JobState
from schools import activation
from schools.enums import Role
from schools.models import Unit, User
from schools.roster import reading
from schools.roster.layout import PEOPLE, UNITS
from tests.factories import NOW, UnitFactory, county, person, upload
from tests.schools.rosters import HEADS, saved, workbook

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = {
    UNITS: [HEADS[UNITS], ["西镇小学", "小学", "", "东镇", 2100000001, "", ""]],
    PEOPLE: [HEADS[PEOPLE], ["周示例", "西镇小学", "信息员", 13800000000, "", "", ""]],
}
BAD = {UNITS: [HEADS[UNITS], ["西镇小学", "大学", "", "东镇", "", "", ""]]}


@pytest.fixture
def keeper(client, transactional_db):
    """The system administrator of a county, at the screen."""
    keeper = person(Role.SYSTEM, county().section)
    client.force_login(keeper)
    return keeper


def send(client, sheets) -> Job:
    """Upload, and let the worker check."""
    answer = client.post(reverse("roster"), {"file": upload("花名册.xlsx", workbook(sheets))})
    job = Job.objects.latest("pk")
    assert answer.headers["Location"] == reverse("job", args=[job.pk])
    jobs.run_waiting(lambda: NOW)
    job.refresh_from_db()
    return job


def confirm(client, checked: Job) -> Job:
    client.post(reverse("roster_apply", args=[checked.pk]))
    jobs.run_waiting(lambda: NOW)
    return Job.objects.latest("pk")


def test_from_the_upload_to_the_codes(client, keeper):
    checked = send(client, GOOD)
    assert client.get(reverse("job", args=[checked.pk])).headers["Location"] == reverse(
        "roster_preview", args=[checked.pk]
    )
    page = client.get(reverse("roster_preview", args=[checked.pk])).content.decode()
    assert all(word in page for word in ("西镇小学", "确认导入", "另新增任职1项"))
    assert not Unit.objects.filter(name="西镇小学").exists()
    applied = confirm(client, checked)
    assert client.get(reverse("job", args=[applied.pk])).headers["Location"] == reverse(
        "roster_outcome", args=[applied.pk]
    )
    assert "导入完成" in client.get(reverse("roster_outcome", args=[applied.pk])).content.decode()
    made = User.objects.get(name="周示例")
    assert (made.phone, Unit.objects.get(name="西镇小学").code) == ("13800000000", "2100000001")
    answer = client.post(reverse("activation_list"))
    rows = list(load_workbook(BytesIO(answer.content)).active.iter_rows(min_row=2, values_only=True))
    assert rows == [("西镇小学", "周示例", "信息员", made.username, activation.code_of(made))]
    event = AuditEvent.objects.get(action="activation.list")
    assert (event.actor, event.summary) == (keeper, "下载1人的激活码清单")


def test_confirmed_twice_it_is_done_once(client, keeper):
    checked = send(client, GOOD)
    first = confirm(client, checked)
    assert confirm(client, checked) == first
    page = client.get(reverse("roster_preview", args=[checked.pk])).content.decode()
    assert (reverse("roster_apply", args=[checked.pk]) in page, "已经确认导入" in page) == (False, True)


def test_mistakes_are_shown_by_row_and_cannot_be_confirmed(client, keeper):
    checked = send(client, BAD)
    page = client.get(reverse("roster_preview", args=[checked.pk])).content.decode()
    assert all(word in page for word in ("有1处错误", "单位 第2行", "类别", "“大学”不在可选范围内"))
    assert "确认导入" not in page
    assert confirm(client, checked) == checked


def test_what_fails_at_the_last_moment_says_why(client, keeper):
    checked = send(client, GOOD)
    Unit.objects.filter(name="东镇").update(name="东镇街道")
    applied = confirm(client, checked)
    page = client.get(reverse("roster_outcome", args=[applied.pk])).content.decode()
    assert applied.state == JobState.FAILED
    assert all(word in page for word in ("没有写入任何内容", "单位 第2行", "“东镇”不在您的管辖范围内"))
    assert not Unit.objects.filter(name="西镇小学").exists()


def test_nothing_new_needs_no_import(client, keeper):
    confirm(client, send(client, GOOD))
    page = client.get(reverse("roster_preview", args=[send(client, GOOD).pk])).content.decode()
    assert ("无需导入" in page, "确认导入" in page) == (True, False)


def test_a_workbook_without_a_roster_is_refused_by_the_worker(client, keeper):
    job = send(client, {"Sheet1": [["甲"]]})
    assert (job.state, job.message) == (JobState.FAILED, reading.NO_SHEET)
    assert client.get(reverse("roster_preview", args=[job.pk])).status_code == 404


WRONG_KIND = "此处不能上传“花名册.xls”这类文件，请改用以下格式之一：xlsx。"
WRONG_CONTENT = (
    "文件“花名册.xlsx”的内容不是 Excel 表格（xlsx），请用 WPS 或 Office 打开，另存为 xlsx 格式后再上传。"
)


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ({}, "请先选择要导入的文件。"),
        ({"file": upload("花名册.xls", b"x")}, WRONG_KIND),
        ({"file": upload("花名册.xlsx", b"x")}, WRONG_CONTENT),
    ],
)
def test_what_is_no_workbook_is_refused_at_the_door(client, keeper, file, sentence):
    answer = client.post(reverse("roster"), file)
    assert (answer.status_code, answer.context["form"].errors) == (422, {"file": [sentence]})
    assert not Job.objects.exists()


def test_the_template_is_a_workbook(client, keeper):
    answer = client.get(reverse("roster_template"))
    assert load_workbook(BytesIO(answer.content)).sheetnames == [
        *("单位", "人员", "包挂", "结对", "填写说明")
    ]


def test_the_export_is_written_by_the_worker_and_reads_as_a_roster(client, keeper, tmp_path):
    client.post(reverse("roster_export"))
    jobs.run_waiting(timezone.now)
    job = Job.objects.latest("pk")
    answer = client.get(reverse("job_file", args=[job.pk]))
    book = reading.read(saved(tmp_path, b"".join(answer.streaming_content)))
    assert (job.product.name, len(book.units), book.errors) == (
        f"花名册{timezone.localdate():%Y%m%d}.xlsx",
        4,
        [],
    )


def test_the_technical_account_keeps_the_roster_too(client, transactional_db):
    client.force_login(User.objects.create_superuser("technical", name="技术账号"))
    UnitFactory(name="示例县教育局")
    assert client.get(reverse("roster")).status_code == 200


def test_a_preview_is_for_the_one_who_asked(client, keeper):
    checked = send(client, GOOD)
    client.force_login(person(Role.SYSTEM, keeper.memberships.get().unit))
    statuses = [
        client.get(reverse("roster_preview", args=[checked.pk])).status_code,
        client.post(reverse("roster_apply", args=[checked.pk])).status_code,
    ]
    assert statuses == [404, 404]
