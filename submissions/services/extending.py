"""A school asks for more time (申请延期); the bureau that asked for the work answers.

An open request whose task is settled otherwise is not closed by anybody: it waits for nothing
(`rules.why_no_answer`), and waits again when the task is open again.
"""

from datetime import datetime

from django.db import transaction

from schools.models import User
from submissions.enums import EventKind, ExtensionState
from submissions.models import Assignment, ExtensionRequest
from submissions.rules import NotAllowed, require, why_no_answer, why_no_extension, why_not_later
from submissions.services import easing, ledger
from submissions.services.changing import day_in_words
from submissions.services.rehearsing import Effect
from submissions.services.submitting import tell_unit


@transaction.atomic
def ask(assignment: Assignment, *, until: datetime, reason: str, by: User, at: datetime) -> ExtensionRequest:
    """Ask for time until the exclusive instant `until`, also after the due time and the cut-off.

    A second press changes nothing. Raises NotAllowed without a reason, when the task needs no time, when
    `until` is not later than what the unit has, or while another request waits.
    """
    if not reason.strip():
        raise NotAllowed("请写明申请延期的理由。")
    assignment = ledger.lock(assignment.pk)
    require(why_no_extension(assignment) or why_not_later(assignment.due_at, until, at))
    if (waiting := open_request(assignment)) is not None:
        if (waiting.until, waiting.reason) == (until, reason):
            return waiting
        if why_no_answer(waiting) is None:
            raise NotAllowed("已有一项延期申请待答复；如需更改，请先撤回再重新申请。")
        _close(waiting, ExtensionState.WITHDRAWN, by=by, at=at)  # the deadline has overtaken it
    made = ExtensionRequest.objects.create(
        assignment=assignment, until=until, reason=reason, asked_by=by, asked_at=at
    )
    note = f"申请延至{day_in_words(until)}：{reason}"
    ledger.settle(assignment, EventKind.EXTENSION_ASKED, at=at, by=by, note=note)
    return made


def open_request(assignment: Assignment) -> ExtensionRequest | None:
    """The request of the assignment that nobody has answered or taken back."""
    found = assignment.extension_requests.filter(state=ExtensionState.OPEN).first()
    if found is not None:
        found.assignment = assignment
    return found


@transaction.atomic
def take_back(asked: ExtensionRequest, *, by: User, at: datetime) -> None:
    """Withdraw a request that is not answered yet; a second press changes nothing.

    Raises NotAllowed once it is answered.
    """
    asked = _lock(asked)
    if asked.state == ExtensionState.WITHDRAWN:
        return
    if asked.state != ExtensionState.OPEN:
        raise NotAllowed("这项延期申请已经答复，不能撤回。")
    _close(asked, ExtensionState.WITHDRAWN, by=by, at=at)
    ledger.settle(asked.assignment, EventKind.WITHDRAWN, at=at, by=by, note="撤回延期申请")


@transaction.atomic
def grant(asked: ExtensionRequest, *, until: datetime, by: User, at: datetime, answer: str = "") -> Effect:
    """Give the unit time until `until` (exclusive instant), which may differ from what was asked.

    It is the same extension as `easing.extend`, which answers the request and tells the unit. Raises
    NotAllowed when the request wants no answer any more, or when `until` gives no time.
    """
    asked = _lock_waiting(asked)
    assignment = asked.assignment
    require(why_not_later(assignment.due_at, until, at))
    reason = answer.strip() or "同意延期申请"
    return easing.extend(assignment.occurrence, [assignment.unit], until=until, reason=reason, by=by, at=at)


@transaction.atomic
def refuse(asked: ExtensionRequest, *, answer: str, by: User, at: datetime) -> None:
    """Decline with a reason, which the unit's secretaries are told.

    Raises NotAllowed without a reason, or when the request wants no answer any more.
    """
    if not answer.strip():
        raise NotAllowed("不同意延期时必须写明理由。")
    asked = _lock_waiting(asked)
    _close(asked, ExtensionState.REFUSED, by=by, at=at, answer=answer)
    ledger.settle(asked.assignment, EventKind.EXTENSION_REFUSED, at=at, by=by, note=answer)
    tell_unit(
        asked.assignment,
        matter=f"extension:{asked.pk}",
        title=f"“{asked.assignment.name}”的延期申请未获同意，请按期报送",
        body=answer,
        at=at,
    )


def _lock_waiting(asked: ExtensionRequest) -> ExtensionRequest:
    """The request as it is now, its running campaign and its task locked; NotAllowed when it is settled."""
    ledger.lock_running(asked.assignment.requirement.campaign_id)
    asked = _lock(asked)
    require(why_no_answer(asked))
    return asked


def _lock(asked: ExtensionRequest) -> ExtensionRequest:
    """Lock its task, then read the request as it is now."""
    assignment = ledger.lock(asked.assignment_id)
    asked = ExtensionRequest.objects.get(pk=asked.pk)
    asked.assignment = assignment
    return asked


def _close(
    asked: ExtensionRequest, state: ExtensionState, *, by: User, at: datetime, answer: str = ""
) -> None:
    asked.state, asked.answer, asked.closed_by, asked.closed_at = state, answer, by, at
    asked.save(update_fields=["state", "answer", "closed_by", "closed_at"])
