"""零报告: a unit says, with a reason, that it has nothing to hand in; where allowed, that is complete."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from campaigns.enums import CampaignState
from schools.models import User
from submissions import access
from submissions.enums import EventKind, Override
from submissions.models import Assignment, AssignmentQuerySet
from submissions.rules import NotAllowed, NotYours, require, why_no_nil, why_no_retraction
from submissions.services import changing, ledger


@transaction.atomic
def report_nil(assignment: Assignment, *, by: User, at: datetime, reason: str) -> None:
    """File 零报告 with a reason; a second press changes nothing. A draft stays, not handed in.

    Raises NotAllowed without a reason, when it is not allowed, when a piece is on its way, or when closed.
    """
    if not reason.strip():
        raise NotAllowed("请写明没有可报内容的原因。")
    assignment = ledger.lock(assignment.pk)
    if assignment.override == Override.NIL:
        return
    require(why_no_nil(assignment, at))
    assignment.override = Override.NIL
    ledger.settle(assignment, EventKind.NIL, at=at, by=by, note=reason)


@transaction.atomic
def retract_nil(assignment: Assignment, *, by: User, at: datetime) -> None:
    """Take 零报告 back while material is still taken; a second press changes nothing."""
    assignment = ledger.lock(assignment.pk)
    if assignment.override != Override.NIL:
        return
    require(why_no_retraction(assignment, at))
    assignment.override = Override.NONE
    ledger.settle(assignment, EventKind.WITHDRAWN, at=at, by=by, note="撤回零报告")


@transaction.atomic
def refuse_nil(assignment: Assignment, *, by: User, at: datetime, reason: str) -> None:
    """The bureau does not accept 零报告: the task is open again, and the unit is told why.

    Raises NotYours when somebody else has the last word, NotAllowed without a reason, when there is no
    零报告 (any more), or after the campaign.
    """
    if not reason.strip():
        raise NotAllowed("退回时必须写明原因，便于学校补报。")
    assignment = ledger.lock(assignment.pk)
    if not access.has_last_word(by, assignment):
        raise NotYours(access.why_no_last_word(assignment))
    if assignment.override != Override.NIL:
        raise NotAllowed("这项零报告已撤回或已退回，请刷新页面查看最新情况。")
    if assignment.requirement.campaign.state != CampaignState.PUBLISHED:
        raise NotAllowed("活动已结束，零报告不能再退回。")
    refuse_all(Assignment.objects.filter(pk=assignment.pk), by=by, at=at, reason=reason)


def refuse_all(assignments: AssignmentQuerySet, *, by: User, at: datetime, reason: str) -> list[Assignment]:
    """Open again what 零报告 had settled of one occurrence, and tell the units why; returns those.

    Whether `by` may is for the caller to know.
    """
    opened = ledger.refuse_nil_all(assignments, at=at, by=by, note=reason)
    if opened:
        occurrence = opened[0].occurrence
        changing.tell_units(
            {one.unit_id for one in opened},
            matter=f"nil:{occurrence.pk}",
            title=f"“{occurrence.requirement.title}”的零报告未获同意，请报送材料",
            body=reason,
            at=at,
            url=reverse("assignment", args=[opened[0].pk]) if len(opened) == 1 else "",
        )
    return opened
