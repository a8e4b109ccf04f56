"""The running discussion and the draft of next year: from the templates, as the officer has left them."""

from datetime import date, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns.enums import CampaignKind, RequirementKind
from campaigns.models import Campaign, Phase, Requirement
from campaigns.services import planning
from notices.workdays import last_day
from portal.files import store
from portal.files.kinds import FileKind
from reports.demo import drafts, files
from reports.demo.county import NEW_UNIT, WRITING_SECTION, County
from reports.demo.dates import Frame, Span, midnight, workdays_ago
from reports.demo.drafts import Pen
from reports.demo.names import BUREAU
from reports.demo.people import Staff
from reports.demo.words import campaigns as words
from schools.enums import UnitKind
from submissions.services import publishing

R, K = RequirementKind, UnitKind
#: Those who report on the discussion every month, and those whose heads write articles themselves.
REPORTING = (K.HIGH, K.COMPLETE, K.VOCATIONAL)
WRITING = (K.PRIMARY, K.MIDDLE, K.NINE_YEAR, *REPORTING)
#: What the writing section hands in along with the schools.
ALSO_BY_SECTION = {R.MINUTES, R.EXPERIENCE}
DRAFTING_HOUR, PUBLISHING_HOUR = timedelta(hours=15, minutes=20), timedelta(hours=9, minutes=12)
#: The draft of next year was begun so many working days ago.
BEGUN = 4


def discussion(county: County, staff: Staff, frame: Frame) -> Campaign:
    """The 大讨论, published on the first working day of its first phase."""
    at = midnight(workdays_ago(frame.published_on, 5)) + DRAFTING_HOUR
    kind = CampaignKind.DISCUSSION
    pen = drafts.begin(kind, words.DISCUSSION, frame.spreading.first, county, staff, at)
    _place_phases(pen, frame)
    pen.lead("chief2", "chief3", "chief6", "chief8")
    pen.confirm(1)
    pen.place_activities()
    _attach_paper(pen)
    _address(pen)
    campaign = pen.campaign
    publishing.publish(campaign, by=staff.officer, at=midnight(frame.published_on) + PUBLISHING_HOUR)
    campaign.refresh_from_db()
    return campaign


def _place_phases(pen: Pen, frame: Frame) -> None:
    """Move the phases to the frame, and whatever lies in them along."""
    campaign = pen.campaign
    spans = (frame.spreading, frame.learning, frame.harvest)
    moved = []
    with pen.revised(campaign):
        campaign.theme, campaign.ends_on = words.THEME, frame.harvest.last
        campaign.save()
        for phase, span in zip(campaign.phases.all(), spans, strict=True):
            moved.append((phase, Span(phase.starts_on, phase.ends_on), span))
            phase.starts_on, phase.ends_on = span.first, span.last
            phase.save()
    for phase, old, new in moved:
        _move_along(pen, phase, old, new, frame)


def _move_along(pen: Pen, phase: Phase, old: Span, new: Span, frame: Frame) -> None:
    for activity in phase.activities.all():
        with pen.revised(activity):
            activity.starts_on = _fit(activity.starts_on, old, new)
            activity.ends_on = activity.ends_on and _fit(activity.ends_on, old, new)
            activity.save()
    for requirement in phase.requirements.all():
        requirement.campaign = pen.campaign
        if requirement.recurs:
            pen.recur(requirement, frame.spreading.first, frame.harvest.last)
        else:
            with pen.revised(requirement):
                day = last_day(requirement.occurrences.get().due_at)
                planning.set_due(requirement, _due_day(requirement, frame) or _fit(day, old, new))


def _fit(day: date, old: Span, new: Span) -> date:
    """As many days after the beginning; the last day stays the last."""
    return new.last if day == old.last else min(new.first + (day - old.first), new.last)


def _due_day(requirement: Requirement, frame: Frame) -> date | None:
    """The days that the officer wants to be others than the template's."""
    if requirement.activity_id:
        return None
    return {R.MINUTES: frame.minutes_by, R.SUMMARY: frame.summary_by}.get(requirement.kind)


def _address(pen: Pen) -> None:
    """The template's schools but for the new one; one section writes as well; heads sign what heads write."""
    for requirement in pen.campaign.requirements.filter(activity=None):
        requirement.campaign = pen.campaign
        with pen.revised(requirement):
            requirement.excluded.add(pen.county.named(NEW_UNIT))
            if requirement.kind in ALSO_BY_SECTION:
                requirement.included.add(pen.county.sections[WRITING_SECTION])
            if requirement.kind == R.BRIEFING:
                requirement.audience_kinds = list(REPORTING)
            if requirement.kind == R.RESEARCH:
                requirement.audience_kinds, requirement.sign_off = list(WRITING), True
            requirement.save()


def _attach_paper(pen: Pen) -> None:
    """The circular itself, for everybody to read."""
    paper = files.Paper(words.PAPER, BUREAU, words.PAPER_TEXT)
    upload = SimpleUploadedFile(f"{words.PAPER}.pdf", files.pdf(paper), FileKind.PDF.content_type)
    with pen.revised(pen.campaign):
        basis = pen.campaign.bases.get(order=1)
        basis.title = words.PAPER
        basis.file = store.save(upload, by=pen.staff.officer, at=pen.at)
        basis.save()


def improvement(county: County, staff: Staff, frame: Frame) -> Campaign:
    """The 提升年 of the next calendar year, half done: the ready check finds gaps."""
    year = frame.harvest.first.year + 1
    at = midnight(workdays_ago(frame.today, BEGUN)) + DRAFTING_HOUR
    title = words.IMPROVEMENT.format(year=year)
    kind = CampaignKind.IMPROVEMENT
    pen = drafts.begin(kind, title, date(year, 3, 1), county, staff, at, with_office=False)
    with pen.revised(pen.campaign):
        pen.campaign.phases.filter(name="落实提升").update(starts_on=None, ends_on=None)
    pen.ask("整改情况报告")
    with pen.revised(briefing := pen.asked("提升年工作简报")):
        briefing.occurrences.all().delete()
    return pen.campaign
