"""Rows of the sheet 单位: which unit each speaks of, and what is refused."""

from itertools import pairwise

import pytest

from schools.enums import Ownership, Role, UnitKind
from schools.models import FormerName, Unit
from schools.roster import findings, tree
from schools.roster import units as of_units
from schools.services import units
from tests.factories import NOW, UnitFactory, person
from tests.schools.rosters import check, counts, load, mistakes, unit

CREDIT = "91350100M000100Y43"  # the example of GB 32100-2015


@pytest.fixture
def keeper(place):
    return person(Role.SYSTEM, place.section)


@pytest.fixture
def technical(place):
    return person(Role.SYSTEM, place.section, is_superuser=True)


def sentences(found: list[tuple]) -> list[tuple[int, str, str]]:
    return [(row, column, sentence) for _, row, column, sentence in found]


# Recognised -------------------------------------------------------------------------------------------


def test_a_new_school_gets_its_place_key_and_ownership(place, keeper):
    load(keeper, [unit("东镇第二小学", "东镇")])
    made = Unit.objects.get(name="东镇第二小学")
    assert (made.parent, made.kind, made.ownership, made.pinyin) == (
        place.township, UnitKind.PRIMARY, Ownership.PUBLIC, "dzdexx",
    )  # fmt: skip
    assert made.path.startswith(place.township.path)


def test_the_same_roster_again_changes_nothing(place, keeper):
    rows = [
        unit("东镇第二小学", "东镇", 统一社会信用代码=CREDIT),
        unit("西镇", "示例县教育局", "镇街"),
        unit("西镇小学", "西镇", **{"学校（机构）标识码": "2100000001"}),
    ]
    load(keeper, rows)
    assert counts(load(keeper, rows))["单位"] == (0, 0, 3)


def test_a_unit_is_known_by_its_code_first_and_takes_the_name_of_the_row(place, keeper):
    place.school.code = "2100000001"
    place.school.save()
    load(keeper, [unit("东镇实验小学", "东镇", **{"学校（机构）标识码": "2100000001"})])
    place.school.refresh_from_db()
    assert (place.school.name, place.school.pinyin) == ("东镇实验小学", "dzsyxx")
    assert FormerName.objects.get().name == "东镇中心小学"


def test_else_by_the_credit_code(place, keeper):
    place.school.credit_code = CREDIT
    place.school.save()
    plan = check(keeper, [unit("东镇实验小学", "东镇", 统一社会信用代码=CREDIT)])
    assert counts(plan)["单位"] == (0, 1, 0)


def test_else_by_its_place_and_name_and_the_code_is_filled_in(place, keeper):
    load(keeper, [unit("东镇中心小学", "东镇", **{"学校（机构）标识码": "2100000001"})])
    place.school.refresh_from_db()
    assert place.school.code == "2100000001"


def test_else_by_a_name_it_once_had_and_the_present_name_stays(place, keeper):
    place.school.name = "东镇实验小学"
    units.save(place.school, at=NOW, by=keeper)
    plan = load(keeper, [unit("东镇中心小学", "东镇", 办学性质="民办")])
    place.school.refresh_from_db()
    assert (place.school.name, place.school.ownership) == ("东镇实验小学", Ownership.PRIVATE)
    assert [one.sentence for one in plan.warnings] == [
        of_units.RENAMED.format(old="东镇中心小学", name="东镇实验小学")
    ]


def test_an_empty_cell_changes_nothing(place, keeper):
    place.school.code, place.school.ownership = "2100000001", Ownership.PRIVATE
    place.school.save()
    assert counts(load(keeper, [unit("东镇中心小学", "东镇")]))["单位"] == (0, 0, 1)


def test_a_school_moves_with_its_row_and_takes_those_below_along(place, keeper):
    below = UnitFactory(name="东镇中心小学分校", parent=place.school)
    place.school.code = "2100000001"
    place.school.save()
    load(keeper, [
        unit("东镇中心小学", "西镇", **{"学校（机构）标识码": "2100000001"}),
        unit("西镇", "示例县教育局", "镇街"),
    ])  # fmt: skip
    below.refresh_from_db()
    west = Unit.objects.get(name="西镇")
    assert below.path.startswith(west.path)


