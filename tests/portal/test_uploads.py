"""The tus protocol as a browser speaks it, status by status; who is not logged in gets a sentence."""

import fcntl
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from portal.models import Upload
from schools.models import User
from tests.factories import UserFactory
from tests.portal import hostile

pytestmark = pytest.mark.django_db

PNG = hostile.png()
SIZE = len(PNG)
BACKEND = "django.contrib.auth.backends.ModelBackend"
EXPIRED = "登录已过期，请在新窗口登录后继续上传，已传的部分不会丢失。"


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def sender() -> User:
    return UserFactory()


@pytest.fixture
def client(sender: User) -> Client:
    return logged_in(sender)


def logged_in(user: User, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(user, backend=BACKEND)
    return client


def ask(client: Client, method: str, address: str, body: bytes = b"", **headers: Any) -> HttpResponse:
    """One request of the protocol; underscores in header names stand for hyphens, None leaves one out."""
    sent = {"Tus-Resumable": "1.0.0"} | {name.replace("_", "-"): value for name, value in headers.items()}
    kept = {name: str(value) for name, value in sent.items() if value is not None}
    kind = kept.pop("Content-Type", "application/offset+octet-stream")
    return client.generic(method, address, body, kind, headers=kept)


def named(name: str) -> str:
    return f"filename {b64encode(name.encode()).decode()},filetype aW1hZ2UvcG5n"


def create(client: Client, name: str = "截图.png", size: Any = SIZE, **headers: Any) -> HttpResponse:
    return ask(client, "POST", reverse("uploads"), Upload_Length=size, Upload_Metadata=named(name), **headers)


def begun(client: Client, size: int = len(PNG)) -> str:
    return create(client, size=size).headers["Location"]


def patch(client: Client, address: str, body: bytes, offset: Any = 0, **headers: Any) -> HttpResponse:
    return ask(client, "PATCH", address, body, Upload_Offset=offset, **headers)


def told(answer: HttpResponse) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    return answer.status_code, answer.content.decode()


def offset(client: Client, address: str) -> tuple[int, str | None]:
    answer = ask(client, "HEAD", address)
    return answer.status_code, answer.headers.get("Upload-Offset")


def test_what_is_supported(client: Client) -> None:
    answer = ask(client, "OPTIONS", reverse("uploads"), Tus_Resumable=None)
    assert answer.status_code == 204
    assert {name: answer.headers[name] for name in answer.headers if name.startswith("Tus-")} == {
        "Tus-Resumable": "1.0.0",
        "Tus-Version": "1.0.0",
        "Tus-Extension": "creation,termination",
        "Tus-Max-Size": str(50 * 1024 * 1024),
    }


def test_an_upload_from_beginning_to_end(client: Client, sender: User, media: Path) -> None:
    answer = create(client)
    made = Upload.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/uploads/{made.token}/")
    assert (made.by, made.name, made.size, made.stored) == (sender, "截图.png", len(PNG), None)
    address = answer.headers["Location"]
    asked = ask(client, "HEAD", address)
    assert {name: asked.headers[name] for name in asked.headers if name.startswith("Upload-")} == {
        "Upload-Offset": "0",
        "Upload-Length": str(len(PNG)),
        "Upload-Metadata": named("截图.png").split(",")[0],
    }
    sent = [patch(client, address, PNG[:9]), patch(client, address, PNG[9:], 9)]
    assert [(one.status_code, one.headers["Upload-Offset"]) for one in sent] == [
        (204, "9"),
        (204, str(len(PNG))),
    ]
    assert (media / "incoming" / f"{made.token.hex}.part").read_bytes() == PNG
    for one in (answer, asked, *sent):
        assert (one.headers["Cache-Control"], one.headers["Tus-Resumable"]) == ("no-store", "1.0.0")


def test_giving_up(client: Client, media: Path) -> None:
    address = begun(client)
    assert ask(client, "DELETE", address).status_code == 204
    assert [path for path in media.rglob("*") if path.is_file()] == []
    assert [ask(client, method, address).status_code for method in ("DELETE", "HEAD")] == [404, 404]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload_Offset": 3}, 409),
        ({"Tus_Resumable": None}, 412),
        ({"Tus_Resumable": "0.2.2"}, 412),
        ({"Content_Type": "application/octet-stream"}, 415),
        ({"Upload_Offset": None}, 400),
        ({"Upload_Offset": "-1"}, 400),
        ({"Upload_Offset": "²"}, 400),
        ({"Upload_Offset": "1" * 5000}, 400),
    ],
)
def test_a_piece_that_does_not_fit(client: Client, headers: dict, status: int) -> None:
    address = begun(client)
    assert ask(client, "PATCH", address, PNG, **{"Upload_Offset": 0} | headers).status_code == status
    assert offset(client, address) == (200, "0")


