"""A campaign with some of everything: topics, meetings, indicators, suggestions, excellent work."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from campaigns.enums import ActivityKind, Aggregation, Comparator, Frequency, LeadershipRole, RequirementKind
from campaigns.models import Activity, Campaign, Indicator, InspectionGroup, Topic
from schools.enums import Role
from schools.models import Unit, User
from submissions.enums import SuggestionState
from submissions.models import Assignment, Version
from submissions.services import answering, drafts, exhibiting, publishing, reviewing, submitting, suggesting
from tests.factories import (
    NOW,
    County,
    LeadershipFactory,
    OccurrenceFactory,
    RequirementFactory,
    ResponsibilityFactory,
    TopicFactory,
    UnitFactory,
    at,
    person,
    ready_plan,
)

R = RequirementKind
MEETING = {
    "held_on": "2026-03-01",
    "place": "会议室",
    "chair": "张示例",
    "recorder": "李示例",
    "agenda": "大家谈",
}


@dataclass(frozen=True)
class Busy:
    campaign: Campaign
    topics: dict[str, Topic]
    share: Indicator
    built: Indicator
    second: Unit
    secretaries: dict[Unit, User]

    def owed(self, unit: Unit, kind: RequirementKind) -> Assignment:
        return Assignment.objects.filter(unit=unit, occurrence__requirement__kind=kind).earliest("due_at")

    def send(
        self, unit: Unit, kind: RequirementKind, number: int = 1, title: str = "一次家访", **sheet: Any
    ) -> Version:
        """Hand a piece in, accepted at once where `accept` is asked for."""
        topic, accept = sheet.pop("topic", None), sheet.pop("accept", None)
        authors = sheet.pop("authors", "")
        words = drafts.Words(title=title, body="正文", topic=topic, authors=authors, sheet=sheet)
        by = self.secretaries[unit]
        piece = drafts.save_draft(self.owed(unit, kind).pk, number, words, by=by, at=NOW).piece
        version = submitting.submit(piece, by=by, at=NOW)
        if accept:
            reviewing.accept(version, by=accept, at=NOW, recommended=True)
        return version

    def report(self, unit: Unit, share: str, built: str) -> Version:
        values = {f"value_{self.share.pk}": share, f"value_{self.built.pk}": built}
        return self.send(unit, R.PROGRESS, title="进度", **values)


def plan(place: County) -> Busy:
    """Published: schools of the township (two) and of the bureau (one) owe essays, minutes and tables."""
    second = UnitFactory(name="东镇第二小学", parent=place.township)
    essays = ready_plan(place, title="征文")
    campaign, phase = essays.campaign, essays.phase
    topics = {
        number: TopicFactory(
            campaign=campaign, position=[int(part) for part in number.split(".")], title=f"题{number}"
        )
        for number in ("1", "1.1", "1.2", "2", "3")
    }
    topics["1"].lead = place.section
    topics["1"].save()
    common = {"campaign": campaign, "phase": phase}
    OccurrenceFactory(requirement=RequirementFactory(**common, kind=R.MINUTES, title="讨论纪要"))
    monthly = RequirementFactory(
        **common, kind=R.PROGRESS, title="进度月报", frequency=Frequency.MONTHLY, due_day=30,
        recurs_from=date(2026, 3, 1), recurs_until=date(2026, 4, 30),
    )  # fmt: skip
    for number, due in ((1, at(3, 31)), (2, at(4, 10))):
        OccurrenceFactory(requirement=monthly, number=number, label=f"{number + 2}月", due_at=due)
    share, built = measures(topics["2"])
    arrange(place, campaign, phase)
    LeadershipFactory(campaign=campaign, role=LeadershipRole.DEPUTY, post="副局长")
    group = InspectionGroup.objects.create(campaign=campaign, name="第一检查组")
    group.units.add(place.township)
    leader = person(Role.LEADER, place.bureau, name="李示例")
    ResponsibilityFactory(leader=leader, unit=place.township)
    publishing.publish(campaign, by=place.officer, at=NOW)
    campaign.activities.filter(title="年末论坛").update(
        starts_on=date(2099, 12, 1)
    )  # the pages read the clock
    units = (second, place.middle)
    secretaries = {one: person(Role.SECRETARY, one) for one in units}
    return Busy(campaign, topics, share, built, second, {place.school: place.secretary, **secretaries})


def measures(topic: Topic) -> tuple[Indicator, Indicator]:
    """One averaged, one added up."""
    share = Indicator.objects.create(
        topic=topic, name="骨干教师比例", value=15, unit="%", aggregation=Aggregation.AVERAGE
    )
    built = Indicator.objects.create(
        topic=topic, order=2, name="新建校舍", value=5, unit="所", comparator=Comparator.AT_LEAST,
        aggregation=Aggregation.SUM, due_on=date(2026, 12, 31),
    )  # fmt: skip
    return share, built


def arrange(place: County, campaign: Campaign, phase: Any) -> None:
    """Over without minutes, yet to come, and hosted by the school of the township with minutes overdue."""
    for title, day, host in (
        ("动员会", date(2026, 3, 10), place.section),
        ("年末论坛", date(2026, 4, 1), place.section),
        ("现场会", date(2026, 3, 2), place.school),
    ):
        made = Activity.objects.create(
            campaign=campaign, phase=phase, kind=ActivityKind.FORUM, title=title, starts_on=day, host=host
        )
        if host == place.school:
            owing = RequirementFactory(
                campaign=campaign,
                phase=phase,
                kind=R.SUMMARY,
                title="现场会小结",
                activity=made,
                audience_kinds=[],
            )
            owing.included.add(host)
            OccurrenceFactory(requirement=owing, due_at=at(3, 3))


def busy(place: County) -> Busy:
    """Schools have handed in: pieces about topics and none, minutes, values; suggestions, excellent work."""
    made = plan(place)
    topics = made.topics
    first = made.send(place.school, R.ESSAY, topic=topics["1.1"], accept=place.officer)
    made.send(place.school, R.ESSAY, 2, topic=topics["1.2"])
    made.send(made.second, R.ESSAY, topic=topics["1.1"], accept=place.officer)
    made.send(place.middle, R.ESSAY, topic=topics["1"])
    made.send(place.middle, R.ESSAY, 2)
    made.send(place.school, R.MINUTES, present="30", **MEETING)
    made.send(place.middle, R.MINUTES, present="12", **MEETING)
    made.report(place.school, "10.25", "1")
    made.report(place.middle, "20", "3")
    exhibit = exhibiting.choose(first, by=place.officer, at=NOW)
    exhibiting.consent(exhibit, by=place.secretary, at=NOW)
    suggest(place, made.campaign)
    return made


def suggest(place: County, campaign: Campaign) -> None:
    """One new, one adopted and late, one done, one from a meeting declined."""
    entered = [
        suggesting.enter(campaign, f"建议{n}", by=place.officer, at=NOW, **given)
        for n, given in enumerate((
            {"unit": place.school}, {"unit": place.school}, {"unit": place.middle}, {"source": "座谈会"},
        ))
    ]  # fmt: skip
    for one, due in ((entered[1], date(2026, 4, 1)), (entered[2], date(2099, 4, 1))):
        answering.answer(
            one, SuggestionState.ADOPTED, "", responsible=place.section, due_on=due, by=place.officer, at=NOW
        )
    answering.answer(entered[3], SuggestionState.DECLINED, "条件不具备", by=place.officer, at=NOW)
    entered[2].refresh_from_db()
    answering.finish(entered[2], "已办", by=place.officer, at=NOW)


def leader_of(unit: Unit, scope: Unit) -> User:
    """A leader who sits in `unit` and oversees what lies below `scope`."""
    made = person(Role.LEADER, unit)
    made.memberships.update(scope=scope)
    return made
