"""The matrix: a mark for every task, every number with its rows, the same as a page and as a workbook."""

import re
from io import BytesIO

import pytest
from django.http import HttpResponse
from django.urls import reverse
from lxml import html
from openpyxl import load_workbook

from notices.templatetags.days import day_of
from notices.workdays import last_day
from portal import jobs
from portal.files import store
from portal.models import Job, JobState
from reports.matrix import MARKS, Cell, mark_of
from reports.views import matrix
from schools.enums import Ownership, Role, UnitKind
from schools.models import Membership
from submissions.enums import AssignmentState as State
from submissions.enums import Override
from submissions.models import Assignment
from submissions.services import counting, publishing, reviewing
from tests.factories import (
    DUE,
    NOW,
    County,
    OccurrenceFactory,
    RequirementFactory,
    UnitFactory,
    assigned,
    at,
    county,
    handed_in,
    person,
    ready_plan,
)
from tests.reports.test_pages import as_, numbers

pytestmark = pytest.mark.django_db

DAY = day_of(last_day(DUE))
FUTURE = at(12, 31).replace(year=2099)


@pytest.fixture
def campaign(place: County):
    """Two townships and a school of the bureau's own; an essay, and a report for each of two months."""
    west = UnitFactory(name="西镇", kind=UnitKind.TOWNSHIP, parent=place.bureau)
    UnitFactory(name="西镇小学", parent=west, ownership=Ownership.PRIVATE)
    UnitFactory(name="东镇第二小学", parent=place.township)
    essay = ready_plan(place, title="征文")
    report = RequirementFactory(
        campaign=essay.campaign, phase=essay.phase, title="月报", order=2, audience_kinds=[UnitKind.PRIMARY]
    )
    for number, label in enumerate(("3月", "4月"), 1):
        OccurrenceFactory(requirement=report, number=number, label=label)
    publishing.publish(essay.campaign, by=place.officer, at=NOW)
    Assignment.objects.filter(occurrence__requirement=report).update(due_at=FUTURE)
    return essay.campaign


def change(unit: str, asked: str, **changed) -> None:
    found = Assignment.objects.filter(unit__name=unit, occurrence__requirement__title=asked)
    assert found.update(**changed)


@pytest.fixture
def mixed(campaign):
    """Every mark once at least, and a school that is late."""
    handed = {"completed_at": NOW}
    change("东镇中心小学", "征文", state=State.ACCEPTED, completed_at=at(5, 3), late=True)
    change("东镇第二小学", "征文", state=State.RETURNED, **handed)
    change("东镇第二小学", "月报", state=State.SUBMITTED, **handed)
    change("西镇小学", "征文", state=State.CANCELLED, override=Override.CANCELLED)
    change("西镇小学", "月报", state=State.EXEMPT, override=Override.EXEMPT)
    return campaign


@pytest.fixture
def leader(place: County):
    return as_(person(Role.LEADER, place.bureau))


def address(campaign, **query) -> str:
    return reverse("matrix", args=[campaign.pk], query=query)


def shown(response: HttpResponse) -> dict[str, list[str]]:
    """The cells of every unit as they read; a late one with “迟”."""
    tree = html.fromstring(response.content.decode())
    return {
        row.xpath("string(th)"): [
            cell.text_content() + ("迟" if "late" in (cell.get("class") or "") else "")
            for cell in row.xpath("td[position() > 2]")
        ]
        for row in tree.xpath("//table[@id='matrix']/tbody/tr[not(@class)]")
    }


@pytest.mark.parametrize(("state", "sign"), [
    (State.ACCEPTED, "通"), (State.SUBMITTED, "审"), (State.FIRST_PASSED, "审"), (State.RETURNED, "退"),
    (State.TODO, "逾"), (State.TO_SIGN, "逾"), (State.EXEMPT, "免"),
])  # fmt: skip
def test_every_state_has_its_mark(state: State, sign: str) -> None:
    assert mark_of(state, DUE, DUE).sign == sign


def test_a_task_is_overdue_from_the_due_instant_on() -> None:
    assert mark_of(State.TODO, DUE, at(4, 30, 23, 59)).sign == "未"


def test_marks_differ_by_more_than_colour() -> None:
    assert len({mark.sign for mark in MARKS}) == len({mark.name for mark in MARKS}) == len(MARKS)


def test_units_stand_by_township_with_a_cell_for_each_occurrence(leader, mixed) -> None:
    assert shown(leader.get(address(mixed))) == {
        "示例县第一初级中学": ["逾", "", ""],
        "东镇中心小学": ["通迟", "未", "未"],
        "东镇第二小学": ["退", "审", "审"],
        "西镇小学": ["", "免", "免"],
    }


