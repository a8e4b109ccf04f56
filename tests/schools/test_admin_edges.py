"""Units, people, memberships and the trail in the admin, asked for what no page offers."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.admin import ALREADY_SAVED
from portal.days import FIRST, LAST, OUT_OF_RANGE, in_range
from schools.enums import Role, UnitKind
from schools.models import Membership, Unit, User
from tests import pages
from tests.factories import NOW, MembershipFactory, UnitFactory, UserFactory, person
from tests.pages import address, errors

PASSWORD = "Jiaoyu-2026"
FIRST_PASSWORD = "该人员尚未修改初始密码，请其本人登录修改后再任命。"
FAR_DAYS = ["0001-01-01", "1999-12-31", "2101-01-01", "9999-12-31"]


def appoint(client, **values):
    where = address("schools_membership", "add")
    return client.post(where, pages.filled(client.get(where), "membership_form", **values))


# What a list may be asked for -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "model", "query"),
    [
        (Role.SYSTEM, "schools_user", "password__startswith=argon2$"),
        (Role.SYSTEM, "schools_user", "password=x"),
        (Role.SYSTEM, "schools_user", "date_joined__year=0"),
        (Role.SYSTEM, "schools_user", "is_superuser__exact=1"),
        (Role.SYSTEM, "schools_user", "id__range=0"),
        (Role.SYSTEM, "schools_user", "name__regex=[]"),
        (Role.SYSTEM, "schools_user", "memberships__role=officer"),
        (Role.SYSTEM, "schools_unit", "kind__regex=["),
        (Role.SECURITY, "schools_membership", "user__password__startswith=a"),
        (Role.OFFICER, "campaigns_campaign", "starts_on__year=10000"),
        (Role.OFFICER, "campaigns_campaign", "created_by__password__startswith=a"),
        (Role.AUDITOR, "portal_auditevent", "actor__password__startswith=a"),
        (Role.AUDITOR, "portal_auditevent", "at__second=1"),
    ],
)
def test_a_list_answers_only_what_it_offers(signed_in, role, model, query):
    assert signed_in(role).get(f"{address(model, 'changelist')}?{query}").status_code == 400


@pytest.mark.parametrize(
    ("role", "model", "query"),
    [
        (Role.SYSTEM, "schools_user", "is_active__exact=1&q=x&o=1"),
        (Role.SYSTEM, "schools_unit", "kind__exact=primary&ownership__exact=public&closed=no&p=1"),
        (Role.SECURITY, "schools_membership", "role__exact=officer&ended=no"),
        (Role.OFFICER, "campaigns_campaign", "state__exact=draft&kind__exact=discussion"),
        (Role.AUDITOR, "portal_auditevent", "at__year=2026&at__month=3&at__day=2&noun=user&actor=none"),
        (Role.AUDITOR, "portal_auditevent", "pk=1"),
    ],
)
def test_a_list_answers_what_it_offers(signed_in, role, model, query):
    assert signed_in(role).get(f"{address(model, 'changelist')}?{query}").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "at__year=9999", "at__year=9999&at__month=12", "at__year=9999&at__month=12&at__day=31",
        "at__year=0", "at__year=99999999999", "at__year=x", "pk=x",
    ],
)  # fmt: skip
def test_days_no_calendar_knows_lead_back_to_the_list(signed_in, query):
    audit.record("test.done", at=NOW)
    client = signed_in(Role.AUDITOR)
    where = address("portal_auditevent", "changelist")
    assert client.get(f"{where}?at__year=1&at__month=1&at__day=1").status_code == 200
    response = client.get(f"{where}?{query}")
    assert (response.status_code, response.get("Location")) == (302, f"{where}?e=1")
    assert client.get(response.url).status_code == 200


def test_a_list_that_breaks_by_itself_is_not_sent_round_in_circles(signed_in, monkeypatch):
    def broken(self, request):
        raise ValueError

    client = signed_in(Role.SYSTEM)
    monkeypatch.setattr("schools.admin.UnitAdmin.get_queryset", broken)
    for query in ("", "?e=1"):
        with pytest.raises(ValueError):
            client.get(address("schools_unit", "changelist") + query)


# Days -------------------------------------------------------------------------------------------------------


def test_the_range_of_days():
    assert (FIRST.isoformat(), LAST.isoformat()) == ("2000-01-01", "2100-12-31")
    assert in_range(FIRST)
    assert in_range(LAST)
    assert OUT_OF_RANGE == "日期须在2000年至2100年之间，请核对后重新填写。"


@pytest.mark.parametrize("day", FAR_DAYS)
def test_a_unit_closes_on_a_day_within_the_range(signed_in, place, day):
    client = signed_in(Role.SYSTEM)
    where = address("schools_unit", "change", place.school.pk)
    response = client.post(where, pages.filled(client.get(where), "unit_form", closed_on=day))
    assert errors(response) == [OUT_OF_RANGE]
    assert Unit.objects.get(pk=place.school.pk).closed_at is None


# Posts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [*Role.duties(), *Role.overseeing()])
def test_nobody_with_a_first_password_gets_a_post_with_power(signed_in, place, role):
    newcomer = UserFactory(must_change_password=True)
    response = appoint(signed_in(Role.SECURITY), user=newcomer.pk, unit=place.bureau.pk, role=role)
    assert errors(response) == [FIRST_PASSWORD]
    assert not newcomer.memberships.exists()
    newcomer.must_change_password = False
    newcomer.save()
    response = appoint(signed_in(Role.SECURITY), user=newcomer.pk, unit=place.bureau.pk, role=role)
    assert response.status_code == 302


def test_a_first_password_is_no_hindrance_in_a_school(signed_in, place):
    newcomer = UserFactory(must_change_password=True)
    appoint(signed_in(Role.SECURITY), user=newcomer.pk, unit=place.school.pk, role="secretary")
    assert newcomer.memberships.exists()


def test_an_auditor_stands_at_the_top(signed_in, place):
    client, values = signed_in(Role.SECURITY), {"user": UserFactory().pk, "role": "auditor"}
    sentence = "审计管理员须在最上级单位任职，请重新选择管辖范围。"
    response = appoint(client, unit=place.section.pk, scope=place.township.pk, **values)
    assert errors(response) == [sentence]
    assert appoint(client, unit=place.section.pk, **values).status_code == 302


def test_the_trail_is_closed_to_an_auditor_below_the_top(client, place):
    event = audit.record("test.done", at=NOW, summary="县里的事")
    auditor = UserFactory()
    MembershipFactory(user=auditor, unit=place.township, role=Role.AUDITOR, scope=place.township)
    client.force_login(auditor)
    assert client.get(address("portal_auditevent", "changelist")).status_code == 403
    assert client.get(address("portal_auditevent", "change", event.pk)).status_code == 403
    assert client.get(address("portal_auditevent", "history", event.pk)).status_code == 403
    assert client.get(reverse("admin:index")).status_code == 200


def test_a_post_that_reaches_further_is_not_ended_from_below(client, place):
    keeper, higher = UserFactory(), UserFactory()
    MembershipFactory(user=keeper, unit=place.township, role=Role.SECURITY, scope=place.township)
    held = MembershipFactory(user=higher, unit=place.township, role=Role.LEADER, scope=place.bureau)
    own = person(Role.SECRETARY, place.school).memberships.get()
    client.force_login(keeper)
    where = address("schools_membership", "change", held.pk)
    assert client.get(where).status_code == 200
    assert client.post(where, {"ends": "on"}).status_code == 403
    assert client.post(address("schools_membership", "change", own.pk), {"ends": "on"}).status_code == 302
    assert not Membership.objects.filter(pk=held.pk).exclude(ended_at=None).exists()


# Choices that are no choice ---------------------------------------------------------------------------------

NO_KEYS = ["abc", "-1", "1.5", "²", "9" * 30]


@pytest.mark.parametrize("typed", NO_KEYS)
def test_a_choice_that_is_no_key_is_refused_in_words(signed_in, place, typed):
    client = signed_in(Role.SECURITY)
    where = address("schools_membership", "add")
    assert client.get(where, {"user": typed, "unit": typed, "scope": typed}).status_code == 200
    values = {"user": UserFactory().pk, "unit": place.school.pk, "role": "secretary"}
    for field in ("user", "unit", "scope"):
        response = appoint(client, **(values | {field: typed}))
        assert response.status_code == 200
        assert "不在您的管辖范围内" in errors(response)[0]


@pytest.mark.parametrize("typed", NO_KEYS)
def test_a_parent_that_is_no_key_is_refused_in_words(signed_in, place, typed):
    client = signed_in(Role.SYSTEM)
    where = address("schools_unit", "change", place.school.pk)
    response = client.post(where, pages.filled(client.get(where), "unit_form", parent=typed))
    assert "不在您的管辖范围内" in errors(response)[0]


@pytest.mark.parametrize(
    ("model", "field"), [("unit", "memberships"), ("unit", "hosted_campaigns"), ("membership", "role")]
)
def test_suggestions_are_made_for_fields_of_forms_alone(signed_in, model, field):
    query = {"app_label": "schools", "model_name": model, "field_name": field, "term": ""}
    for role in (Role.SECURITY, Role.OFFICER):
        assert signed_in(role).get(reverse("admin:autocomplete"), query).status_code == 403


# At the same moment -----------------------------------------------------------------------------------------


@pytest.fixture
def nothing_seen(monkeypatch):
    """Forms check before somebody else's save and write after it."""
    for model in (User, Membership, Unit):
        monkeypatch.setattr(model, "validate_unique", lambda self, exclude=None: None)
        monkeypatch.setattr(model, "validate_constraints", lambda self, exclude=None: None)


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_the_same_person_saved_twice_at_once(signed_in, nothing_seen):
    client = signed_in(Role.SYSTEM)
    where = address("schools_user", "add")
    values = {"username": "newcomer", "name": "周示例", "new_password": PASSWORD}
    data = pages.filled(client.get(where), "user_form", **values)
    assert client.post(where, data).status_code == 302
    response = client.post(where, data)
    assert response.url == address("schools_user", "changelist")
    assert said(response)[-1] == ALREADY_SAVED == "刚刚已有人保存了相同的内容，请刷新页面核对。"
    assert User.objects.filter(username="newcomer").count() == 1


