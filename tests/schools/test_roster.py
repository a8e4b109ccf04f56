"""The roster as a whole: all or nothing, its traces, the round trip, its size."""

from functools import partial
from io import BytesIO

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from portal.models import AuditEvent
from schools import activation
from schools.enums import Role, UnitKind
from schools.models import Membership, Unit, User
from schools.roster import applying, checking, reading, writing
from schools.roster.applying import NotApplied
from schools.roster.layout import tidy
from tests.concurrently import at_once
from tests.factories import NOW, MembershipFactory, UnitFactory, UserFactory, county, person
from tests.schools.rosters import book, check, counts, load, saved, someone, unit


@pytest.fixture
def keeper(place):
    return person(Role.SYSTEM, place.section)


def everything() -> tuple:
    """All that an import may write."""
    return tuple(
        list(model.objects.order_by("pk").values()) for model in (Unit, User, Membership, AuditEvent)
    )


# All or nothing ---------------------------------------------------------------------------------------


def test_the_check_writes_nothing(place, keeper):
    before = everything()
    check(keeper, [unit("西镇小学", "东镇")], [someone("周示例", "西镇小学")])
    assert everything() == before


def test_one_mistake_and_nothing_is_written(place, keeper):
    before = everything()
    with pytest.raises(NotApplied) as refusal:
        load(keeper, [unit("西镇小学", "东镇"), unit("北镇小学", "北镇")], [someone("周示例", "西镇小学")])
    assert (everything(), refusal.value.count, refusal.value.errors[0][:3]) == (
        before, 1, ["单位", 3, "上级单位"],
    )  # fmt: skip


def test_what_changed_since_the_preview_is_seen_when_it_is_applied(place, keeper):
    rows = [unit("西镇小学", "东镇")]
    assert check(keeper, rows).errors == []
    place.township.closed_at = NOW
    place.township.save()
    with pytest.raises(NotApplied, match="没有写入任何内容"):
        load(keeper, rows)


def test_whoever_is_no_administrator_any_more_imports_nothing(place, keeper):
    keeper.memberships.update(ended_at=NOW)
    with pytest.raises(NotApplied):
        load(User.objects.get(pk=keeper.pk), [unit("西镇小学", "东镇")])


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_the_same_moment_make_one_school(transactional_db):
    place = county()
    keepers = [person(Role.SYSTEM, place.section) for _ in range(2)]
    rows = [unit("西镇小学", "东镇")], [someone("周示例", "西镇小学")]
    plans = at_once(*(partial(load, keeper, *rows) for keeper in keepers))
    assert sorted(counts(plan)["单位"] for plan in plans) == [(0, 0, 1), (1, 0, 0)]
    assert User.objects.filter(name="周示例").count() == 1


# Traces -----------------------------------------------------------------------------------------------


def test_an_import_leaves_a_trace_of_each_change_and_one_of_the_whole(place, keeper):
    place.school.code = "2100000001"
    place.school.save()
    load(
        keeper,
        [unit("东镇实验小学", "东镇", **{"学校（机构）标识码": "2100000001"}), unit("西镇小学", "东镇")],
        [someone("周示例", "西镇小学"), someone(place.secretary.name, "东镇实验小学", 手机="13800000000")],
    )
    trail = AuditEvent.objects.filter(actor=keeper).order_by("pk").values_list("action", "summary")
    assert list(trail) == [
        ("unit.create", "新增单位西镇小学"),
        ("unit.save", "修改单位东镇实验小学"),
        ("user.save", f"修改人员{place.secretary}的资料"),
        ("user.create", "新增人员周示例"),
        ("membership.start", "周示例（西镇小学信息员）"),
        ("roster.apply", "单位：新增1、修改1、未变0；人员：新增1、修改1、未变0"),
    ]
    assert AuditEvent.objects.get(action="unit.save").detail == {
        "before": {"name": "东镇中心小学", "pinyin": "dzzxxx"},
        "after": {"name": "东镇实验小学", "pinyin": "dzsyxx"},
    }
    assert AuditEvent.objects.get(action="user.save").detail == {
        "before": {"phone": ""}, "after": {"phone": "13800000000"},
    }  # fmt: skip


def test_progress_is_told_step_by_step(place, keeper):
    told = []
    rows = book([unit("西镇小学", "东镇")], [someone("周示例", "西镇小学")])
    applying.apply(rows, at=NOW, by=keeper, report=lambda *one: told.append(one))
    assert told == [("核对", 0, 0), ("新增单位", 1, 1), ("新增人员", 1, 1), ("登记任职", 1, 1)]


# Out and in again -------------------------------------------------------------------------------------


def reread(tmp_path, content: bytes) -> reading.Book:
    return reading.read(saved(tmp_path, content))


def test_what_is_exported_changes_nothing_when_imported(place, keeper, tmp_path):
    west = UnitFactory(name="西镇", kind=UnitKind.TOWNSHIP, parent=place.bureau)
    for town in (place.township, west):
        twin = UnitFactory(name="中心校", parent=town)
        person(Role.HEAD, twin, phone="+86 138-0000", email="a@example.com")
    UnitFactory(name="=1+1", parent=west)
    UnitFactory(name="'@东", parent=west, code="0000000001")
    MembershipFactory(user=place.secretary, unit=place.middle, role=Role.HEAD)
    plan = checking.check(reread(tmp_path, writing.export(keeper)), keeper)
    assert (plan.errors, plan.changes, counts(plan)) == ([], [], {"单位": (0, 0, 9), "人员": (0, 0, 3)})


