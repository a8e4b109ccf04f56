"""A draft out of a template: all its rows in one transaction, a few dozen queries whatever its size."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import models, transaction

from campaigns.blueprints import shape, write
from campaigns.blueprints.shifting import moved
from campaigns.models import (
    Activity,
    Basis,
    Campaign,
    Indicator,
    InspectionGroup,
    Leadership,
    Occurrence,
    Phase,
    Requirement,
    Topic,
)
from campaigns.recurrence import squeezed
from campaigns.services import ladders
from campaigns.services.activities import can_owe, minutes_of
from notices.workdays import end_of
from portal import audit
from portal.changes import values_of
from schools.models import Unit, User

Units = Mapping[str, Unit | None]


@transaction.atomic
def create(
    plan: shape.Plan,
    *,
    title: str,
    starts_on: date,
    host: Unit,
    office: Unit | None,
    units: Units,
    by: User,
    at: datetime,
) -> Campaign:
    """A new draft of `host` like `plan`, beginning on `starts_on`, its other days moved along.

    `units` says which unit each name of the plan means (`campaigns.blueprints.naming`); where it says
    None, the place stays empty for the officer to fill. A requirement whose branch is not known asks
    nobody, because without it too many would be asked.
    """
    plan = moved(plan, starts_on)
    campaign = Campaign.objects.create(
        title=title,
        kind=plan.kind,
        theme=plan.theme,
        goals=plan.goals,
        host=host,
        office=office,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        created_by=by,
    )
    _Rows(campaign, plan, units).write()
    audit.record(
        "campaign.save",
        at=at,
        by=by,
        target=campaign,
        summary=f"按模板“{plan.name}”新建活动《{campaign}》",
        detail={"after": values_of(campaign), "plan": write(plan).splitlines()},
    )
    return campaign


class _Rows:
    """The rows below one campaign."""

    def __init__(self, campaign: Campaign, plan: shape.Plan, units: Units) -> None:
        self.campaign, self.plan, self.units = campaign, plan, units
        self.phases: dict[str, Phase] = {}
        self.topics: dict[str, Topic] = {}

    def write(self) -> None:
        self._framework()
        self._topics()
        self._requirements(self._activities())

    def _save(self, model: type[models.Model], rows: list[dict[str, Any]]) -> list:
        return model.objects.bulk_create(model(campaign=self.campaign, **row) for row in rows)

    def _unit(self, name: str) -> Unit | None:
        return self.units.get(name) if name else None

    def _framework(self) -> None:
        plan = self.plan
        self._save(
            Basis,
            [{"order": n, "title": one.title, "number": one.number} for n, one in enumerate(plan.bases, 1)],
        )
        phases = [
            {
                "order": n,
                "track": one.track,
                "name": one.name,
                "aim": one.aim,
                "starts_on": one.starts_on,
                "ends_on": one.ends_on,
                "suggested": one.suggested,
            }
            for n, one in enumerate(plan.phases, 1)
        ]
        self.phases = {phase.name: phase for phase in self._save(Phase, phases)}
        self._save(
            Leadership,
            [{"order": n, "role": one.role, "post": one.post} for n, one in enumerate(plan.leadership, 1)],
        )
        self._save(
            InspectionGroup,
            [{"order": n, "name": name} for n, name in enumerate(plan.inspection_groups, 1)],
        )

    def _topics(self) -> None:
        told = list(shape.numbered(self.plan.topics))
        rows = self._save(
            Topic,
            [
                {
                    "position": position,
                    "title": one.title,
                    "questions": "\n".join(one.questions),
                    "lead": self._unit(one.lead),
                }
                for position, one in told
            ],
        )
        self.topics = {topic.number: topic for topic in rows}
        pairs = list(zip(rows, (one for _, one in told), strict=True))
        Indicator.objects.bulk_create(
            Indicator(
                topic=topic,
                order=n,
                name=told.name,
                comparator=told.comparator,
                value=told.value,
                unit=told.unit,
                aggregation=told.aggregation,
                due_on=told.due_on,
            )
            for topic, one in pairs
            for n, told in enumerate(one.indicators, 1)
        )
        self._link(Topic.supporting, [(topic, one.supporting) for topic, one in pairs])

    def _activities(self) -> list[tuple[Activity, date | None]]:
        """Each activity with the last day for its minutes."""
        rows = [
            {
                "phase": self.phases[one.phase],
                "topic": self.topics.get(one.topic),
                "kind": one.kind,
                "title": one.title,
                "starts_on": one.starts_on,
                "ends_on": one.ends_on,
                "place": one.place,
                "host": self._unit(one.host),
                "chair": one.chair,
            }
            for one in self.plan.activities
        ]
        due = (one.minutes_due for one in self.plan.activities)
        return list(zip(self._save(Activity, rows), due, strict=True))

    def _requirements(self, activities: list[tuple[Activity, date | None]]) -> None:
        asked = [(self._requirement(one, order), one) for order, one in enumerate(self.plan.requirements, 1)]
        minutes = [(minutes_of(one), one, due) for one, due in activities if due and can_owe(one)]
        for order, (row, _, _) in enumerate(minutes, len(asked) + 1):
            row.order = order
        occurrences = [each for row, one in asked for each in _occurrences(row, one)]
        Requirement.objects.bulk_create([row for row, *_ in (*asked, *minutes)])
        occurrences += [Occurrence(requirement=row, due_at=end_of(due)) for row, _, due in minutes]
        Occurrence.objects.bulk_create(occurrences)
        self._link(Requirement.included, [(row, one.included) for row, one in asked])
        self._link(Requirement.excluded, [(row, one.excluded) for row, one in asked])
        ladders.write_all((row, one.reminders) for row, one in asked if one.reminders is not None)
        Requirement.included.through.objects.bulk_create(
            Requirement.included.through(requirement=row, unit_id=one.host_id) for row, one, _ in minutes
        )

    def _requirement(self, one: shape.Requirement, order: int) -> Requirement:
        branch = self._unit(one.branch)
        row = Requirement(
            campaign=self.campaign,
            phase=self.phases[one.phase],
            topic=self.topics.get(one.topic),
            order=order,
            kind=one.kind,
            title=one.title,
            guidance=one.guidance,
            receiver=self._unit(one.receiver),
            min_pieces=one.min_pieces,
            max_pieces=one.max_pieces,
            words_min=one.words_min,
            words_max=one.words_max,
            file_kinds=list(one.file_kinds),
            sign_off=one.sign_off,
            district_first=one.district_first,
            nil_allowed=one.nil_allowed,
            effort_minutes=one.effort_minutes,
            audience_kinds=[] if one.branch and branch is None else list(one.audience),
            audience_ownership=one.ownership,
            audience_branch=branch,
        )
        if one.recurs:
            row.frequency, row.due_day = one.recurs.frequency, one.recurs.due_day
            row.recurs_from, row.recurs_until = one.recurs.first, one.recurs.last
        return row

    def _link(self, relation: Any, rows: list[tuple[models.Model, tuple[str, ...]]]) -> None:
        """Fill a many-to-many field of rows with the units named, each once."""
        through, name = relation.through, relation.field.m2m_field_name()
        pairs = {(row.pk, self._unit(one)): row for row, names in rows for one in names}
        through.objects.bulk_create(
            through(**{name: row}, unit=unit) for (_, unit), row in pairs.items() if unit
        )


def _occurrences(row: Requirement, one: shape.Requirement) -> list[Occurrence]:
    if one.recurs:
        row.recurs_until, found = squeezed(row.frequency, row.recurs_from, row.recurs_until, row.due_day)
        return [
            Occurrence(requirement=row, number=n, label=period.label, due_at=end_of(period.due_on))
            for n, period in enumerate(found, 1)
        ]
    if one.due_on is None:
        return []
    cutoff_at = end_of(one.cutoff_on) if one.cutoff_on else None
    return [Occurrence(requirement=row, due_at=end_of(one.due_on), cutoff_at=cutoff_at)]
