"""Reports of phases: what each asked for, what went before in its series, and what comes next."""

from datetime import date, datetime
from typing import Any

import pytest

from campaigns.enums import ActivityKind, CampaignState, Frequency, PhaseState
from campaigns.models import Activity, Phase
from reports.counts import stage
from submissions.models import Assignment
from submissions.services import changing, publishing, reviewing
from tests.factories import (
    NOW,
    County,
    OccurrenceFactory,
    PhaseFactory,
    RequirementFactory,
    assigned,
    at,
    handed_in,
)
from tests.reports.busy import R, busy
from tests.reports.counts.agreeing import MOMENT, check, untold

pytestmark = pytest.mark.django_db

IN_MAY = at(5, 1)
REASON = {"reason": "工作需要"}


def three_phases(place: County, issued_at: datetime = IN_MAY) -> tuple[Any, list[Phase]]:
    """The middle phase asks for essays, the first for a plan, the last for a weekly table and an event."""
    first = assigned(place, title="实施方案", kind=R.PLAN).requirement
    campaign = first.campaign
    days = (date(2026, 5, 1), date(2026, 5, 15)), (date(2026, 5, 16), date(2026, 5, 31))
    phases = [first.phase] + [
        PhaseFactory(campaign=campaign, order=n, name=f"第{n}阶段", starts_on=begins, ends_on=ends)
        for n, (begins, ends) in enumerate(days, 2)
    ]
    PhaseFactory(campaign=campaign, track=2, order=1, name="另一系列")
    middle = RequirementFactory(campaign=campaign, phase=phases[1], title="征文")
    OccurrenceFactory(requirement=middle, due_at=at(5, 11, 0))
    last = RequirementFactory(
        campaign=campaign, phase=phases[2], kind=R.SUMMARY, title="周报", frequency=Frequency.WEEKLY,
        due_day=1, recurs_from=date(2026, 5, 16), recurs_until=date(2026, 5, 31),
    )  # fmt: skip
    for n, due in enumerate((at(5, 19, 0), at(5, 26, 0)), 1):
        OccurrenceFactory(requirement=last, number=n, label=f"第{n}周", due_at=due)
    Activity.objects.create(
        campaign=campaign, phase=phases[2], kind=ActivityKind.FORUM, title="论坛",
        starts_on=date(2026, 5, 20), host=place.section,
    )  # fmt: skip
    for one in (middle, last):
        publishing.issue(one, by=place.officer, at=issued_at)
    return campaign, phases


def test_a_phase_counts_what_it_asked_for_and_nothing_else(place: County) -> None:
    campaign, phases = three_phases(place)
    owed = Assignment.objects.get(unit=place.school, occurrence__requirement__phase=phases[1])
    reviewing.accept(
        handed_in(owed, place.secretary, at=IN_MAY), by=place.officer, at=IN_MAY, recommended=True
    )
    for phase in phases:
        check(stage.count(campaign, phase, MOMENT, untold), campaign, phase)
    figures = [stage.count(campaign, phase, MOMENT, untold) for phase in phases]
    assert [(one["numbers"]["owed"], one["pieces"], one["recommended"]) for one in figures] == [
        (2, 0, 0), (2, 1, 1), (4, 0, 0),
    ]  # fmt: skip


def test_it_is_compared_with_the_phase_before_in_its_series(place: County) -> None:
    campaign, phases = three_phases(place)
    figures = [stage.count(campaign, phase, MOMENT, untold) for phase in phases]
    assert [one["before"] and one["before"]["name"] for one in figures] == [
        None, phases[0].name, phases[1].name,
    ]  # fmt: skip
    assert figures[1]["before"] == {
        "name": phases[0].name, "numbers": figures[0]["numbers"], "pieces": 0, "meetings": 0, "works": 0,
    }  # fmt: skip


