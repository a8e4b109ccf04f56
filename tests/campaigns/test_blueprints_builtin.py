"""The five built-in templates hold the facts of their papers and make drafts that may be published."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.blueprints import read, write
from campaigns.blueprints.naming import match, names_of_units
from campaigns.blueprints.shape import Topic, number_of, numbered
from campaigns.blueprints.shelf import built_in, text_of
from campaigns.enums import Aggregation, CampaignKind, LeadershipRole
from campaigns.models import Campaign
from campaigns.readiness import gaps
from campaigns.services import drafting
from campaigns.services.exporting import export
from schools.enums import UnitKind
from schools.models import Unit
from tests.factories import NOW, UnitFactory

KINDS = CampaignKind.values


def indicators(kind: str) -> dict[str, list[str]]:
    """By the number of their topic, as people read them."""
    told = {}
    for position, topic in numbered(built_in()[kind].topics):
        words = {"ge": "≥", "le": "≤", "eq": "="}
        for one in topic.indicators:
            said = f"{one.name}{words[one.comparator]}{one.value}{one.unit}"
            told.setdefault(number_of(position), []).append(said)
    return told


def asked(kind: str) -> dict[str, tuple]:
    """Of each requirement: kind, at least, due day or frequency."""
    return {
        one.title: (one.kind, one.min_pieces, one.due_on or (one.recurs.frequency, one.recurs.due_day))
        for one in built_in()[kind].requirements
    }


def phases(kind: str) -> list[tuple]:
    return [(one.name, one.starts_on, one.ends_on, one.suggested) for one in built_in()[kind].phases]


@pytest.fixture
def sections(place):
    """The county with the sections that the templates name."""
    names = {name for plan in built_in().values() for name in names_of_units(plan)}
    for name in sorted(names):
        UnitFactory(name=name, kind=UnitKind.SECTION, parent=place.bureau)
    return place


def in_order_of_units(topics: tuple[Topic, ...]) -> tuple[Topic, ...]:
    """Supporting sections have no order of their own; in the tests' county they stand by name."""
    return tuple(
        replace(
            one,
            supporting=tuple(sorted(one.supporting)),
            children=in_order_of_units(one.children),
        )
        for one in topics
    )


def drafted(place, kind: str, starts_on: date = date(2027, 1, 1)) -> Campaign:
    plan = built_in()[kind]
    units = match(names_of_units(plan), place.bureau)
    return drafting.create(
        plan,
        title="新活动",
        starts_on=starts_on,
        host=place.bureau,
        office=units[plan.office],
        units=units,
        by=place.officer,
        at=NOW,
    )


# Of all five ------------------------------------------------------------------------------------------


