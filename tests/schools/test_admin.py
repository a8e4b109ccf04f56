"""The three duties in the admin: who sees and does what; units; the trail."""

import re

import pytest
from django.contrib.auth.models import Group
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from portal import audit
from portal.models import AuditEvent
from schools.enums import Role, UnitKind
from schools.models import Unit
from tests import pages
from tests.factories import NOW, PairingFactory, ResponsibilityFactory, UnitFactory, ready_plan
from tests.pages import address, errors

# Who opens what -------------------------------------------------------------------------------------------

MODELS = {
    "campaigns_campaign": {Role.OFFICER: "list add change"},
    "campaigns_requirement": {Role.OFFICER: "list add change"},
    "schools_unit": {
        Role.OFFICER: "list view", Role.SYSTEM: "list add change", Role.SECURITY: "list view",
        "technical": "list add change",
    },
    "schools_user": {
        Role.OFFICER: "list view", Role.SYSTEM: "list add change", Role.SECURITY: "list view",
        "technical": "list add change",
    },
    "schools_membership": {Role.SECURITY: "list add change", "technical": "list add change"},
    **{
        f"schools_{model}": {
            Role.OFFICER: "list add change", Role.SYSTEM: "list add change", "technical": "list add change",
        }
        for model in ("responsibility", "pairing")
    },
    "portal_auditevent": {Role.AUDITOR: "list view", "technical": "list view"},
}  # fmt: skip
DOORS = [(role, model) for role in Role for model in MODELS]
DOORS += [("technical", model) for model in MODELS if not model.startswith("campaigns")]


@pytest.mark.parametrize(("role", "model"), DOORS)
def test_who_opens_what(signed_in, place, role, model):
    client = signed_in(role)
    plan = ready_plan(place)
    row = {
        "campaigns_campaign": plan.campaign.pk,
        "campaigns_requirement": plan.pk,
        "schools_unit": place.school.pk,
        "schools_user": place.secretary.pk,
        "schools_membership": place.secretary.memberships.get().pk,
        "schools_responsibility": ResponsibilityFactory(
            leader=None, section=place.section, unit=place.school
        ).pk,
        "schools_pairing": PairingFactory(unit=place.school, partner=place.middle).pk,
        "portal_auditevent": audit.record("test.done", at=NOW).pk,
    }[model]
    rights = MODELS[model].get(role, "").split()
    # Who is no staff at all is led to the login page, and from there to 403.
    refused = 403 if role in (Role.OFFICER, *Role.duties(), "technical") else 302
    # An empty form ends nothing; others complain.
    saved = 302 if model in ("schools_membership", "schools_responsibility", "schools_pairing") else 200
    listing = 302 if model == "campaigns_requirement" else 200  # leads to the campaigns
    # A new campaign begins elsewhere, unless it is to be blank.
    query = {
        "campaigns_requirement": f"?campaign={plan.campaign.pk}",
        "campaigns_campaign": "?blank=1",
    }.get(model, "")
    statuses = {
        "list": client.get(address(model, "changelist")).status_code,
        "add": client.get(address(model, "add") + query).status_code,
        "view": client.get(address(model, "change", row)).status_code,
        "change": client.post(address(model, "change", row), {}).status_code,
        "delete": client.post(address(model, "delete", row), {}).status_code,
    }
    assert statuses == {
        "list": listing if "list" in rights else refused,
        "add": 200 if "add" in rights else refused,
        "view": 200 if {"view", "change"} & set(rights) else refused,
        "change": saved if "change" in rights else refused,
        # Nothing but drafts is ever deleted.
        "delete": 200 if model.startswith("campaigns") and rights else refused,
    }


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        (Role.OFFICER, {"活动": {"活动", "催办安排"}, "单位与人员": {"单位", "人员", "包挂", "结对"}}),
        (
            Role.SYSTEM,
            {
                "消息": {"消息通道", "外发消息", "工作日调整"},
                "单位与人员": {"单位", "人员", "包挂", "结对"},
            },
        ),
        (Role.SECURITY, {"单位与人员": {"任职", "单位", "人员"}}),
        (Role.AUDITOR, {"平台": {"审计记录"}}),
    ],
)
def test_the_menu_shows_what_the_duty_is_about(signed_in, role, shown):
    rooms = signed_in(role).get(reverse("admin:index")).context["app_list"]
    listed = {str(room["name"]): {str(model["name"]) for model in room["models"]} for room in rooms}
    # The room of the plan may carry the name the navigation gives it.
    assert {name.removesuffix("编制"): models for name, models in listed.items()} == shown


def test_there_are_no_groups():
    with pytest.raises(NoReverseMatch):
        address("auth_group", "changelist")
    assert Group._meta.label == "auth.Group"


def test_the_admins_own_doors_lead_to_the_portals(signed_in, staff):
    client = signed_in(Role.SYSTEM)
    assert client.get(reverse("admin:password_change")).url == reverse("password_change")
    assert client.post(reverse("admin:logout")).url == reverse("login")


# Units ------------------------------------------------------------------------------------------------------


def change_unit(client, unit, **changes):
    where = address("schools_unit", "change", unit.pk)
    return client.post(where, pages.filled(client.get(where), "unit_form", **changes))


def test_the_system_administrator_adds_a_unit(signed_in, place, staff):
    client = signed_in(Role.SYSTEM)
    where = address("schools_unit", "add")
    values = {"name": "西镇小学", "kind": "primary", "parent": place.township.pk}
    client.post(where, pages.filled(client.get(where), "unit_form", **values))
    made = Unit.objects.get(name="西镇小学")
    assert made.path.startswith(place.township.path)
    event = AuditEvent.objects.get(action="unit.create")
    assert (event.actor, event.detail["after"]["parent"]) == (staff[Role.SYSTEM], place.township.pk)


