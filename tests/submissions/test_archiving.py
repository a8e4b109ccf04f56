"""The archive of a campaign: exactly what its officer may read and units still owe, whole and told apart."""

import hashlib
import os
import resource
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from campaigns.enums import RequirementKind
from campaigns.models import Requirement
from portal import jobs
from portal.files import store
from portal.files.refusal import Refused
from portal.models import Job, StoredFile
from schools.enums import Role, UnitKind
from schools.models import User
from submissions.enums import EventKind, PieceState
from submissions.models import Assignment, Submission, Version, VersionFile
from submissions.services import (
    archiving,
    changing,
    drafts,
    exporting,
    publishing,
    reviewing,
    signing,
    submitting,
)
from submissions.services.exporting import ARCHIVE, Part
from tests.factories import (
    NOW,
    PDF,
    OccurrenceFactory,
    PhaseFactory,
    RequirementFactory,
    UnitFactory,
    assigned,
    at,
    county,
    drafted,
    handed_in,
    person,
    ready_plan,
    upload,
)
from tests.submissions.exports import made, manifest, names_in, opened, sums_agree, text_of, with_files

pytestmark = pytest.mark.django_db
LATER = at(3, 9)
RECEIPTS = ["目录.xlsx", "SHA256SUMS.txt"]


def campaign_of(owed: Assignment):
    return owed.requirement.campaign


def incoming() -> list[Path]:
    return list((settings.MEDIA_ROOT / store.INCOMING).glob("*"))


# What goes in ----------------------------------------------------------------------------------------


def test_each_piece_is_a_folder_with_its_text_and_its_files(place, owed):
    with_files(owed, place.secretary, "照片.pdf", "照片.pdf", "正文.pdf")
    job = made(campaign_of(owed), place.officer)
    folder = "东镇中心小学/征文/一次家访"
    assert names_in(job) == [
        f"{folder}/正文.docx", f"{folder}/照片.pdf", f"{folder}/照片（2）.pdf", f"{folder}/正文.pdf",
        *RECEIPTS,
    ]  # fmt: skip
    assert opened(job).read(f"{folder}/照片.pdf") == PDF
    assert sums_agree(job)
    assert (job.state, job.result) == ("done", {"said": "共1篇材料、3个附件"})
    assert job.product.name == f"{campaign_of(owed)}材料20260302.zip"
    assert (job.product.kind, job.product.uploaded_by) == ("zip", place.officer)


def test_nothing_stays_behind(place, owed):
    before = set(incoming())
    with_files(owed, place.secretary, "照片.pdf")
    made(campaign_of(owed), place.officer)
    assert set(incoming()) == before


def test_drafts_and_what_the_head_has_not_signed_stay_at_school(place):
    owed = assigned(place, sign_off=True)
    head = person(Role.HEAD, place.school)
    drafted(owed, place.secretary, number=1, title="草稿")
    handed_in(owed, place.secretary, number=2, title="待签")
    job = made(campaign_of(owed), place.officer)
    assert (job.state, job.message) == ("failed", "所选范围内还没有已报送的材料，没有可打包的内容。")
    signing.sign(Version.objects.get(), by=head, at=NOW)
    assert names_in(made(campaign_of(owed), place.officer))[0] == "东镇中心小学/征文/待签/正文.docx"


def test_an_officer_who_also_serves_a_unit_takes_none_of_its_unsigned_work(place):
    owed = assigned(place, sign_off=True)
    person(Role.HEAD, place.school)
    both = person(Role.OFFICER, place.section)
    both.memberships.create(unit=place.school, scope=place.school, role=Role.SECRETARY)
    handed_in(owed, both)
    assert made(campaign_of(owed), both).state == "failed"


