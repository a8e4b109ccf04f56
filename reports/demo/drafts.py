"""What an officer does with a template before publishing: a draft from it, then put right by hand."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from campaigns.blueprints import naming, shelf
from campaigns.enums import CampaignKind, LeadershipRole
from campaigns.models import Campaign, Leadership, Requirement
from campaigns.recurrence import periods
from campaigns.services import drafting, planning
from notices.workdays import DAY, add_workdays, is_workday
from reports.demo.county import County
from reports.demo.dates import workdays_ago
from reports.demo.people import Staff
from reports.demo.words import campaigns as words
from schools.models import Unit

#: Whom the officer chooses where the county has no section of the template's name.
STAND_INS = {"文化体育科": "体育卫生艺术科"}
SEATS = (LeadershipRole.LEAD, LeadershipRole.DEPUTY, LeadershipRole.DEPUTY)


@dataclass(frozen=True)
class Pen:
    """The officer at work at one instant, and the draft in hand."""

    campaign: Campaign
    county: County
    staff: Staff
    at: datetime

    @contextmanager
    def revised(self, part: planning.Plan) -> Iterator[None]:
        """Rows written inside are one save of `part`, with one audit event."""
        with transaction.atomic():
            before = planning.open_plan(part)
            yield
            planning.record(part, before, by=self.staff.officer, at=self.at)

    def asked(self, title: str) -> Requirement:
        return self.campaign.requirements.get(title=title)

    def lead(self, *chiefs: str) -> None:
        """Put people into the leading group: three leaders, and these accounts as members."""
        campaign = self.campaign
        with self.revised(campaign):
            campaign.leadership.all().delete()
            leaders = [(role, f"leader{n}", words.POSTS[n - 1]) for n, role in enumerate(SEATS, start=1)]
            members = [(LeadershipRole.MEMBER, name, self._post(name)) for name in chiefs]
            for order, (role, name, post) in enumerate([*leaders, *members], start=1):
                user = self.staff.users[name]
                Leadership.objects.create(campaign=campaign, role=role, order=order, user=user, post=post)

    def _post(self, chief: str) -> str:
        return f"{self.staff.users[chief].active_memberships[0].unit.name}负责人"

    def confirm(self, number: int) -> None:
        """Confirm the days that the template only suggests; number the paper on which all rests."""
        with self.revised(self.campaign):
            self.campaign.phases.update(suggested=False)
            self.campaign.bases.filter(order=1).update(number=words.NUMBER.format(n=number))

    def place_activities(self) -> None:
        """Say where each is held, and move single days off holidays."""
        for activity in self.campaign.activities.select_related("phase"):
            with self.revised(activity):
                activity.place = words.PLACES[activity.kind]
                if activity.ends_on is None and "双休日" not in activity.title:
                    activity.starts_on = _workday_near(activity.starts_on, activity.phase.ends_on)
                activity.save()

    def keep(self, *titles: str) -> None:
        """Ask for these alone, and for the minutes of activities."""
        for one in self.campaign.requirements.filter(activity=None).exclude(title__in=titles):
            planning.discard(one, by=self.staff.officer, at=self.at)

    def ask(self, title: str, *, kinds: Iterable[str] = (), units: Iterable[Unit] = ()) -> None:
        """Ask these kinds of units and these single ones, and nobody else."""
        requirement = self.asked(title)
        with self.revised(requirement):
            requirement.audience_kinds = list(kinds)
            requirement.save()
            requirement.included.set(units)

    def recur(self, requirement: Requirement, first: date, last: date) -> None:
        """Ask for the periods between these days instead."""
        with self.revised(requirement):
            requirement.recurs_from, requirement.recurs_until = first, last
            requirement.save()
            planning.set_periods(
                requirement, periods(requirement.frequency, first, last, requirement.due_day)
            )


def begin(
    kind: CampaignKind,
    title: str,
    starts_on: date,
    county: County,
    staff: Staff,
    at: datetime,
    *,
    with_office: bool = True,
) -> Pen:
    """A draft from the built-in template, on the officer's desk."""
    template = shelf.built_in()[kind]
    units = naming.match(naming.names_of_units(template), county.bureau)
    units |= {name: county.sections[other] for name, other in STAND_INS.items() if name in units}
    campaign = drafting.create(
        template,
        title=title,
        starts_on=starts_on,
        host=county.bureau,
        office=units[template.office] if with_office else None,
        units=units,
        by=staff.officer,
        at=at,
    )
    return Pen(campaign, county, staff, at)


def _workday_near(day: date, last: date) -> date:
    """`day`, else the working day after it, else (beyond `last`) the one before."""
    if is_workday(day):
        return day
    later = add_workdays(day, 1)
    return later if later <= last else workdays_ago(day + DAY, 1)
