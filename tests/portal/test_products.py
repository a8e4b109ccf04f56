"""What jobs made can be fetched for seven days; then the bytes go, and nobody else's with them."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html

from campaigns.models import Basis, Requirement
from portal import jobs, tasks
from portal.files import references, store
from portal.models import AuditEvent, Job, JobState, StoredFile, Upload
from schools.models import User
from submissions.models import DraftFile, VersionFile
from submissions.services import drafts
from tests.concurrently import at_once
from tests.factories import (
    NOW,
    PDF,
    JobFactory,
    StoredFileFactory,
    UserFactory,
    assigned,
    drafted,
    handed_in,
    upload,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WEEK = 7 * DAY
A_MOMENT = timedelta(microseconds=1)


@pytest.fixture
def me() -> User:
    return UserFactory()


def stored(name: str = "台账.pdf") -> StoredFile:
    return store.save(upload(name), by=None, at=NOW)


def made(by: User | None = None, at: datetime = NOW, product: StoredFile | None = None, **fields) -> Job:
    """A job that has ended at `at` and left a file."""
    by = by or UserFactory()
    return JobFactory(by=by, state=JobState.DONE, finished_at=at, product=product or stored(), **fields)


def left() -> set[str]:
    """The names of files whose bytes are there, according to their rows and to the disk."""
    rows = StoredFile.objects.all()
    assert {one.pk for one in rows if one.purged_at is None} == {
        one.pk for one in rows if store.path_of(one).exists()
    }
    return {one.name for one in rows if one.purged_at is None}


def test_after_seven_days_the_bytes_go_and_the_row_and_a_trace_stay() -> None:
    product = made().product
    assert (jobs.purge_products(NOW + WEEK - A_MOMENT), left()) == (0, {"台账.pdf"})
    assert (jobs.purge_products(NOW + WEEK), left()) == (1, set())
    product.refresh_from_db()
    assert (product.purged_at, product.name) == (NOW + WEEK, "台账.pdf")
    event = AuditEvent.objects.get(action="file.purge")
    assert (event.at, event.actor, event.target, event.summary) == (
        NOW + WEEK, None, f"portal.storedfile:{product.pk}", "台账.pdf",
    )  # fmt: skip


def test_a_second_run_changes_nothing() -> None:
    made()
    assert (jobs.purge_products(NOW + WEEK), jobs.purge_products(NOW + 2 * WEEK)) == (1, 0)
    assert AuditEvent.objects.filter(action="file.purge").count() == 1


def test_bytes_that_are_gone_already_are_no_hindrance() -> None:
    store.path_of(made().product).unlink()
    assert (jobs.purge_products(NOW + WEEK), left()) == (1, set())


def test_what_the_disk_does_not_let_go_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made()

    def fail(*args: object) -> None:
        raise OSError("disk")

    with monkeypatch.context() as patched:
        patched.setattr(store, "path_of", fail)
        with pytest.raises(OSError, match="disk"):
            jobs.purge_products(NOW + WEEK)
    assert (left(), AuditEvent.objects.filter(action="file.purge").count()) == ({"台账.pdf"}, 0)
    assert (jobs.purge_products(NOW + WEEK), left()) == (1, set())


def test_only_products_are_purged(place) -> None:
    """Whatever else refers to a stored file keeps it, even one that was a job's product first."""
    owed = assigned(place)
    kept = {name: stored(name) for name in ("源.pdf", "稿.pdf", "版.pdf", "模板.pdf", "依据.pdf", "段.pdf")}
    DraftFile.objects.create(draft=drafted(owed, place.secretary).draft, file=kept["稿.pdf"])
    version = handed_in(owed, place.secretary, number=2)
    VersionFile.objects.create(version=version, file=kept["版.pdf"])
    requirement = owed.requirement
    requirement.template_file = kept["模板.pdf"]
    requirement.save()
    Basis.objects.create(campaign=requirement.campaign, title="通知", file=kept["依据.pdf"])
    Upload.objects.create(by=place.officer, name="段.pdf", size=9, created_at=NOW, stored=kept["段.pdf"])
    JobFactory(source=kept["源.pdf"])
    for one in kept.values():
        made(product=one)
    stored("无人引用.pdf")
    made(product=stored("产品.pdf"))
    assert jobs.purge_products(NOW + WEEK) == 1
    assert left() == {*kept, "无人引用.pdf"}


