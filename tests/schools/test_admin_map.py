"""包挂 and 结对 in the admin: added and ended by those who keep the map, within reach, never deleted."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.models import AuditEvent
from schools.enums import Role, UnitKind
from schools.models import Pairing, Responsibility
from tests import pages
from tests.factories import (
    NOW,
    MembershipFactory,
    PairingFactory,
    ResponsibilityFactory,
    UnitFactory,
    UserFactory,
    person,
)
from tests.pages import address, errors

CHARGE, PAIR = "schools_responsibility", "schools_pairing"
KEEPERS = [Role.OFFICER, Role.SYSTEM]


@pytest.fixture
def leader(staff):
    """The leader sits in a section; the scope is the whole county."""
    return staff[Role.LEADER]


def add(client, model, **values):
    where = address(model, "add")
    return client.post(where, pages.filled(client.get(where), f"{model.partition('_')[2]}_form", **values))


def change(client, model, row, **values):
    where = address(model, "change", row.pk)
    return client.post(where, pages.filled(client.get(where), f"{model.partition('_')[2]}_form", **values))


def listed(client, model, query="") -> list[str]:
    page = client.get(address(model, "changelist") + query)
    return [str(row) for row in page.context["cl"].result_list]


@pytest.mark.parametrize("role", KEEPERS)
def test_who_keeps_the_map_adds_and_ends(signed_in, staff, place, leader, role):
    client = signed_in(role)
    add(client, CHARGE, unit=place.section.pk, leader=leader.pk)
    add(client, CHARGE, unit=place.township.pk, section=place.section.pk)
    assert listed(client, CHARGE) == ["局领导示例包挂党办", "党办包挂东镇"]
    row = Responsibility.objects.get(leader=leader)
    assert change(client, CHARGE, row).status_code == 302
    row.refresh_from_db()
    assert row.ended_at is None
    change(client, CHARGE, row, ends="on")
    row.refresh_from_db()
    assert row.ended_at is not None
    assert listed(client, CHARGE, "?ended=no") == ["党办包挂东镇"]
    assert client.post(address(CHARGE, "change", row.pk), {}).status_code == 403
    trail = AuditEvent.objects.filter(action__startswith="responsibility.").order_by("pk")
    assert list(trail.values_list("action", "actor")) == [
        ("responsibility.start", staff[role].pk),
        ("responsibility.start", staff[role].pk),
        ("responsibility.end", staff[role].pk),
    ]


def test_pairs_are_added_described_and_ended(signed_in, place):
    client = signed_in(Role.OFFICER)
    add(client, PAIR, unit=place.school.pk, partner=place.middle.pk, note="同课异构")
    row = Pairing.objects.get()
    change(client, PAIR, row, note="帮扶")
    change(client, PAIR, row, note="城乡帮扶", ends="on")
    row.refresh_from_db()
    assert (row.note, row.ended_at is None) == ("城乡帮扶", False)
    trail = AuditEvent.objects.filter(action__startswith="pairing.").order_by("pk")
    assert [one.action for one in trail] == ["pairing.start", "pairing.save", "pairing.save", "pairing.end"]


def test_mistakes_are_told_in_one_sentence(signed_in, place, leader):
    client = signed_in(Role.OFFICER)
    ResponsibilityFactory(leader=leader, unit=place.school)
    PairingFactory(unit=place.school, partner=place.middle)
    one = "包挂领导和包挂科室须填且只填一个，请改正。"
    for sentence, chosen in (
        (one, {"unit": place.middle}),
        (one, {"unit": place.middle, "leader": leader, "section": place.section}),
        ("该领导已包挂这个单位，无需重复添加。", {"unit": place.school, "leader": leader}),
        ("科室不能包挂自己，请另选所包单位。", {"unit": place.section, "section": place.section}),
    ):
        values = {field: row.pk for field, row in chosen.items()}
        assert errors(add(client, CHARGE, **values)) == [sentence]
    paired = {
        "这两个单位已结对，无需重复添加。": (place.middle, place.school),
        "单位不能与自己结对，请另选结对单位。": (place.school, place.school),
        "东镇是镇街，结对的双方须是学校，请另选结对单位。": (place.township, place.school),
    }
    for sentence, (unit, partner) in paired.items():
        assert errors(add(client, PAIR, unit=unit.pk, partner=partner.pk)) == [sentence]


def test_a_leader_without_that_scope_is_refused(signed_in, place):
    narrow = UserFactory(name="赵示例")
    MembershipFactory(user=narrow, unit=place.bureau, scope=place.township, role=Role.LEADER)
    assert errors(add(signed_in(Role.OFFICER), CHARGE, unit=place.middle.pk, leader=narrow.pk)) == [
        "赵示例不是管辖示例县第一初级中学的局领导或活动专员，请另选包挂领导或所包单位。"
    ]


def test_another_county_is_out_of_reach(signed_in, place, elsewhere):
    client = signed_in(Role.OFFICER)
    foreign = person(Role.LEADER, elsewhere.unit.parent)
    rows = [
        ResponsibilityFactory(leader=foreign, unit=elsewhere.unit),
        ResponsibilityFactory(leader=foreign, unit=place.school),
    ]
    pair = PairingFactory(unit=place.school, partner=elsewhere.unit)
    assert (listed(client, CHARGE), listed(client, PAIR)) == ([], [])
    for model, row in ((CHARGE, rows[0]), (CHARGE, rows[1]), (PAIR, pair)):
        assert client.get(address(model, "change", row.pk)).status_code == 302
    out = "所选单位不存在或不在您的管辖范围内，请重新选择。"
    assert errors(add(client, PAIR, unit=place.school.pk, partner=elsewhere.unit.pk)) == [out]
    assert errors(add(client, CHARGE, unit=place.school.pk, leader=foreign.pk)) == [
        "所选人员不存在或不在您的管辖范围内，请重新选择。"
    ]


def test_an_officer_of_less_than_a_bureau_keeps_no_map(client, place):
    officer = MembershipFactory(unit=place.section, scope=place.township, role=Role.OFFICER).user
    client.force_login(officer)
    for model in (CHARGE, PAIR):
        assert client.get(address(model, "changelist")).status_code == 403
        assert client.get(address(model, "add")).status_code == 403
    rooms = client.get(reverse("admin:index")).context["app_list"]
    assert "包挂" not in {model["name"] for room in rooms for model in room["models"]}


def test_suggestions_are_people_who_oversee_and_sections(signed_in, staff, place, leader):
    client = signed_in(Role.OFFICER)
    UnitFactory(kind=UnitKind.SECTION, parent=place.bureau, name="原科室", closed_at=NOW)
    found = {}
    for field in ("leader", "section"):
        asked = {"app_label": "schools", "model_name": "responsibility", "field_name": field, "term": ""}
        answer = client.get(reverse("admin:autocomplete"), asked).json()
        found[field] = sorted(one["text"] for one in answer["results"])
    assert found == {
        "leader": sorted(f"{user.name}（党办）" for user in (leader, place.officer, staff[Role.OFFICER])),
        "section": ["党办（示例县教育局）"],
    }


def test_the_lists_are_searched_and_filtered(signed_in, place, leader):
    client = signed_in(Role.SYSTEM)
    ResponsibilityFactory(leader=leader, unit=place.middle)
    ResponsibilityFactory(leader=None, section=place.section, unit=place.township)
    PairingFactory(unit=place.school, partner=place.middle, note="同课异构")
    both = ["党办包挂东镇", "局领导示例包挂示例县第一初级中学"]
    assert listed(client, CHARGE) == both
    assert listed(client, CHARGE, "?by=section") == both[:1]
    assert listed(client, CHARGE, "?by=nobody") == both
    assert listed(client, CHARGE, "?unit__kind__exact=middle") == both[1:]
    assert listed(client, CHARGE, "?q=局领导") == both[1:]
    assert listed(client, PAIR, "?q=同课") == ["东镇中心小学与示例县第一初级中学结对"]


@pytest.mark.parametrize("model", [CHARGE, PAIR])
def test_a_list_takes_as_many_queries_for_many_rows_as_for_one(signed_in, place, leader, model):
    client = signed_in(Role.OFFICER)

    def rows(count):
        for _ in range(count):
            school = UnitFactory(parent=place.township)
            ResponsibilityFactory(leader=leader, unit=school)
            ResponsibilityFactory(leader=None, section=place.section, unit=school)
            PairingFactory(unit=school, partner=place.middle)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(address(model, "changelist"))
        return len(queries)

    rows(1)
    asked()  # the first page of a session stamps it
    few = asked()
    rows(5)
    assert asked() == few


def test_the_history_of_a_row_is_the_trail(signed_in, place, leader):
    client = signed_in(Role.OFFICER)
    add(client, CHARGE, unit=place.school.pk, leader=leader.pk)
    page = client.get(address(CHARGE, "history", Responsibility.objects.get().pk)).content.decode()
    assert all(word in page for word in ("所包单位", "东镇中心小学", "包挂领导", "局领导示例"))


def test_the_page_of_a_unit_says_who_answers_for_it_and_with_whom_it_is_paired(signed_in, place, leader):
    ResponsibilityFactory(leader=leader, unit=place.section)
    ResponsibilityFactory(leader=None, section=place.section, unit=place.township)
    PairingFactory(unit=place.middle, partner=place.school)
    page = signed_in(Role.SYSTEM).get(address("schools_unit", "change", place.school.pk)).content.decode()
    assert "党办（包挂东镇）；局领导示例（经党办包挂东镇）" in page
    assert ">示例县第一初级中学</div>" in page
