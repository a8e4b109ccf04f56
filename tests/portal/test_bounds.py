"""What no browser sends, what is too large, and where a request comes from."""

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import reverse

from portal import client as origin
from portal.wsgi import application
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("text/plain; charset=base64", "400 Bad Request"),
        ("text/plain; charset=undefined", "400 Bad Request"),
        ("application/x-www-form-urlencoded; charset=gbk", "400 Bad Request"),
        ("multipart/form-data; boundary=x", "200 OK"),
        ("text/plain; charset=UTF-8", "200 OK"),
        ("", "200 OK"),
    ],
)
def test_another_encoding_than_utf_8_is_no_request(content_type: str, status: str) -> None:
    answered = []
    environ = RequestFactory().get("/healthz?x=/a").environ | {"CONTENT_TYPE": content_type}
    list(application(environ, lambda line, headers, *_: answered.append(line)))
    assert answered == [status]


@pytest.mark.parametrize("address", ["/login/?next=%00", "/nothing%00/"])
def test_a_zero_byte_in_the_address_is_no_request(client: Client, address: str) -> None:
    assert client.get(address).status_code == 400


def test_strangers_may_send_a_login_form_and_no_more(client: Client, settings) -> None:
    answer = client.post(reverse("login"), {"username": "x" * settings.ANONYMOUS_MAX_REQUEST_BYTES})
    assert answer.status_code == 413
    assert "<h1>一次上传的内容过大</h1>" in answer.content.decode()


def test_an_upload_whose_session_has_expired_leads_to_the_login(client: Client, settings) -> None:
    page = "http://testserver/assignments/1/pieces/1/"
    files = {"files": "x" * settings.ANONYMOUS_MAX_REQUEST_BYTES}
    answer = client.post("/work/", files, headers={"Referer": page})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login/?next=/assignments/1/pieces/1/")


def test_a_person_may_send_as_much_as_is_promised(client: Client, settings) -> None:
    client.force_login(UserFactory(), backend=settings.AUTHENTICATION_BACKENDS[1])
    settings.UPLOAD_MAX_REQUEST_BYTES = 1000
    statuses = [client.post(reverse("read_all"), {"x": "x" * size}).status_code for size in (10, 1000)]
    assert statuses == [302, 413]


@pytest.mark.parametrize(
    ("proxies", "passed_on", "expected"),
    [
        (0, "6.6.6.6", "10.0.0.9"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (2, "198.51.100.1", "10.0.0.9"),
        (1, "", "10.0.0.9"),
    ],
)
def test_only_our_own_proxies_say_where_a_request_comes_from(
    settings, proxies: int, passed_on: str, expected: str
) -> None:
    settings.PROXY_COUNT = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.9", HTTP_X_FORWARDED_FOR=passed_on)
    assert origin.address(request) == expected


def test_the_lockout_goes_by_that_address() -> None:
    assert settings.AXES_CLIENT_IP_CALLABLE == "portal.client.address"
