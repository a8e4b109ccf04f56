"""What came in pieces becomes a file of the draft, once; and a look at files in the page."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from lxml import html

from campaigns.enums import RequirementKind
from campaigns.models import Campaign, Requirement
from portal.files import resumable, store
from portal.models import StoredFile, Upload
from schools.enums import Role
from schools.models import User
from submissions.models import Assignment, DraftFile, Submission
from submissions.services import drafts, submitting
from submissions.views import files
from tests.concurrently import at_once, kinds
from tests.factories import NOW, PDF, County, TopicFactory, assigned, county, drafted, person, upload
from tests.pages import form_on
from tests.portal import hostile

pytestmark = pytest.mark.django_db(transaction=True)

USED = "这个文件已经用过，请重新选择文件上传。"


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def place(transactional_db: None) -> County:
    return county()


@pytest.fixture
def owed(place: County) -> Assignment:
    return assigned(place)


def arrived(by: User, name: str = "体会文章.pdf", content: bytes = PDF) -> UUID:
    made = resumable.create(name, len(content), by=by, at=NOW)
    resumable.append(made, offset=0, length=len(content), read=lambda size: content)
    return made.token


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=django_settings.AUTHENTICATION_BACKENDS[1])
    return client


def attach(owed: Assignment, by: User, token: object, number: int = 1) -> HttpResponse:
    return as_(by).post(reverse("attach_upload", args=[owed.pk, number]), {"upload": str(token)})


def told(answer: HttpResponse) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    return answer.status_code, answer.content.decode()


def names(answer: HttpResponse) -> list[str]:
    return html.fromstring(answer.content.decode()).xpath("//li/a/text()")


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_first_file_begins_the_piece(place: County, owed: Assignment) -> None:
    answer = attach(owed, place.secretary, arrived(place.secretary))
    assert (answer.status_code, names(answer)) == (200, ["体会文章.pdf"])
    piece = owed.submissions.get()
    assert (piece.draft.title, [one.name for one in piece.draft.files.all()]) == ("", ["体会文章.pdf"])
    assert drafts.marks(drafts.words_of(piece.draft)) == ""  # what the empty page has before its eyes


def test_a_piece_begun_by_a_file_still_offers_its_title_and_topic(place: County) -> None:
    owed = assigned(place, kind=RequirementKind.SUGGESTION)
    topic = TopicFactory(campaign=owed.requirement.campaign)
    Requirement.objects.update(topic=topic)
    attach(owed, place.secretary, arrived(place.secretary))
    page = as_(place.secretary).get(reverse("piece", args=[owed.pk, 1]))
    form = form_on(page, "piece")
    assert (form["title"], form["topic"]) == ([owed.name], [str(topic.pk)])


def test_words_that_are_there_stay(place: County, owed: Assignment) -> None:
    piece = drafted(owed, place.secretary)
    attach(owed, place.secretary, arrived(place.secretary))
    assert (piece.draft.title, piece.draft.body) == ("一次家访", "正文")
    assert piece.draft.files.count() == 1


def test_a_piece_that_nobody_was_offered_does_not_exist(place: County, owed: Assignment) -> None:
    assert attach(owed, place.secretary, arrived(place.secretary), number=2).status_code == 404


def test_asked_twice_it_is_one_file(place: County, owed: Assignment, media: Path) -> None:
    token = arrived(place.secretary)
    answers = [attach(owed, place.secretary, token) for _ in range(2)]
    assert [names(answer) for answer in answers] == [["体会文章.pdf"]] * 2
    assert (StoredFile.objects.count(), DraftFile.objects.count(), len(on_disk(media))) == (1, 1, 1)


def test_asked_twice_at_once_it_is_one_file(place: County, owed: Assignment) -> None:
    for number in (1, 2, 3):
        piece = drafted(owed, place.secretary, number=number)
        token = arrived(place.secretary)

        def call(piece: Submission = piece, token: UUID = token) -> DraftFile:
            return drafts.attach_upload(piece, token, by=place.secretary, at=NOW)

        first, *others = at_once(call, call, call)
        assert others == [first] * 2
    assert StoredFile.objects.count() == 3


def test_asked_again_after_handing_in(place: County, owed: Assignment) -> None:
    """The answer got lost on the line; meanwhile somebody else has submitted."""
    token = arrived(place.secretary)
    piece = drafted(owed, place.secretary)
    attach(owed, place.secretary, token)
    submitting.submit(piece, by=place.secretary, at=NOW)
    assert names(attach(owed, place.secretary, token)) == ["体会文章.pdf"]


def test_an_upload_is_good_for_one_draft(place: County, owed: Assignment) -> None:
    token = arrived(place.secretary)
    attach(owed, place.secretary, token)
    drafted(owed, place.secretary, number=2)
    assert told(attach(owed, place.secretary, token, number=2)) == (422, USED)
    drafts.detach(DraftFile.objects.get(), by=place.secretary, at=NOW)
    assert told(attach(owed, place.secretary, token)) == (422, USED)


def test_asked_for_by_four_pieces_at_once_it_serves_one(place: County, owed: Assignment, media: Path) -> None:
    pieces = [drafted(owed, place.secretary)]
    pieces += [drafted(assigned(place), place.secretary) for _ in range(3)]
    for _ in range(3):
        token = arrived(place.secretary)
        calls = [
            lambda piece=piece, token=token: drafts.attach_upload(piece, token, by=place.secretary, at=NOW)
            for piece in pieces
        ]
        assert kinds(at_once(*calls)) == ["DraftFile", "NotAllowed", "NotAllowed", "NotAllowed"]
        DraftFile.objects.all().delete()
    assert (StoredFile.objects.count(), len(on_disk(media))) == (3, 3)


def test_nobody_waits_while_a_file_is_checked(place: County, owed: Assignment, monkeypatch) -> None:
    """A hostile file takes seconds: the assignment, and with it the whole plan, must not be locked by it."""
    piece, token, real = drafted(owed, place.secretary), arrived(place.secretary), store.seal

    def lock_at_once() -> int:
        with transaction.atomic():
            campaign = Campaign.objects.select_for_update(nowait=True).get()
            Assignment.objects.select_for_update(nowait=True).get(pk=owed.pk)
            resumable.lock(token, by=place.secretary)
            return campaign.pk

    def slow(*args: object) -> store.Sealed:
        found.extend(at_once(lock_at_once))
        return real(*args)

    found: list[object] = []
    monkeypatch.setattr(store, "seal", slow)
    drafts.attach_upload(piece, token, by=place.secretary, at=NOW)
    assert found == [owed.requirement.campaign_id]


def test_the_same_file_again_is_refused_and_under_another_name_it_is_not(
    place: County, owed: Assignment, media: Path
) -> None:
    attach(owed, place.secretary, arrived(place.secretary))
    sentence = "文件“体会文章.pdf”已经上传过，无需重复上传。"
    assert told(attach(owed, place.secretary, arrived(place.secretary))) == (422, sentence)
    assert (len(on_disk(media)), Upload.objects.count(), StoredFile.objects.count()) == (1, 1, 1)
    other = arrived(place.secretary, "另一份.pdf")
    assert names(attach(owed, place.secretary, other)) == ["体会文章.pdf", "另一份.pdf"]


def test_too_many_and_nothing_of_them_stays(place: County, owed: Assignment, settings, media: Path) -> None:
    settings.UPLOAD_MAX_FILES = 1
    attach(owed, place.secretary, arrived(place.secretary))
    sentence = "一篇材料最多附1个文件，请先移除不需要的文件。"
    assert told(attach(owed, place.secretary, arrived(place.secretary))) == (422, sentence)
    assert (len(on_disk(media)), Upload.objects.count(), StoredFile.objects.count()) == (1, 1, 1)


def test_two_for_the_last_place(place: County, owed: Assignment, settings, media: Path) -> None:
    settings.UPLOAD_MAX_FILES = 1
    piece = drafted(owed, place.secretary)
    one, other = arrived(place.secretary), arrived(place.secretary)
    calls = [
        lambda token=token: drafts.attach_upload(piece, token, by=place.secretary, at=NOW)
        for token in (one, other)
    ]
    assert kinds(at_once(*calls)) == ["DraftFile", "NotAllowed"]
    assert (len(on_disk(media)), StoredFile.objects.count()) == (1, 1)


def test_a_piece_that_is_handed_in_takes_no_more(place: County, owed: Assignment, media: Path) -> None:
    submitting.submit(drafted(owed, place.secretary), by=place.secretary, at=NOW)
    sentence = "这篇材料现在是“待审”状态，不能修改；如需修改，请先撤回或联系审核人退回。"
    assert told(attach(owed, place.secretary, arrived(place.secretary))) == (422, sentence)
    assert on_disk(media) == []


def test_the_requirement_says_which_kinds(place: County, media: Path) -> None:
    owed = assigned(place, file_kinds=["docx"])
    sentence = "此处不能上传“体会文章.pdf”这类文件，请改用以下格式之一：docx。"
    assert told(attach(owed, place.secretary, arrived(place.secretary))) == (422, sentence)
    assert (on_disk(media), Upload.objects.count()) == ([], 0)


def test_a_hostile_file_leaves_nothing(place: County, owed: Assignment, media: Path) -> None:
    token = arrived(place.secretary, "家访.docx", hostile.PROGRAM)
    assert told(attach(owed, place.secretary, token)) == (
        422,
        "文件“家访.docx”的内容不是 Word 文档（docx），请用 WPS 或 Office 打开，另存为 docx 格式后再上传。",
    )
    assert (on_disk(media), Upload.objects.count(), StoredFile.objects.count()) == ([], 0, 0)


def test_half_a_file_waits(place: County, owed: Assignment) -> None:
    half = resumable.create("体会文章.pdf", len(PDF), by=place.secretary, at=NOW)
    assert told(attach(owed, place.secretary, half.token)) == (409, "文件还没有传完，请点“继续”。")
    assert resumable.offset_of(half) == 0


@pytest.mark.parametrize("token", ["", "x", uuid4()])
def test_there_is_no_such_upload(place: County, owed: Assignment, token: object) -> None:
    sentence = "这个文件的上传已取消或已过期，请重新选择文件上传。"
    assert told(attach(owed, place.secretary, token)) == (422, sentence)


def test_somebody_elses_upload_cannot_be_taken(place: County, owed: Assignment) -> None:
    token = arrived(person(Role.SECRETARY, place.school))
    assert attach(owed, place.secretary, token).status_code == 422
    assert not StoredFile.objects.exists()


def test_a_full_disk_loses_nothing(place: County, owed: Assignment, monkeypatch) -> None:
    def fail(folder: Path) -> None:
        raise OSError("disk full")

    token = arrived(place.secretary)
    with monkeypatch.context() as broken:
        broken.setattr(store, "sync", fail)
        assert told(attach(owed, place.secretary, token)) == (
            503,
            "文件暂时无法保存，请稍后点“继续”；如仍不能保存，请联系系统管理员。",
        )
    assert names(attach(owed, place.secretary, token)) == ["体会文章.pdf"]


def test_what_was_handed_in_outlives_the_sweep(place: County, owed: Assignment) -> None:
    attach(owed, place.secretary, arrived(place.secretary))
    assert resumable.sweep(NOW + timedelta(days=2)) == 1
    assert store.path_of(StoredFile.objects.get()).read_bytes() == PDF


# Previews -----------------------------------------------------------------------------------------------


def preview(place: County, owed: Assignment, name: str, content: bytes) -> HttpResponse:
    added = drafts.attach(drafted(owed, place.secretary), upload(name, content), by=place.secretary, at=NOW)
    return as_(place.secretary).get(reverse("file_preview", args=[added.file_id]))


def test_pictures_and_pdf_files_come_through_the_logged_door(place: County, owed: Assignment) -> None:
    shown = html.fromstring(preview(place, owed, "照片.png", hostile.png()).content.decode())
    stored = StoredFile.objects.get()
    assert (shown.get("src"), shown.get("alt")) == (reverse("file", args=[stored.pk]), "照片.png")
    drawn = html.fromstring(preview(place, owed, "总结.pdf", PDF).content.decode())
    assert drawn.get("data-pdf") == reverse("file", args=[StoredFile.objects.latest("pk").pk])


def test_a_long_text_is_cut_and_says_so(place: County, owed: Assignment, monkeypatch) -> None:
    monkeypatch.setattr(files, "text_of", lambda path, kind: "<b>" + "家" * 30_000)
    shown = html.fromstring(preview(place, owed, "文章.docx", hostile.ooxml("docx")).content.decode())
    assert shown.xpath("string(//div[@class='prose preview-text'])") == "<b>" + "家" * 19_997
    assert shown.xpath("string(//div/p)") == "以上是前20000个字符，全文请下载查看。"


def test_what_has_no_words_or_no_preview_is_to_be_downloaded(place: County, owed: Assignment) -> None:
    empty = preview(place, owed, "空白.docx", hostile.ooxml("docx"))
    table = preview(place, owed, "表.xlsx", hostile.ooxml("xlsx"))
    said = [html.fromstring(one.content.decode()).text_content() for one in (empty, table)]
    assert said == [
        "文件里没有可以在此显示的文字，请下载后查看。",
        "这类文件不能在页面中预览，请下载后用 WPS 或 Office 打开。",
    ]


def test_a_purged_file_says_so(place: County, owed: Assignment) -> None:
    preview(place, owed, "文章.docx", hostile.ooxml("docx"))
    StoredFile.objects.update(purged_at=NOW)
    stored = StoredFile.objects.get()
    answer = as_(place.secretary).get(reverse("file_preview", args=[stored.pk]))
    assert html.fromstring(answer.content.decode()).text_content() == "文件已按保存期限清除，不能预览。"
    assert not stored.has_preview