def test_parents_may_stand_below_their_children_in_the_sheet(place, keeper):
    load(keeper, [unit("丙", "乙"), unit("乙", "甲", "镇街"), unit("甲", "示例县教育局", "区县局")])
    assert Unit.objects.get(name="丙").parent.parent.name == "甲"


def test_a_parent_is_named_by_code_by_way_or_by_a_former_name(place, keeper):
    place.township.code = "9900000001"
    place.township.save()
    west = UnitFactory(name="西镇", kind=UnitKind.TOWNSHIP, parent=place.bureau)
    for town in (place.township, west):
        UnitFactory(name="中心校", parent=town)
    west.name = "新西镇"
    units.save(west, at=NOW, by=keeper)
    load(keeper, [unit("甲", "9900000001"), unit("乙", "东镇/中心校"), unit("丙", "西镇")])
    assert [Unit.objects.get(name=name).parent.name for name in "甲乙丙"] == ["东镇", "中心校", "新西镇"]


def test_two_schools_exchange_their_names_and_parent_and_child_their_places(place, keeper):
    for one, code in (
        (place.school, "2100000001"),
        (place.middle, "3100000001"),
        (place.township, "9900000001"),
    ):
        one.code = code
        one.save()
    load(keeper, [
        unit("示例县第一初级中学", "东镇", **{"学校（机构）标识码": "2100000001"}),
        unit("东镇中心小学", "示例县教育局", "初中", **{"学校（机构）标识码": "3100000001"}),
    ])  # fmt: skip
    place.school.refresh_from_db()
    place.middle.refresh_from_db()
    assert (place.school.name, place.middle.name) == ("示例县第一初级中学", "东镇中心小学")
    load(keeper, [
        unit("东镇", "示例县第一初级中学", "镇街", **{"学校（机构）标识码": "9900000001"}),
        unit("示例县第一初级中学", "示例县教育局", **{"学校（机构）标识码": "2100000001"}),
    ])  # fmt: skip
    place.township.refresh_from_db()
    assert place.township.parent == place.school


def test_a_key_that_somebody_put_right_stays_when_the_name_changes(place, keeper):
    place.school.code, place.school.pinyin = "2100000001", "zq"
    place.school.save()
    load(keeper, [unit("东镇实验小学", "东镇", **{"学校（机构）标识码": "2100000001"})])
    place.school.refresh_from_db()
    assert place.school.pinyin == "zq"


def test_the_technical_account_may_begin_with_the_top(technical):
    load(technical, [unit("新县教育局", "", "教育局"), unit("新县小学", "新县教育局")])
    assert Unit.objects.get(name="新县小学").parent.parent is None


def test_a_code_that_does_not_go_with_the_kind_is_a_doubt_and_no_mistake(place, keeper):
    plan = check(keeper, [unit("甲", "东镇", "幼儿园", **{"学校（机构）标识码": "2100000001"})])
    assert (plan.errors, [one.sentence for one in plan.warnings]) == (
        [], ["幼儿园的学校（机构）标识码通常以11开头，请核对是否有误。"],
    )  # fmt: skip


# Refused ----------------------------------------------------------------------------------------------

