"""合理化建议: taken up from accepted pieces or entered by the bureau, and merged where they say the same.

What the bureau answers and what becomes of it is in `answering`. Whatever officers do begins by locking the
campaign; collecting does not, since it runs under the lock of an assignment.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from campaigns.enums import CampaignState, RequirementKind
from campaigns.models import Campaign, Topic
from portal import audit
from portal.changes import Values, difference, values_of
from schools.models import Unit, User
from submissions.enums import SuggestionState
from submissions.models import Suggestion, Version
from submissions.rules import NotAllowed, require
from submissions.services import ledger

LONGEST = Suggestion._meta.get_field("text").max_length
#: What the trail tells of; who and when stand in its events.
TRACED = frozenset({
    *("text", "topic", "unit", "source", "state", "merged_into"),
    *("answer", "responsible", "due_on", "outcome"),
})  # fmt: skip


@dataclass(frozen=True)
class Answered:
    """An item of a piece: what was taken up of it, and where its answer stands."""

    text: str
    suggestion: Suggestion | None
    #: The suggestion itself, or the one that it was merged into: read its answer, never its words.
    main: Suggestion | None


@transaction.atomic
def collect(version: Version, at: datetime) -> list[Suggestion]:
    """Take up the items of a version that has been accepted for good; what is new. Doing it again adds none.

    What earlier versions of the piece proposed and nobody has answered is withdrawn: the piece was opened
    again, and says now what it proposes. Call under the lock of the piece.
    """
    assignment = version.submission.assignment
    requirement = assignment.occurrence.requirement
    if requirement.kind != RequirementKind.SUGGESTION:
        return []
    _withdraw_earlier(version, at)
    known = set(version.suggestions.values_list("position", flat=True))
    fresh = [
        Suggestion(
            campaign_id=requirement.campaign_id,
            topic_id=version.topic_id,
            unit_id=assignment.unit_id,
            version=version,
            position=position,
            text=text,
            added_at=at,
        )
        for position, text in enumerate(version.sheet.get("items", []), start=1)
        if position not in known
    ]
    Suggestion.objects.bulk_create(fresh)
    told = ((one, f"收录材料中的第{one.position}条建议", difference({}, traced(one))) for one in fresh)
    audit.record_many("suggestion.collect", told, at=at)
    return fresh


def _withdraw_earlier(version: Version, at: datetime) -> None:
    earlier = Suggestion.objects.filter(
        version__submission=version.submission_id, version__number__lt=version.number
    )
    # Together with whatever is merged with them, always in the same order, before their states are read.
    together = Q(pk__in=earlier) | Q(merged_into__in=earlier) | Q(pk__in=earlier.values("merged_into"))
    lock_rows(Suggestion.objects.filter(together))
    gone = list(earlier.filter(Q(state=SuggestionState.NEW) | Q(merged_into__state=SuggestionState.NEW)))
    freed = lock_rows(
        Suggestion.objects.filter(merged_into__in=gone).exclude(pk__in=[one.pk for one in gone])
    )
    said = "材料重新审核通过，以新版本的建议为准"
    write(gone, "suggestion.withdraw", said, at=at, state=SuggestionState.WITHDRAWN, merged_into=None)
    said = "所并入的建议已撤回，恢复为待答复"
    write(freed, "suggestion.take_out", said, at=at, state=SuggestionState.NEW, merged_into=None)


@transaction.atomic
def enter(
    campaign: Campaign,
    text: str,
    *,
    by: User,
    at: datetime,
    unit: Unit | None = None,
    source: str = "",
    topic: Topic | None = None,
) -> Suggestion:
    """Enter a suggestion that came another way: from a unit, or (`source`) from a meeting, a letter.

    Raises NotAllowed without a text or an origin, when unit or topic are not the campaign's, or when the
    very same was entered before.
    """
    campaign = lock_open(campaign.pk)
    require(_why_not_entered(campaign, text, unit, source, topic))
    made = Suggestion.objects.create(
        campaign=campaign, topic=topic, unit=unit, source=source, text=text, added_by=by, added_at=at
    )
    detail = difference({}, traced(made))
    audit.record("suggestion.enter", at=at, by=by, target=made, summary="登记建议", detail=detail)
    return made


def _why_not_entered(
    campaign: Campaign, text: str, unit: Unit | None, source: str, topic: Topic | None
) -> str | None:
    if not text.strip():
        return "请填写建议内容。"
    if len(text) > LONGEST:
        return f"建议内容最多{LONGEST}字，请精简后再登记。"
    if unit is None and not source.strip():
        return "请填写提出建议的单位；不是单位提出的，请写明来源。"
    if unit is not None and not unit.path.startswith(campaign.host.path):
        return f"{unit}不是主办单位或其下属单位，请另填提出单位，或改在来源中写明。"
    if topic is not None and topic.campaign_id != campaign.pk:
        return "所选专题不属于这项活动，请重新选择。"
    same = campaign.suggestions.filter(text=text, unit=unit, source=source, version=None)
    return "同一来源已登记过相同的建议，无需重复登记。" if same.exists() else None


@transaction.atomic
def merge(into: Suggestion, others: Collection[Suggestion], *, by: User, at: datetime) -> list[Suggestion]:
    """Merge unanswered suggestions into one of them, with all that had been merged into those; what moved.

    They get one answer from then on. Raises NotAllowed for another campaign's, answered or merged ones.
    """
    campaign = lock_open(into.campaign_id)
    asked = {one.pk for one in others}
    found = {one.pk: one for one in lock_rows(campaign.suggestions.filter(pk__in={into.pk, *asked}))}
    require(_why_not_merged(into, asked, found))
    moved = [found[pk] for pk in sorted(asked)]
    moved += lock_rows(Suggestion.objects.filter(merged_into__in=asked))
    main = found[into.pk]
    write(
        moved, "suggestion.combine", "并入另一条建议",
        at=at, by=by, state=SuggestionState.MERGED, merged_into=main,
    )  # fmt: skip
    detail = {"merged": [one.pk for one in moved]}
    summary = f"{len(moved)}条建议并入本条"
    audit.record("suggestion.combine", at=at, by=by, target=main, summary=summary, detail=detail)
    return moved


def _why_not_merged(into: Suggestion, asked: set[int], found: dict[int, Suggestion]) -> str | None:
    if not asked:
        return "请至少选择两条建议再合并。"
    if into.pk in asked:
        return "不能把建议并入它自身，请另选要保留的建议。"
    if len(found) <= len(asked):
        return "只能合并同一活动的建议，请重新选择。"
    stuck = next((one for one in found.values() if one.state != SuggestionState.NEW), None)
    if stuck is None:
        return None
    return f"“{stuck}”现在是“{stuck.get_state_display()}”，只有待答复的建议可以合并；请刷新页面后重新选择。"


@transaction.atomic
def split_off(suggestion: Suggestion, *, by: User, at: datetime) -> Suggestion:
    """Take a merged suggestion out again, so that it gets an answer of its own.

    Raises NotAllowed when it is not merged (any more), or the main one has been answered.
    """
    found = lock(suggestion)
    if found.state != SuggestionState.MERGED:
        raise NotAllowed("这条建议没有并入其他建议，无需拆出；请刷新页面查看最新情况。")
    if found.merged_into.state != SuggestionState.NEW:
        raise NotAllowed("合并后的建议已经答复，不能再拆出。")
    write(
        [found],
        "suggestion.take_out",
        "拆出，单独答复",
        at=at,
        by=by,
        state=SuggestionState.NEW,
        merged_into=None,
    )
    return found


def answers_of(version: Version) -> list[Answered]:
    """Every item of a suggestion version, with where its answer stands; nothing for other kinds."""
    taken = version.suggestions.select_related("responsible", "merged_into__responsible")
    known = {one.position: one for one in taken}
    items = [
        (text, known.get(position)) for position, text in enumerate(version.sheet.get("items", []), start=1)
    ]
    return [Answered(text, one, one and (one.merged_into or one)) for text, one in items]


# Locking and writing --------------------------------------------------------------------------------


def lock_open(campaign_id: int) -> Campaign:
    """Lock a campaign in which suggestions are dealt with: running or closed. Raises NotAllowed."""
    campaign = ledger.lock_campaign(campaign_id)
    if campaign.is_draft:
        raise NotAllowed("活动还没有发布，不能登记和办理建议。")
    if campaign.state == CampaignState.ARCHIVED:
        raise NotAllowed("活动已归档，建议不再办理；确需办理，请先重新开放活动。")
    return campaign


def lock(suggestion: Suggestion) -> Suggestion:
    """The suggestion as it is now, locked together with its campaign."""
    campaign = lock_open(suggestion.campaign_id)
    [found] = lock_rows(
        campaign.suggestions.filter(pk=suggestion.pk).select_related(
            "merged_into", "responsible", "answered_by", "done_by"
        )
    )
    found.campaign = campaign
    return found


def lock_rows(suggestions: QuerySet[Suggestion]) -> list[Suggestion]:
    """Lock the rows, always in the same order, so that two changes never wait for each other."""
    return list(suggestions.order_by("pk").select_for_update(of=("self",), no_key=True))


def write(
    found: Collection[Suggestion],
    action: str,
    summary: str,
    *,
    at: datetime,
    by: User | None = None,
    **values: Any,
) -> None:
    """Give every (locked) row the same `values`: one statement, and one event each with before and after."""
    before = {one.pk: traced(one) for one in found}
    for one in found:
        for name, value in values.items():
            setattr(one, name, value)
    Suggestion.objects.filter(pk__in=before).update(**values)
    told = ((one, summary, difference(before[one.pk], traced(one))) for one in found)
    audit.record_many(action, told, at=at, by=by)


def traced(suggestion: Suggestion) -> Values:
    """What the trail tells of a suggestion, JSON-ready."""
    return {name: value for name, value in values_of(suggestion).items() if name in TRACED}
