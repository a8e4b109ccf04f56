"""Uploads in pieces: nothing acknowledged is lost, nothing is stored twice, nothing refused stays."""

import fcntl
import io
import os
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import tasks
from portal.files import resumable, store
from portal.files.kinds import FileKind
from portal.files.refusal import Refused
from portal.files.resumable import Busy, Gone, Misplaced, Unfinished
from portal.models import StoredFile, Upload
from schools.models import User
from tests.concurrently import at_once, kinds
from tests.factories import NOW, UserFactory
from tests.portal import hostile

PNG = hostile.png()


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def sender(transactional_db: None) -> User:
    return UserFactory()


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def begun(by: User, content: bytes = PNG, name: str = "截图.png") -> Upload:
    return resumable.create(name, len(content), by=by, at=NOW)


def send(upload: Upload, content: bytes, offset: int = 0) -> int:
    return resumable.append(upload, offset=offset, length=len(content), read=io.BytesIO(content).read)


def whole(by: User, content: bytes = PNG, name: str = "截图.png") -> Upload:
    upload = begun(by, content, name)
    send(upload, content)
    return upload


def take(token: UUID, *, by: User, at: datetime, allowed: Collection[FileKind] = FileKind.ALL) -> StoredFile:
    """As a service does it: looked at first, then locked and kept, unless it is kept already."""
    found = resumable.sealed(resumable.find(token, by=by), allowed)
    with transaction.atomic():
        upload = resumable.lock(token, by=by)
        return upload.stored or resumable.keep(upload, found, by=by, at=at)


def part_of(upload: Upload, media: Path) -> Path:
    return media / "incoming" / f"{upload.token.hex}.part"


def refused(call: Callable) -> str:
    with pytest.raises(Refused) as why:
        call()
    return why.value.sentence


# Sending ----------------------------------------------------------------------------------------------


def test_pieces_make_the_file(sender: User, media: Path) -> None:
    upload = begun(sender)
    assert resumable.offset_of(upload) == 0
    assert send(upload, PNG[:20]) == resumable.offset_of(upload) == 20
    assert send(upload, PNG[20:], 20) == resumable.offset_of(upload) == len(PNG)
    assert on_disk(media) == [part_of(upload, media)]
    stored = take(upload.token, by=sender, at=NOW)
    assert store.path_of(stored).read_bytes() == PNG
    assert on_disk(media) == [store.path_of(stored)]
    assert (stored.name, stored.kind, stored.size) == ("截图.png", FileKind.PNG, len(PNG))
    assert (stored.uploaded_by, stored.uploaded_at) == (sender, NOW)


def test_a_line_that_breaks_leaves_what_came(sender: User) -> None:
    upload = begun(sender)
    assert resumable.append(upload, offset=0, length=30, read=io.BytesIO(PNG[:12]).read) == 12
    pieces = iter([PNG[12:20]])

    def breaking(size: int) -> bytes:
        for piece in pieces:
            return piece
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        resumable.append(upload, offset=12, length=30, read=breaking)
    assert resumable.offset_of(upload) == 20
    send(upload, PNG[20:], 20)
    assert store.path_of(take(upload.token, by=sender, at=NOW)).read_bytes() == PNG


@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_of_pieces_and_breaks_ends_in_the_same_bytes(media: Path, db: None, data) -> None:
    """Pieces at right and wrong places, longer than what is left, or cut off on the way."""
    content = data.draw(st.binary(min_size=1, max_size=300))
    with transaction.atomic():
        upload = resumable.create("截图.png", len(content), by=UserFactory(), at=NOW)
        expected = 0
        steps = st.tuples(st.integers(0, 310), st.integers(0, 310), st.integers(0, 310), st.booleans())
        for offset, length, arrives, right in data.draw(st.lists(steps, max_size=12)):
            at = expected if right else offset
            sent = content[at : at + min(length, arrives)]
            fits = at == expected and length <= len(content) - expected
            try:
                got = resumable.append(upload, offset=at, length=length, read=io.BytesIO(sent).read)
            except Misplaced:
                assert not fits
            else:
                assert fits
                expected += len(sent)
                assert got == expected
            assert part_of(upload, media).read_bytes() == content[:expected]
        send(upload, content[expected:], expected)
        assert part_of(upload, media).read_bytes() == content


def test_no_byte_more_than_announced(sender: User, media: Path) -> None:
    upload = begun(sender, b"12345")
    with pytest.raises(Misplaced):
        send(upload, b"123456")
    endless = io.BytesIO(bytes(1000))
    resumable.append(upload, offset=0, length=5, read=endless.read)
    assert part_of(upload, media).stat().st_size == 5