def test_the_daily_task_does_it(settings) -> None:
    made(at=timezone.now() - WEEK)
    scheduled = {entry["task"]: entry["schedule"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled[tasks.purge_products.name] == DAY.total_seconds()
    assert (tasks.purge_products(), left()) == (1, set())


# As the person sees it ---------------------------------------------------------------------------------


@pytest.fixture
def mine(client: Client, me: User) -> Client:
    client.force_login(me, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page_of(client: Client, job: Job) -> html.HtmlElement:
    [part] = html.fromstring(client.get(reverse("job", args=[job.pk])).content.decode()).xpath(
        "//section[@id='progress']"
    )
    return part


def test_the_page_says_until_when_and_gives_the_file(mine: Client, me: User) -> None:
    ended = timezone.now() - WEEK + timedelta(minutes=1)
    job = made(me, at=ended)
    until = timezone.localtime(ended + WEEK)
    part = page_of(mine, job)
    assert part.xpath("string(.//dt[.='有效期至']/following-sibling::dd[1])") == (
        f"{until.year}年{until.month}月{until.day}日 {until:%H:%M}"
    )
    [address] = part.xpath(".//a/@href")
    assert b"".join(mine.get(address).streaming_content) == PDF


@pytest.mark.parametrize("purged", [False, True])
def test_afterwards_page_and_address_say_so(mine: Client, me: User, purged: bool) -> None:
    job = made(me, at=timezone.now() - WEEK)
    if purged:
        jobs.purge_products(timezone.now())
    sentence = "这个文件已超过7天的有效期，不能再下载；如仍需要，请重新导出。"
    part = page_of(mine, job)
    assert (part.xpath("string(./p)"), part.xpath(".//a")) == (sentence, [])
    response = mine.get(reverse("job_file", args=[job.pk]))
    assert (response.status_code, response.content.decode()) == (410, sentence)
    assert not AuditEvent.objects.filter(action="file.download").exists()


def test_a_job_without_a_file_has_no_term(mine: Client, me: User) -> None:
    job = JobFactory(by=me, state=JobState.DONE, finished_at=NOW)
    assert page_of(mine, job).xpath(".//dt[.='有效期至']") == []


def test_a_row_alone_is_no_product() -> None:
    StoredFileFactory()
    assert jobs.purge_products(NOW + WEEK) == 0


# What became nothing -----------------------------------------------------------------------------------


def test_a_week_after_its_upload_what_nobody_refers_to_is_gone() -> None:
    nobodys = stored("无人引用.pdf")
    assert (references.sweep(NOW + WEEK - A_MOMENT), left()) == (0, {"无人引用.pdf"})
    assert (references.sweep(NOW + WEEK), references.sweep(NOW + 2 * WEEK), left()) == (1, 0, set())
    event = AuditEvent.objects.get(action="file.purge")
    assert (event.at, event.target) == (NOW + WEEK, f"portal.storedfile:{nobodys.pk}")


def test_whatever_refers_to_a_file_keeps_it(place) -> None:
    owed = assigned(place)
    names = ("源.pdf", "产品.pdf", "稿.pdf", "版.pdf", "模板.pdf", "依据.pdf", "段.pdf", "移除.pdf")
    files = {name: stored(name) for name in names}
    draft = drafted(owed, place.secretary).draft
    DraftFile.objects.create(draft=draft, file=files["稿.pdf"])
    removed = DraftFile.objects.create(draft=draft, file=files["移除.pdf"])
    version = handed_in(owed, place.secretary, number=2)
    VersionFile.objects.create(version=version, file=files["版.pdf"])
    Requirement.objects.update(template_file=files["模板.pdf"])
    Basis.objects.create(campaign=owed.requirement.campaign, title="通知", file=files["依据.pdf"])
    Upload.objects.create(by=place.officer, name="段.pdf", size=9, created_at=NOW, stored=files["段.pdf"])
    JobFactory(source=files["源.pdf"])
    made(product=files["产品.pdf"])
    drafts.detach(removed, by=place.secretary, at=NOW)
    assert references.sweep(NOW + 2 * WEEK) == 1
    assert left() == {*names} - {"移除.pdf"}


@pytest.mark.django_db(transaction=True)
def test_a_file_that_somebody_holds_is_passed_over() -> None:
    file = stored()
    with transaction.atomic():
        StoredFile.objects.select_for_update(no_key=True).get(pk=file.pk)
        assert at_once(lambda: references.sweep(NOW + WEEK)) == [0]
        JobFactory(source=file)
    assert (references.sweep(NOW + WEEK), left()) == (0, {"台账.pdf"})


def test_the_daily_task_sweeps_too() -> None:
    stored()
    assert (tasks.sweep_uploads(), left()) == (1, set())