def test_turned_it_says_the_same_by_occurrence(leader, mixed) -> None:
    tree = html.fromstring(leader.get(address(mixed, dense=1)).content.decode())
    rows = tree.xpath("//table[@id='matrix']/tbody/tr")
    said = {
        row.xpath("string(th/@title)"): [one.text_content() for one in row.xpath("td[position() > 3]")]
        for row in rows
    }
    assert said == {
        "征文": ["逾", "通", "退", ""],
        "月报（3月）": ["", "未", "审", "免"],
        "月报（4月）": ["", "未", "审", "免"],
    }


def test_a_cell_leads_to_its_task_and_says_what_it_is(leader, mixed, place) -> None:
    tree = html.fromstring(leader.get(address(mixed)).content.decode())
    owed = Assignment.objects.get(unit=place.school, occurrence__requirement__title="征文")
    [link] = tree.xpath(f"//td/a[@href='{reverse('assignment', args=[owed.pk])}']")
    assert link.get("aria-label") == f"东镇中心小学，征文：通过，迟报（截止{DAY}）"


def test_what_has_not_come_is_called_as_the_task_calls_it(leader, mixed) -> None:
    tree = html.fromstring(leader.get(address(mixed)).content.decode())
    said = [
        one.get("aria-label").split("：")[1]
        for one in tree.xpath("//td[@class='m-overdue' or @class='m-not_due']/a")
    ]
    late, later = f"待报，逾期（截止{DAY}）", "待报，未到期（截止2099年12月31日）"
    assert said == [late, later, later]
    assert mark_of(State.TO_SIGN, DUE, DUE).name == "逾期"
    assert Cell(1, mark_of(State.TO_SIGN, DUE, DUE), False, DUE, State.TO_SIGN).said == "待签发，逾期"


def test_printed_it_says_of_which_campaign_on_every_page(leader, mixed) -> None:
    tree = html.fromstring(leader.get(address(mixed)).content.decode())
    assert tree.get("data-at").split("　")[:2] == [mixed.title, "报送矩阵"]


def test_names_are_text_and_no_markup(leader, mixed, place) -> None:
    place.school.name = "<b>&小学"
    place.school.save()
    page = leader.get(address(mixed)).content.decode()
    assert ("<b>&" in page, "&lt;b&gt;&amp;小学，征文：" in page) == (False, True)


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize("query", [
    {}, {"dense": 1}, {"q": "dz"}, {"q": "第二"}, {"having": "returned"}, {"having": "overdue", "dense": 1},
    {"unit_kind": "primary"}, {"ownership": "private"}, {"q": "小学", "having": "missing"},
])  # fmt: skip
def test_every_number_leads_to_as_many_rows(leader, mixed, query: dict, folded: bool) -> None:
    if folded:
        counting.fold_deltas()
    found = numbers(leader.get(address(mixed, **query)).content.decode())
    assert len(found) >= 12
    behind = {link: leader.get(link).context["page"].paginator.count for link, _ in found}
    assert behind == dict(found)
    assert all(leader.get(link).context["page"].paginator.count == count for link, count in found)


def test_columns_townships_and_units_carry_the_share_handed_in(leader, mixed) -> None:
    context = leader.get(address(mixed)).context
    assert [(one.title, one.handed, one.owed, one.percent) for one in context["columns"]] == [
        ("征文", 1, 3, 33), ("月报（3月）", 1, 2, 50), ("月报（4月）", 1, 2, 50),
    ]  # fmt: skip
    assert [(head.name, head.handed, head.owed) for head, _ in context["groups"]] == [
        ("示例县教育局直属", 0, 1), ("东镇", 3, 6), ("西镇", 0, 0),
    ]  # fmt: skip
    assert [(line.handed, line.owed) for _, lines in context["groups"] for line in lines] == [
        (0, 1), (1, 3), (2, 3), (0, 0),
    ]  # fmt: skip


def test_the_legend_counts_every_mark(leader, mixed) -> None:
    legend = leader.get(address(mixed)).context["legend"]
    assert {mark.name: count for mark, count, _ in legend} == {
        "通过": 1, "待审": 2, "退回": 1, "未报，未到期": 2, "逾期": 1, "免报": 2, "迟报": 1,
    }  # fmt: skip


@pytest.mark.parametrize(("query", "units"), [
    ({"q": "dzdexx"}, ["东镇第二小学"]),
    ({"q": "镇 小学"}, ["东镇中心小学", "东镇第二小学", "西镇小学"]),
    ({"having": "overdue"}, ["示例县第一初级中学"]),
    ({"having": "returned"}, ["东镇第二小学"]),
    ({"having": "missing"}, ["示例县第一初级中学", "东镇中心小学"]),
    ({"unit_kind": "middle"}, ["示例县第一初级中学"]),
    ({"ownership": "private"}, ["西镇小学"]),
    ({"q": "没有这所学校"}, []),
])  # fmt: skip
def test_it_can_be_narrowed_to_units(leader, mixed, query: dict, units: list[str]) -> None:
    assert list(shown(leader.get(address(mixed, **query)))) == units


