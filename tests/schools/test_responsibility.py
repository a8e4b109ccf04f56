"""Who answers for whom: what the database holds to, the services, and the map read both ways."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.models import AuditEvent
from schools.enums import Role, UnitKind
from schools.models import Pairing, Responsibility, Unit, User
from schools.responsibility import answering_for, answering_for_each, charge_of, charge_rows
from schools.rules import NotAllowed
from schools.services import responsibilities
from tests.factories import (
    NOW,
    MembershipFactory,
    PairingFactory,
    ResponsibilityFactory,
    UnitFactory,
    UserFactory,
    county,
    person,
)


@pytest.fixture
def leader(place):
    return person(Role.LEADER, place.bureau, name="张示例")


def by_section(section, unit, **others):
    return ResponsibilityFactory(leader=None, section=section, unit=unit, **others)


def charged(user) -> list[str]:
    """The names of what a person answers for."""
    fresh = User.objects.get(pk=user.pk)
    return list(Unit.objects.filter(charge_of(fresh).narrow()).values_list("name", flat=True))


def ways(unit) -> list[tuple[str, str]]:
    return [(str(one.who), one.way(unit)) for one in answering_for(unit)]


# What the database holds to ---------------------------------------------------------------------------


@pytest.mark.parametrize("bearers", [{}, {"leader": True, "section": True}])
def test_one_alone_answers_in_a_row(place, leader, bearers):
    given_ = {"leader": leader, "section": place.section}
    with pytest.raises(IntegrityError, match="responsibility_one_bearer"):
        Responsibility.objects.create(unit=place.school, **{one: given_[one] for one in bearers})


def test_a_section_does_not_answer_for_itself(place):
    with pytest.raises(IntegrityError, match="responsibility_not_itself"):
        by_section(place.section, place.section)


def test_nobody_answers_twice_for_one_unit_at_a_time(place, leader):
    for row in ({"leader": leader}, {"leader": None, "section": place.section}):
        ResponsibilityFactory(unit=place.school, ended_at=NOW, **row)
        ResponsibilityFactory(unit=place.school, **row)
        with pytest.raises(IntegrityError, match="responsibility_once_by"), transaction.atomic():
            ResponsibilityFactory(unit=place.school, **row)
    ResponsibilityFactory(unit=place.school)  # somebody else may answer too


def test_two_units_are_paired_once_whichever_comes_first(place):
    PairingFactory(unit=place.school, partner=place.middle, ended_at=NOW)
    PairingFactory(unit=place.school, partner=place.middle)
    for one, other in ((place.school, place.middle), (place.middle, place.school)):
        with pytest.raises(IntegrityError, match="pairing_once"), transaction.atomic():
            PairingFactory(unit=one, partner=other)


def test_no_unit_is_paired_with_itself(place):
    with pytest.raises(IntegrityError, match="pairing_not_itself"):
        PairingFactory(unit=place.school, partner=place.school)


# The services -----------------------------------------------------------------------------------------


def test_to_entrust_and_to_end_leave_a_trace(place, leader):
    row = responsibilities.entrust(place.school, leader=leader, at=NOW, by=place.officer)
    responsibilities.end(row, at=NOW, by=place.officer)
    responsibilities.end(row, at=NOW, by=place.officer)
    assert Responsibility.objects.get().ended_at == NOW
    trail = (
        AuditEvent.objects.filter(actor=place.officer)
        .order_by("pk")
        .values_list("action", "summary", "target")
    )
    target = f"schools.responsibility:{row.pk}"
    assert list(trail) == [
        ("responsibility.start", "张示例包挂东镇中心小学", target),
        ("responsibility.end", "张示例包挂东镇中心小学", target),
    ]


def test_to_pair_describe_and_part_leave_a_trace(place):
    row = responsibilities.pair(place.school, place.middle, "同课异构", at=NOW, by=place.officer)
    responsibilities.describe(row, "帮扶", at=NOW, by=place.officer)
    responsibilities.describe(row, "帮扶", at=NOW, by=place.officer)
    responsibilities.part(row, at=NOW, by=place.officer)
    assert Pairing.objects.values_list("note", "ended_at").get() == ("帮扶", NOW)
    trail = AuditEvent.objects.filter(target=f"schools.pairing:{row.pk}").order_by("pk")
    assert [(one.action, one.detail) for one in trail][1:] == [
        ("pairing.save", {"before": {"note": "同课异构"}, "after": {"note": "帮扶"}}),
        ("pairing.end", {}),
    ]


def test_a_leader_answers_only_for_what_the_leader_oversees(place, leader, elsewhere):
    secretary = place.secretary
    for who, unit in ((leader, elsewhere.unit), (secretary, place.school), (UserFactory(), place.school)):
        with pytest.raises(NotAllowed, match="的局领导或活动专员，请另选包挂领导或所包单位"):
            responsibilities.entrust(unit, leader=who, at=NOW, by=place.officer)
    leader.is_active = False
    with pytest.raises(NotAllowed, match="账号已停用"):
        responsibilities.entrust(place.school, leader=leader, at=NOW, by=place.officer)


def test_what_a_section_may_answer_for(place, elsewhere):
    other = UnitFactory(name="办公室", kind=UnitKind.SECTION, parent=place.bureau)
    closed = UnitFactory(name="原科室", kind=UnitKind.SECTION, parent=place.bureau, closed_at=NOW)
    gone = UnitFactory(name="原小学", parent=place.township, closed_at=NOW)
    refusals = {}
    for section, unit in (
        (place.section, place.section), (place.section, other), (place.section, place.bureau),
        (place.section, elsewhere.unit), (place.section, gone), (place.township, place.school),
        (closed, place.school),
    ):  # fmt: skip
        with pytest.raises(NotAllowed) as refusal:
            responsibilities.entrust(unit, section=section, at=NOW, by=place.officer)
        refusals[section.name, unit.name] = str(refusal.value)
    assert refusals == {
        ("党办", "党办"): "科室不能包挂自己，请另选所包单位。",
        ("党办", "办公室"): "办公室是科室，科室只能由领导包挂，请另选所包单位。",
        ("党办", "示例县教育局"): "示例县教育局是党办的上级单位，不能由该科室包挂，请另选所包单位。",
        ("党办", "邻县小学"): "邻县小学不在党办所属教育局的管辖范围内，请另选所包单位。",
        ("党办", "原小学"): "原小学已撤并，请另选所包单位。",
        ("东镇", "东镇中心小学"): "东镇不是科室，请另选包挂科室。",
        ("原科室", "东镇中心小学"): "原科室已撤并，请另选包挂科室。",
    }
    for unit in (place.township, place.school):
        responsibilities.entrust(unit, section=place.section, at=NOW, by=place.officer)


def test_schools_pair_and_townships_do_not(place):
    gone = UnitFactory(name="原小学", parent=place.township, closed_at=NOW)
    for unit, sentence in (
        (place.township, "东镇是镇街，结对的双方须是学校，请另选结对单位。"),
        (gone, "原小学已撤并，请另选结对单位。"),
    ):
        with pytest.raises(NotAllowed) as refusal:
            responsibilities.pair(place.school, unit, at=NOW, by=place.officer)
        assert str(refusal.value) == sentence


# From a unit to people --------------------------------------------------------------------------------


def test_who_answers_for_a_school_directly_through_the_township_and_through_sections(place, leader):
    deputy = person(Role.LEADER, place.bureau, name="李示例")
    ResponsibilityFactory(leader=leader, unit=place.school)
    ResponsibilityFactory(leader=deputy, unit=place.section)
    by_section(place.section, place.township)
    assert ways(place.school) == [
        ("张示例", "直接包挂"), ("党办", "包挂东镇"), ("李示例", "经党办包挂东镇"),
    ]  # fmt: skip
    assert ways(place.township) == [("党办", "直接包挂"), ("李示例", "经党办直接包挂")]
    assert (ways(place.section), ways(place.middle)) == ([("李示例", "直接包挂")], [])


def test_who_left_was_ended_or_closed_answers_no_more(place, leader):
    for row in ({"ended_at": NOW}, {"leader__is_active": False}, {"leader": person(Role.HEAD, place.school)}):
        ResponsibilityFactory(unit=place.school, **row)
    closed = UnitFactory(kind=UnitKind.SECTION, parent=place.bureau, closed_at=NOW)
    ResponsibilityFactory(leader=leader, unit=closed)
    by_section(closed, place.school)
    assert (ways(place.school), charged(leader)) == ([], [closed.name])


def test_a_foreign_leader_shows_nowhere(place, elsewhere):
    foreign = person(Role.LEADER, elsewhere.unit.parent)
    ResponsibilityFactory(leader=foreign, unit=place.school)
    ResponsibilityFactory(leader=foreign, unit=place.section)
    by_section(place.section, place.middle)
    assert (ways(place.school), ways(place.middle), charged(foreign)) == ([], [("党办", "直接包挂")], [])
    assert list(charge_rows(foreign)) == []


def test_who_answers_takes_two_queries_however_many_they_are(place, leader):
    for _ in range(3):
        section = UnitFactory(kind=UnitKind.SECTION, parent=place.bureau)
        by_section(section, place.township)
        ResponsibilityFactory(leader=person(Role.LEADER, place.bureau), unit=section)
        ResponsibilityFactory(leader=person(Role.LEADER, place.bureau), unit=place.school)
    with CaptureQueriesContext(connection) as queries:
        found = [
            (str(one.leader), str(one.section), one.way(place.school)) for one in answering_for(place.school)
        ]
    assert (len(found), len(queries)) == (9, 2)


def test_for_a_list_of_units_it_takes_the_same_two_queries(place, leader):
    ResponsibilityFactory(leader=leader, unit=place.section)
    by_section(place.section, place.township)
    units = [place.school, place.township, place.middle]
    with CaptureQueriesContext(connection) as queries:
        found = answering_for_each(units)
    assert len(queries) == 2
    assert found == {unit.pk: answering_for(unit) for unit in units}


# From a person to units -------------------------------------------------------------------------------


def test_a_leader_answers_for_schools_for_sections_and_through_them_for_schools(place, leader):
    ResponsibilityFactory(leader=leader, unit=place.middle)
    ResponsibilityFactory(leader=leader, unit=place.section)
    by_section(place.section, place.township)
    assert charged(leader) == ["党办", "东镇", "东镇中心小学", "示例县第一初级中学"]
    assert [(str(row.bearer), str(row.unit)) for row in charge_rows(leader)] == [
        ("张示例", "党办"), ("党办", "东镇"), ("张示例", "示例县第一初级中学"),
    ]  # fmt: skip


def test_an_officer_answers_with_the_section(place):
    by_section(place.section, place.township)
    assert charged(place.officer) == ["东镇", "东镇中心小学"]
    assert charged(person(Role.SECRETARY, place.section)) == []


def test_a_charge_never_reaches_further_than_the_scope(place):
    """Given the whole county, who oversees one township answers for that township."""
    user = UserFactory()
    MembershipFactory(user=user, unit=place.bureau, scope=place.township, role=Role.LEADER)
    for unit in (place.bureau, place.middle):
        ResponsibilityFactory(leader=user, unit=unit)
    assert charged(user) == ["东镇", "东镇中心小学"]
    assert [str(row.unit) for row in charge_rows(user)] == ["示例县教育局"]


def test_who_oversees_nothing_any_more_has_no_charge(place, leader):
    ResponsibilityFactory(leader=leader, unit=place.school)
    leader.memberships.update(ended_at=NOW)
    assert charged(leader) == []


def test_a_charge_takes_one_query_beside_the_memberships(place, leader):
    ResponsibilityFactory(leader=leader, unit=place.section)
    for _ in range(3):
        by_section(place.section, UnitFactory(parent=place.township))
    leader = User.objects.get(pk=leader.pk)
    with CaptureQueriesContext(connection) as queries:
        assert len(charge_of(leader).overseen) == 4
    assert len(queries) == 2


places = st.sampled_from(("bureau", "section", "township", "school", "middle", "far", "far_school"))


@settings(max_examples=40)
@given(
    rows=st.lists(st.tuples(st.sampled_from(("one", "two", "section")), places), max_size=6, unique=True),
    scopes=st.tuples(st.sampled_from(("bureau", "township", "far")), st.sampled_from(("bureau", "middle"))),
)
@pytest.mark.django_db
def test_both_readings_of_the_map_agree(rows, scopes):
    """A leader is named for a unit when, and only when, the unit is in the leader's charge."""
    with transaction.atomic():
        place = county()
        far = UnitFactory(name="邻县教育局", kind=UnitKind.BUREAU)
        units = vars(place) | {"far": far, "far_school": UnitFactory(parent=far)}
        leaders = {name: UserFactory() for name in ("one", "two")}
        for user, scope in zip(leaders.values(), scopes, strict=True):
            MembershipFactory(user=user, unit=place.bureau, scope=units[scope], role=Role.LEADER)
        for bearer, unit in rows:
            if bearer in leaders:
                ResponsibilityFactory(leader=leaders[bearer], unit=units[unit])
            elif unit != "section":
                by_section(place.section, units[unit])
        for user in leaders.values():
            named = {
                unit.pk for unit in Unit.objects.all() if user in {one.leader for one in answering_for(unit)}
            }
            assert named == set(Unit.objects.filter(charge_of(user).narrow()).values_list("pk", flat=True))
        transaction.set_rollback(True)
