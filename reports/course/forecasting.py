"""What is due when, and the pace of what was due before: counters read for reports.pace."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from campaigns.models import Campaign, Occurrence
from notices.workdays import DAY, last_day
from reports.course.pace import WEEK, Batch, Forecast, forecast
from reports.looking import Look
from submissions.figures import COMPLETE, COUNTED, OWED
from submissions.models import Pace, Standing

#: Due occurrences of a host, the latest ones, by which its next ones are reckoned.
REMEMBERED = 60
CAMPAIGN = "occurrence__requirement__campaign"
HOST = f"{CAMPAIGN}__host"


@dataclass(frozen=True)
class Ahead:
    """One campaign as it is looked at: what is due on each day, and how to tell what comes."""

    look: Look
    due: list[Batch]
    forecast: Forecast


def ahead(look: Look) -> Ahead:
    """Five statements."""
    due = batches(look.counters(), look.at).get(look.campaign.pk, [])
    return Ahead(look, due, forecasts([look.campaign], look.narrow(), look.at)[look.campaign.pk])


def batches(counters: QuerySet, at: datetime) -> dict[int, list[Batch]]:
    """Campaign → what is due on each day, in order, by the effective deadlines; counters of `Standing`.

    One statement, so whatever is added up from it is of one moment.
    """
    sums = {f"f_{one.key}": Sum("n", filter=one.condition(at), default=0) for one in (*COUNTED, COMPLETE)}
    rows = counters.order_by("due_at").values(campaign=F(CAMPAIGN), until=F("due_at")).annotate(**sums)
    found: dict[int, dict] = defaultdict(dict)
    for row in rows:
        day = found[row["campaign"]].setdefault(last_day(row["until"]), dict.fromkeys(sums, 0))
        for key in sums:
            day[key] += row[key]
    return {
        campaign: [Batch(due, {key[2:]: n for key, n in sums.items()}) for due, sums in days.items()]
        for campaign, days in found.items()
    }


def forecasts(campaigns: Iterable[Campaign], seen: Q, at: datetime) -> dict[int, Forecast]:
    """Campaign → how to tell what comes, from what has come within sight (`seen`: a filter on `branch`).

    Four statements for any number of campaigns: the history is that of their hosts.
    """
    campaigns = list(campaigns)
    remembered = _remembered(campaigns, at)
    hosts = {occurrence: host for occurrence, (host, _) in remembered.items()}
    due = {occurrence: last_day(until) for occurrence, (_, until) in remembered.items()}
    owed = Standing.objects.filter(seen, OWED.condition(at), occurrence__in=hosts)
    owed_by: dict[int, int] = defaultdict(int)
    for occurrence, n in owed.values_list("occurrence").annotate(Sum("n")):
        owed_by[hosts[occurrence]] += n
    completed: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    came = Pace.objects.filter(seen, occurrence__in=hosts)
    # The days are told apart here: in SQL that would be reckoned for every counter of a province.
    for occurrence, day, n in came.values_list("occurrence", "completed_on").annotate(Sum("n")):
        completed[hosts[occurrence]][(day - due[occurrence]).days] += n
    week = _last_week(campaigns, seen, at)
    return {
        one.pk: forecast(completed[one.host_id], owed_by[one.host_id], week.get(one.pk, 0))
        for one in campaigns
    }


def _remembered(campaigns: list[Campaign], at: datetime) -> dict[int, tuple[int, datetime]]:
    """The latest due occurrences of the campaigns' hosts, each with its host and its `due_at`."""
    latest = Window(
        RowNumber(),
        partition_by=F("requirement__campaign__host"),
        order_by=[F("due_at").desc(), F("pk").desc()],
    )
    due = Occurrence.objects.filter(
        due_at__lte=at,
        requirement__campaign__in=Campaign.objects.visible(),
        requirement__campaign__host__in={one.host_id for one in campaigns},
        requirement__issued_at__isnull=False,
        requirement__withdrawn_at=None,
    )
    ranked = due.order_by().annotate(place=latest).filter(place__lte=REMEMBERED)
    found = ranked.values_list("pk", "requirement__campaign__host", "due_at")
    return {occurrence: (host, until) for occurrence, host, until in found}


def _last_week(campaigns: list[Campaign], seen: Q, at: datetime) -> dict[int, int]:
    """How many tasks of each campaign were first complete in the seven days up to today."""
    since = timezone.localtime(at).date() - DAY * (WEEK - 1)
    came = Pace.objects.filter(seen, completed_on__gte=since, **{f"{CAMPAIGN}__in": campaigns})
    return dict(came.values_list(CAMPAIGN).annotate(Sum("n")))