def test_the_technical_account_exports_the_tops_too(place, tmp_path):
    technical = User.objects.create_superuser("technical", name="技术账号")
    plan = checking.check(reread(tmp_path, writing.export(technical)), technical)
    assert (plan.errors, counts(plan)) == ([], {"单位": (0, 0, 5), "人员": (0, 0, 1)})


def test_the_export_leaves_out_what_is_closed_gone_or_elsewhere(place, keeper, elsewhere, tmp_path):
    gone = person(Role.SECRETARY, place.school, is_active=False)
    closed = UnitFactory(parent=place.township, closed_at=NOW)
    person(Role.SECRETARY, closed)
    exported = reread(tmp_path, writing.export(keeper))
    assert [row["名称"] for row in exported.units] == ["党办", "东镇", "东镇中心小学", "示例县第一初级中学"]
    assert [row["用户名"] for row in exported.people] == [place.secretary.username]
    assert gone.username != place.secretary.username


names = st.text(st.sampled_from("甲乙/=-'（）a1 "), min_size=1, max_size=4).map(tidy).filter(bool)


@settings(max_examples=30)
@given(tree=st.lists(st.tuples(st.integers(0, 5), names), max_size=6))
@pytest.mark.django_db
def test_whatever_units_are_called_the_round_trip_changes_nothing(tmp_path_factory, tree):
    with transaction.atomic():
        place = county()
        keeper = person(Role.SYSTEM, place.section)
        made = [place.bureau]
        for above, name in tree:
            parent = made[above % len(made)]
            if not parent.children.filter(name=name).exists():
                made.append(UnitFactory(parent=parent, name=name))
                person(Role.HEAD, made[-1])
        plan = checking.check(reread(tmp_path_factory.mktemp("x"), writing.export(keeper)), keeper)
        assert (plan.errors, plan.changes) == ([], [])
        transaction.set_rollback(True)


def test_no_cell_of_an_export_is_a_formula_or_a_number(place, keeper):
    UnitFactory(name="=cmd", parent=place.township, code="0123456789")
    sheets = load_workbook(BytesIO(writing.export(keeper))).worksheets
    written = {
        (cell.data_type, str(cell.value)[:1] in "=+-@")
        for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.value is not None
    }  # fmt: skip
    assert written == {("s", False)}


def test_the_template_offers_lists_freezes_its_head_and_explains_itself():
    *sheets, explained = load_workbook(BytesIO(writing.template())).worksheets
    assert [sheet.freeze_panes for sheet in sheets] == ["A2", "A2", "A2", "A2"]
    offered = [
        {str(one.sqref): one.formula1 for one in sheet.data_validations.dataValidation} for sheet in sheets
    ]
    assert offered == [
        {"B2:B20001": f'"{",".join(UnitKind.labels)}"', "C2:C20001": '"公办,民办"'},
        {"C2:C20001": '"信息员,单位负责人"', "G2:G20001": '"在用,停用"'},
        {},
        {},
    ]
    assert explained.title == "填写说明"


# Activation codes -------------------------------------------------------------------------------------


def test_the_list_holds_those_who_have_yet_to_come_in_and_no_others(place, keeper, elsewhere):
    rows = [someone("周示例", "东镇中心小学"), someone("周示例", "东镇", "单位负责人", 用户名="z")]
    load(keeper, people=rows)
    person(Role.SECURITY, place.section, must_change_password=True)
    person(Role.SECRETARY, elsewhere.unit, must_change_password=True)
    person(Role.SECRETARY, place.school, must_change_password=True, password="Shili-2026x")
    person(Role.SECRETARY, place.school, must_change_password=True, is_active=False)
    reaching = UserFactory(must_change_password=True)
    for where in (place.school, elsewhere.unit):
        MembershipFactory(user=reaching, unit=where)
    content, number = writing.activation_list(keeper)
    rows = list(load_workbook(BytesIO(content)).active.iter_rows(min_row=2, values_only=True))
    users = User.objects.filter(name="周示例").order_by("pk")
    assert (number, rows) == (2, [
        (user.active_memberships[0].unit.name, "周示例", user.active_memberships[0].get_role_display(),
         user.username, activation.code_of(user))
        for user in users
    ])  # fmt: skip


# Size -------------------------------------------------------------------------------------------------


def test_an_import_takes_no_query_for_each_row(place, keeper):
    """Three hundred schools and six hundred people: the number of statements does not follow them."""

    def rows(count):
        schools = [unit(f"示例第{n}小学", "东镇") for n in range(count)]
        people = [someone(f"周示例{n}", f"示例第{n // 2}小学") for n in range(2 * count)]
        return schools, people

    load(keeper, *rows(3))
    with CaptureQueriesContext(connection) as few:
        load(keeper, *rows(6))
    with CaptureQueriesContext(connection) as many:
        plan = load(keeper, *rows(240))
    assert counts(plan) == {"单位": (234, 0, 6), "人员": (468, 0, 12)}
    assert len(many) == len(few)