def test_it_can_be_narrowed_to_a_township_and_to_a_requirement(leader, mixed, place) -> None:
    asked = mixed.requirements.get(title="月报")
    found = leader.get(address(mixed, below=place.township.pk, requirement=asked.pk))
    assert shown(found) == {"东镇中心小学": ["未", "未"], "东镇第二小学": ["审", "审"]}


@pytest.mark.parametrize("query", [
    {"having": "x"}, {"below": "999999"}, {"requirement": "x"}, {"unit_kind": "x"},
])  # fmt: skip
def test_nonsense_in_the_address_is_not_found(leader, mixed, query: dict) -> None:
    assert leader.get(address(mixed, **query)).status_code == 404


def test_outsiders_learn_nothing(mixed, place) -> None:
    elsewhere = county()
    assert as_(person(Role.LEADER, elsewhere.bureau)).get(address(mixed)).status_code == 404
    assert as_(place.secretary).get(address(mixed)).status_code == 403


def of_township(place: County):
    made = person(Role.LEADER, place.township)
    Membership.objects.filter(user=made).update(scope=place.township)
    return as_(made)


def test_a_township_leader_sees_the_own_township_only(mixed, place) -> None:
    page = of_township(place).get(address(mixed))
    assert (list(shown(page)), "西镇" in page.content.decode()) == (["东镇中心小学", "东镇第二小学"], False)


def test_a_unit_that_moved_stands_where_its_tasks_were_given(leader, mixed, place) -> None:
    west = place.bureau.children.get(name="西镇")
    place.school.parent = west
    place.school.save()
    later = RequirementFactory(campaign=mixed, phase=mixed.phases.get(), title="总结", order=3)
    OccurrenceFactory(requirement=later)
    publishing.issue(later, by=place.officer, at=NOW)
    groups = leader.get(address(mixed, q="中心")).context["groups"]
    assert [(head.name, [line.owed for line in lines]) for head, lines in groups] == [
        ("东镇", [3]),
        ("西镇", [1]),
    ]
    page = of_township(place).get(address(mixed))
    assert list(shown(page))[-1] == "东镇中心小学（已划转）"
    tree = html.fromstring(page.content.decode())
    assert tree.xpath("//tr[contains(th, '已划转')]/td[position() > 2]/a") == []
    for link, count in numbers(page.content.decode()):
        assert of_township(place).get(link).context["page"].paginator.count == count


def test_pages_follow_the_tree_and_groups_go_on(leader, mixed, monkeypatch) -> None:
    monkeypatch.setattr(matrix, "PER_PAGE", 2)
    pages = [list(shown(leader.get(address(mixed, page=n)))) for n in (1, 2)]
    assert pages == [["示例县第一初级中学", "东镇中心小学"], ["东镇第二小学", "西镇小学"]]
    assert [head.owed for head, _ in leader.get(address(mixed, page=2)).context["groups"]] == [6, 0]


def test_a_campaign_that_asked_nothing_here_says_so(mixed, place) -> None:
    south = UnitFactory(name="南镇", kind=UnitKind.TOWNSHIP, parent=place.bureau)
    made = person(Role.LEADER, south)
    Membership.objects.filter(user=made).update(scope=south)
    assert "您的管辖范围内没有报送任务" in as_(made).get(address(mixed)).content.decode()


@pytest.mark.parametrize("more", [0, 5])
@pytest.mark.parametrize("dense", ["", "1"])
def test_the_matrix_takes_fifteen_queries(
    leader, place, more: int, dense: str, django_assert_num_queries
) -> None:
    for n in range(more):
        UnitFactory(name=f"东镇第{n}小学", parent=place.township)
    asked = assigned(place).requirement.campaign
    leader.get(reverse("inbox"))
    with django_assert_num_queries(15):
        leader.get(address(asked, dense=dense))


# As a workbook ----------------------------------------------------------------------------------------


def taken(client, campaign, table: str, **query) -> Job:
    response = client.post(reverse("take_table", args=[campaign.pk, table], query=query))
    job = Job.objects.latest("pk")
    assert response.headers["Location"] == reverse("job", args=[job.pk])
    jobs.run_waiting(lambda: NOW.replace(month=5, day=20))
    job.refresh_from_db()
    return job


def book(job: Job):
    return load_workbook(BytesIO(store.path_of(job.product).read_bytes()))