def test_the_same_post_saved_twice_at_once(signed_in, place, nothing_seen):
    client = signed_in(Role.SECURITY)
    response = appoint(client, user=place.secretary.pk, unit=place.school.pk, role="secretary")
    assert response.url == address("schools_membership", "changelist")
    assert said(response) == [ALREADY_SAVED]


def test_the_same_unit_saved_twice_at_once(signed_in, place, nothing_seen):
    UnitFactory(name="西镇小学", kind=UnitKind.PRIMARY, parent=place.township)
    client = signed_in(Role.SYSTEM)
    where = address("schools_unit", "add")
    values = {"name": "西镇小学", "kind": "primary", "parent": place.township.pk}
    response = client.post(where, pages.filled(client.get(where), "unit_form", **values))
    assert said(response) == [ALREADY_SAVED]


def test_a_unit_is_not_closed_ahead_of_time_nor_over_the_heads_of_others(client, place):
    client.force_login(person(Role.SYSTEM, place.section))
    today = timezone.localdate()
    page = address("schools_unit", "change", place.school.pk)
    response = client.post(page, pages.filled(client.get(page), "unit_form", closed_on=today + timedelta(1)))
    assert errors(response) == ["撤并日期不能晚于今天，请到撤并当日再填写。"]
    page = address("schools_unit", "change", place.township.pk)
    response = client.post(page, pages.filled(client.get(page), "unit_form", closed_on=today))
    assert errors(response) == ["东镇还有下级单位，请先撤并下级单位或把它们移到别的单位之下。"]