def test_a_moved_unit_takes_its_schools_along_and_leaves_a_trace(signed_in, place):
    other = UnitFactory(name="西镇", kind=UnitKind.TOWNSHIP, parent=place.bureau)
    assert (
        change_unit(signed_in(Role.SYSTEM), place.school, parent=other.pk, closed_on="2026-03-01").status_code
        == 302
    )
    place.school.refresh_from_db()
    assert place.school.path.startswith(other.path)
    assert timezone.localtime(place.school.closed_at).isoformat() == "2026-03-01T00:00:00+08:00"
    event = AuditEvent.objects.get(action="unit.save")
    assert event.detail["before"]["parent"] == place.township.pk
    assert event.detail["after"]["parent"] == other.pk


@pytest.mark.parametrize("below", ["township", "school"])
def test_a_unit_cannot_move_below_itself(signed_in, place, below):
    response = change_unit(signed_in(Role.SYSTEM), place.township, parent=getattr(place, below).pk)
    assert errors(response) == ["不能把单位移到自己或自己的下级单位之下，请另选上级单位。"]


def test_the_tree_has_a_lowest_level(signed_in, place):
    deepest = place.section
    while len(deepest.path) < 96:
        deepest = UnitFactory(kind=UnitKind.SECTION, parent=deepest)
    response = change_unit(signed_in(Role.SYSTEM), place.middle, parent=deepest.pk)
    assert errors(response) == ["单位最多12级，请另选级别更高的上级单位。"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"code": "12"}, "学校（机构）标识码为10位数字，请核对后重新填写。"),
        ({"name": "示例县第一初级中学"}, "同一上级单位下已有同名单位，请换一个名称。"),
        ({"parent": ""}, "这个字段是必填项。"),
    ],
)
def test_mistakes_in_a_unit_are_named_in_chinese(signed_in, place, changes, sentence):
    assert errors(change_unit(signed_in(Role.SYSTEM), place.section, **changes)) == [sentence]


def test_the_head_of_a_scope_stays_where_it_is(signed_in, place):
    client = signed_in(Role.SYSTEM)
    page = client.get(address("schools_unit", "change", place.bureau.pk))
    assert "parent" not in pages.form_on(page, "unit_form")
    assert change_unit(client, place.bureau, name="示例县教育和体育局").status_code == 302


def test_units_of_another_county_are_out_of_reach(signed_in, place, elsewhere):
    client = signed_in(Role.SYSTEM)
    assert elsewhere.unit.name not in client.get(address("schools_unit", "changelist")).content.decode()
    assert client.get(address("schools_unit", "change", elsewhere.unit.pk)).status_code in (302, 403)
    response = change_unit(client, place.school, parent=elsewhere.unit.pk)
    assert errors(response) == ["所选单位不存在或不在您的管辖范围内，请重新选择。"]


def test_an_officer_reads_when_a_unit_closed(signed_in, place):
    client = signed_in(Role.OFFICER)
    where = address("schools_unit", "change", place.school.pk)
    shown = r'撤并日期:?</label>\s*<div class="readonly">(.*?)</div>'
    assert re.findall(shown, client.get(where).content.decode(), re.S) == ["—"]
    place.school.closed_at = NOW
    place.school.save()
    assert re.findall(shown, client.get(where).content.decode(), re.S) == ["2026年3月2日"]


@pytest.mark.parametrize(
    ("role", "unit", "closed_at", "offered"),
    [
        (Role.OFFICER, "school", None, ["并入其他单位", "拆分"]),
        (Role.OFFICER, "school", NOW, []),
        (Role.OFFICER, "bureau", None, []),
        (Role.SYSTEM, "school", None, []),
        ("technical", "school", None, []),
    ],
)
def test_the_officer_merges_and_splits_units_from_their_page(
    signed_in, place, role, unit, closed_at, offered
):
    shown = getattr(place, unit)
    shown.closed_at = closed_at
    shown.save()
    client = signed_in(role)
    page = client.get(address("schools_unit", "change", shown.pk)).content.decode()
    links = [reverse("merge", args=[shown.pk]), reverse("split", args=[shown.pk])]
    found = re.findall(r'<a href="(/units/[^"]+)">([^<]+)</a>', page)
    assert found == list(zip(links, offered, strict=False))
    assert [client.get(link).status_code for link, _ in found] == [200] * len(offered)


# The trail --------------------------------------------------------------------------------------------------


def test_the_auditor_finds_an_event(signed_in, place):
    audit.record(
        "user.create", at=NOW, by=place.officer, summary="新增人员甲", detail={"after": {"name": "甲"}}
    )
    audit.record("unit.save", at=NOW, summary="修改单位乙")
    client = signed_in(Role.AUDITOR)
    where = address("portal_auditevent", "changelist")
    for query, seen in (
        ("", "甲乙"), ("?noun=user", "甲"), ("?actor=none", "乙"), (f"?actor={place.officer.pk}", "甲"),
        ("?q=乙", "乙"), ("?at__year=2025", ""), ("?at__year=2026&at__month=3", "甲乙"), ("?actor=x", "甲乙"),
    ):  # fmt: skip
        shown = client.get(where + query).content.decode()
        assert {name for name in "甲乙" if f"{name}</td>" in shown} == set(seen), query
    event = AuditEvent.objects.get(action="user.create")
    page = client.get(address("portal_auditevent", "change", event.pk)).content.decode()
    assert "人员：新建" in page
    assert "&quot;name&quot;: &quot;甲&quot;" in page
