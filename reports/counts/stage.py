"""阶段报告 and 活动总结: what is counted of a phase, or of a whole campaign."""

from datetime import datetime
from typing import Any

from campaigns.enums import PhaseState
from campaigns.models import Campaign, Phase
from portal.jobs import Report as Told
from reports import looking
from reports.content import readings
from reports.content.common import plan_topics
from reports.counts import around, content, owed, praise, units
from reports.counts.part import Part
from reports.counts.schema import SCHEMA, About, OfPhase, Stage
from reports.enums import ReportKind

STEPS = (
    *("统计报送任务", "统计各单位报送情况", "统计专题和材料", "统计会议、建议和指标"),
    *("整理优秀成果", "对比前后阶段"),
)


def count(campaign: Campaign, phase: Phase | None, at: datetime, told: Told) -> Stage:
    """How `phase` (None: all of `campaign`) stands at `at`, below the campaign's host.

    The caller sees to it that all statements read as of one moment (portal.jobs.read_as_of_now); so many of
    them that neither units nor work add any.
    """
    part = Part(looking.of_host(campaign, at), phase)
    steps = iter(enumerate(STEPS))

    def begin() -> None:
        done, step = next(steps)
        told(step, done, len(STEPS))

    begin()
    found = owed.read(part)
    lines = _lines(found)
    begin()
    by_unit: dict[str, Any] = {
        **units.numbers(part),
        "kind_units": units.by_kind(part),
        "missing": units.missing(part, found.branch_names),
        "late": units.late(part, found.branch_names),
    }
    begin()
    plan = plan_topics(part.look)
    measured = readings.read(part.look, plan)
    by_topic = content.topics(part, plan, measured)
    begin()
    came = _came(part) | {"indicators": content.indicators(measured)}
    begin()
    works = praise.works(part, found.branch_names)
    for topic, work in works:
        if topic in by_topic["topics"]:
            by_topic["topics"][topic]["works"].append(work)
    praised = praise.numbers(part) | {"works": [work for _, work in works]}
    begin()
    return {
        "schema": SCHEMA,
        "kind": (ReportKind.PHASE if phase else ReportKind.CAMPAIGN).value,
        "at": at.isoformat(),
        "campaign": _about(campaign),
        "phase": _of_phase(phase) if phase else None,
        **lines,
        **by_unit,
        **by_topic,
        "topics": list(by_topic["topics"].values()),
        **came,
        **praised,
        "before": around.before(part),
        "next": around.following(part),
    }


def _lines(found: owed.Tasks) -> dict[str, Any]:
    return {
        "numbers": found.numbers,
        "phases": [] if found.part.phase else found.phases(),
        "requirements": found.requirements(),
        "branches": found.branches(),
        "kinds": found.kinds(),
        "ownerships": found.ownerships(),
        "course": found.course(),
        "returns": owed.returns(found.part),
    }


def _came(part: Part) -> dict[str, Any]:
    return {
        "activities": content.activities(part),
        "meetings": content.meetings(part),
        "suggestions": content.suggestions(part),
    }


def _about(one: Campaign) -> About:
    return {
        "id": one.pk,
        "title": one.title,
        "theme": one.theme,
        "goals": one.goals,
        "kind": one.get_kind_display(),
        "host": one.host.name,
        "office": one.office.name if one.office else "",
        "starts_on": one.starts_on.isoformat(),
        "ends_on": one.ends_on.isoformat(),
        "closed_at": one.closed_at.isoformat() if one.closed_at else None,
    }


def _of_phase(one: Phase) -> OfPhase:
    # Opened again it is not closed; one that was over before its plan was published closed with its opening.
    closed = one.state == PhaseState.CLOSED and one.closed_at != one.opened_at
    return {
        "id": one.pk,
        "name": one.name,
        "aim": one.aim,
        "starts_on": content.day(one.starts_on),
        "ends_on": content.day(one.ends_on),
        "closed_at": one.closed_at.isoformat() if closed else None,
    }