def test_a_correction_the_head_has_not_signed_leaves_the_returned_version(place):
    owed = assigned(place, sign_off=True)
    head = person(Role.HEAD, place.school)
    first = handed_in(owed, place.secretary, title="初稿")
    signing.sign(first, by=head, at=NOW)
    reviewing.send_back(first, by=place.officer, at=NOW, reason="请补充数据。", correct_by=LATER)
    handed_in(owed, place.secretary, title="改稿")
    [row] = manifest(made(campaign_of(owed), place.officer))
    assert [row[name] for name in ("标题", "版本", "状态", "审核意见", "审核人")] == [
        "初稿", 1, "退回", "请补充数据。", place.officer.name,
    ]  # fmt: skip


def test_the_newest_version_counts_and_what_was_taken_back_does_not(place, owed):
    first = handed_in(owed, place.secretary, title="初稿")
    reviewing.send_back(first, by=place.officer, at=NOW, reason="请补充数据。", correct_by=LATER)
    handed_in(owed, place.secretary, title="改稿")
    back = handed_in(owed, place.secretary, number=2, title="撤回的")
    submitting.withdraw(back.submission, by=place.secretary, at=NOW)
    assert [row["标题"] for row in manifest(made(campaign_of(owed), place.officer))] == ["改稿"]


def test_a_correction_taken_back_leaves_the_returned_version(place, owed):
    first = handed_in(owed, place.secretary, title="初稿")
    reviewing.send_back(first, by=place.officer, at=NOW, reason="请补充数据。", correct_by=LATER)
    again = handed_in(owed, place.secretary, title="改稿")
    submitting.withdraw(again.submission, by=place.secretary, at=NOW)
    assert [row["标题"] for row in manifest(made(campaign_of(owed), place.officer))] == ["初稿"]


def test_what_is_owed_no_more_is_left_out(place, owed):
    handed_in(owed, place.secretary)
    changing.withdraw_requirement(owed.requirement, by=place.officer, at=NOW, reason="重复")
    assert made(campaign_of(owed), place.officer).state == "failed"


# Whose ------------------------------------------------------------------------------------------------


def test_a_leader_of_a_township_gets_the_township_alone(place, owed):
    handed_in(owed, place.secretary)
    theirs = place.middle.assignments.get()
    handed_in(theirs, person(Role.SECRETARY, place.middle))
    leader = person(Role.LEADER, place.bureau)
    leader.memberships.update(scope=place.township)
    assert {row["单位"] for row in manifest(made(campaign_of(owed), leader))} == {"东镇中心小学"}
    assert {row["单位"] for row in manifest(made(campaign_of(owed), place.officer))} == {
        "东镇中心小学", "示例县第一初级中学",
    }  # fmt: skip


def test_who_oversees_nothing_any_more_gets_nothing(place, owed):
    handed_in(owed, place.secretary)
    job = exporting.order(ARCHIVE, Part(campaign_of(owed)), by=place.officer, at=NOW)
    place.officer.memberships.update(ended_at=NOW)
    jobs.run(job.pk, lambda: NOW)
    job.refresh_from_db()
    assert (job.state, job.product) == ("failed", None)


def test_a_phase_or_a_requirement_by_itself(place):
    requirement = ready_plan(place, title="征文")
    campaign = requirement.campaign
    phase = PhaseFactory(campaign=campaign, starts_on=at(5, 1).date(), ends_on=at(5, 20).date(), order=2)
    other = RequirementFactory(campaign=campaign, phase=phase, title="总结", kind=RequirementKind.SUMMARY)
    OccurrenceFactory(requirement=other, due_at=at(5, 11, 0))
    publishing.publish(campaign, by=place.officer, at=NOW)
    for one in place.school.assignments.all():
        handed_in(one, place.secretary, title=one.requirement.title)
    folders = {
        what: [row["文件夹"] for row in manifest(made(campaign, place.officer, **narrower))]
        for what, narrower in {
            "all": {}, "phase": {"phase": phase}, "requirement": {"requirement": requirement},
        }.items()
    }  # fmt: skip
    essay, summary = "东镇中心小学/征文/征文", "东镇中心小学/阶段总结/总结"
    assert folders == {"all": [essay, summary], "phase": [summary], "requirement": [essay]}


