"""Buttons pressed too late: after the session, on somebody else's page, or not pressed at all."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from portal.middleware import STAMP
from schools.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

NOT_DONE = "登录已过期，刚才的操作没有办理；请登录后重新办理。"


@pytest.fixture
def user() -> User:
    return UserFactory(name="李示例")


@pytest.fixture
def inside(client: Client, user: User) -> Client:
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    return client


def said(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


# After the session -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/versions/7/?state=pending", "/versions/7/%3Fstate%3Dpending"),
        ("http://testserver/inbox/#last", "/inbox/"),
        ("http://testserver", "/"),
        ("https://example.com/versions/7/", "/"),
        ("//example.com/", "/"),
        ("javascript:alert(1)", "/"),
        ("http://[", "/"),
        ("", "/"),
    ],
)
def test_the_login_leads_back_to_the_page_of_the_button(client: Client, referer: str, back: str) -> None:
    answer = client.post(reverse("review", args=[7]), {"reason": "x"}, headers={"Referer": referer})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{reverse('login')}?next={back}")
    assert said(client.get(reverse("login"))) == [NOT_DONE]


def test_a_page_that_was_only_asked_for_is_the_next_one(client: Client) -> None:
    answer = client.get("/inbox/?page=2", headers={"Referer": "http://testserver/work/"})
    assert answer.headers["Location"] == f"{reverse('login')}?next=/inbox/%3Fpage%3D2"
    assert said(client.get(reverse("login"))) == []


def test_an_idle_session_ends_with_the_same_way_back(inside: Client) -> None:
    inside.get(reverse("inbox"))
    session = inside.session
    session[STAMP] -= settings.IDLE_TIMEOUT_SECONDS + 1
    session.save()
    answer = inside.post(reverse("read_all"), headers={"Referer": "http://testserver/inbox/"})
    assert answer.headers["Location"] == f"{reverse('login')}?next=/inbox/"
    assert said(inside.get(reverse("login"))) == [
        "您已较长时间未操作，为保证安全已自动退出，请重新登录。",
        NOT_DONE,
    ]


def test_scripts_leave_no_message_behind(client: Client) -> None:
    client.post(reverse("autosave", args=[1, 1]), headers={"X-Who": "1"})
    assert said(client.get(reverse("login"))) == []


def test_who_is_out_already_is_out(client: Client) -> None:
    answer = client.post(reverse("logout"), follow=True)
    assert (answer.redirect_chain, said(answer)) == ([(reverse("login"), 302)], ["已安全退出。"])


# Not pressed -------------------------------------------------------------------------------------------


def test_the_address_of_a_button_is_no_empty_page(inside: Client) -> None:
    answer = inside.get(reverse("read_all"))
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "<h1>这个地址不能直接打开</h1>" in answer.content.decode()


# On somebody else's page ---------------------------------------------------------------------------------


def test_every_page_says_whose_it_is(inside: Client, user: User) -> None:
    assert f'<html lang="zh-CN" data-who="{user.pk}">' in inside.get(reverse("inbox")).content.decode()
    assert '<html lang="zh-CN">' in Client().get(reverse("login")).content.decode()


def test_a_page_acts_for_nobody_but_its_own_person(inside: Client, user: User) -> None:
    sent = {"mine": {"_who": user.pk}, "theirs": {"_who": user.pk + 1}, "without scripts": {}}
    statuses = {whose: inside.post(reverse("read_all"), fields).status_code for whose, fields in sent.items()}
    assert statuses == {"mine": 302, "theirs": 409, "without scripts": 302}


def test_somebody_else_s_page_is_opened_anew(inside: Client, user: User) -> None:
    answer = inside.post(
        reverse("read_all"), {"_who": user.pk + 1}, headers={"Referer": "http://testserver/inbox/?page=2"}
    )
    shown = answer.content.decode()
    assert "本页由另一位用户打开，现在登录的是李示例，刚才的操作没有办理；请重新打开页面后再操作。" in shown
    assert 'href="/inbox/?page=2"' in shown


def test_scripts_are_told_in_their_own_way(inside: Client, user: User) -> None:
    sentence = "本页由另一位用户打开，现在登录的是李示例，没有保存；请刷新页面后重新操作。"
    who = {"X-Who": str(user.pk + 1)}
    autosave = inside.post(reverse("autosave", args=[1, 1]), headers=who | {"Accept": "application/json"})
    upload = inside.post(reverse("uploads"), headers=who | {"Tus-Resumable": "1.0.0"})
    assert (autosave.status_code, autosave.json()) == (409, {"sentence": sentence})
    assert (upload.status_code, upload.headers["Content-Type"], upload.content.decode()) == (
        409,
        "text/plain; charset=utf-8",
        sentence,
    )


def test_the_login_is_for_whoever_fills_it_in(inside: Client, user: User) -> None:
    UserFactory(username="zhang", password="Shili-2026x")
    fields = {"username": "zhang", "password": "Shili-2026x", "_who": user.pk + 1}
    assert inside.post(reverse("login"), fields).status_code == 302
