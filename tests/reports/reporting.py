"""Reports to try things on: a county of four schools whose phase ends, with those who sign and receive."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from campaigns.models import Campaign, Phase
from portal import jobs
from reports.counts.counting import figures_of
from reports.models import Report
from reports.services import compiling, issuing, ordering
from schools.models import User
from submissions.services import phases
from tests.factories import County, at
from tests.reports.bulletins import Late, late

#: The phase lasts until 30 April and is closed the day after.
CLOSED = at(5, 1, 1)
#: When things are done with the report.
TODAY = at(5, 6)
MINUTE = timedelta(minutes=1)


def untold(*told: Any, **more: Any) -> None:
    """For what tells how far it has come."""


def count(made: Report, moment: datetime = TODAY) -> Report:
    """Compile an ordered report without a worker."""
    found = Report.objects.select_related("campaign__host", "campaign__office", "phase", "host").get(
        pk=made.pk
    )
    return compiling.freeze(found, figures_of(found, moment, untold), at=moment)


@dataclass(frozen=True)
class Case:
    """`late` (tests/reports/bulletins.py) and its campaign of one phase; four schools owe something in it."""

    late: Late

    @property
    def place(self) -> County:
        return self.late.place

    @property
    def officer(self) -> User:
        return self.late.place.officer

    @property
    def leader(self) -> User:
        return self.late.leader

    @property
    def campaign(self) -> Campaign:
        return Campaign.objects.select_related("host").get(pk=self.late.occurrence.requirement.campaign_id)

    @property
    def phase(self) -> Phase:
        return Phase.objects.select_related("campaign__host").get(campaign=self.campaign)

    def close(self, moment: datetime = CLOSED) -> Phase:
        phases.close(self.phase, by=self.officer, at=moment)
        return self.phase

    def ordered(self, moment: datetime = TODAY) -> Report:
        return ordering.order(ordering.of_phase(self.phase), by=self.officer, at=moment)

    def run(self, made: Report, moment: datetime = TODAY) -> Report:
        """Let a worker do the job of an ordered report."""
        jobs.run(made.job_id, lambda: moment)
        return Report.objects.select_related("job", "host").get(pk=made.pk)

    def drafted(self, moment: datetime = TODAY) -> Report:
        return count(self.ordered(moment), moment)

    def to_sign(self, moment: datetime = TODAY) -> Report:
        return issuing.submit(self.drafted(moment), by=self.officer, at=moment)

    def sent(self, moment: datetime = TODAY) -> Report:
        return issuing.sign(self.to_sign(moment), by=self.leader, at=moment)


def reporting(place: County) -> Case:
    return Case(late(place))