def test_a_campaign_of_two_years_keeps_both_in_the_name(place, owed):
    handed_in(owed, place.secretary)
    campaign = campaign_of(owed)
    campaign.title = "2025/2026学年行动"
    campaign.save()
    assert made(campaign, place.officer).product.name == "2025／2026学年行动材料20260302.zip"


def test_titles_and_units_of_one_name_are_told_apart(place, owed):
    west = UnitFactory(name="西镇", kind=UnitKind.TOWNSHIP, parent=place.bureau)
    namesake = UnitFactory(name="东镇中心小学", kind=UnitKind.PRIMARY, parent=west)
    publishing.top_up(campaign_of(owed), at=NOW)
    handed_in(owed, place.secretary, number=1)
    handed_in(owed, place.secretary, number=2)
    handed_in(namesake.assignments.get(), person(Role.SECRETARY, namesake))
    assert [row["文件夹"] for row in manifest(made(campaign_of(owed), place.officer))] == [
        "东镇中心小学（东镇）/征文/一次家访",
        "东镇中心小学（东镇）/征文/一次家访（2）",
        "东镇中心小学（西镇）/征文/一次家访",
    ]


def test_the_period_of_a_recurring_requirement_stands_behind_the_title(place, owed):
    owed.occurrence.label = "2026年3月"
    owed.occurrence.save()
    handed_in(owed, place.secretary)
    assert manifest(made(campaign_of(owed), place.officer))[0]["文件夹"] == (
        "东镇中心小学/征文/一次家访（2026年3月）"
    )


# What it says -----------------------------------------------------------------------------------------


def test_the_manifest_says_all_about_a_piece(place, owed):
    place.school.code = "0012345678"
    place.school.save()
    version = with_files(owed, place.secretary, "照片.pdf", at=at(5, 3, 10, 30))
    reviewing.accept(version, by=place.officer, at=at(5, 4), reason="材料翔实。", recommended=True)
    assert manifest(made(campaign_of(owed), place.officer, at=at(5, 5))) == [
        {
            "文件夹": "东镇中心小学/征文/一次家访",
            "活动": campaign_of(owed).title,
            "单位": "东镇中心小学",
            "标识码": "0012345678",
            "所属镇街或教育局": "东镇",
            "单位类别": "小学",
            "阶段": owed.requirement.phase.name,
            "报送要求": owed.requirement.title,
            "材料类别": "征文",
            "期次": None,
            "第几篇": 1,
            "标题": "一次家访",
            "作者": None,
            "专题": None,
            "版本": 1,
            "提交时间": at(5, 3, 10, 30).replace(tzinfo=None),
            "迟报": "是",
            "状态": "通过",
            "推荐为优秀": "是",
            "审核意见": "材料翔实。",
            "审核人": place.officer.name,
            "代报": None,
            "字数": 2,
            "附件数": 1,
            "缺失或损坏的文件": None,
        }
    ]


def test_files_whose_bytes_are_gone_or_changed_are_named(place, owed, caplog):
    with_files(owed, place.secretary, "清除.pdf", "丢失.pdf", "变短.pdf", "改动.pdf", "完好.pdf")
    stored = {one.name: one for one in StoredFile.objects.filter(kind="pdf")}
    StoredFile.objects.filter(pk=stored["清除.pdf"].pk).update(purged_at=NOW)
    store.path_of(stored["丢失.pdf"]).unlink()
    store.path_of(stored["变短.pdf"]).write_bytes(PDF[:9])
    store.path_of(stored["改动.pdf"]).write_bytes(PDF[::-1])
    job = made(campaign_of(owed), place.officer)
    [row] = manifest(job)
    assert (row["附件数"], row["缺失或损坏的文件"]) == (
        5, "清除.pdf（已按保存期限清除）；丢失.pdf（文件缺失）；变短.pdf（文件缺失）；改动.pdf（内容已损坏）",
    )  # fmt: skip
    assert [name.rpartition("/")[2] for name in names_in(job)] == [
        "正文.docx", "改动.pdf", "完好.pdf", *RECEIPTS,
    ]  # fmt: skip
    assert job.result == {"said": "共1篇材料、1个附件，另有4个附件缺失或损坏，详见压缩包内的“目录.xlsx”"}
    assert sums_agree(job)
    assert len([record for record in caplog.records if record.name == archiving.__name__]) == 3