def test_a_piece_is_on_disk_before_it_is_acknowledged(sender: User, monkeypatch) -> None:
    upload = begun(sender)
    synced, real = [], os.fsync

    def sync(descriptor: int) -> None:
        real(descriptor)
        synced.append(os.fstat(descriptor).st_size)

    monkeypatch.setattr(os, "fsync", sync)
    assert [send(upload, PNG[:9])] == synced == [9]


def test_one_writes_and_the_other_waits_its_turn(sender: User, media: Path) -> None:
    upload = begun(sender)
    with part_of(upload, media).open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Busy):
            send(upload, PNG)
    assert send(upload, PNG) == len(PNG)


def test_two_at_the_same_place_write_it_once(sender: User, media: Path) -> None:
    for _ in range(10):
        upload = begun(sender)
        results = kinds(at_once(*[lambda upload=upload: send(upload, PNG)] * 2))
        assert results in (["Busy", "int"], ["Misplaced", "int"])
        assert part_of(upload, media).read_bytes() == PNG


def test_bytes_that_were_removed_are_gone(sender: User, media: Path) -> None:
    upload = begun(sender)
    part_of(upload, media).unlink()
    for call in (lambda: resumable.offset_of(upload), lambda: send(upload, PNG)):
        with pytest.raises(Gone):
            call()
    with pytest.raises(Gone):
        take(upload.token, by=sender, at=NOW)


# Beginning --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "size", "sentence"),
    [
        ("a.png", 0, "文件“a.png”是空的，请确认内容已经保存，再重新选择文件上传。"),
        ("a.png", 50 * 1024**2 + 1, "文件“a.png”超过了 50 MB 的上限，请压缩其中的图片或拆分后再上传。"),
        (
            "../../a.exe",
            5,
            "此处不能上传“a.exe”这类文件，请改用以下格式之一："
            "pdf、docx、doc、wps、xlsx、xls、et、pptx、ppt、jpg、jpeg、png。",
        ),
        (
            "IMG_0001.HEIC",
            5,
            "照片“IMG_0001.HEIC”的格式不能上传，请在手机相册中将它另存（或导出）为 jpg 后再上传；"
            "苹果手机可在“设置-相机-格式”中选“兼容性最佳”后重新拍照。",
        ),
    ],
)
def test_what_could_not_be_kept_is_not_begun(sender: User, media: Path, name, size, sentence) -> None:
    assert refused(lambda: resumable.create(name, size, by=sender, at=NOW)) == sentence
    assert (Upload.objects.count(), on_disk(media)) == (0, [])


def test_path_tricks_in_names_lead_nowhere(sender: User, media: Path) -> None:
    upload = whole(sender, name="..\\..\\/etc/\u202e截图.png")
    assert upload.name == "截图.png"
    assert on_disk(media) == [part_of(upload, media)]


def test_twenty_at_once_and_no_more(sender: User) -> None:
    uploads = [begun(sender) for _ in range(20)]
    assert refused(lambda: begun(sender)) == (
        "您有20个文件还没有传完，请先传完或取消，再上传新的文件；没有传完的文件一天后自动清除。"
    )
    begun(UserFactory())
    resumable.discard(uploads[0].token, by=sender)
    begun(sender)


def test_expired_ones_make_room(sender: User, media: Path) -> None:
    for upload in [begun(sender) for _ in range(20)]:
        os.utime(part_of(upload, media), (0, NOW.timestamp()))
    later = NOW + timedelta(days=1, minutes=1)
    upload = resumable.create("截图.png", 5, by=sender, at=later)
    assert list(Upload.objects.all()) == [upload]
    assert on_disk(media) == [part_of(upload, media)]


# Taking -----------------------------------------------------------------------------------------------


def test_taken_twice_it_is_one_file(sender: User, media: Path) -> None:
    upload = whole(sender)
    stored = [take(upload.token, by=sender, at=NOW) for _ in range(2)]
    assert stored == [StoredFile.objects.get()] * 2
    upload.refresh_from_db()
    assert resumable.offset_of(upload) == len(PNG)
    assert send(upload, b"", len(PNG)) == len(PNG)
    with pytest.raises(Misplaced):
        send(upload, b"x")
    assert len(on_disk(media)) == 1


def test_taken_twice_at_once_it_is_one_file(sender: User, media: Path) -> None:
    for _ in range(5):
        upload = whole(sender)
        taken = at_once(*[lambda upload=upload: take(upload.token, by=sender, at=NOW)] * 3)
        upload.refresh_from_db()
        assert taken == [upload.stored] * 3
    assert (StoredFile.objects.count(), len(on_disk(media))) == (5, 5)


def test_half_a_file_is_not_taken(sender: User, media: Path) -> None:
    upload = begun(sender)
    send(upload, PNG[:20])
    with pytest.raises(Unfinished):
        take(upload.token, by=sender, at=NOW)
    assert resumable.offset_of(upload) == 20