def test_the_whole_matrix_is_taken_away_with_marks_and_colours(leader, mixed, monkeypatch) -> None:
    monkeypatch.setattr(matrix, "PER_PAGE", 2)
    job = taken(leader, mixed, "matrix")
    sheet = book(job)["报送矩阵"]
    assert list(sheet.values) == [
        (
            "镇街",
            "单位",
            "已报",
            "应报",
            "报送率（%）",
            f"征文\n截止{DAY}",
            f"月报（3月）\n截止{DAY}",
            f"月报（4月）\n截止{DAY}",
        ),
        ("合计", "已报", 3, None, None, 1, 1, 1),
        ("合计", "应报", None, 7, None, 3, 2, 2),
        ("合计", "报送率（%）", None, None, 42, 33, 50, 50),
        ("示例县教育局直属", "示例县教育局直属合计", 0, 1, 0, None, None, None),
        ("示例县教育局直属", "示例县第一初级中学", 0, 1, 0, "逾", None, None),
        ("东镇", "东镇合计", 3, 6, 50, None, None, None),
        ("东镇", "东镇中心小学", 1, 3, 33, "通迟", "未", "未"),
        ("东镇", "东镇第二小学", 2, 3, 66, "退", "审", "审"),
        ("西镇", "西镇合计", 0, 0, None, None, None, None),
        ("西镇", "西镇小学", 0, 0, None, None, "免", "免"),
    ]
    assert (sheet["F6"].fill.fgColor.rgb, sheet["F6"].font.color.rgb) == ("FFB3261E", "FFFFFFFF")
    assert (sheet.freeze_panes, sheet.row_dimensions[6].outlineLevel) == ("C2", 1)
    assert job.result == {"said": "共4个单位、3个期次"}
    legend = list(book(job)["图例"].values)[1:]
    assert legend[0] == ("通", "通过", 1)
    assert re.fullmatch(r"报送矩阵大讨论\d+20260520\.xlsx", job.product.name)


def test_it_is_narrowed_like_the_page(leader, mixed) -> None:
    sheet = book(taken(leader, mixed, "matrix", having="returned", page="7"))["报送矩阵"]
    assert [row[1] for row in sheet.values] == [
        "单位", "已报", "应报", "报送率（%）", "东镇合计", "东镇第二小学",
    ]  # fmt: skip


def test_ordered_twice_it_is_made_once(leader, mixed) -> None:
    for _ in range(2):
        leader.post(reverse("take_table", args=[mixed.pk, "matrix"], query={"q": "dz"}))
    assert [job.params for job in Job.objects.all()] == [
        {"table": "matrix", "campaign": mixed.pk, "asked": {"q": "dz"}}
    ]


def test_the_rows_of_a_figure_are_taken_away_as_the_page_lists_them(leader, mixed) -> None:
    query = {"figure": "missing", "q": "dz"}
    listed = leader.get(reverse("rows", args=[mixed.pk], query=query)).context["page"].paginator.count
    job = taken(leader, mixed, "rows", **query)
    rows = list(book(job)["报送任务"].values)[1:]
    assert (len(rows), {row[0] for row in rows}, job.result["said"]) == (
        listed, {"东镇中心小学"}, "共2项报送任务"
    )  # fmt: skip


def test_what_is_not_there_cannot_be_ordered(leader, mixed) -> None:
    for table, query in (
        ("x", {}),
        ("rows", {"figure": "x"}),
        ("matrix", {"below": "0"}),
        ("rows", {"having": "x"}),
    ):
        assert leader.post(reverse("take_table", args=[mixed.pk, table], query=query)).status_code == 404
    assert leader.get(reverse("take_table", args=[mixed.pk, "matrix"])).status_code == 405


def test_a_matrix_of_nothing_is_refused_with_a_sentence(leader, mixed) -> None:
    job = taken(leader, mixed, "matrix", q="没有这所学校")
    assert (job.state, job.message) == (JobState.FAILED, "所选范围内没有可导出的内容，请调整条件后再导出。")


def test_who_has_lost_the_scope_meanwhile_gets_nothing(mixed, place) -> None:
    made = person(Role.LEADER, place.bureau)
    as_(made).post(reverse("take_table", args=[mixed.pk, "matrix"]))
    Membership.objects.filter(user=made).update(ended_at=NOW)
    jobs.run_waiting(lambda: NOW)
    job = Job.objects.get()
    assert (job.state, job.message) == (
        JobState.FAILED, "所选的活动或单位已不在您的管辖范围内，请回到页面重新选择后再导出。"
    )  # fmt: skip


def test_what_a_service_did_stands_in_the_matrix(place, leader) -> None:
    owed = assigned(place)
    version = handed_in(owed, place.secretary, at=at(5, 3))
    reviewing.send_back(version, by=place.officer, at=at(5, 4), reason="请补充。", correct_by=at(5, 9))
    assert shown(leader.get(address(owed.requirement.campaign)))["东镇中心小学"] == ["退迟"]