def word_of(place, kind: RequirementKind, **words) -> list[str]:
    owed = assigned(place, kind=kind, title="报送", sign_off=False)
    said = drafts.Words(**{"title": "标题", "authors": "张示例"} | words)
    piece = drafts.save_draft(owed.pk, 1, said, by=place.secretary, at=NOW).piece
    submitting.submit(piece, by=place.secretary, at=NOW)
    job = made(campaign_of(owed), place.officer)
    return text_of(opened(job).read(names_in(job)[0]))


BYLINES = ["东镇中心小学　张示例", "报送　第1版　2026年3月2日提交"]


def test_the_text_comes_as_a_word_file(place):
    said = word_of(place, RequirementKind.ESSAY, abstract="要点", body="第一段\n\n第二段\x0b完")
    assert said == ["标题", *BYLINES, "摘要", "要点", "第一段", "第二段", "完"]


def test_minutes_are_a_table(place):
    sheet = {
        "held_on": "2026-03-01", "place": "会议室", "chair": "王示例", "recorder": "李示例", "present": "12",
        "agenda": "谈心得",
    }  # fmt: skip
    assert word_of(place, RequirementKind.MINUTES, body="大家认为", sheet=sheet) == [
        "标题", *BYLINES, "大家认为", "时间", "2026年3月1日", "地点", "会议室", "主持人", "王示例",
        "记录人", "李示例", "参加人数", "12人", "议题", "谈心得",
    ]  # fmt: skip


def test_suggestions_are_numbered(place):
    said = word_of(place, RequirementKind.SUGGESTION, sheet={"items": ["减少表格", "统一格式"]})
    assert said == ["标题", *BYLINES, "1. 减少表格", "2. 统一格式"]


# Robust -----------------------------------------------------------------------------------------------


class Killed(BaseException):
    """Passes every handler, as the end of a process does."""


@pytest.mark.django_db(transaction=True)
def test_a_job_killed_in_the_middle_is_done_once(monkeypatch):
    place = county()
    owed = assigned(place)
    with_files(owed, place.secretary, "照片.pdf")
    job = exporting.order(ARCHIVE, Part(campaign_of(owed)), by=place.officer, at=NOW)

    def die(*args):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(archiving.papers, "word", die)
        with pytest.raises(Killed):
            jobs.run(job.pk, lambda: NOW)
    kept = StoredFile.objects.filter(kind="zip")
    assert (Job.objects.get().state, kept.count()) == ("waiting", 0)
    assert jobs.run_waiting(lambda: NOW) == 1
    assert (Job.objects.get().state, kept.count(), jobs.run_waiting(lambda: NOW)) == ("done", 1, 0)


def test_what_a_killed_worker_left_on_disk_is_swept_after_a_day():
    with store.workspace() as folder:
        (folder / "archive.zip").write_bytes(b"x" * 9)
        left = folder.with_name(f"{'0' * 32}.part")
        folder.rename(left)
        folder.mkdir()
    os.utime(left, (0, NOW.timestamp()))
    store.sweep_incoming(NOW + timedelta(hours=23))
    assert left.exists()
    store.sweep_incoming(NOW + timedelta(hours=25))
    assert not left.exists()


