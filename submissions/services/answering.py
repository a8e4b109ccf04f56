"""What the bureau answers to a suggestion, which unit carries it out by when, and what came of it."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from notices.services.telling import tell
from portal import audit
from portal.models import AuditEvent
from schools.enums import Role
from schools.models import Membership, Unit, User
from submissions import access
from submissions.enums import SuggestionState
from submissions.models import Suggestion
from submissions.rules import NotAllowed, NotYours, require
from submissions.services.suggesting import lock, traced, write

#: Who carries a suggestion out, and the last day for it.
Duty = tuple[Unit | None, date | None]


def edition(suggestion: Suggestion) -> str:
    """Changes with every change of the suggestion and of what is merged into it: what a page shows."""
    merged = sorted(suggestion.merged.values_list("pk", flat=True))
    shown = [traced(suggestion), suggestion.done_at is None, merged]
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:16]


@transaction.atomic
def answer(
    suggestion: Suggestion,
    state: SuggestionState,
    reason: str,
    *,
    by: User,
    at: datetime,
    responsible: Unit | None = None,
    due_on: date | None = None,
    seen: str | None = None,
) -> Suggestion:
    """Answer, or answer otherwise as long as it is not done; the units that proposed it are told.

    An adopted one may be given to a unit with a last day; without these it keeps those it has. `seen` is
    the `edition` that the person was looking at. Raises NotAllowed when somebody has changed it since, or
    when the answer is not complete. The same answer again changes nothing.
    """
    found = lock(suggestion)
    kept = (found.responsible, found.due_on) if state in SuggestionState.carried_out() else (None, None)
    duty = (responsible, due_on) if responsible or due_on else kept
    if (found.state, found.answer, found.responsible, found.due_on) == (state, reason, *duty):
        return found
    require(
        _why_overtaken(found, seen)
        or _why_not_answered(found)
        or _why_no_answer(state, reason)
        or _why_no_duty(found, state, duty, at)
    )
    first, before = found.state == SuggestionState.NEW, (found.responsible, found.due_on)
    write(
        [found], "suggestion.answer", f"{'答复' if first else '修改答复'}：{state.label}", at=at, by=by,
        state=state, answer=reason, answered_by=by, answered_at=at, responsible=duty[0], due_on=duty[1],
    )  # fmt: skip
    proposing = Suggestion.objects.filter(Q(pk=found.pk) | Q(merged_into=found), unit__isnull=False)
    _tell(
        proposing.values_list("unit", flat=True),
        matter=f"suggestion-answer:{found.pk}:{at.isoformat()}",
        title=f"本单位提出的合理化建议{'已有答复' if first else '的答复有变动'}：{state.label}",
        body=reason,
        at=at,
    )
    _tell_duty(found, before, at)
    return found


@transaction.atomic
def assign(
    suggestion: Suggestion,
    responsible: Unit,
    due_on: date,
    *,
    by: User,
    at: datetime,
    seen: str | None = None,
) -> Suggestion:
    """Give an adopted suggestion to a unit, or to another one, or change the day; those units are told.

    Raises NotAllowed as `answer` does. The same again changes nothing.
    """
    found = lock(suggestion)
    if (found.responsible, found.due_on) == (responsible, due_on):
        return found
    require(
        _why_overtaken(found, seen)
        or _why_not_carried_out(found)
        or _why_done(found)
        or _why_no_duty(found, SuggestionState(found.state), (responsible, due_on), at)
    )
    before = (found.responsible, found.due_on)
    said = f"交“{responsible}”办理，期限{_day(due_on)}"
    write([found], "suggestion.assign", said, at=at, by=by, responsible=responsible, due_on=due_on)
    _tell_duty(found, before, at)
    return found


@transaction.atomic
def finish(suggestion: Suggestion, outcome: str, *, by: User, at: datetime) -> Suggestion:
    """Say what came of an adopted suggestion: by an officer, or by somebody of the unit it was given to.

    Raises NotYours for anybody else, NotAllowed without an outcome or when it is done. The person's own
    second press changes nothing.
    """
    found = lock(suggestion)
    if not access.finishable_suggestions(by).filter(pk=found.pk).exists():
        raise NotYours("这条建议已改由其他单位办理，请刷新页面查看最新情况。")
    if found.done_at and (found.done_by, found.outcome) == (by, outcome):
        return found
    require(_why_not_carried_out(found) or _why_done(found))
    if not outcome.strip():
        raise NotAllowed("请写明办理结果后再办结。")
    write([found], "suggestion.finish", "办结", at=at, by=by, outcome=outcome, done_by=by, done_at=at)
    return found


@transaction.atomic
def reopen(suggestion: Suggestion, reason: str, *, by: User, at: datetime) -> Suggestion:
    """Take a suggestion back among those to be done, with a reason that the responsible unit is told.

    What had been said of the outcome stays in the trail. Raises NotAllowed without a reason, or when it is
    not done.
    """
    found = lock(suggestion)
    if not reason.strip():
        raise NotAllowed("请写明继续办理的原因。")
    if found.done_at is None:
        raise NotAllowed("这条建议还没有办结，请刷新页面查看最新情况。")
    said = f"退回继续办理：{reason}"
    write([found], "suggestion.resume", said, at=at, by=by, outcome="", done_by=None, done_at=None)
    if found.responsible:
        _tell(
            [found.responsible_id],
            matter=f"suggestion-reopened:{found.pk}:{at.isoformat()}",
            title="有一条合理化建议须继续办理",
            body=reason,
            at=at,
            shelf="given",
        )
    return found


# Allowed now? ---------------------------------------------------------------------------------------


def _why_overtaken(found: Suggestion, seen: str | None) -> str | None:
    if seen is None or seen == edition(found):
        return None
    latest = AuditEvent.objects.filter(target=audit.target_of(found)).select_related("actor").first()
    who = latest.actor.name if latest and latest.actor else "系统"
    when = f"{timezone.localtime(latest.at if latest else found.added_at):%m月%d日%H:%M}"
    return (
        f"在您填写期间，{who}已于{when}办理过这条建议（现为“{found.get_state_display()}”）；"
        "您填写的仍在页面上，请核对后再次提交，将以您的内容为准。"
    )


def _why_not_answered(found: Suggestion) -> str | None:
    if found.state == SuggestionState.MERGED:
        return "这条建议已并入另一条，请到合并后的建议中答复。"
    if found.state == SuggestionState.WITHDRAWN:
        return "这条建议已撤回，不用答复。"
    return _why_done(found)


def _why_done(found: Suggestion) -> str | None:
    if found.done_at is None:
        return None
    when = f"{timezone.localtime(found.done_at):%m月%d日%H:%M}"
    return f"这条建议已由{found.done_by.name}于{when}办结，不能再改；确需更改，请先退回继续办理。"


def _why_no_answer(state: SuggestionState, reason: str) -> str | None:
    if state not in SuggestionState.answered():
        return "请选择采纳、部分采纳或未采纳。"
    if state in SuggestionState.with_reason() and not reason.strip():
        return f"{state.label}的建议须写明理由，便于提出单位理解。"
    return None


def _why_not_carried_out(found: Suggestion) -> str | None:
    if found.state in SuggestionState.carried_out():
        return None
    return f"这条建议现在是“{found.get_state_display()}”，只有采纳或部分采纳的建议才交办和办结。"


def _why_no_duty(found: Suggestion, state: SuggestionState, duty: Duty, at: datetime) -> str | None:
    """Why the suggestion, once it is in `state`, cannot be given to that unit by that day."""
    responsible, due_on = duty
    if (responsible is None and due_on is None) or duty == (found.responsible, found.due_on):
        return None
    if state not in SuggestionState.carried_out():
        return "未采纳的建议不用办理，请去掉责任单位和办理期限。"
    if responsible is None or due_on is None:
        return "责任单位和办理期限须同时填写，请补充。"
    if responsible.closed_at is not None:
        return f"“{responsible}”已撤并，请另选责任单位。"
    if not responsible.path.startswith(found.campaign.host.path):
        return f"“{responsible}”不是主办单位或其下属单位，请另选责任单位。"
    if due_on < timezone.localtime(at).date() and due_on != found.due_on:
        return "办理期限不能早于今天，请重新选择。"
    return None


# Telling --------------------------------------------------------------------------------------------


def _tell_duty(found: Suggestion, before: Duty, at: datetime) -> None:
    """Tell the unit that has to carry the suggestion out, and the one that has not any more.

    The proposing unit is not named.
    """
    if found.responsible is not None and (found.responsible, found.due_on) != before:
        _tell(
            [found.responsible_id],
            matter=f"suggestion-given:{found.pk}:{at.isoformat()}",
            title=f"有一条合理化建议交本单位办理，请于{_day(found.due_on)}前办结",
            body=found.text,
            at=at,
            shelf="given",
        )
    if before[0] is not None and before[0] != found.responsible:
        _tell(
            [before[0].pk],
            matter=f"suggestion-released:{found.pk}:{at.isoformat()}",
            title="有一条合理化建议不再由本单位办理",
            body=found.text,
            at=at,
            shelf="given",
        )


def _tell(unit_ids: Iterable[int], *, shelf: str = "made", **said: Any) -> None:
    """Tell secretaries and heads of the units, each person once."""
    posts = Membership.objects.in_post(*Role.own_unit()).filter(unit__in=unit_ids)
    tell(
        posts.values_list("user_id", flat=True).distinct(),
        url=reverse("my_suggestions", query={"shelf": shelf}),
        **said,
    )


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