def test_there_is_one_for_each_kind_of_campaign():
    assert {kind: plan.kind for kind, plan in built_in().items()} == {kind: kind for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_are_as_the_portal_writes_them(kind):
    assert write(read(text_of(kind))) == text_of(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_each_has_a_leading_group_with_an_office(kind):
    plan = built_in()[kind]
    assert (plan.leadership[0].role, plan.office != "") == (LeadershipRole.LEAD, True)


@pytest.mark.parametrize("kind", KINDS)
def test_where_some_topics_have_a_lead_all_of_that_level_do(kind):
    tree = list(numbered(built_in()[kind].topics))
    levels = {len(position) for position, topic in tree if topic.lead}
    assert [topic.title for position, topic in tree if len(position) in levels and not topic.lead] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_indicator_has_a_day(kind):
    tree = numbered(built_in()[kind].topics)
    assert [one.name for _, topic in tree for one in topic.indicators if one.due_on is None] == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_measured_per_head_class_or_day_is_averaged(kind):
    """No such value of a hundred schools may be added up."""
    each = ("每", "到健身场所的时间", "星级", "%")
    told = [one for _, topic in numbered(built_in()[kind].topics) for one in topic.indicators]
    averages = {one.name for one in told if one.aggregation == Aggregation.AVERAGE}
    assert averages == {one.name for one in told if any(word in one.name + one.unit for word in each)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_like_it_may_be_published_as_it_is(sections, kind):
    assert [gap.sentence for gap in gaps(drafted(sections, kind), at=NOW)] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("starts_on", [date(2027, 3, 1), date(2028, 2, 29), date(2027, 9, 13)])
def test_whatever_day_it_begins(sections, kind, starts_on):
    assert [gap.sentence for gap in gaps(drafted(sections, kind, starts_on), at=NOW)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_like_it_holds_all_of_it(sections, kind):
    plan = built_in()[kind]
    campaign = drafted(sections, kind, plan.starts_on)
    told = replace(plan, summary="", source="", topics=in_order_of_units(plan.topics))
    assert export(campaign, name=plan.name) == told


@pytest.mark.parametrize("kind", KINDS)
def test_however_large_it_takes_few_queries(sections, kind):
    with CaptureQueriesContext(connection) as asked_for:
        drafted(sections, kind)
    assert len(asked_for) <= 25


# 大讨论 -----------------------------------------------------------------------------------------------


def test_the_discussion_has_three_phases_by_month():
    assert phases("discussion") == [
        ("宣传发动", date(2026, 2, 1), date(2026, 2, 28), False),
        ("学习讨论", date(2026, 3, 1), date(2026, 4, 30), False),
        ("成果转化", date(2026, 5, 1), date(2026, 5, 31), False),
    ]


def test_its_six_topics_have_three_aspects_each_and_each_aspect_asks_something():
    topics = built_in()["discussion"].topics
    assert [len(topic.children) for topic in topics] == [3] * 6
    assert [aspect.title for topic in topics for aspect in topic.children if not aspect.questions] == []


def test_article_and_essay_are_due_by_the_end_of_april_one_each_at_least():
    found = asked("discussion")
    assert (found["优秀体会文章"], found["“我与教育发展”征文"]) == (
        ("experience", 1, date(2026, 4, 30)),
        ("essay", 1, date(2026, 4, 30)),
    )


def test_everything_goes_to_the_party_office_from_all_schools_and_other_units():
    kinds = tuple(kind.value for kind in (*UnitKind.schools(), UnitKind.OTHER))
    plan = built_in()["discussion"]
    assert {(one.receiver, one.audience, one.ownership) for one in plan.requirements} == {
        ("党委办", kinds, "")
    }


def test_lectures_discussions_forums_and_a_contest_are_its_forms():
    found = {(one.kind, one.minutes_due is not None) for one in built_in()["discussion"].activities}
    assert found == {
        ("meeting", False), ("lecture", False), ("contest", False), ("discussion", True), ("forum", True),
    }  # fmt: skip


# 年度重点工作 -----------------------------------------------------------------------------------------


def test_the_year_has_ten_works_with_a_section_each():
    topics = built_in()["annual"].topics
    assert (len(topics), [topic.title for topic in topics if not topic.title.endswith("工程")]) == (10, [])


def test_its_indicators_are_those_of_the_paper():
    assert indicators("annual") == {
        "1.3": [
            "教师年交流占同类人员比例≥15%",
            "骨干教师年交流占同类人员比例≥15%",
            "校级干部年交流占同类人员比例≥15%",
        ],
        "2.1": ["续建完成的新建幼儿园=5所", "小区配套幼儿园（下限）≥3所", "小区配套幼儿园（上限）≤5所"],
        "2.3": ["创建省优质园=6所", "创建市优质园=4所", "全区省优质园率≥70%"],
        "2.4": ["招聘幼儿教师=24名", "幼儿教师专科及以上学历比例≥90%", "学前三年入园率≥97%"],
        "3.4": ["学生体质健康测试合格率≥90%", "学生每天阳光体育活动≥1小时"],
        "4.2": ["进社区开展培训的专家=100名"],
        "4.3": ["城市社区到健身场所的时间≤10分钟"],
        "5.2": ["骨干教师比率=15%"],
        "6.1": ["班子成员带科室每周下基层≥1次"],
        "8.1": ["新建续建小学=2所", "新建续建幼儿园=5所", "校舍安全加固面积=1.9万平方米"],
    }


def test_its_menu_goes_by_year_month_and_week():
    found = asked("annual")
    assert [found[title][2] for title in ("年度任务分解表", "每月工作汇总", "每周工作进展")] == [
        date(2026, 2, 10),
        ("monthly", 28),
        ("weekly", 4),
    ]


# 创新年 -----------------------------------------------------------------------------------------------


def test_the_year_of_innovation_has_eight_areas_and_six_pilots():
    areas, pilots = built_in()["innovation"].topics
    assert (len(areas.children), len(pilots.children)) == (8, 6)
    assert [one.title for one in (*areas.children, *pilots.children) if not one.children] == []


def test_its_figures_are_those_of_the_paper():
    assert indicators("innovation") == {
        "1.2": ["义务教育先进学校典型=30所", "义务教育优秀教师典型=100名"],
        "1.3": ["每10个班配备的专职心理健康教师=1名", "校内伤害死亡≤0人", "在校学生犯罪≤0人"],
        "2.1": ["建成改革创新型示范学校=3所"],
    }


def test_projects_are_looked_at_monthly_shown_quarterly_and_judged_in_summer_and_winter():
    found = asked("innovation")
    titles = ("创新项目月点评表", "创新项目季展评材料", "年中阶段性总结", "创新年工作总结")
    assert [found[title][2] for title in titles] == [
        ("monthly", 25),
        ("quarterly", 20),
        date(2026, 7, 15),
        date(2026, 12, 10),
    ]  # fmt: skip


def test_it_has_four_awards():
    awards = [one.title for one in built_in()["innovation"].activities if one.kind == "contest"]
    assert awards == [
        "评选：教育创新优秀成果奖",
        "评选：教育创新先进单位",
        "评选：教育创新标兵",
        "评选：教育创新优秀合理化建议",
    ]


# 创先争优 ---------------------------------------------------------------------------------------------


def test_excellence_has_six_works_six_actions_and_three_reforms():
    topics = built_in()["excellence"].topics
    assert [(topic.title, len(topic.children)) for topic in topics] == [
        ("六项工作", 6),
        ("六大行动", 6),
        ("三项改革", 3),
    ]


def test_each_action_has_its_own_actions():
    assert [len(one.children) for one in built_in()["excellence"].topics[1].children] == [4, 3, 3, 3, 4, 4]


def test_eleven_groups_inspect():
    assert len(built_in()["excellence"].inspection_groups) == 11


def test_its_numbers_are_those_of_the_report():
    tree = numbered(built_in()["excellence"].topics)
    assert [one.value for _, topic in tree for one in topic.indicators] == [
        11, 10, 100, 3, 1, 1, 1, 30, 30, 1, 1, 1, 1, 3, 3, 1,
    ]  # fmt: skip


# 提升年 -----------------------------------------------------------------------------------------------


def test_improvement_has_eight_tasks_each_with_lead_and_support():
    topics = built_in()["improvement"].topics
    assert (len(topics), [one.title for one in topics if not (one.lead and one.supporting)]) == (8, [])


def test_its_group_is_led_by_the_head_with_a_deputy_for_the_office():
    assert [seat.role for seat in built_in()["improvement"].leadership] == [
        "lead",
        "deputy",
        "office_head",
        "member",
    ]


def test_it_reports_regularly_is_inspected_and_mends():
    found = asked("improvement")
    titles = ("股室任务进展汇报", "学校活动进展汇报", "突出问题清单", "整改情况报告")
    assert [found[title][2] for title in titles] == [
        ("monthly", 25),
        ("quarterly", 20),
        date(2026, 5, 25),
        date(2026, 9, 30),
    ]  # fmt: skip
    assert [one.title for one in built_in()["improvement"].activities if one.kind == "inspection"] == [
        "第一次督查通报",
        "第二次督查通报",
    ]


@pytest.mark.parametrize("kind", ["annual", "innovation", "excellence", "improvement"])
def test_where_the_paper_gives_no_days_they_are_suggestions(kind):
    assert [one.name for one in built_in()[kind].phases if not one.suggested] == []


def test_names_are_found_only_in_the_own_county(sections):
    other = UnitFactory(name="邻县教育局", kind=UnitKind.BUREAU)
    plan = built_in()["annual"]
    assert set(match(names_of_units(plan), other).values()) == {None}
    assert Unit.objects.within(other).count() == 1
