"""Papers of the demo: a phase report that went all its way, a summary, one to sign, drafts to be edited."""

from datetime import datetime, timedelta

from django.utils import timezone

from campaigns.enums import CampaignKind, CampaignState
from campaigns.models import Campaign
from notices.workdays import DAY, add_workdays
from reports.counts.counting import figures_of
from reports.demo.county import County
from reports.demo.dates import Frame, midnight, office_hour
from reports.demo.people import Staff
from reports.demo.texts import dice
from reports.demo.words import papers as words
from reports.models import Receipt, Report
from reports.services import compiling, issuing, ordering
from schools.models import User

EDITED_AT, SUBMITTED_AT, SIGNED_AT = timedelta(hours=10), timedelta(hours=10, minutes=20), timedelta(hours=15)
#: Of a hundred units so many have signed for a report before the demo begins.
RECEIVED = 93


def _silent(step: str, done: int = 0, total: int = 0) -> None:
    """Nobody waits for it."""


def compiled(about: ordering.About, *, at: datetime, by: User | None = None) -> Report:
    """A draft of that report, counted at `at`."""
    made = ordering.order(about, by=by, at=at)
    return compiling.freeze(made, figures_of(made, at, _silent), at=at)


def submitted(report: Report, opening: str, ending: str, *, by: User, at: datetime) -> Report:
    """Its passages written, and put before a leader."""
    edited = issuing.edit(report, {"opening": opening, "ending": ending}, by=by, at=at)
    return issuing.submit(edited, by=by, at=at + SUBMITTED_AT - EDITED_AT)


def received(report: Report, staff: Staff, seed: str, share: int) -> None:
    """Of a hundred units `share` sign for it, in the three working days after."""
    for receipt in Receipt.objects.filter(report=report).select_related("unit").order_by("pk"):
        throw = dice(seed, receipt.unit.name, "receipt")
        if throw.randrange(100) < share:
            day = add_workdays(timezone.localdate(report.ended_at), throw.randint(1, 3))
            secretary = staff.secretaries[receipt.unit_id]
            issuing.acknowledge(report, receipt.unit, by=secretary, at=office_hour(day, throw))


def report_on_first_phase(campaign: Campaign, staff: Staff, seed: str, at: datetime) -> None:
    """When the first phase has just closed: compiled at once, edited the next working day, signed the day
    after, received by most units in the days that follow."""
    phase = campaign.phases.first()
    draft = compiled(ordering.of_phase(phase, phase.closed_at), at=at)
    closed_on = timezone.localdate(at)
    day = midnight(add_workdays(closed_on, 1))
    by = staff.users["officer1"]
    waiting = submitted(draft, words.FIRST_OPENING, words.FIRST_ENDING, by=by, at=day + EDITED_AT)
    signed = midnight(add_workdays(closed_on, 2)) + SIGNED_AT
    received(issuing.sign(waiting, by=staff.users["leader1"], at=signed), staff, seed, RECEIVED)


def sum_up(campaign: Campaign, staff: Staff, seed: str) -> None:
    """The summary of a campaign that is over, signed the working day after and received by all."""
    at = campaign.closed_at
    draft = compiled(ordering.of_campaign(campaign, at), at=at)
    day = midnight(add_workdays(timezone.localdate(at), 1))
    by = staff.users["officer1"]
    waiting = submitted(draft, words.SUMMARY_OPENING, words.SUMMARY_ENDING, by=by, at=day + EDITED_AT)
    received(issuing.sign(waiting, by=staff.users["leader1"], at=day + SIGNED_AT), staff, seed, 100)


def leave_on_the_desk(frame: Frame, county: County, staff: Staff) -> None:
    """Of yesterday: last week's progress waits for a leader, last month's roll-up and a newsletter for an
    officer."""
    yesterday, by = frame.cut - DAY, staff.users["officer1"]
    last_week = frame.today - timedelta(days=7)
    week = compiled(ordering.of_week(county.bureau, last_week), at=yesterday + EDITED_AT, by=by)
    issuing.submit(week, by=by, at=yesterday + SUBMITTED_AT)
    last_month = frame.today.replace(day=1) - DAY
    compiled(ordering.of_month(county.bureau, last_month), at=yesterday + EDITED_AT, by=by)
    running = Campaign.objects.get(kind=CampaignKind.DISCUSSION, state=CampaignState.PUBLISHED)
    shown = list(ordering.shelf(running).order_by("-answered_at").values_list("version", flat=True)[:3])
    if shown:
        compiled(ordering.newsletter(running, shown, frame.today - DAY), at=yesterday + EDITED_AT, by=by)