def test_more_than_announced(client: Client) -> None:
    address = begun(client, size=10)
    assert patch(client, address, bytes(11)).status_code == 413
    assert [patch(client, address, bytes(6), at).status_code for at in (0, 6)] == [204, 409]
    assert offset(client, address) == (200, "6")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload_Length": None}, 400),
        ({"Upload_Length": None, "Upload_Defer_Length": 1}, 400),
        ({"Upload_Length": "viel"}, 400),
        ({"Upload_Metadata": None}, 400),
        ({"Upload_Metadata": "filename"}, 400),
        ({"Upload_Metadata": "filename %%%"}, 400),
        ({"Upload_Metadata": "filename /w=="}, 400),
    ],
)
def test_an_upload_that_is_not_described(client: Client, headers: dict, status: int) -> None:
    described = {"Upload_Length": 5, "Upload_Metadata": named("a.png")} | headers
    assert ask(client, "POST", reverse("uploads"), **described).status_code == status
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("name", "size", "expected"),
    [
        (
            "大图.png",
            50 * 1024**2 + 1,
            (413, "文件“大图.png”超过了 50 MB 的上限，请压缩其中的图片或拆分后再上传。"),
        ),
        ("空.png", 0, (422, "文件“空.png”是空的，请确认内容已经保存，再重新选择文件上传。")),
        (
            "../安装.exe",
            9,
            (
                422,
                "此处不能上传“安装.exe”这类文件，请改用以下格式之一："
                "pdf、docx、doc、wps、xlsx、xls、et、pptx、ppt、jpg、jpeg、png。",
            ),
        ),
    ],
)
def test_what_cannot_be_kept_is_refused_at_once(client: Client, name, size, expected) -> None:
    assert told(create(client, name, size)) == expected
    assert not Upload.objects.exists()


def test_one_piece_at_a_time(client: Client, media: Path) -> None:
    address = begun(client)
    part = media / "incoming" / f"{Upload.objects.get().token.hex}.part"
    with part.open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert patch(client, address, PNG).status_code == 423
    part.unlink()
    assert [patch(client, address, PNG).status_code, offset(client, address)] == [410, (410, None)]


class Broken:
    """A body whose sender goes away after some bytes."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)

    def read(self, size: int) -> bytes:
        if self.pieces:
            return self.pieces.pop(0)
        raise OSError("connection reset")

    readline = read


def test_a_line_that_breaks_in_the_middle_of_a_piece(client: Client) -> None:
    address = begun(client)
    answer = client.generic(
        "PATCH", address, PNG, "application/offset+octet-stream",
        headers={"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}, **{"wsgi.input": Broken(PNG[:7], PNG[7:9])},
    )  # fmt: skip
    assert answer.status_code == 400
    assert offset(client, address) == (200, "9")
    assert patch(client, address, PNG[9:], 9).status_code == 204


def test_somebody_elses_upload_does_not_exist(client: Client) -> None:
    address, other = begun(client), logged_in(UserFactory())
    statuses = [
        offset(other, address)[0],
        patch(other, address, PNG).status_code,
        ask(other, "DELETE", address).status_code,
    ]
    assert statuses == [404] * 3
    assert offset(client, address) == (200, "0")


def test_old_proxies_that_let_only_post_through(client: Client) -> None:
    address = begun(client)
    answer = ask(client, "POST", address, PNG, Upload_Offset=0, X_HTTP_Method_Override="PATCH")
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(PNG)))


def test_other_methods(client: Client) -> None:
    address = begun(client)
    answers = [
        ask(client, "GET", reverse("uploads")),
        ask(client, "GET", address),
        ask(client, "POST", address),
    ]
    assert [(one.status_code, one.headers["Allow"]) for one in answers] == [
        (405, "OPTIONS, POST"),
        (405, "HEAD, PATCH, DELETE"),
        (405, "HEAD, PATCH, DELETE"),
    ]


# Sessions -----------------------------------------------------------------------------------------------


def test_a_session_that_expires_in_the_middle_loses_nothing(client: Client, sender: User, settings) -> None:
    content = bytes(settings.ANONYMOUS_MAX_REQUEST_BYTES * 2)
    address = begun(client, len(content))
    patch(client, address, content[:70_000])
    Session.objects.all().delete()
    assert told(patch(client, address, content[70_000:70_010], 70_000)) == (401, EXPIRED)
    assert told(patch(client, address, content[:-70_000], 70_000)) == (401, EXPIRED)  # unread, too large
    assert told(create(client)) == (401, EXPIRED)
    assert offset(client, address) == (401, None)
    again = logged_in(sender)
    assert offset(again, address) == (200, "70000")
    assert patch(again, address, content[70_000:], 70_000).status_code == 204


def test_a_session_left_idle_gets_the_same_sentence(client: Client, settings) -> None:
    address = begun(client)
    settings.IDLE_TIMEOUT_SECONDS = -1
    assert told(patch(client, address, PNG)) == (401, EXPIRED)


def test_a_forged_request_is_refused(sender: User) -> None:
    strict = logged_in(sender, enforce_csrf_checks=True)
    sentence = "页面已过期，请刷新页面后重新选择文件，将从断开处继续上传。"
    assert told(create(strict)) == (403, sentence)
    strict.get(reverse("password_change"))
    token = strict.cookies["csrftoken"].value
    assert create(strict, X_CSRFToken=token).status_code == 201


def test_the_first_password_comes_before_the_first_upload() -> None:
    client = logged_in(UserFactory(must_change_password=True))
    assert told(create(client)) == (403, "请先修改初始密码，再上传文件。")
