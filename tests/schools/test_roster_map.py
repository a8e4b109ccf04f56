"""The sheets 包挂 and 结对 of the roster: what rows mean, mistakes, and the way out and in again."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.models import AuditEvent
from schools.enums import Role, UnitKind
from schools.models import Membership, Pairing, Responsibility
from schools.roster import checking, reading, writing
from schools.roster.applying import NotApplied
from schools.roster.layout import CHARGES, PAIRS
from tests.factories import NOW, MembershipFactory, PairingFactory, ResponsibilityFactory, UnitFactory, person
from tests.schools.rosters import (
    HEADS,
    charge,
    check,
    counts,
    load,
    mistakes,
    pair,
    saved,
    someone,
    unit,
    workbook,
)


@pytest.fixture
def keeper(place):
    return person(Role.SYSTEM, place.section)


@pytest.fixture
def leader(place):
    return person(Role.LEADER, place.bureau, name="张示例")


def map_() -> tuple[list, list]:
    """What is in force, in words."""
    held = [str(row) for row in Responsibility.objects.in_force().order_by("pk")]
    return held, [f"{row}：{row.note}" for row in Pairing.objects.in_force().order_by("pk")]


def refusals(keeper, **sheets) -> list[tuple]:
    """(row, column, sentence)"""
    return [place for _, *place in map(list, mistakes(keeper, **sheets))]


# What rows mean ---------------------------------------------------------------------------------------


def test_people_and_sections_answer_for_units_and_schools_are_paired(place, keeper, leader):
    plan = load(
        keeper,
        charges=[
            charge("党办", "张示例"),
            charge("东镇", section="党办"),
            charge("东镇中心小学", 领导用户名=leader.username),
        ],
        pairs=[pair("示例县第一初级中学", "东镇中心小学", "同课异构")],
    )
    assert counts(plan) == {"单位": (0, 0, 0), "人员": (0, 0, 0), "包挂": (3, 0, 0), "结对": (1, 0, 0)}
    assert map_() == (
        ["张示例包挂党办", "党办包挂东镇", "张示例包挂东镇中心小学"],
        ["示例县第一初级中学与东镇中心小学结对：同课异构"],
    )
    assert Responsibility.objects.filter(started_at=NOW).count() == 3
    trail = AuditEvent.objects.filter(actor=keeper).order_by("pk").values_list("action", flat=True)
    assert list(trail) == [*["responsibility.start"] * 3, "pairing.start", "roster.apply"]


def test_a_unit_of_the_same_workbook_may_be_meant(place, keeper, leader):
    load(
        keeper,
        [
            unit("北镇", "示例县教育局", "镇街"),
            unit("北镇小学", "北镇"),
            unit("督导室", "示例县教育局", "科室"),
        ],
        charges=[charge("督导室", "张示例"), charge("北镇", section="督导室"), charge("北镇小学", "张示例")],
        pairs=[pair("北镇小学", "东镇中心小学")],
    )
    assert map_() == (
        ["张示例包挂督导室", "督导室包挂北镇", "张示例包挂北镇小学"], ["北镇小学与东镇中心小学结对："],
    )  # fmt: skip


def test_loaded_twice_nothing_changes_and_what_is_absent_stays(place, keeper, leader):
    sheets = {
        "charges": [charge("东镇", "张示例"), charge("东镇", section="党办")],
        "pairs": [pair("东镇中心小学", "示例县第一初级中学", "帮扶")],
    }
    load(keeper, **sheets)
    plan = load(keeper, **sheets)
    assert (counts(plan)["包挂"], counts(plan)["结对"], plan.changes) == ((0, 0, 2), (0, 0, 1), [])
    turned = load(keeper, pairs=[pair("示例县第一初级中学", "东镇中心小学")])
    assert (counts(turned)["结对"], turned.changes) == ((0, 0, 1), [])
    assert map_() == (
        ["张示例包挂东镇", "党办包挂东镇"], ["东镇中心小学与示例县第一初级中学结对：帮扶"],
    )  # fmt: skip


def test_a_new_note_is_the_one_thing_that_changes(place, keeper):
    load(keeper, pairs=[pair("东镇中心小学", "示例县第一初级中学", "帮扶")])
    rows = {"pairs": [pair("示例县第一初级中学", "东镇中心小学", "同课异构")]}
    [change] = check(keeper, **rows).changes
    assert (change.sheet, change.row, change.name, change.new, change.values) == (
        PAIRS, 2, "示例县第一初级中学", False, [("结对内容", "帮扶", "同课异构")],
    )  # fmt: skip
    assert counts(load(keeper, **rows))["结对"] == (0, 1, 0)
    assert Pairing.objects.get().note == "同课异构"


def test_the_preview_names_who_would_answer(place, keeper, leader):
    plan = check(keeper, charges=[charge("东镇", "张示例"), charge("东镇", section="党办")])
    assert [(one.sheet, one.row, one.name, one.new, one.values) for one in plan.changes] == [
        (CHARGES, 2, "东镇", True, [("包挂领导", "", "张示例")]),
        (CHARGES, 3, "东镇", True, [("包挂科室", "", "党办")]),
    ]
    assert map_() == ([], [])


def test_what_has_ended_may_begin_again(place, keeper, leader):
    ResponsibilityFactory(leader=leader, unit=place.school, ended_at=NOW)
    assert counts(load(keeper, charges=[charge("东镇中心小学", "张示例")]))["包挂"] == (1, 0, 0)


def test_what_stands_is_not_judged_again(place, keeper, leader):
    """A leader who has another scope now stays in the sheet until the row is ended."""
    ResponsibilityFactory(leader=leader, unit=place.middle)
    leader.memberships.update(scope=place.township)
    assert counts(load(keeper, charges=[charge("示例县第一初级中学", "张示例")]))["包挂"] == (0, 0, 1)


# Mistakes ---------------------------------------------------------------------------------------------

ONE = "包挂领导和包挂科室须填且只填一个，请改正。"
NOBODY = "管辖范围内没有叫“{}”的局领导或活动专员，请核对姓名，或先由安全管理员任命。"
NARROW = "赵示例不是管辖示例县第一初级中学的局领导或活动专员，请另选包挂领导或所包单位。"


def test_mistakes_about_who_answers(place, keeper, leader, elsewhere):
    for _ in range(2):
        person(Role.LEADER, place.bureau, name="李示例")
    foreign = person(Role.LEADER, elsewhere.unit.parent, name="远示例")
    rows = [
        charge(""), charge("东镇"), charge("东镇", "张示例", "党办"), charge("西镇", "张示例"),
        charge("东镇", "李示例"), charge("东镇", "远示例"), charge("东镇", 领导用户名=foreign.username),
        charge("东镇", "周示例", 领导用户名=leader.username), charge("东镇", place.secretary.name),
    ]  # fmt: skip
    assert refusals(keeper, charges=rows) == [
        [2, "所包单位", "“所包单位”不能为空，请填写。"],
        [2, "包挂领导", ONE],
        [3, "包挂领导", ONE],
        [4, "包挂科室", ONE],
        [5, "所包单位", "“西镇”不在您的管辖范围内或不存在，请核对名称或标识码，或先在“单位”表中补上。"],
        [6, "包挂领导", "管辖范围内有2名叫“李示例”的局领导或活动专员，请填写用户名加以区分。"],
        [7, "包挂领导", NOBODY.format("远示例")],
        [8, "领导用户名", f"用户名“{foreign.username}”不存在或不在您的管辖范围内，请核对后重新填写。"],
        [9, "领导用户名", f"用户名“{leader.username}”是张示例的账号，与所填姓名不符，请核对后改正。"],
        [
            10,
            "包挂领导",
            NOBODY.format(place.secretary.name),
        ],
    ]


def test_whom_the_same_file_stops_answers_for_nothing_new(place, keeper, leader):
    MembershipFactory(user=leader, unit=place.school, role=Role.SECRETARY)
    ResponsibilityFactory(leader=leader, unit=place.middle)
    people = [
        someone("新示例", "东镇中心小学"),
        someone("张示例", "东镇中心小学", 用户名=leader.username, 状态="停用"),
    ]
    rows = [charge("东镇", "张示例"), charge("示例县第一初级中学", "张示例")]
    assert mistakes(keeper, people=people, charges=rows) == [
        (CHARGES, 2, "包挂领导", "张示例在“人员”表第3行停用，请另选包挂领导，或改正那一行的状态。")
    ]


def test_mistakes_about_what_is_answered_for(place, keeper, leader):
    MembershipFactory(unit=place.bureau, scope=place.township, role=Role.LEADER, user__name="赵示例")
    rows = [
        charge("党办", section="党办"), charge("东镇", section="东镇中心小学"),
        charge("示例县教育局", section="党办"), charge("示例县第一初级中学", "赵示例"),
        charge("东镇", "张示例"), charge("东镇", "张示例"),
    ]  # fmt: skip
    assert refusals(keeper, charges=rows) == [
        [2, "包挂科室", "科室不能包挂自己，请另选所包单位。"],
        [3, "包挂科室", "东镇中心小学不是科室，请另选包挂科室。"],
        [4, "包挂科室", "示例县教育局是党办的上级单位，不能由该科室包挂，请另选所包单位。"],
        [5, "包挂领导", NARROW],
        [7, "所包单位", "与第6行重复，请删除其中一行。"],
    ]


def test_mistakes_about_pairs(place, keeper):
    rows = [
        pair("东镇中心小学", ""), pair("东镇中心小学", "东镇中心小学"), pair("东镇", "示例县第一初级中学"),
        pair("东镇中心小学", "示例县第一初级中学", "好" * 101), pair("示例县第一初级中学", "东镇中心小学"),
    ]  # fmt: skip
    assert refusals(keeper, pairs=rows) == [
        [2, "结对单位", "“结对单位”不能为空，请填写。"],
        [3, "结对单位", "单位不能与自己结对，请另填结对单位。"],
        [4, "单位", "东镇是镇街，结对的双方须是学校，请另选结对单位。"],
        [5, "结对内容", "“结对内容”最多100个字符，请缩短后重新填写。"],
        [6, "单位", "与第5行重复，请删除其中一行。"],
    ]


def test_who_refers_to_a_unit_with_a_mistake_is_not_blamed(place, keeper, leader):
    rows = [unit("北镇小学", "东镇", "大学")]
    found = mistakes(
        keeper, rows, charges=[charge("北镇小学", "张示例")], pairs=[pair("北镇小学", "东镇中心小学")]
    )
    assert [(sheet, row, column) for sheet, row, column, _ in found] == [("单位", 2, "类别")]


def test_one_mistake_in_the_map_and_nothing_at_all_is_written(place, keeper):
    with pytest.raises(NotApplied):
        load(keeper, [unit("北镇小学", "东镇")], charges=[charge("北镇小学", "无人")])
    assert (place.township.children.count(), map_()) == (1, ([], []))


# Out and in again -------------------------------------------------------------------------------------


def reread(tmp_path, content: bytes) -> reading.Book:
    return reading.read(saved(tmp_path, content))


def test_what_is_exported_changes_nothing_when_imported(place, keeper, leader, tmp_path):
    twins = [UnitFactory(name="中心校", parent=town) for town in (place.township, place.bureau)]
    namesake = person(Role.OFFICER, place.section, name="张示例")
    for who in (leader, namesake):
        ResponsibilityFactory(leader=who, unit=twins[0])
    ResponsibilityFactory(leader=None, section=place.section, unit=place.township)
    PairingFactory(unit=twins[1], partner=twins[0], note="=帮扶")
    book = reread(tmp_path, writing.export(keeper))
    assert [dict(row.cells) for row in book.charges] == [
        {"所包单位": "东镇", "包挂科室": "党办"},
        *(
            {"所包单位": "东镇/中心校", "包挂领导": "张示例", "领导用户名": who.username}
            for who in (leader, namesake)
        ),
    ]
    plan = checking.check(book, keeper)
    assert (plan.errors, plan.changes, counts(plan)["包挂"], counts(plan)["结对"]) == (
        [],
        [],
        (0, 0, 3),
        (0, 0, 1),
    )


def test_the_export_holds_what_is_in_force_within_reach_alone(place, keeper, leader, elsewhere, tmp_path):
    gone = person(Role.LEADER, place.bureau)
    Membership.objects.filter(user=gone).update(ended_at=NOW - timedelta(days=1))
    MembershipFactory(user=gone, unit=elsewhere.unit.parent, role=Role.LEADER)
    closed = UnitFactory(parent=place.township, closed_at=NOW)
    foreign = person(Role.LEADER, elsewhere.unit.parent)
    for who, what in (
        (gone, place.school),
        (leader, closed),
        (foreign, place.school),
        (leader, elsewhere.unit),
    ):
        ResponsibilityFactory(leader=who, unit=what)
    ResponsibilityFactory(leader=leader, unit=place.school, ended_at=NOW)
    PairingFactory(unit=place.school, partner=elsewhere.unit)
    PairingFactory(unit=place.school, partner=closed)
    book = reread(tmp_path, writing.export(keeper))
    assert (book.charges, book.pairs, book.errors) == ([], [], [])


def test_a_workbook_with_the_map_alone_is_a_roster(place, keeper, leader, tmp_path):
    content = workbook({CHARGES: [HEADS[CHARGES], ["东镇", "张示例", "", ""]], PAIRS: [HEADS[PAIRS]]})
    plan = checking.check(reread(tmp_path, content), keeper)
    assert (plan.errors, counts(plan)["包挂"]) == ([], (1, 0, 0))


def test_the_map_takes_no_query_for_each_row(place, keeper, leader):
    sections = [UnitFactory(kind=UnitKind.SECTION, parent=place.bureau) for _ in range(40)]
    schools = [UnitFactory(parent=place.township) for _ in range(40)]

    def rows(part):
        return {
            "charges": [
                *(charge(one.name, "张示例") for one in schools[part]),
                *(charge("东镇", section=one.name) for one in sections[part]),
            ],
            "pairs": [pair(one.name, "东镇中心小学") for one in schools[part]],
        }

    load(keeper, **rows(slice(0, 1)))
    with CaptureQueriesContext(connection) as few:
        load(keeper, **rows(slice(1, 3)))
    with CaptureQueriesContext(connection) as many:
        plan = load(keeper, **rows(slice(3, 40)))
    assert (counts(plan)["包挂"], counts(plan)["结对"], len(many)) == ((74, 0, 0), (37, 0, 0), len(few))