def test_an_archive_never_takes_the_last_room_of_the_disk(place, owed, monkeypatch):
    handed_in(owed, place.secretary)
    monkeypatch.setattr(archiving, "SPARE", 2**60)
    assert made(campaign_of(owed), place.officer).message == (
        "服务器存储空间不足，不能打包；请按阶段或报送要求分别打包，或联系系统管理员。"
    )


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_three_pieces_as_for_one(place, owed, count, django_assert_num_queries, tmp_path):
    for number in range(1, count + 1):
        with_files(owed, place.secretary, "照片.pdf", number=number)
    officer, part = User.objects.get(pk=place.officer.pk), Part(campaign_of(owed))
    with django_assert_num_queries(8):
        archiving.write(part, tmp_path, by=officer, at=NOW, report=lambda step, done, total: None)


def test_three_hundred_files_of_a_megabyte_take_no_memory_to_speak_of(place, owed, tmp_path):
    """The bytes go through in blocks: what the process holds at most grows by a fraction of the archive."""
    requirement = Requirement.objects.get()
    first = with_files(owed, place.secretary, "照片.pdf")
    content = os.urandom(2**20)
    digest = hashlib.sha256(content).hexdigest()
    units = UnitFactory.create_batch(100, parent=place.township)
    publishing.top_up(requirement.campaign, at=NOW)
    for unit in units:
        _hand_in_quickly(unit.assignments.get(), first, content, digest)
    held: list[int] = []

    def report(step: str, done: int, total: int) -> None:
        held.append(int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize())

    part = Part(requirement.campaign)
    written = archiving.write(part, tmp_path, by=place.officer, at=NOW, report=report)
    assert (written.pieces, written.files, written.path.stat().st_size > 300 * 2**20) == (301, 301, True)
    assert max(held) - held[0] < 40 * 2**20


def _hand_in_quickly(owed: Assignment, like: Version, content: bytes, digest: str) -> None:
    for number in range(1, 4):
        piece = Submission.objects.create(assignment=owed, number=number)
        version = Version.objects.create(
            submission=piece, number=1, title=f"文章{number}", body="正文", digest=like.digest,
            submitted_at=NOW, submitted_by=like.submitted_by,
        )  # fmt: skip
        piece.state, piece.handed_in_at, piece.current = PieceState.PENDING, NOW, version
        piece.save()
        owed.events.create(at=NOW, kind=EventKind.SUBMITTED, version=version, after="submitted")
        key = f"00/00/{version.pk:032x}"
        path = settings.MEDIA_ROOT / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        stored = StoredFile.objects.create(
            key=key, name="照片.jpg", kind="jpg", size=len(content), sha256=digest, uploaded_at=NOW
        )
        VersionFile.objects.create(version=version, file=stored)


def test_the_order_of_the_entries_is_always_the_same(place, owed):
    for number in (1, 2):
        with_files(owed, place.secretary, "乙.pdf", "甲.pdf", number=number)
    first, second = (names_in(made(campaign_of(owed), place.officer)) for _ in range(2))
    assert first == second


def test_a_file_name_with_an_upload_of_its_own_is_safe(place, owed):
    with_files(owed, place.secretary, "aux.pdf", "记" * 110 + ".pdf", title="../a:b?")
    assert [name.split("/") for name in names_in(made(campaign_of(owed), place.officer))][1:3] == [
        ["东镇中心小学", "征文", "／a：b？", "_aux.pdf"],
        ["东镇中心小学", "征文", "／a：b？", "记" * 76 + ".pdf"],
    ]


def test_upload_limits_do_not_bind_the_portal_itself(place, owed, settings):
    handed_in(owed, place.secretary)
    settings.UPLOAD_MAX_BYTES = 10
    assert made(campaign_of(owed), place.officer).state == "done"
    with pytest.raises(Refused):
        store.save(upload("a.pdf"), by=None, at=NOW)
