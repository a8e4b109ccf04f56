"""What minutes, suggestions and progress tables ask for: every refusal with its sentence, one shape kept."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaigns.enums import Comparator, RequirementKind
from campaigns.models import Indicator, Topic
from schools.enums import Role
from schools.models import Unit
from submissions import sheets
from submissions.models import Assignment, Version, VersionValue
from submissions.services import drafts, publishing, reviewing, submitting
from submissions.services.drafts import Words
from submissions.sheets import Unfit
from tests.factories import (
    NOW,
    County,
    OccurrenceFactory,
    TopicFactory,
    assigned,
    at,
    person,
    ready_plan,
)

TODAY = date(2026, 3, 5)
MEETING = {
    "held_on": "2026-03-05", "place": "会议室", "chair": "张示例", "recorder": "李示例", "present": "30",
    "agenda": "作风大家谈",
}  # fmt: skip


def measured(
    unit: str = "%", name: str = "骨干教师比例", target: str = "15", pk: int = 7, **given
) -> Indicator:
    return Indicator(pk=pk, name=name, value=Decimal(target), unit=unit, **given)


def unfit(kind: RequirementKind, typed: dict, *indicators: Indicator) -> str:
    with pytest.raises(Unfit) as sentence:
        sheets.read(kind, typed, indicators, today=TODAY)
    return str(sentence.value)


def refused(typed: str, **given) -> str:
    with pytest.raises(Unfit) as sentence:
        sheets.value_of(measured(**given), typed)
    return str(sentence.value)


def test_every_wrong_value_of_a_table_is_said_at_once() -> None:
    typed = {"value_1": "abc"}
    said = unfit(RequirementKind.PROGRESS, typed, measured(name="甲", pk=1), measured(name="乙", pk=2))
    assert said == (
        "指标“甲”须填写数字（单位：%），请改正。请填写指标“乙”的数值；没有进展的，填写上期的数值。"
    )


# Minutes --------------------------------------------------------------------------------------------


def test_minutes_are_kept_in_one_shape() -> None:
    typed = MEETING | {"present": " １，２００ 人", "place": " 会议室 ", "topic": "别的"}
    assert sheets.read(RequirementKind.MINUTES, typed, [], today=TODAY) == {
        "held_on": "2026-03-05", "place": "会议室", "chair": "张示例", "recorder": "李示例",
        "present": 1200, "agenda": "作风大家谈",
    }  # fmt: skip


def test_all_that_is_missing_is_named_at_once() -> None:
    typed = {**MEETING, "held_on": "", "agenda": " \n"}
    del typed["recorder"]
    assert unfit(RequirementKind.MINUTES, typed) == "会议纪要还没有填写时间、记录人、议题，请补充后再提交。"


@pytest.mark.parametrize("typed", ["三月五日", "2026-02-30", "0206-03-05", "2026-13-01"])
def test_a_day_of_no_calendar_is_refused(typed: str) -> None:
    said = unfit(RequirementKind.MINUTES, MEETING | {"held_on": typed})
    assert said == "会议时间不是有效的日期，请重新选择。"


def test_a_meeting_yet_to_come_has_no_minutes() -> None:
    said = unfit(RequirementKind.MINUTES, MEETING | {"held_on": "2026-03-06"})
    assert said == "会议时间在今天以后，请核对；会议召开后再提交纪要。"


@pytest.mark.parametrize("typed", ["0", "-1", "三十", "30.5", "100001", "9" * 120, "30人左右"])
def test_the_number_present_is_a_number_of_people(typed: str) -> None:
    said = unfit(RequirementKind.MINUTES, MEETING | {"present": typed})
    assert said == "参加人数须填写大于0的整数，请改正。"


# Suggestions ----------------------------------------------------------------------------------------


def test_empty_lines_are_no_suggestions() -> None:
    typed = {"items": [" 错峰放学 ", "", "  \n", "延长开馆时间"]}
    read = sheets.read(RequirementKind.SUGGESTION, typed, [], today=TODAY)
    assert read == {"items": ["错峰放学", "延长开馆时间"]}


@pytest.mark.parametrize("typed", [{}, {"items": []}, {"items": [" "]}])
def test_at_least_one_suggestion_is_asked_for(typed: dict) -> None:
    assert unfit(RequirementKind.SUGGESTION, typed) == "请至少填写一条建议后再提交。"


# Progress tables ------------------------------------------------------------------------------------


def test_a_progress_table_keeps_what_the_indicators_say_today() -> None:
    asked = [measured(target="15.00"), measured("所", "新建幼儿园", "5", 8, comparator=Comparator.REACHES)]
    read = sheets.read(
        RequirementKind.PROGRESS, {"value_7": "12.50％", "value_8": "3 所"}, asked, today=TODAY
    )
    assert read == {
        "values": [
            {"indicator": 7, "name": "骨干教师比例", "comparator": "ge", "target": "15", "unit": "%",
             "value": "12.5"},
            {"indicator": 8, "name": "新建幼儿园", "comparator": "eq", "target": "5", "unit": "所",
             "value": "3"},
        ]
    }  # fmt: skip
    assert sheets.values_in(read) == [(7, Decimal("12.5")), (8, Decimal("3"))]


def test_every_indicator_wants_a_value() -> None:
    asked = [measured(), measured("所", "新建幼儿园", pk=8)]
    said = unfit(RequirementKind.PROGRESS, {"value_7": "3"}, *asked)
    assert said == "请填写指标“新建幼儿园”的数值；没有进展的，填写上期的数值。"


def test_other_kinds_and_tables_without_indicators_ask_for_nothing() -> None:
    assert sheets.read(RequirementKind.ESSAY, {"items": ["一"]}, [measured()], today=TODAY) == {}
    assert sheets.read(RequirementKind.PROGRESS, {"value_7": "3"}, [], today=TODAY) == {}


@pytest.mark.parametrize(
    ("typed", "unit", "value"),
    [
        ("12.5", "%", "12.5"),
        ("１２．５％", "%", "12.5"),
        ("12.5%", "％", "12.5"),
        ("1,200", "人", "1200"),
        ("１，２００ 人", "人", "1200"),
        ("0", "所", "0"),
        ("-0", "元", "0"),
        ("007.10", "分", "7.1"),
        ("100", "%", "100"),
        ("1.5", "万人", "1.5"),
        ("30.5册/人", "册/人", "30.5"),
        ("-3", "小时", "-3"),
        ("999999999999.99", "元", "999999999999.99"),
    ],
)
def test_numbers_are_taken_as_people_type_them(typed: str, unit: str, value: str) -> None:
    assert sheets.shown(sheets.value_of(measured(unit), typed)) == value


@pytest.mark.parametrize("typed", ["", "  ", "%"])
def test_nothing_is_no_value(typed: str) -> None:
    assert refused(typed) == "请填写指标“骨干教师比例”的数值；没有进展的，填写上期的数值。"


@pytest.mark.parametrize("typed", ["十二", "约12", "12%左右", "1e3", "12。5", ".5", "5.", "--5", "NaN"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    assert refused(typed) == "指标“骨干教师比例”须填写数字（单位：%），请改正。"


@pytest.mark.parametrize("typed", ["0.125", "1000000000000", "9" * 30, "1" * 4000, "0." + "1" * 40])
def test_what_is_too_fine_or_too_large_is_refused(typed: str) -> None:
    assert refused(typed, unit="元") == "指标“骨干教师比例”最多填写两位小数、12位整数，请改正。"


@pytest.mark.parametrize("typed", ["2.5", "-1"])
def test_what_is_counted_is_whole(typed: str) -> None:
    said = refused(typed, unit="人次")
    assert said == "指标“骨干教师比例”以“人次”计，须填写不小于0的整数，请改正。"


@pytest.mark.parametrize("typed", ["-1", "100.01", "115"])
def test_a_share_lies_between_nothing_and_all(typed: str) -> None:
    assert refused(typed) == "指标“骨干教师比例”是百分比，须在0到100之间，请改正。"


@pytest.mark.parametrize("given", [{"name": "经费增长率"}, {"target": "120"}])
def test_growth_may_be_less_than_nothing_and_more_than_all(given: dict) -> None:
    assert [sheets.value_of(measured(**given), typed) for typed in ("-3", "115")] == [-3, 115]


@given(
    st.one_of(st.text(max_size=40), st.from_regex(r"-?[0-9０-９,，. ]{1,40}[%人所]?", fullmatch=True)),
    st.sampled_from(["%", "％", "人", "所", "元", "万人", "册/人"]),
    st.sampled_from(["骨干教师比例", "经费增长率"]),
)
@example("9" * 30, "%", "骨干教师比例")
def test_any_text_is_a_fitting_number_or_refused(typed: str, unit: str, name: str) -> None:
    try:
        value = sheets.value_of(measured(unit, name), typed)
    except Unfit:
        return
    assert value == round(value, 2)
    assert abs(value) <= sheets.LARGEST
    assert Decimal(sheets.shown(value)) == value
    assert sheets.shown(value) == sheets.shown(sheets.value_of(measured(unit, name), sheets.shown(value)))
    if unit in ("人", "所"):
        assert value >= 0 == value % 1
    if unit in ("%", "％") and name == "骨干教师比例":
        assert 0 <= value <= 100


@pytest.mark.parametrize(
    ("comparator", "met"),
    [
        (Comparator.AT_LEAST, {"100", "104", "105", "106"}),
        (Comparator.AT_MOST, {"94", "95", "96", "100"}),
        (Comparator.REACHES, {"100", "104", "105", "106"}),
        (Comparator.ABOUT, {"95", "96", "100", "104", "105"}),
    ],
)
def test_each_comparator_has_its_own_idea_of_reached(comparator: Comparator, met: set[str]) -> None:
    values = ("94", "95", "96", "100", "104", "105", "106")
    assert {one for one in values if sheets.meets(comparator, Decimal(100), Decimal(one))} == met


def test_nothing_is_reached_by_nothing_alone() -> None:
    met = [one for one in ("0", "1") if sheets.meets(Comparator.REACHES, Decimal(0), Decimal(one))]
    assert met == ["0"]


def test_about_a_target_below_nothing_is_measured_the_same_way() -> None:
    values = ("-106", "-105", "-95", "-94")
    met = [one for one in values if sheets.meets(Comparator.ABOUT, Decimal(-100), Decimal(one))]
    assert met == ["-105", "-95"]


# Which indicators -----------------------------------------------------------------------------------


def indicator(topic: Topic, name: str, **given) -> Indicator:
    given = {"value": 15, "unit": "%"} | given
    return topic.indicators.create(name=name, **given)


@pytest.fixture
def monthly(place: County) -> Assignment:
    """A progress table of two periods, with topics 1, 1.1 and 2, an indicator each; the March one."""
    asked = ready_plan(place, kind=RequirementKind.PROGRESS, title="进度月报", due_at=at(3, 21, hour=0))
    OccurrenceFactory(requirement=asked, number=2, label="2026年4月", due_at=at(4, 11, hour=0))
    for position in ([1], [1, 1], [2]):
        topic = TopicFactory(campaign=asked.campaign, position=position)
        indicator(topic, f"指标{topic.number}")
    publishing.publish(asked.campaign, by=place.officer, at=NOW)
    return Assignment.objects.get(unit=place.school, occurrence__number=1)


def of_topic(owed: Assignment, number: str) -> Topic:
    return owed.requirement.campaign.topics.get(position=[int(one) for one in number.split(".")])


def asked_of(owed: Assignment) -> list[str]:
    fresh = Assignment.objects.with_plan().get(pk=owed.pk)
    return [one.name for one in sheets.asked_for(fresh)]


def narrow(owed: Assignment, number: str) -> None:
    owed.requirement.topic = of_topic(owed, number)
    owed.requirement.save()


def test_without_a_topic_all_indicators_of_the_campaign_are_asked_for(monthly: Assignment, db) -> None:
    indicator(TopicFactory(), "别的活动的指标")
    assert asked_of(monthly) == ["指标1", "指标1.1", "指标2"]


@pytest.mark.parametrize(
    ("topic", "asked"), [("1", ["指标1", "指标1.1"]), ("1.1", ["指标1.1"]), ("2", ["指标2"])]
)
def test_a_topic_asks_for_itself_and_what_lies_below(monthly: Assignment, topic: str, asked: list) -> None:
    narrow(monthly, topic)
    assert asked_of(monthly) == asked


def test_who_leads_or_supports_topics_reports_on_those(place: County, monthly: Assignment) -> None:
    of_topic(monthly, "2").supporting.add(place.school)
    Topic.objects.filter(pk=of_topic(monthly, "1.1").pk).update(lead=place.school)
    assert asked_of(monthly) == ["指标1.1", "指标2"]
    narrow(monthly, "1")
    assert asked_of(monthly) == ["指标1.1"]


def test_other_kinds_ask_for_no_indicators(place: County) -> None:
    owed = assigned(place)
    indicator(TopicFactory(campaign=owed.requirement.campaign), "指标")
    assert asked_of(owed) == []


# The period before ----------------------------------------------------------------------------------


def report(owed: Assignment, value: str, *, by, number: int = 1) -> Version:
    sheet = {sheets.value_name(one): value for one in sheets.asked_for(owed)}
    words = Words(title="进度月报", sheet=sheet)
    piece = drafts.save_draft(owed.pk, number, words, by=by, at=NOW).piece
    return submitting.submit(piece, by=by, at=NOW)


def of(unit: Unit, number: int) -> Assignment:
    return Assignment.objects.with_plan().get(unit=unit, occurrence__number=number)


def before(owed: Assignment) -> set[Decimal]:
    return set(VersionValue.objects.before(owed).values())


def test_the_period_before_is_shown_and_not_the_one_after(place: County, monthly: Assignment) -> None:
    report(of(place.school, 1), "12.5", by=place.secretary)
    report(of(place.school, 2), "14", by=place.secretary)
    assert (before(of(place.school, 1)), before(of(place.school, 2))) == (set(), {Decimal("12.5")})


def test_another_units_values_are_never_shown(place: County, monthly: Assignment) -> None:
    report(of(place.middle, 1), "40", by=person(Role.SECRETARY, place.middle))
    assert before(of(place.school, 2)) == set()


def test_another_requirements_values_are_not_those_of_the_period_before(place: County, monthly) -> None:
    report(of(place.school, 1), "12.5", by=place.secretary)
    other = assigned(place, kind=RequirementKind.PROGRESS, due_at=at(4, 20))
    assert before(other) == set()


def test_a_draft_says_nothing_about_the_period(place: County, monthly: Assignment) -> None:
    words = Words(title="进度月报", sheet={"value_1": "9"})
    drafts.save_draft(monthly.pk, 1, words, by=place.secretary, at=NOW)
    assert before(of(place.school, 2)) == set()


def test_what_was_sent_back_or_withdrawn_does_not_count_until_corrected(place: County, monthly) -> None:
    first = report(of(place.school, 1), "12.5", by=place.secretary)
    reviewing.send_back(first, by=place.officer, at=NOW, reason="请核对", correct_by=at(3, 9))
    assert before(of(place.school, 2)) == set()
    report(of(place.school, 1), "13", by=place.secretary)
    assert before(of(place.school, 2)) == {Decimal(13)}
    submitting.withdraw(first.submission, by=place.secretary, at=NOW)
    assert before(of(place.school, 2)) == set()


def test_values_lie_beside_the_version_as_numbers(place: County, monthly: Assignment) -> None:
    version = report(of(place.school, 1), "12.50", by=place.secretary)
    assert [str(one.value) for one in version.values.all()] == ["12.50"] * 3
    assert [line["value"] for line in version.sheet["values"]] == ["12.5"] * 3
