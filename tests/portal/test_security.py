"""What every answer carries, from the first page on."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.factories import UserFactory

POLICY = {
    "base-uri 'none'",
    "connect-src 'self'",
    "default-src 'none'",
    "font-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "img-src 'self' data:",
    "manifest-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
}

pytestmark = pytest.mark.django_db


def test_every_page_carries_the_strict_headers(client: Client) -> None:
    headers = client.get(reverse("login")).headers
    assert {
        "policy": set(headers["Content-Security-Policy"].split("; ")),
        "sniffing": headers["X-Content-Type-Options"],
        "framing": headers["X-Frame-Options"],
        "referrer": headers["Referrer-Policy"],
    } == {"policy": POLICY, "sniffing": "nosniff", "framing": "DENY", "referrer": "same-origin"}


def test_pages_of_a_person_are_not_kept_by_caches(client: Client) -> None:
    client.force_login(UserFactory(), backend=settings.AUTHENTICATION_BACKENDS[1])
    assert client.get(reverse("inbox")).headers["Cache-Control"] == "private, no-store"


def test_the_session_cookie_is_out_of_reach_of_scripts(client: Client) -> None:
    UserFactory(username="zhang", password="Shili-2026x")
    client.post(reverse("login"), {"username": "zhang", "password": "Shili-2026x"})
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_an_expired_form_says_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post(reverse("login"), {"username": "x"})
    assert answer.status_code == 403
    assert "<h1>页面已过期</h1>" in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "status", "heading"), [("/nothing/", 404, "没有找到这个页面"), ("/forbidden/", 403, "没有权限")]
)
def test_error_pages_speak_chinese(client: Client, path: str, status: int, heading: str) -> None:
    client.force_login(UserFactory(), backend=settings.AUTHENTICATION_BACKENDS[1])
    answer = client.get(path)
    assert answer.status_code == status
    assert f"<h1>{heading}</h1>" in answer.content.decode()


def test_a_crash_shows_the_calm_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.force_login(UserFactory(), backend=settings.AUTHENTICATION_BACKENDS[1])
    client.raise_request_exception = False
    monkeypatch.setattr("notices.views.Paginator", None)
    answer = client.get(reverse("inbox"))
    assert answer.status_code == 500
    assert "<h1>系统出错</h1>" in answer.content.decode()
