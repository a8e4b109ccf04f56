"""Coming in: password rules, first password, lockout, idle time-out."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from portal.middleware import STAMP
from portal.models import AuditEvent
from schools.models import User
from tests.factories import UserFactory

GOOD = "Shili-2026x"

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return UserFactory(username="zhang", password=GOOD)


def log_in(client: Client, password: str, **extra: str):
    return client.post(reverse("login"), {"username": "zhang", "password": password}, **extra)


def test_the_right_password_opens_the_first_page(client: Client, user: User) -> None:
    answer = log_in(client, GOOD)
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("home"))


def test_a_wrong_password_is_explained_and_the_name_kept(client: Client, user: User) -> None:
    answer = log_in(client, "wrong")
    assert answer.context["form"].non_field_errors() == [
        "用户名或密码不正确，请核对后重试；连续5次不正确将暂停登录15分钟。"
    ]
    assert answer.context["form"]["username"].value() == "zhang"


def test_five_wrong_passwords_lock_name_and_address_together(client: Client, user: User) -> None:
    statuses = [log_in(client, "wrong").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]
    assert log_in(client, GOOD).status_code == 429
    assert "请15分钟后再试" in log_in(client, GOOD).content.decode()
    assert log_in(Client(), GOOD, REMOTE_ADDR="127.0.0.9").status_code == 302


def test_a_password_set_by_somebody_else_must_be_changed_first(client: Client) -> None:
    client.force_login(UserFactory(must_change_password=True), backend=settings.AUTHENTICATION_BACKENDS[1])
    assert client.get(reverse("inbox")).headers["Location"] == reverse("password_change")
    assert client.get(reverse("password_change")).status_code == 200


def test_changing_the_password_frees_the_way_and_leaves_a_trace(client: Client) -> None:
    user = UserFactory(username="xin", password=GOOD, must_change_password=True)
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    data = {"old_password": GOOD, "new_password1": "Xinde-2026y", "new_password2": "Xinde-2026y"}
    client.post(reverse("password_change"), data)
    user.refresh_from_db()
    assert (user.must_change_password, client.get(reverse("inbox")).status_code) == (False, 200)
    assert AuditEvent.objects.get(action="user.password").actor == user


def test_the_old_password_again_is_no_change(client: Client) -> None:
    user = UserFactory(username="xin", password=GOOD, must_change_password=True)
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    data = {"old_password": GOOD, "new_password1": GOOD, "new_password2": GOOD}
    answer = client.post(reverse("password_change"), data)
    assert answer.context["form"].errors["new_password1"] == ["新密码不能与原密码相同，请另设一个。"]
    user.refresh_from_db()
    assert user.must_change_password is True


def test_comings_goings_and_refusals_leave_a_trace(client: Client, user: User) -> None:
    log_in(client, "wrong")
    log_in(client, GOOD)
    client.post(reverse("logout"))
    for _ in range(5):
        log_in(client, "wrong")
    trail = list(AuditEvent.objects.order_by("pk").values_list("action", "actor__username", "address"))
    came = [("session.login", "zhang", "127.0.0.1"), ("session.logout", "zhang", "127.0.0.1")]
    refused = ("session.refused", None, "127.0.0.1")
    assert trail == [refused, *came, *[refused] * 4, ("session.locked", None, "127.0.0.1"), refused]


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("Aa1-", "密码不足10个字符，请加长后重试。"),
        ("abcdefghijk1", "密码须包含大写字母、小写字母、数字、符号中的至少三类，请调整后重试。"),
        ("Password123", "这个密码太常见了。"),
    ],
)
def test_weak_passwords_are_refused_with_a_sentence(client: Client, password: str, sentence: str) -> None:
    client.force_login(
        UserFactory(username="xin", password=GOOD), backend=settings.AUTHENTICATION_BACKENDS[1]
    )
    answer = client.post(
        reverse("password_change"),
        {"old_password": GOOD, "new_password1": password, "new_password2": password},
    )
    assert answer.context["form"].errors["new_password2"] == [sentence]


def test_an_idle_session_ends(client: Client, user: User) -> None:
    log_in(client, GOOD)
    client.get(reverse("inbox"))
    session = client.session
    session[STAMP] -= settings.IDLE_TIMEOUT_SECONDS + 1
    session.save()
    answer = client.get(reverse("inbox"))
    assert answer.headers["Location"] == f"{reverse('login')}?next={reverse('inbox')}"
    assert "您已较长时间未操作" in client.get(reverse("login")).content.decode()


def test_a_person_who_left_cannot_come_in(client: Client, user: User) -> None:
    user.is_active = False
    user.save()
    assert log_in(client, GOOD).status_code == 200


def test_the_next_page_is_never_another_site(client: Client, user: User) -> None:
    answer = client.post(
        reverse("login"), {"username": "zhang", "password": GOOD, "next": "https://example.com/"}
    )
    assert answer.headers["Location"] == reverse("home")
