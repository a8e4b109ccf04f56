"""Uploads reach the disk whole or not at all, and the row says what lies there."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from portal.files import store
from portal.files.checks import Refused
from portal.files.kinds import FileKind
from portal.files.store import path_of, save, sweep_incoming
from portal.models import StoredFile
from tests.factories import NOW, UserFactory
from tests.portal import hostile

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def upload(content: bytes, name: str = "截图.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_stored_is_what_was_sent(media: Path):
    content, user = hostile.png(), UserFactory()
    stored = StoredFile.objects.get(pk=save(upload(content), by=user, at=NOW).pk)
    assert path_of(stored).read_bytes() == content
    assert on_disk(media) == [path_of(stored)]
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert (stored.size, stored.kind, stored.name) == (len(content), FileKind.PNG, "截图.png")
    assert (stored.uploaded_by, stored.uploaded_at, stored.purged_at) == (user, NOW, None)


def test_the_key_tells_nothing_and_is_never_the_same(media: Path):
    keys = {save(upload(hostile.png()), by=None, at=NOW).key for _ in range(5)}
    assert len(keys) == 5
    for key in keys:
        first, second, name = key.split("/")
        assert len(name) == 32
        assert (first, second) == (name[:2], name[2:4])


def test_the_name_is_cleaned():
    sent = upload(hostile.png())
    # Django strips folders itself; other upload paths (tus) will not.
    sent._name = "C:\\照片\\\u202e截图?.PNG"
    assert save(sent, by=None, at=NOW).name == "截图_.PNG"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.png", b"", "文件“a.png”是空的，请确认内容已经保存，再重新选择文件上传。"),
        (
            "a.png",
            b"<svg/>",
            "文件“a.png”的内容不是 PNG 图片，请用看图或画图软件打开，另存为 png 格式后再上传。",
        ),
        ("a.exe", b"MZ", "此处不能上传“a.exe”这类文件，请改用以下格式之一：pdf、png。"),
        ("a.heic", b"ftyp", "此处不能上传“a.heic”这类文件，请改用以下格式之一：pdf、png。"),
    ],
)
def test_a_refused_upload_leaves_nothing(media: Path, name: str, content: bytes, sentence: str):
    with pytest.raises(Refused) as refused:
        save(upload(content, name), by=None, at=NOW, allowed={FileKind.PNG, FileKind.PDF})
    assert refused.value.sentence == sentence
    assert on_disk(media) == []
    assert not StoredFile.objects.exists()


class Endless(SimpleUploadedFile):
    """Says it is small and goes on sending."""

    def __init__(self) -> None:
        super().__init__("a.png", b"x")
        self.sent = 0

    def chunks(self, chunk_size=None):
        while True:
            self.sent += 1000
            yield bytes(1000)


@pytest.mark.parametrize(
    ("limit", "words"),
    [(50 * 1024 * 1024, "50 MB"), (1536 * 1024, "1.5 MB"), (2048, "2 KB"), (999, "999 字节")],
)
def test_too_large(media: Path, settings, limit: int, words: str):
    settings.UPLOAD_MAX_BYTES = limit
    declared = upload(b"x", "a.png")
    declared.size = limit + 1
    with pytest.raises(Refused) as refused:
        save(declared, by=None, at=NOW)
    sentence = f"文件“a.png”超过了 {words} 的上限，请压缩其中的图片或拆分后再上传。"
    assert refused.value.sentence == sentence
    assert not media.exists()  # refused before a byte was written


def test_too_large_in_spite_of_what_was_declared(media: Path, settings):
    settings.UPLOAD_MAX_BYTES = 10_000
    endless = Endless()
    with pytest.raises(Refused):
        save(endless, by=None, at=NOW)
    assert endless.sent == 11_000  # one chunk over the limit, not one more
    assert on_disk(media) == []


def test_exactly_as_large_as_allowed(settings):
    settings.UPLOAD_MAX_BYTES = len(hostile.png())
    assert save(upload(hostile.png()), by=None, at=NOW).size == settings.UPLOAD_MAX_BYTES


@pytest.mark.parametrize("step", ["fsync", "sync", "check"])
def test_a_failure_on_the_way_leaves_nothing(media: Path, monkeypatch, step: str):
    def fail(*args):
        raise OSError("disk full")

    monkeypatch.setattr(*((os, "fsync") if step == "fsync" else (store, step)), fail)
    with pytest.raises(OSError, match="disk full"):
        save(upload(hostile.png()), by=None, at=NOW)
    assert on_disk(media) == []
    assert not StoredFile.objects.exists()


def test_a_row_that_cannot_be_written_leaves_nothing(media: Path, monkeypatch):
    def fail(**fields):
        raise IntegrityError("no")

    monkeypatch.setattr(StoredFile.objects, "create", fail)
    with pytest.raises(IntegrityError):
        save(upload(hostile.png()), by=None, at=NOW)
    assert on_disk(media) == []


def test_bytes_and_folders_are_synced_before_the_row_is_written(monkeypatch):
    """Invariant 7 on a power cut: the order of the steps is what protects the file."""
    steps: list[str] = []
    real_sync, real_link, real_create = os.fsync, os.link, StoredFile.objects.create

    def sync(descriptor: int) -> None:
        steps.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file")
        real_sync(descriptor)

    def link(path: Path, target: Path) -> None:
        steps.append("link")
        real_link(path, target)

    def create(**fields) -> StoredFile:
        steps.append("row")
        return real_create(**fields)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "link", link)
    monkeypatch.setattr(StoredFile.objects, "create", create)
    save(upload(hostile.png()), by=None, at=NOW)
    assert steps == ["file", "link", "folder", "folder", "folder", "row"]


def test_a_later_rollback_takes_the_row_and_spares_other_files(media: Path):
    kept = save(upload(hostile.png()), by=None, at=NOW)
    with transaction.atomic():
        save(upload(hostile.jpeg(), "照片.jpg"), by=None, at=NOW)
        transaction.set_rollback(True)
    assert list(StoredFile.objects.all()) == [kept]
    assert path_of(kept) in on_disk(media)


def test_sweeping_takes_only_what_is_old_and_unfinished(media: Path):
    stored = save(upload(hostile.png()), by=None, at=NOW)
    old, new = media / "incoming" / "old.part", media / "incoming" / "new.part"
    ages = {old: timedelta(days=1, minutes=1), new: timedelta(hours=23), path_of(stored): timedelta(days=9)}
    for path, age in ages.items():
        path.touch()
        os.utime(path, (0, (NOW - age).timestamp()))
    assert sweep_incoming(NOW) == 1
    assert sorted(on_disk(media)) == sorted([new, path_of(stored)])


def test_sweeping_before_the_first_upload():
    assert sweep_incoming(NOW) == 0
