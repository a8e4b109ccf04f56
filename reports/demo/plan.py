"""The two campaigns of the demo: one published and running, one half-made draft."""

from datetime import date, timedelta

from campaigns.enums import CampaignKind, RequirementKind
from campaigns.models import Basis, Campaign, Leadership, Phase, Requirement, Topic
from campaigns.services import planning
from reports.demo.county import NEW_UNIT, WRITING_SECTION, County
from reports.demo.dates import Frame, midnight
from reports.demo.names import OFFICE
from reports.demo.people import Staff
from reports.demo.words import improvement
from reports.demo.words import plan as words
from schools.enums import UnitKind
from submissions.services import publishing

R = RequirementKind
#: Addressees as in the source paper, and the other bodies under the bureau.
ADDRESSEES = [*UnitKind.schools(), UnitKind.OTHER]
#: What the writing section hands in along with the schools.
ALSO_BY_SECTION = {R.MINUTES, R.EXPERIENCE}
PUBLISHING_HOUR = timedelta(hours=9, minutes=12)


def running(county: County, staff: Staff, frame: Frame) -> Campaign:
    """The 大讨论, published on the first working day of its first phase."""
    campaign = Campaign.objects.create(
        title=words.TITLE,
        kind=CampaignKind.DISCUSSION,
        theme=words.THEME,
        goals=words.GOALS,
        host=county.bureau,
        office=county.sections[OFFICE],
        starts_on=frame.spreading.first,
        ends_on=frame.harvest.last,
        created_by=staff.officer,
    )
    Basis.objects.create(campaign=campaign, title=words.BASIS)
    phases = _phases(campaign, frame)
    _topics(campaign)
    _lead(campaign, staff)
    _require(campaign, phases, county, frame)
    publishing.publish(campaign, by=staff.officer, at=midnight(frame.published_on) + PUBLISHING_HOUR)
    campaign.refresh_from_db()
    return campaign


def _lead(campaign: Campaign, staff: Staff) -> None:
    for order, (role, username, post) in enumerate(words.LEADING_GROUP, start=1):
        user = staff.users[username]
        Leadership.objects.create(campaign=campaign, role=role, order=order, user=user, post=post)


def _require(campaign: Campaign, phases: list[Phase], county: County, frame: Frame) -> None:
    for kind, phase, title, guidance, most in words.REQUIREMENTS:
        requirement = Requirement.objects.create(
            campaign=campaign,
            phase=phases[phase - 1],
            kind=kind,
            title=title,
            guidance=guidance,
            receiver=county.sections[OFFICE],
            max_pieces=most,
            audience_kinds=ADDRESSEES,
        )
        _address(requirement, county)
        planning.set_due(requirement, due_day(kind, frame))


def due_day(kind: RequirementKind, frame: Frame) -> date:
    """The last day on which the unit is in time."""
    return {
        R.ACKNOWLEDGEMENT: frame.sign_by,
        R.PLAN: frame.spreading.last,
        R.MINUTES: frame.minutes_by,
        R.SUMMARY: frame.summary_by,
    }.get(kind, frame.learning.last)


def _phases(campaign: Campaign, frame: Frame) -> list[Phase]:
    spans = (frame.spreading, frame.learning, frame.harvest)
    return [
        Phase.objects.create(
            campaign=campaign, order=order, name=name, aim=aim, starts_on=span.first, ends_on=span.last
        )
        for order, ((name, aim), span) in enumerate(zip(words.PHASES, spans, strict=True), start=1)
    ]


def _topics(campaign: Campaign) -> None:
    """Topics [1] … [6], aspects [1, 1] … with their guiding questions, a line each."""
    for number, (title, aspects) in enumerate(words.TOPICS, start=1):
        Topic.objects.create(campaign=campaign, position=[number], title=title)
        for place, (aspect, questions) in enumerate(aspects, start=1):
            Topic.objects.create(
                campaign=campaign, position=[number, place], title=aspect, questions="\n".join(questions)
            )


def _address(requirement: Requirement, county: County) -> None:
    """The kinds of the plan; sections sign too (but for the office itself), one of them writes as well."""
    requirement.excluded.add(county.named(NEW_UNIT))
    if requirement.kind == R.ACKNOWLEDGEMENT:
        requirement.audience_kinds = [*ADDRESSEES, UnitKind.SECTION]
        requirement.save(update_fields=["audience_kinds"])
        requirement.excluded.add(county.sections[OFFICE])
    if requirement.kind in ALSO_BY_SECTION:
        requirement.included.add(county.sections[WRITING_SECTION])


def draft(county: County, staff: Staff, frame: Frame) -> Campaign:
    """The 提升年 of the next calendar year as the officer has left it: the ready check finds gaps."""
    year = frame.harvest.first.year + 1
    campaign = Campaign.objects.create(
        title=improvement.TITLE,
        kind=CampaignKind.IMPROVEMENT,
        theme=improvement.THEME,
        goals=improvement.GOALS,
        host=county.bureau,
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
        created_by=staff.officer,
    )
    Basis.objects.create(campaign=campaign, title=improvement.BASIS)
    for number, (title, questions) in enumerate(improvement.TASKS, start=1):
        Topic.objects.create(
            campaign=campaign, position=[number], title=title, questions="\n".join(questions)
        )
    phases = _draft_phases(campaign, year)
    for kind, phase, title, addressed, dated in improvement.REQUIREMENTS:
        requirement = Requirement.objects.create(
            campaign=campaign,
            phase=phases[phase - 1],
            kind=kind,
            title=title,
            audience_kinds=ADDRESSEES if addressed else [],
        )
        if dated:
            planning.set_due(requirement, phases[phase - 1].ends_on)
    return campaign


def _draft_phases(campaign: Campaign, year: int) -> list[Phase]:
    """Three phases; the one in the middle has no days yet."""
    spans = ((date(year, 1, 1), date(year, 2, 28)), (None, None), (date(year, 11, 1), date(year, 12, 31)))
    return [
        Phase.objects.create(
            campaign=campaign, order=order, name=name, aim=aim, starts_on=first, ends_on=last
        )
        for order, ((name, aim), (first, last)) in enumerate(
            zip(improvement.PHASES, spans, strict=True), start=1
        )
    ]
