"""People and memberships in the admin: accounts are kept by one duty, rights by another."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.models import AuditEvent
from schools.enums import Role, UnitKind
from schools.models import Membership, User
from tests import pages
from tests.factories import MembershipFactory, UnitFactory, UserFactory
from tests.pages import address, errors

PASSWORD = "Jiaoyu-2026"

# People -----------------------------------------------------------------------------------------------------


def change_person(client, user, **changes):
    where = address("schools_user", "change", user.pk)
    return client.post(where, pages.filled(client.get(where), "user_form", **changes))


def add_person(client, **changes):
    where = address("schools_user", "add")
    values = {"username": "newcomer", "name": "周示例", "new_password": PASSWORD} | changes
    return client.post(where, pages.filled(client.get(where), "user_form", **values))


def test_a_new_person_has_to_change_the_first_password(signed_in, staff):
    add_person(signed_in(Role.SYSTEM), is_superuser="on", is_staff="on")
    made = User.objects.get(username="newcomer")
    assert made.check_password(PASSWORD)
    assert made.must_change_password
    assert not made.is_superuser
    event = AuditEvent.objects.get(action="user.create")
    assert event.actor == staff[Role.SYSTEM]
    assert "password" not in event.detail["after"]


@pytest.mark.parametrize("password", ["", "short", "newcomer12", "aaaaaaaaaaaa"])
def test_a_weak_first_password_is_refused(signed_in, password):
    response = add_person(signed_in(Role.SYSTEM), new_password=password)
    assert response.status_code == 200
    assert "new_password" in response.context["adminform"].form.errors
    assert not User.objects.filter(username="newcomer").exists()


def test_a_reset_password_is_a_first_password_again(signed_in, place):
    assert change_person(signed_in(Role.SYSTEM), place.secretary, new_password=PASSWORD).status_code == 302
    place.secretary.refresh_from_db()
    assert place.secretary.check_password(PASSWORD)
    assert place.secretary.must_change_password
    assert [event.action for event in AuditEvent.objects.filter(action__startswith="user.")] == [
        "user.reset_password"
    ]


def test_saving_a_person_leaves_the_password_alone(signed_in, place):
    before = place.secretary.password
    change_person(signed_in(Role.SYSTEM), place.secretary, phone="13800000000")
    place.secretary.refresh_from_db()
    assert (place.secretary.password, place.secretary.must_change_password) == (before, False)
    assert AuditEvent.objects.get(action__startswith="user.").detail == {
        "before": {"phone": ""},
        "after": {"phone": "13800000000"},
    }


def untick(client, user):
    where = address("schools_user", "change", user.pk)
    data = pages.filled(client.get(where), "user_form")
    del data["is_active"]
    return client.post(where, data)


def test_who_left_is_deactivated(signed_in, place):
    untick(signed_in(Role.SYSTEM), place.secretary)
    place.secretary.refresh_from_db()
    assert not place.secretary.is_active


def test_nobody_deactivates_themselves(signed_in, staff):
    response = untick(signed_in(Role.SYSTEM), staff[Role.SYSTEM])
    assert errors(response) == ["不能停用自己的账号，请由其他系统管理员办理。"]


@pytest.mark.parametrize("other", [Role.SECURITY, Role.AUDITOR])
def test_the_two_other_duties_are_for_reading(signed_in, staff, other):
    client = signed_in(Role.SYSTEM)
    where = address("schools_user", "change", staff[other].pk)
    assert client.get(where).status_code == 200
    assert client.post(where, {"new_password": PASSWORD}).status_code == 403


def test_who_reaches_further_is_for_reading(signed_in, place):
    """A post above the administrator's scope must not fall to whoever can reset its holder's password."""
    city = UnitFactory(kind=UnitKind.BUREAU, name="示例市教育局")
    MembershipFactory(user=place.secretary, unit=city, role=Role.OFFICER)
    client = signed_in(Role.SYSTEM)
    where = address("schools_user", "change", place.secretary.pk)
    assert client.get(where).status_code == 200
    assert client.post(where, {"new_password": PASSWORD}).status_code == 403


def test_people_of_another_county_and_the_technical_account_are_out_of_reach(signed_in, staff, elsewhere):
    client = signed_in(Role.SYSTEM)
    listed = client.get(address("schools_user", "changelist")).content.decode()
    assert staff[Role.LEADER].name in listed
    for user in (elsewhere.user, staff["technical"]):
        assert user.name not in listed
        where = address("schools_user", "change", user.pk)
        assert client.get(where).status_code in (302, 403)
        assert client.post(where, {"new_password": PASSWORD}).status_code in (302, 403)
        user.refresh_from_db()
        assert not user.check_password(PASSWORD)


def test_who_serves_nowhere_is_seen_by_those_who_keep_accounts(signed_in, place, elsewhere):
    newcomer = UserFactory(name="新示例")
    elsewhere.ended_at = timezone.now()
    elsewhere.save()
    for role, seen in ((Role.SYSTEM, True), (Role.SECURITY, True), (Role.OFFICER, False)):
        listed = signed_in(role).get(address("schools_user", "changelist")).content.decode()
        assert (newcomer.name in listed) is seen
        assert elsewhere.user.name not in listed


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("东镇中心", {"李示例", "赵示例"}),
        ("DZZX", {"李示例", "赵示例"}),
        ("2104000001", {"李示例", "赵示例"}),
        ("东镇中心 赵", {"赵示例"}),
        ("赵 东镇中心", {"赵示例"}),
        ("赵 邻县小学", set()),
        ("第一初级", set()),
        ("邻县小学", set()),
    ],
)
def test_people_are_found_by_the_unit_they_serve(signed_in, place, elsewhere, typed, found):
    """Once each, however many posts they hold; not by posts that ended, nor by those out of reach."""
    place.school.pinyin, place.school.code = "dzzxxx", "2104000001"
    place.school.save()
    User.objects.filter(pk=place.secretary.pk).update(name="李示例")
    other = MembershipFactory(unit=place.school, user__name="赵示例").user
    MembershipFactory(unit=place.school, user=other, role=Role.HEAD)
    MembershipFactory(unit=place.middle, user=other, ended_at=timezone.now())
    MembershipFactory(unit=elsewhere.unit, user=other)
    page = signed_in(Role.SYSTEM).get(address("schools_user", "changelist"), {"q": typed})
    rows = [user.name for user in page.context["cl"].result_list]
    assert (len(rows), set(rows)) == (len(found), found)


@pytest.mark.parametrize("serving", [1, 20])
def test_a_search_for_people_takes_as_many_queries_as_the_list(
    signed_in, place, serving, django_assert_num_queries
):
    for _ in range(serving):
        MembershipFactory(unit=place.school)
    client, where = signed_in(Role.SYSTEM), address("schools_user", "changelist")
    client.get(where)  # the first page of a session writes that it was there
    for query in ({}, {"q": place.school.name}):
        with django_assert_num_queries(13):
            client.get(where, query)


# Memberships ------------------------------------------------------------------------------------------------


def appoint(client, **values):
    where = address("schools_membership", "add")
    return client.post(where, pages.filled(client.get(where), "membership_form", **values))


def test_the_security_administrator_appoints(signed_in, place, staff):
    newcomer = UserFactory()
    response = appoint(signed_in(Role.SECURITY), user=newcomer.pk, unit=place.section.pk, role="officer")
    assert response.status_code == 302
    made = newcomer.memberships.get()
    assert (made.unit, made.role, made.scope) == (place.section, Role.OFFICER, place.bureau)
    assert AuditEvent.objects.get(action="membership.start").actor == staff[Role.SECURITY]


def test_broken_rules_of_appointment_are_named_in_chinese(signed_in, place, staff):
    client = signed_in(Role.SECURITY)
    school, section = place.school.pk, place.section.pk
    for user, unit, role, sentence in [
        (place.secretary, school, "secretary", "该人员在这个单位已有相同角色，无需重复添加。"),
        (
            staff[Role.SYSTEM],
            section,
            "auditor",
            "系统、安全、审计三种管理职责须由不同的人担任，请另选人员。",
        ),
        (staff[Role.SECURITY], section, "officer", "不能为自己添加任职，请由其他安全管理员办理。"),
    ]:
        assert errors(appoint(client, user=user.pk, unit=unit, role=role)) == [sentence]
    values = {"user": place.secretary.pk, "unit": school, "role": "head", "scope": place.bureau.pk}
    sentence = "信息员和单位负责人的管辖范围只能是所在单位，请改正。"
    assert errors(appoint(client, **values)) == [sentence]


def test_appointments_stay_within_the_scope(signed_in, place, elsewhere, client):
    client = signed_in(Role.SECURITY)
    newcomer = UserFactory()
    forged = [
        {"user": newcomer.pk, "unit": elsewhere.unit.pk, "role": "secretary"},
        {"user": newcomer.pk, "unit": place.section.pk, "role": "officer", "scope": elsewhere.unit.pk},
        {"user": elsewhere.user.pk, "unit": place.section.pk, "role": "officer"},
    ]
    for values in forged:
        assert "不在您的管辖范围内" in errors(appoint(client, **values))[0]
    for field, name in (("unit", "邻县"), ("user", "邻示例")):
        query = {"app_label": "schools", "model_name": "membership", "field_name": field, "term": ""}
        found = client.get(reverse("admin:autocomplete") + "?" + urlencode(query)).content.decode()
        assert name not in found.encode().decode("unicode_escape")


def test_the_default_scope_does_not_climb_out_of_ones_own(client, place):
    keeper = UserFactory()
    MembershipFactory(user=keeper, unit=place.township, role=Role.SECURITY, scope=place.township)
    client.force_login(keeper)
    response = appoint(client, user=UserFactory().pk, unit=place.township.pk, role="officer")
    assert errors(response) == ["默认的管辖范围超出您的管辖范围，请在范围内选择。"]


def end(client, membership):
    where = address("schools_membership", "change", membership.pk)
    return client.post(
        where, pages.filled(client.get(where), "membership_form", ends="on", ended_at_0="2020-01-01")
    )


def test_a_membership_ends_once_and_for_all(signed_in, place, staff):
    client = signed_in(Role.SECURITY)
    held = place.secretary.memberships.get()
    end(client, held)
    held.refresh_from_db()
    assert held.ended_at is not None
    assert held.ended_at.year != 2020
    event = AuditEvent.objects.get(action="membership.end")
    assert (event.actor, event.target) == (staff[Role.SECURITY], f"schools.membership:{held.pk}")
    assert client.post(address("schools_membership", "change", held.pk), {"ends": "on"}).status_code == 403


def test_saving_without_the_tick_ends_nothing(signed_in, place):
    client = signed_in(Role.SECURITY)
    where = address("schools_membership", "change", place.secretary.memberships.get().pk)
    client.post(where, pages.filled(client.get(where), "membership_form"))
    assert not Membership.objects.exclude(ended_at=None).exists()


def test_nobody_ends_their_own_duty(signed_in, staff):
    own = staff[Role.SECURITY].memberships.get()
    client = signed_in(Role.SECURITY)
    assert client.post(address("schools_membership", "change", own.pk), {"ends": "on"}).status_code == 403