CODE = "学校（机构）标识码"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (unit("", "东镇"), ("名称", findings.MISSING.format(column="名称"))),
        (unit("甲", ""), ("上级单位", findings.MISSING.format(column="上级单位"))),
        (unit("甲", "东镇", ""), ("类别", findings.MISSING.format(column="类别"))),
        (unit("甲", "东镇", "大学"), ("类别", findings.CHOICES.format(
            text="大学", choices="、".join(UnitKind.labels)))),
        (unit("甲", "东镇", 办学性质="私立"), ("办学性质", findings.CHOICES.format(
            text="私立", choices="公办、民办"))),
        (unit("甲" * 101, "东镇"), ("名称", findings.LONG.format(column="名称", limit=100))),
        (unit("甲", "北镇"), ("上级单位", tree.UNKNOWN.format(text="北镇"))),
        (unit("甲", "邻县教育局"), ("上级单位", tree.UNKNOWN.format(text="邻县教育局"))),
        (unit("甲", "旧校"), ("上级单位", tree.CLOSED.format(text="旧校"))),
        (unit("旧校", "东镇"), ("名称", of_units.IS_CLOSED.format(name="旧校"))),
        (unit("甲", "中心校"), ("上级单位", tree.AMBIGUOUS.format(n=2, text="中心校"))),
        (unit("甲", "东镇", **{CODE: "123"}), (CODE, of_units.WRONG_CODE)),
        (unit("甲", "东镇", **{CODE: "9988776655"}), (CODE, of_units.CODE_TAKEN)),
        (unit("甲", "东镇", 统一社会信用代码=CREDIT[:-1] + "4"),
         ("统一社会信用代码", of_units.WRONG_CREDIT_CODE)),
        (unit("甲", "甲"), ("上级单位", tree.UNKNOWN.format(text="甲"))),
        (unit("东镇", "东镇中心小学", **{CODE: "9900000001"}), ("上级单位", of_units.BELOW_ITSELF)),
        (unit("东镇", "示例县教育局", "镇街", **{CODE: "2100000001"}), ("名称", of_units.SIBLING)),
        (unit("示例县教育局", "东镇", "教育局", **{CODE: "9900000000"}),
         ("名称", of_units.HEAD.format(name="示例县教育局"))),
    ],
)  # fmt: skip
def test_mistakes_are_named_by_row_and_column(place, keeper, elsewhere, row, expected):
    for one, code in (
        (place.bureau, "9900000000"),
        (place.township, "9900000001"),
        (place.section, "2100000001"),
    ):
        one.code = code
        one.save()
    elsewhere.unit.code = "9988776655"
    elsewhere.unit.save()
    UnitFactory(name="旧校", parent=place.township, closed_at=NOW)
    for parent in (place.township, place.section):
        UnitFactory(name="中心校", parent=parent)
    assert sentences(mistakes(keeper, [row])) == [(2, *expected)]


def test_the_same_unit_twice_is_refused_with_the_other_row(place, keeper):
    found = mistakes(keeper, [unit("甲", "东镇"), unit("甲", "东镇")])
    assert sentences(found) == [(3, "名称", findings.REPEATED.format(other=2))]


def test_a_code_twice_is_refused_with_the_other_row(place, keeper):
    code = {CODE: "2100000001"}
    found = mistakes(keeper, [unit("甲", "东镇", **code), unit("乙", "东镇", **code)])
    assert sentences(found) == [(3, CODE, findings.REPEATED.format(other=2))]


def test_units_above_each_other_are_refused(place, keeper):
    found = mistakes(keeper, [unit("甲", "乙"), unit("乙", "甲")])
    assert sentences(found) == [(2, "上级单位", of_units.NO_PARENT.format(text="乙"))]


def test_a_row_that_fails_is_named_once_and_not_by_all_that_hang_on_it(place, keeper):
    found = mistakes(keeper, [unit("甲", "东镇", "大学"), unit("乙", "甲"), unit("丙", "乙")])
    assert [row for _, row, *_ in found] == [2]


def test_more_levels_than_the_tree_has_are_refused(place, keeper):
    names = ["示例县教育局", *(f"第{n}层" for n in range(12))]
    rows = [unit(name, above, "科室") for above, name in pairwise(names)]
    assert sentences(mistakes(keeper, rows)) == [(13, "上级单位", of_units.TOO_DEEP)]


def test_a_long_branch_does_not_fit_below_a_deep_place(place, keeper):
    deep = place.section
    for _ in range(9):
        deep = UnitFactory(kind=UnitKind.SECTION, parent=deep)
    deep.code = "9900000002"
    deep.save()
    place.township.code = "9900000001"
    place.township.save()
    found = mistakes(keeper, [unit("东镇", "9900000002", "镇街", **{CODE: "9900000001"})])
    assert sentences(found) == [(2, "上级单位", of_units.TOO_DEEP)]
