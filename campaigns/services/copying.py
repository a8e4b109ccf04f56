"""A new draft like an earlier campaign, with its people, units and files; days moved by working days."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import chain
from typing import Any

from django.db import models, transaction

from campaigns.blueprints import write
from campaigns.ladders import own_steps
from campaigns.models import Campaign, Indicator, InspectionGroup, Occurrence, Requirement, Topic
from campaigns.moving import Moved, by_workdays
from campaigns.recurrence import squeezed
from campaigns.services import ladders
from campaigns.services.exporting import export
from campaigns.services.planning import Gone
from notices.workdays import end_of, last_day
from portal import audit
from portal.changes import values_of
from portal.models import StoredFile
from schools.models import Unit, User

# What belongs to the life of the earlier campaign and not to its plan.
LEFT_OUT = {"id", "state", "opened_at", "closed_at", "published_at", "issued_at", "withdrawn_at"}


@transaction.atomic
def copy(
    campaign: Campaign, *, title: str, starts_on: date, host: Unit | None = None, by: User, at: datetime
) -> Campaign:
    """A new draft of `host` (else of the same bureau) like `campaign`, beginning on `starts_on`.

    The n-th working day stays the n-th; a recurring requirement gets the periods of its new days.
    Closed units, units outside the host, people who are no longer active (or, for another host, do
    not belong to it) and purged files are left out, and so are withdrawn requirements and the ties
    to other campaigns. Raises Gone when the campaign was deleted meanwhile.
    """
    source = Campaign.objects.select_for_update(no_key=True).filter(pk=campaign.pk).first()
    if source is None:
        raise Gone
    made = _Copying(source, host or source.host, starts_on).make(title, by)
    audit.record(
        "campaign.save",
        at=at,
        by=by,
        target=made,
        summary=f"复制活动《{source}》新建《{made}》",
        detail={"after": values_of(made), "copied_from": source.pk, "plan": write(export(made)).splitlines()},
    )
    return made


class _Copying:
    """The rows of `source`, and what becomes of each."""

    def __init__(self, source: Campaign, host: Unit, starts_on: date) -> None:
        self.source, self.host = source, host
        self.phases = list(source.phases.all())
        self.topics = list(source.topics.all())
        self.indicators = list(Indicator.objects.filter(topic__campaign=source))
        self.activities = list(source.activities.all())
        self.requirements = list(
            source.requirements.filter(withdrawn_at=None).prefetch_related("ladder__rungs")
        )
        self.dues = list(
            Occurrence.objects.filter(requirement__in=self.requirements).select_related("requirement")
        )
        self.days = Moved(
            ((one.starts_on, one.ends_on) for one in (source, *self.phases)),
            by_workdays(source.starts_on, starts_on),
        )
        self.units = Unit.objects.within(host).active()
        self.people = User.objects.filter(is_active=True)
        if host.pk != source.host_id:
            inside = {"memberships__ended_at": None, "memberships__unit__path__startswith": host.path}
            self.people = self.people.filter(**inside).distinct()

    def make(self, title: str, by: User) -> Campaign:
        office = self._kept(self.units, [self.source.office_id]).get(self.source.office_id)
        made = _like(self.source, title=title, host=self.host, office=office, parent=None, created_by=by)
        self._span(made)
        made.save()
        self.made = made
        phases = self._save(self.phases, [self._span(_like(one, campaign=made)) for one in self.phases])
        topics = self._copy_topics()
        activities = self._copy_activities(phases, topics)
        self._copy_bases()
        self._copy_people()
        self._copy_requirements(phases, topics, activities)
        return made

    def _copy_topics(self) -> dict[int, models.Model]:
        leads = self._kept(self.units, (topic.lead_id for topic in self.topics))
        rows = [_like(one, campaign=self.made, lead=leads.get(one.lead_id)) for one in self.topics]
        topics = self._save(self.topics, rows)
        self._link(Topic.supporting, topics, self.units)
        Indicator.objects.bulk_create(
            _like(one, topic=topics[one.topic_id], due_on=self.days.due(one.due_on))
            for one in self.indicators
        )
        return topics

    def _copy_activities(self, phases: Mapping, topics: Mapping) -> dict[int, models.Model]:
        hosts = self._kept(self.units, (one.host_id for one in self.activities))
        rows = []
        for one in self.activities:
            starts_on = self.days.held(one.starts_on)
            row = _like(
                one,
                campaign=self.made,
                phase=phases[one.phase_id],
                topic=topics.get(one.topic_id),
                host=hosts.get(one.host_id),
                starts_on=starts_on,
                ends_on=one.ends_on and max(starts_on, self.days.due(one.ends_on)),
            )
            rows.append(row)
        return self._save(self.activities, rows)

    def _copy_bases(self) -> None:
        bases = list(self.source.bases.all())
        files = self._files(one.file_id for one in bases)
        self._save(bases, [_like(one, campaign=self.made, file=files.get(one.file_id)) for one in bases])

    def _copy_people(self) -> None:
        """The leading group, without seats that nobody holds any more; and the inspection groups."""
        seats, groups = list(self.source.leadership.all()), list(self.source.inspection_groups.all())
        people = self._kept(
            self.people, [*(one.user_id for one in seats), *(one.leader_id for one in groups)]
        )
        held = [one for one in seats if one.user_id in people or one.post]
        self._save(held, [_like(one, campaign=self.made, user=people.get(one.user_id)) for one in held])
        rows = [_like(one, campaign=self.made, leader=people.get(one.leader_id)) for one in groups]
        copied = self._save(groups, rows)
        self._link(InspectionGroup.members, copied, self.people)
        self._link(InspectionGroup.units, copied, self.units)

    def _copy_requirements(self, phases: Mapping, topics: Mapping, activities: Mapping) -> None:
        asked = [one for one in self.requirements if not one.activity_id or activities[one.activity_id].host]
        units = self._kept(
            self.units, chain.from_iterable((one.receiver_id, one.audience_branch_id) for one in asked)
        )
        files = self._files(one.template_file_id for one in asked)
        rows = []
        for one in asked:
            first = self.days.held(one.recurs_from)
            row = _like(
                one,
                campaign=self.made,
                phase=phases[one.phase_id],
                topic=topics.get(one.topic_id),
                activity=activities.get(one.activity_id),
                receiver=units.get(one.receiver_id),
                audience_branch=units.get(one.audience_branch_id),
                template_file=files.get(one.template_file_id),
                recurs_from=first,
                recurs_until=one.recurs_until and max(first, self.days.due(one.recurs_until)),
            )
            if one.audience_branch_id and row.audience_branch is None:
                row.audience_kinds = []  # without its branch it would ask too many
            rows.append(row)
        occurrences = [
            each for one, row in zip(asked, rows, strict=True) for each in self._occurrences(one, row)
        ]
        requirements = self._save(asked, rows)
        Occurrence.objects.bulk_create(occurrences)
        self._link(Requirement.reviewers, requirements, self.people)
        self._link(Requirement.included, requirements, self.units)
        self._link(Requirement.excluded, requirements, self.units)
        steps = ((requirements[one.pk], own_steps(one)) for one in asked)
        ladders.write_all((row, own) for row, own in steps if own is not None)

    def _occurrences(self, one: Requirement, row: Requirement) -> list[Occurrence]:
        olds = [due for due in self.dues if due.requirement_id == one.pk]
        if not one.recurs:
            return [
                _like(
                    old,
                    requirement=row,
                    due_at=self._due(old.due_at),
                    cutoff_at=old.cutoff_at and max(self._due(old.cutoff_at), self._due(old.due_at)),
                )
                for old in olds
            ]
        row.recurs_until, found = squeezed(row.frequency, row.recurs_from, row.recurs_until, row.due_day)
        lag = next((old.cutoff_at - old.due_at for old in olds if old.cutoff_at), None)
        return [
            Occurrence(
                requirement=row,
                number=number,
                label=period.label,
                due_at=end_of(period.due_on),
                cutoff_at=lag if lag is None else end_of(period.due_on) + lag,
            )
            for number, period in enumerate(found, 1)
        ]

    def _due(self, instant: datetime) -> datetime:
        return end_of(self.days.due(last_day(instant)))

    def _span(self, row: models.Model) -> Any:
        row.starts_on, row.ends_on = self.days.start(row.starts_on), self.days.end(row.ends_on)
        return row

    def _save(self, olds: list, news: list) -> dict[int, models.Model]:
        """The new rows, saved, by the ids of the old ones."""
        if not olds:
            return {}
        type(news[0]).objects.bulk_create(news)
        return {old.pk: new for old, new in zip(olds, news, strict=True)}

    def _kept(self, allowed: models.QuerySet, ids: Iterable[int | None]) -> dict[int, Any]:
        return {row.pk: row for row in allowed.filter(pk__in={pk for pk in ids if pk})}

    def _files(self, ids: Iterable[int | None]) -> dict[int, StoredFile]:
        return self._kept(StoredFile.objects.filter(purged_at=None), ids)

    def _link(self, relation: Any, copied: Mapping[int, models.Model], allowed: models.QuerySet) -> None:
        """Give the copies what a many-to-many field of the old rows held, as far as it is allowed."""
        through, near, far = (
            relation.through,
            relation.field.m2m_field_name(),
            relation.field.m2m_reverse_field_name(),
        )
        held = through.objects.filter(**{f"{near}__in": list(copied), f"{far}__in": allowed})
        through.objects.bulk_create(
            through(**{near: copied[old], f"{far}_id": pk})
            for old, pk in held.order_by("pk").values_list(f"{near}_id", f"{far}_id")
        )


def _fields(row: models.Model) -> dict[str, Any]:
    fields = row._meta.concrete_fields
    return {field.attname: getattr(row, field.attname) for field in fields if field.name not in LEFT_OUT}


def _like(row: models.Model, **changes: Any) -> Any:
    """A new row like `row`, not saved; a change of a relation takes the place of its id."""
    relations = {f"{name}_id" for name in changes}
    kept = {name: value for name, value in _fields(row).items() if name not in relations | set(changes)}
    return type(row)(**kept, **changes)