def test_nobody_takes_what_others_sent(sender: User) -> None:
    upload, other = whole(sender), UserFactory()
    for call in (
        lambda: take(upload.token, by=other, at=NOW),
        lambda: resumable.find(upload.token, by=other),
        lambda: take(uuid4(), by=sender, at=NOW),
    ):
        with pytest.raises(Gone):
            call()
    resumable.discard(upload.token, by=other)
    assert resumable.find(upload.token, by=sender) == upload


def test_a_transaction_that_fails_loses_nothing(sender: User, media: Path) -> None:
    upload = whole(sender)
    with transaction.atomic():
        take(upload.token, by=sender, at=NOW)
        transaction.set_rollback(True)
    assert part_of(upload, media).read_bytes() == PNG
    assert store.path_of(take(upload.token, by=sender, at=NOW)).read_bytes() == PNG


def test_a_full_disk_loses_nothing(sender: User, media: Path, monkeypatch) -> None:
    upload = whole(sender)

    def fail(folder: Path) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(store, "sync", fail)
        with pytest.raises(OSError, match="disk full"):
            take(upload.token, by=sender, at=NOW)
    assert on_disk(media) == [part_of(upload, media)]
    assert take(upload.token, by=sender, at=NOW).size == len(PNG)


def test_the_requirement_may_want_another_kind(sender: User, media: Path) -> None:
    upload = whole(sender)
    sentence = "此处不能上传“截图.png”这类文件，请改用以下格式之一：pdf。"
    taken = refused(lambda: take(upload.token, by=sender, at=NOW, allowed={FileKind.PDF}))
    assert (taken, on_disk(media), Upload.objects.count()) == (sentence, [], 0)


HOSTILE = {
    "program.docx": hostile.PROGRAM,
    "script.png": b"<svg onload='alert(1)'/>",
    "page.pdf": b"<!doctype html><script>alert(1)</script>",
    "macro.docx": hostile.ooxml("docx", {"word/vbaProject.bin": hostile.ole2({"VBA/dir": b""})}),
    "macro.doc": hostile.doc({"Macros/VBA/dir": b""}),
    "macro.xls": hostile.xls(hostile.sheet(1)),
    "macro.ppt": hostile.ppt(inside=hostile.vba_info(1)),
    "packed.doc": hostile.doc(
        {"ObjectPool/_1/\x01Ole10Native": b"x"}, classes={"ObjectPool/_1": hostile.PACKAGE_CLASS}
    ),
    "bomb.docx": hostile.ooxml("docx", {"word/media/a.bin": bytes(25_000_000)}),
    "liar.docx": hostile.with_size(hostile.ooxml("docx", {"word/a.bin": bytes(100_000)}), 10),
    "shared.docx": hostile.overlapping(
        {**hostile.parts_of("docx"), "word/a.bin": bytes(9), "word/b.bin": bytes(9)}
    ),
    "path.docx": hostile.ooxml("docx", {"../../evil.sh": b"x"}),
    "locked.docx": hostile.with_flag(hostile.ooxml("docx"), 0x1),
    "script.pdf": hostile.pdf(b"<</S/JavaScript/JS(app.alert\\(1\\))>>"),
    "tail.png": hostile.png(tail=b"PK\x03\x04"),
    "tail.jpg": hostile.jpeg(tail=b"<script>alert(1)</script>"),
    "huge.png": hostile.png(30_000, 30_000),
    "half.docx": hostile.ooxml("docx")[:200],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_of_a_hostile_file_nothing_stays(sender: User, media: Path, name: str) -> None:
    upload = whole(sender, HOSTILE[name], name)
    assert refused(lambda: take(upload.token, by=sender, at=NOW)).endswith("。")
    assert on_disk(media) == []
    assert (Upload.objects.count(), StoredFile.objects.count()) == (0, 0)


# Sweeping ---------------------------------------------------------------------------------------------


def test_what_nobody_goes_on_with_is_swept_after_a_day(sender: User, media: Path, monkeypatch) -> None:
    abandoned, going_on, lost, taken = begun(sender), begun(sender), begun(sender), whole(sender)
    stored = take(taken.token, by=sender, at=NOW)
    for upload, hours in ((abandoned, 0), (going_on, 20)):
        os.utime(part_of(upload, media), (0, (NOW + timedelta(hours=hours)).timestamp()))
    part_of(lost, media).unlink()
    young = resumable.create("截图.png", 5, by=sender, at=NOW + timedelta(hours=24))
    assert resumable.sweep(NOW + timedelta(hours=24)) == 0
    monkeypatch.setattr(tasks.timezone, "now", lambda: NOW + timedelta(hours=25))
    assert tasks.sweep_uploads() == 3
    assert set(Upload.objects.all()) == {going_on, young}
    left = {part_of(going_on, media), part_of(young, media), store.path_of(stored)}
    assert set(on_disk(media)) == left
