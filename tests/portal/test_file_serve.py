"""Downloads: exact headers, the front server's way, purged and missing files."""

import logging
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.files.serve import attachment
from portal.files.store import path_of, save
from portal.models import StoredFile
from tests.factories import NOW
from tests.portal import hostile

pytestmark = pytest.mark.django_db

NAME = "关于“育人”大讨论的总结.docx"


@pytest.fixture
def stored(settings, tmp_path: Path) -> StoredFile:
    settings.MEDIA_ROOT = tmp_path
    settings.X_ACCEL_PREFIX = ""
    return save(SimpleUploadedFile(NAME, hostile.ooxml("docx")), by=None, at=NOW)


def test_a_download(stored: StoredFile):
    response = attachment(stored)
    assert response.status_code == 200
    assert b"".join(response) == path_of(stored).read_bytes()
    assert response.headers == {
        "Content-Type": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "Content-Length": str(stored.size),
        "Content-Disposition": f"attachment; filename*=utf-8''{quote(NAME)}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }


def test_the_front_server_sends_the_bytes(stored: StoredFile, settings):
    settings.X_ACCEL_PREFIX = "/protected/"
    response = attachment(stored)
    assert response.content == b""
    assert response.headers == {
        "X-Accel-Redirect": f"/protected/{stored.key}",
        "Content-Type": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "Content-Disposition": f"attachment; filename*=utf-8''{quote(NAME)}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }


def test_a_plain_name(stored: StoredFile):
    stored.name = 'a "b".docx'  # a name that cleaning would not have let through
    assert attachment(stored)["Content-Disposition"] == 'attachment; filename="a \\"b\\".docx"'


@pytest.mark.parametrize("prefix", ["", "/protected/"])
def test_a_purged_file(stored: StoredFile, settings, prefix: str):
    settings.X_ACCEL_PREFIX = prefix
    stored.purged_at = NOW + timedelta(days=1000)
    response = attachment(stored)
    assert response.status_code == 410
    assert response.content.decode() == f"文件“{NAME}”已按保存期限清除，如仍需要，请联系提交单位重新提供。"
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("prefix", ["", "/protected/"])
@pytest.mark.parametrize("harm", ["gone", "shorter"])
def test_missing_bytes_are_an_error_for_us_and_a_sentence_for_the_reader(
    stored: StoredFile, settings, caplog, prefix: str, harm: str
):
    settings.X_ACCEL_PREFIX = prefix
    if harm == "gone":
        path_of(stored).unlink()
    else:
        path_of(stored).write_bytes(b"x")
    response = attachment(stored)
    assert response.status_code == 404
    assert response.content.decode() == f"文件“{NAME}”暂时无法取得，问题已记录，请联系系统管理员。"
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert stored.key in record.getMessage()
