"""Indicators: summed or averaged up the tree, exactly; who is asked; whether the target is met."""

from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from campaigns.enums import Aggregation
from campaigns.models import Indicator
from reports.content import readings
from reports.content.readings import Asking, aggregated
from reports.looking import Look, overseen
from schools.enums import Role
from schools.models import Unit
from submissions.models import Assignment, Reading
from submissions.services import easing, reviewing
from tests.factories import NOW, County, at, person
from tests.reports.busy import Busy, R, plan

D = Decimal


def seen(place: County, made: Busy, below: Unit | None = None) -> Look:
    leader = person(Role.LEADER, place.bureau)
    return Look(made.campaign, overseen(leader), timezone.now(), below)


def measured(look: Look) -> list[tuple]:
    found = readings.read(look, list(look.campaign.topics.with_duties()))
    return [(one.indicator.name, one.value, one.reported, one.asked, one.standing) for one in found]


@given(st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1, max_size=50))
def test_sums_are_exact_and_averages_within_half_a_cent(values: list[Decimal]) -> None:
    total = sum(values)
    assert aggregated(Indicator(aggregation=Aggregation.SUM), total, len(values)) == total
    average = aggregated(Indicator(aggregation=Aggregation.AVERAGE), total, len(values))
    assert abs(average * len(values) - total) <= D("0.005") * len(values)
    assert average == average.quantize(D("0.01"))


@pytest.mark.parametrize(
    ("total", "units", "shown"), [("30.25", 2, "15.13"), ("1", 3, "0.33"), ("-0.05", 2, "-0.03")]
)
def test_halves_are_rounded_away_from_zero(total: str, units: int, shown: str) -> None:
    assert aggregated(Indicator(aggregation=Aggregation.AVERAGE), D(total), units) == D(shown)


def test_of_nothing_there_is_no_value() -> None:
    assert aggregated(Indicator(aggregation=Aggregation.SUM), None, 0) is None


@pytest.mark.django_db
class TestOfACampaign:
    @pytest.fixture
    def made(self, place: County) -> Busy:
        made = plan(place)
        made.report(place.school, "10.25", "1")
        made.report(place.middle, "20", "3")
        return made

    def test_each_indicator_is_taken_together_as_it_says(self, place: County, made: Busy) -> None:
        assert measured(seen(place, made)) == [
            ("骨干教师比例", D("15.13"), 2, 3, "met"), ("新建校舍", D("4.00"), 2, 3, "short"),
        ]  # fmt: skip

    def test_the_target_of_a_sum_is_not_that_of_a_part(self, place: County, made: Busy) -> None:
        assert measured(seen(place, made, place.township)) == [
            ("骨干教师比例", D("10.25"), 1, 2, "short"), ("新建校舍", D("1.00"), 1, 2, "part"),
        ]  # fmt: skip

    def test_the_levels_below_give_the_values_of_their_own_units(self, place: County, made: Busy) -> None:
        table = readings.levels(seen(place, made), made.share)
        assert [(line.name, [cell.value for cell in line.cells]) for line in table.lines] == [
            ("示例县教育局直属", [D("20.00"), 1]), ("东镇", [D("10.25"), 1]),
        ]  # fmt: skip

    def test_a_table_sent_back_has_no_say(self, place: County, made: Busy) -> None:
        version = Reading.objects.get(unit=place.middle, indicator=made.built).version
        reviewing.send_back(version, by=place.officer, at=NOW, reason="请核对", correct_by=at(3, 20))
        assert measured(seen(place, made))[1][1:3] == (D("1.00"), 1)

    def test_who_is_exempt_in_every_period_is_not_asked(self, place: County, made: Busy) -> None:
        for owed in Assignment.objects.filter(unit=made.second, occurrence__requirement__kind=R.PROGRESS):
            easing.exempt(owed.occurrence, [made.second], reason="停电", by=place.officer, at=NOW)
        assert [one[3] for one in measured(seen(place, made))] == [2, 2]

    @pytest.mark.parametrize("leads", ["1", "2", "2 and 3", "3"])
    def test_who_is_asked_is_who_has_a_line_for_it(self, place: County, made: Busy, leads: str) -> None:
        for number in leads.split(" and "):
            made.topics[number].lead = made.second
            made.topics[number].save()
        look = seen(place, made)
        topics = list(made.campaign.topics.with_duties())
        asking = Asking(look, topics)
        lines = {
            owed.unit_id
            for owed in Assignment.objects.filter(occurrence__requirement__kind=R.PROGRESS)
            if made.share in owed.requirement.indicators_for(owed.unit)
        }
        topic = next(one for one in topics if one == made.topics["2"])
        assert set(asking.tables().filter(asking.asked(topic)).values_list("unit", flat=True)) == lines
        assert asking.counts([topic]) == {topic.pk: len(lines)}
        assert len(lines) == (3 if "2" in leads else 2)

    def test_a_table_about_one_topic_asks_for_nothing_outside_it(self, place: County, made: Busy) -> None:
        requirement = made.owed(place.school, R.PROGRESS).requirement
        requirement.topic = made.topics["3"]
        requirement.save()
        assert [one[3] for one in measured(seen(place, made))] == [0, 0]
