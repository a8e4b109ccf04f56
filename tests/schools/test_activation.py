"""Activation codes: coming in for the first time, and again when an officer had to help."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from portal.models import AuditEvent
from schools import activation
from schools.enums import Role
from schools.models import User
from schools.rules import NotAllowed
from schools.services import people
from tests.factories import NOW, MembershipFactory, UserFactory, person
from tests.pages import address

OWN = "Shili-2026x"
WRONG = "用户名或密码不正确，请核对后重试；连续5次不正确将暂停登录15分钟。"

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomer() -> User:
    return UserFactory(username="xin", must_change_password=True)


def log_in(client: Client, password: str, username: str = "xin"):
    return client.post(reverse("login"), {"username": username, "password": password})


def came_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def choose(client: Client, password: str, **others: str):
    data = {"new_password1": password, "new_password2": password} | others
    return client.post(reverse("password_change"), data)


# The code itself --------------------------------------------------------------------------------------


def test_a_code_is_three_groups_of_four_without_look_alikes(newcomer):
    code = activation.code_of(newcomer)
    assert re.fullmatch(r"([2-9A-HJKMNP-Z]{4}-){2}[2-9A-HJKMNP-Z]{4}", code)


def test_codes_differ_between_people_and_with_each_issue(newcomer):
    codes = {activation.code_of(newcomer), activation.code_of(UserFactory(must_change_password=True))}
    newcomer.set_unusable_password()
    assert len(codes | {activation.code_of(newcomer)}) == 3


def test_the_code_stands_in_no_field_of_the_person(newcomer):
    code = activation.code_of(newcomer)
    assert [one for one in vars(newcomer).values() if code in str(one)] == []


# Coming in --------------------------------------------------------------------------------------------


def test_the_code_opens_the_door_to_the_password_page_and_no_further(client, newcomer):
    log_in(client, activation.code_of(newcomer))
    assert client.get(reverse("inbox")).headers["Location"] == reverse("password_change")
    page = client.get(reverse("password_change"))
    assert (page.status_code, "old_password" in page.context["form"].fields) == (200, False)
    assert "您已用激活码登录" in page.content.decode()


@pytest.mark.parametrize("write", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code} "])
def test_the_code_may_be_typed_carelessly(client, newcomer, write):
    log_in(client, write(activation.code_of(newcomer)))
    assert came_in(client)


def test_a_password_of_ones_own_makes_the_code_void(client, newcomer):
    code = activation.code_of(newcomer)
    log_in(client, code)
    assert choose(client, OWN).status_code == 302
    assert client.get(reverse("inbox")).status_code == 200
    assert AuditEvent.objects.filter(action="user.password", actor=newcomer).exists()
    other = Client()
    assert log_in(other, code).context["form"].non_field_errors() == [WRONG]
    log_in(other, OWN)
    assert came_in(other)


def test_the_code_itself_is_no_password(client, newcomer):
    code = activation.code_of(newcomer)
    log_in(client, code)
    said = choose(client, f"{code[:4].lower()}{code[4:]}").context["form"].errors["new_password1"]
    assert said == ["新密码不能与激活码相同，请另设一个。"]


@pytest.mark.parametrize(
    "facts",
    [{"is_active": False}, {"must_change_password": False}, {"password": "Shili-2026y"}],
)
def test_for_whom_there_is_no_code(client, facts):
    user = UserFactory(**{"username": "xin", "must_change_password": True} | facts)
    log_in(client, activation.code_of(user))
    assert not came_in(client)


def test_the_code_of_another_person_opens_nothing(client, newcomer):
    log_in(client, activation.code_of(UserFactory(must_change_password=True)))
    log_in(client, "")
    assert not came_in(client)


def test_guessing_locks_the_door(client, newcomer):
    statuses = [log_in(client, "2222-2222-2222").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]
    assert log_in(client, activation.code_of(newcomer)).status_code == 429


def test_who_has_a_password_still_types_the_old_one(client):
    user = UserFactory(password=OWN, must_change_password=True)
    client.force_login(user)
    assert choose(client, "Xinde-2026y").context["form"].errors["old_password"]


def test_a_session_without_a_password_and_without_a_code_changes_nothing(client):
    """Say, of an account whose password was taken away by hand: nobody has proved anything."""
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    assert choose(client, OWN, old_password="x").context["form"].errors["old_password"]


# Officers ---------------------------------------------------------------------------------------------


def test_an_officer_issues_a_new_code_and_the_old_password_is_gone(place):
    place.secretary.set_password(OWN)
    place.secretary.save()
    session, locked = Client(), Client()
    log_in(session, OWN, place.secretary.username)
    for _ in range(5):
        log_in(locked, "x", place.secretary.username)
    code = people.reissue(place.secretary, at=NOW, by=place.officer)
    assert session.get(reverse("work")).status_code == 302
    assert log_in(locked, OWN, place.secretary.username).status_code == 200
    log_in(locked, code, place.secretary.username)
    assert came_in(locked)
    event = AuditEvent.objects.get(action="user.reset_password")
    assert (event.actor, event.target) == (place.officer, f"schools.user:{place.secretary.pk}")
    assert code not in f"{event.summary}{event.detail}"


def test_for_whom_an_officer_issues_none(place, elsewhere):
    both = person(Role.SECRETARY, place.school)
    MembershipFactory(user=both, unit=elsewhere.unit)
    people_ = [
        *(person(role, place.section) for role in Role if role not in Role.own_unit()),
        both, elsewhere.user, UserFactory(),
        person(Role.SECRETARY, place.school, is_active=False),
        person(Role.SECRETARY, place.school, is_superuser=True),
    ]  # fmt: skip
    for user in people_:
        with pytest.raises(NotAllowed):
            people.reissue(user, at=NOW, by=place.officer)
    for by in (place.secretary, person(Role.SYSTEM, place.section), person(Role.LEADER, place.bureau)):
        with pytest.raises(NotAllowed):
            people.reissue(place.secretary, at=NOW, by=by)
    assert not AuditEvent.objects.exists()


def test_the_button_leads_to_a_question_and_the_answer_is_shown_once(client, place):
    client.force_login(place.officer)
    where = reverse("reissue", args=[place.secretary.pk])
    assert where in client.get(address("schools_user", "change", place.secretary.pk)).content.decode()
    before = place.secretary.password
    asked = client.get(where)
    place.secretary.refresh_from_db()
    assert ("code" in asked.context, place.secretary.password) == (False, before)
    shown = client.post(where)
    place.secretary.refresh_from_db()
    assert activation.code_of(place.secretary) in shown.content.decode()
    assert shown.headers["Cache-Control"] == "private, no-store"


def test_there_is_no_button_where_the_officer_may_not(client, place):
    other = person(Role.LEADER, place.bureau)
    client.force_login(place.officer)
    page = client.get(address("schools_user", "change", other.pk)).content.decode()
    assert reverse("reissue", args=[other.pk]) not in page
    assert client.post(reverse("reissue", args=[other.pk])).status_code == 403


def test_the_system_administrator_has_a_way_of_their_own_and_no_button(client, place):
    client.force_login(person(Role.SYSTEM, place.section))
    page = client.get(address("schools_user", "change", place.secretary.pk)).content.decode()
    assert reverse("reissue", args=[place.secretary.pk]) not in page
