"""What an officer or leader takes away of a campaign: which tasks and which pieces, and the order for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from campaigns.models import Campaign, Phase, Requirement
from portal import jobs
from portal.models import Job, JobState
from schools.access import scope_of
from schools.enums import Role
from schools.models import User
from submissions import access
from submissions.enums import AssignmentState, PieceState, ReviewStep
from submissions.models import Assignment, AssignmentQuerySet, Review, Version

ARCHIVE, LIST = "work.archive", "work.list"
TITLES = {ARCHIVE: "打包材料", LIST: "导出台账"}


@dataclass(frozen=True)
class Part:
    """A campaign, or of it a phase or a requirement."""

    campaign: Campaign
    phase: Phase | None = None
    requirement: Requirement | None = None

    @property
    def name(self) -> str:
        narrower = self.requirement or self.phase
        return f"{self.campaign}（{narrower}）" if narrower else str(self.campaign)

    def of(self, path: str = "") -> Q:
        """A filter for rows whose path to the assignment is `path`."""
        requirement = f"{path}occurrence__requirement"
        if self.requirement:
            return Q(**{requirement: self.requirement})
        if self.phase:
            return Q(**{f"{requirement}__phase": self.phase})
        return Q(**{f"{requirement}__campaign": self.campaign})

    def params(self) -> dict[str, Any]:
        """The part as a job keeps it; `part_of` reads it."""
        return {
            "campaign": self.campaign.pk,
            "phase": self.phase and self.phase.pk,
            "requirement": self.requirement and self.requirement.pk,
        }


def part_of(params: dict[str, Any]) -> Part:
    campaign = Campaign.objects.get(pk=params["campaign"])
    phase, requirement = params["phase"], params["requirement"]
    return Part(
        campaign,
        phase and campaign.phases.get(pk=phase),
        requirement and campaign.requirements.get(pk=requirement),
    )


@transaction.atomic
def order(kind: str, part: Part, *, by: User, at: datetime) -> Job:
    """Have a worker make the archive or the list; pressed twice, it is made once.

    What goes in depends on what `by` oversees when the worker gets to it.
    """
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    waiting = Job.objects.filter(kind=kind, by=by, params=part.params(), state=JobState.WAITING)
    title = f"{TITLES[kind]}：{part.name}"
    return waiting.first() or jobs.start(kind, title=title, by=by, at=at, params=part.params())


def tasks(part: Part, by: User) -> AssignmentQuerySet:
    """What the units overseen by `by` owe or are exempt from, unit by unit in the order of the plan."""
    overseen = Assignment.objects.in_scope(scope_of(by, *Role.overseeing()))
    owed = overseen.filter(part.of()).exclude(state=AssignmentState.CANCELLED)
    return owed.order_by(*_in_order())


def pieces(part: Part, by: User) -> QuerySet[Version]:
    """Of each piece that is or was with the bureau the newest version, unit by unit in the order of the plan.

    Not what was taken back undecided, nor what is owed no more. Each comes with all that is written of it:
    `decision` is the bureau's last one on it, {"verdict", "reason", "by"}, or None.
    """
    path = "submission__assignment__"
    decided = Review.objects.filter(version=OuterRef("pk")).exclude(step=ReviewStep.SIGN)
    stays = Q(submission__state__in=PieceState.handed_in()) | Exists(decided)
    found = access.received(by).filter(stays, part.of(path))
    found = found.exclude(**{f"{path}state": AssignmentState.CANCELLED})
    newest = found.order_by("submission_id", "-number").distinct("submission_id").values("pk")
    last = decided.order_by("-pk").values(
        said=JSONObject(verdict=F("verdict"), reason=F("reason"), by=F("by__name"))
    )
    return (
        Version.objects.filter(pk__in=newest)
        .annotate(decision=last[:1], praised=Exists(decided.filter(recommended=True)))
        .select_related(
            "topic",
            f"{path}unit",
            f"{path}branch",
            f"{path}occurrence__requirement__phase",
            f"{path}occurrence__requirement__campaign",
        )
        .prefetch_related("version_files__file")
        .order_by(*_in_order(path), "submission__number")
    )


def _in_order(path: str = "") -> list[str]:
    asked = f"{path}occurrence__requirement"
    plan = [f"{asked}__phase__track", f"{asked}__phase__order", f"{asked}__order", f"{asked}__pk"]
    return [f"{path}unit__path", *plan, f"{path}occurrence__number"]