def test_it_says_what_the_next_phase_asks_with_the_last_days(place: County) -> None:
    campaign, phases = three_phases(place)
    found = [stage.count(campaign, phase, at(5, 16), untold)["next"] for phase in phases]
    assert found[1:] == [
        {
            "name": "第3阶段",
            "aim": "",
            "starts_on": "2026-05-16",
            "ends_on": "2026-05-31",
            "asked": [
                {
                    "name": "周报",
                    "kind": "阶段总结",
                    "due": "2026-05-18",
                    "until": "2026-05-25",
                    "times": 2,
                    "past": 0,
                    "owed": 2,
                }
            ],
            "activities": [
                {
                    "title": "论坛",
                    "kind": "论坛",
                    "starts_on": "2026-05-20",
                    "ends_on": None,
                    "place": "",
                    "host": "党办",
                    "standing": "ahead",
                }
            ],
        },
        None,
    ]


def test_what_is_past_is_not_asked_for_next(place: County) -> None:
    campaign, phases = three_phases(place)
    [asked] = stage.count(campaign, phases[1], at(5, 20), untold)["next"]["asked"]
    assert (asked["due"], asked["until"], asked["times"], asked["past"]) == (
        "2026-05-25", "2026-05-25", 1, 1,
    )  # fmt: skip
    over = stage.count(campaign, phases[1], at(5, 27), untold)["next"]
    assert (over["asked"], over["activities"]) == ([], [])


def test_a_phase_has_been_closed_while_it_is(place: County) -> None:
    campaign, phases = three_phases(place)
    phase = phases[0]

    def closed_at() -> str | None:
        return stage.count(campaign, phase, MOMENT, untold)["phase"]["closed_at"]

    assert closed_at() is None
    phase.state, phase.opened_at, phase.closed_at = PhaseState.CLOSED, NOW, at(4, 2)
    assert closed_at() == at(4, 2).isoformat()
    phase.opened_at = at(4, 2)  # over before the plan was published
    assert closed_at() is None
    phase.state, phase.opened_at = PhaseState.OPEN, at(4, 3)  # again
    assert closed_at() is None


def test_a_campaign_has_been_closed_while_it_is(place: County) -> None:
    campaign, _ = three_phases(place)
    assert stage.count(campaign, None, MOMENT, untold)["campaign"]["closed_at"] is None
    campaign.state, campaign.closed_at = CampaignState.CLOSED, at(4, 2)
    assert stage.count(campaign, None, MOMENT, untold)["campaign"]["closed_at"] == at(4, 2).isoformat()


def test_of_periods_that_are_not_handed_out_yet_nobody_owes_any(place: County) -> None:
    campaign, phases = three_phases(place, issued_at=NOW)
    [asked] = stage.count(campaign, phases[1], NOW, untold)["next"]["asked"]
    assert (asked["times"], asked["owed"]) == (2, 0)


def test_what_is_withdrawn_or_not_issued_is_not_asked_for_next(place: County) -> None:
    campaign, phases = three_phases(place)
    OccurrenceFactory(requirement=RequirementFactory(campaign=campaign, phase=phases[2]))
    changing.withdraw_requirement(
        phases[2].requirements.get(title="周报"), by=place.officer, at=at(5, 2), **REASON
    )
    assert stage.count(campaign, phases[1], MOMENT, untold)["next"]["asked"] == []


def test_suggestions_of_a_phase_are_those_entered_on_its_days(place: County) -> None:
    campaign = busy(place).campaign
    phase = campaign.phases.get()  # from 1 March to 30 April; they were entered on 2 March
    for first, last, expected in (
        (date(2026, 3, 2), date(2026, 3, 2), 4),
        (date(2026, 3, 3), date(2026, 4, 30), 0),
        (date(2026, 2, 1), date(2026, 3, 1), 0),
        (None, None, 4),
    ):
        phase.starts_on, phase.ends_on = first, last
        found = stage.count(campaign, phase, MOMENT, untold)["suggestions"]
        assert (found["total"], sum(found["states"].values())) == (expected, expected)
