"""The pages of long jobs: for the person who started them alone, with and without JavaScript."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from lxml import html

from portal import jobs
from portal.files import store
from portal.models import AuditEvent, Job, JobState
from portal.views import facts
from schools.models import User
from tests.factories import NOW, PDF, JobFactory, UserFactory, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def me() -> User:
    return UserFactory()


@pytest.fixture
def mine(client: Client, me: User) -> Client:
    client.force_login(me, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def kind_with_page() -> Iterator[str]:
    """A kind whose outcome has a page of its own (any address that takes a number)."""
    jobs.register("test.paged", page="version")(lambda job, report, at: {})
    yield "test.paged"
    del jobs._kinds["test.paged"]


def ended(state: JobState = JobState.DONE, **fields: object) -> Job:
    return JobFactory(state=state, finished_at=NOW + timedelta(seconds=75), **fields)


def words(response: HttpResponse, path: str = "//main") -> str:
    [found] = html.fromstring(response.content.decode()).xpath(path)
    return " ".join(found.text_content().split())


def test_a_waiting_job_says_that_it_waits(mine: Client, me: User) -> None:
    page = mine.get(reverse("job", args=[JobFactory(by=me, title="导入名册").pk]))
    assert (words(page, "//h1"), words(page, "//section/p[1]")) == ("导入名册", "正在排队，等待处理")


def test_a_job_being_done_says_how_far_it_is(mine: Client, me: User) -> None:
    job = JobFactory(
        by=me, progress__attempts=1, progress__step="写入", progress__done=40, progress__total=300
    )
    page = mine.get(reverse("job", args=[job.pk]))
    [bar] = html.fromstring(page.content.decode()).xpath("//progress")
    assert (words(page, "//section/p[1]"), bar.get("value")) == ("正在处理：写入（40/300）", "13")


def test_a_job_begun_anew_says_so(mine: Client, me: User) -> None:
    page = mine.get(reverse("job", args=[JobFactory(by=me, progress__attempts=2).pk]))
    assert words(page, "//section/p[2]") == "此前的处理被中断，现已自动重新开始（第2次）。"


@pytest.mark.parametrize(
    ("passed", "spent"), [(0, "0秒"), (59, "59秒"), (61, "1分1秒"), (3600, "60分0秒"), (-5, "0秒")]
)
def test_the_time_spent_is_told_in_minutes_and_seconds(passed: int, spent: str) -> None:
    assert facts(JobFactory(), NOW + timedelta(seconds=passed))["spent"] == spent


def test_a_waiting_page_asks_again_with_and_without_javascript(mine: Client, me: User) -> None:
    job = JobFactory(by=me)
    tree = html.fromstring(mine.get(reverse("job", args=[job.pk])).content.decode())
    [part], [refresh] = tree.xpath("//*[@hx-get]"), tree.xpath("//head/noscript/meta")
    assert (part.get("hx-get"), part.get("hx-trigger")) == (
        reverse("job_progress", args=[job.pk]),
        "every 1s",
    )
    assert (refresh.get("http-equiv"), refresh.get("content")) == ("refresh", "3")


def test_a_finished_page_asks_no_more(mine: Client, me: User) -> None:
    tree = html.fromstring(mine.get(reverse("job", args=[ended(by=me).pk])).content.decode())
    assert tree.xpath("//*[@hx-get] | //noscript") == []


def test_the_part_is_the_part_alone_and_refreshes_the_page_at_the_end(mine: Client, me: User) -> None:
    waiting, done = (
        mine.get(reverse("job_progress", args=[job.pk])) for job in (JobFactory(by=me), ended(by=me))
    )
    assert [html.fromstring(part.content.decode()).tag for part in (waiting, done)] == ["section", "section"]
    assert [part.headers.get("HX-Refresh") for part in (waiting, done)] == [None, "true"]


def test_a_failed_job_tells_its_sentence(mine: Client, me: User) -> None:
    job = ended(JobState.FAILED, by=me, message="第3行缺少单位名称，请补充后重新导入。")
    page = mine.get(reverse("job", args=[job.pk]))
    assert words(page, "//section/div[@role='status']") == "第3行缺少单位名称，请补充后重新导入。"
    assert [words(page, f"//dd[{n}]") for n in (1, 2, 3)] == [
        "未完成", "2026年3月2日 09:00", "2026年3月2日 09:01（用时1分15秒）",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "result", "leads"),
    [
        (JobState.DONE, {}, True),
        (JobState.FAILED, {"errors": ["第3行"]}, True),
        (JobState.FAILED, {}, False),
    ],
)
def test_an_ended_job_leads_to_the_page_of_its_kind_when_there_is_something_to_show(
    mine: Client, me: User, kind_with_page: str, state: JobState, result: dict, leads: bool
) -> None:
    job = ended(state, by=me, kind=kind_with_page, result=result)
    response = mine.get(reverse("job", args=[job.pk]))
    expected = (302, reverse("version", args=[job.pk])) if leads else (200, None)
    assert (response.status_code, response.headers.get("Location")) == expected


def test_a_waiting_job_of_such_a_kind_stays_on_its_own_page(
    mine: Client, me: User, kind_with_page: str
) -> None:
    job = JobFactory(by=me, kind=kind_with_page)
    assert mine.get(reverse("job", args=[job.pk])).status_code == 200


def test_the_file_of_a_job_is_downloaded_and_logged(mine: Client, me: User) -> None:
    product = store.save(upload("台账.pdf"), by=me, at=NOW)
    job = JobFactory(by=me, state=JobState.DONE, finished_at=timezone.now(), product=product)
    page = html.fromstring(mine.get(reverse("job", args=[job.pk])).content.decode())
    [address] = page.xpath("//section//a/@href")
    assert b"".join(mine.get(address).streaming_content) == PDF
    event = AuditEvent.objects.get(action__startswith="file.")
    assert (event.action, event.actor, event.summary) == ("file.download", me, "台账.pdf")


def test_a_job_without_a_file_has_none_to_download(mine: Client, me: User) -> None:
    assert mine.get(reverse("job_file", args=[ended(by=me).pk])).status_code == 404


def test_the_list_shows_ones_own_jobs_latest_first(mine: Client, me: User) -> None:
    JobFactory(by=me, title="导入名册", progress__attempts=1, progress__step="写入")
    JobFactory(title="别人的任务")
    ended(JobState.FAILED, by=me, title="导出台账", message="请缩小范围后重新导出。")
    tree = html.fromstring(mine.get(reverse("jobs")).content.decode())
    assert [" ".join(row.text_content().split()) for row in tree.xpath("//a[@class='task']")] == [
        "导出台账 请缩小范围后重新导出。 未完成 3月2日 09:00",
        "导入名册 写入 处理中 3月2日 09:00",
    ]


def test_an_empty_list_says_so(mine: Client) -> None:
    assert words(mine.get(reverse("jobs")), "//li[@class='empty']") == "没有后台任务"


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_as_many_queries_for_three_jobs_as_for_one(mine: Client, me: User, count: int) -> None:
    for _ in range(count):
        ended(by=me, product=store.save(upload(), by=me, at=NOW))
    mine.get(reverse("inbox"))  # the first page of a session stamps it
    with CaptureQueriesContext(connection) as captured:
        mine.get(reverse("jobs"))
    assert len(captured) == 6


def test_thirty_jobs_make_a_page(mine: Client, me: User) -> None:
    JobFactory.create_batch(31, by=me)
    assert len(mine.get(reverse("jobs"), {"page": 2}).context["page"].object_list) == 1
