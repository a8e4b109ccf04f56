"""What waits for the person: their own queues, and what has waited too long in their sight."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from campaigns.enums import CampaignState, PhaseState
from campaigns.models import Campaign, Phase
from notices.workdays import DAY, end_of, nth_workday
from reports import access as reading
from reports.looking import overseen
from reports.models import Bulletin, Report
from schools.enums import Role
from schools.models import User
from submissions import access
from submissions.enums import AssignmentState, PieceState
from submissions.models import Submission, Suggestion
from submissions.services import phases

#: Working days after which a leader hears that a piece waits for review, a suggestion for its answer.
REVIEW_DAYS, ANSWER_DAYS = 5, 10


@dataclass(frozen=True)
class Matter:
    """A kind of thing that waits: what it is, for whom, which rows; `page` is a list that exists elsewhere.

    `said` follows the number: “3篇材料等待您审核”.
    """

    key: str
    said: str
    roles: tuple[Role, ...]
    rows: Callable[[User, datetime], QuerySet]
    page: str = ""


def _long_ago(at: datetime, workdays: int) -> datetime:
    """What came before has waited for more than so many working days, its own day not counted."""
    return end_of(nth_workday(_today(at), -workdays) - DAY)


def _today(at: datetime) -> date:
    return timezone.localtime(at).date()


def _reviews(user: User, at: datetime) -> QuerySet[Submission]:
    """Pieces that nobody has decided on for long, of units in sight: they can be opened."""
    seen = overseen(user).narrow("assignment__unit")
    waiting = Submission.objects.filter(
        seen, state__in=PieceState.undecided(), handed_in_at__lt=_long_ago(at, REVIEW_DAYS)
    ).exclude(assignment__state=AssignmentState.CANCELLED)
    plan = "assignment__occurrence__requirement__campaign"
    return waiting.select_related(plan, "assignment__unit", "current").order_by("handed_in_at", "pk")


def _unanswered(user: User, at: datetime) -> QuerySet[Suggestion]:
    found = access.unanswered_suggestions(user, Role.OFFICER)
    return found.select_related("campaign", "unit").order_by("added_at", "pk")


def _long_unanswered(user: User, at: datetime) -> QuerySet[Suggestion]:
    found = access.unanswered_suggestions(user).filter(added_at__lt=_long_ago(at, ANSWER_DAYS))
    return found.select_related("campaign", "unit").order_by("added_at", "pk")


def _past_end(user: User, at: datetime) -> QuerySet[Campaign]:
    hosted = access.suggestion_campaigns(user)
    over = hosted.filter(state=CampaignState.PUBLISHED, ends_on__lt=_today(at))
    return over.select_related("host").order_by("ends_on", "pk")


def _open_phases(user: User, at: datetime) -> QuerySet[Phase]:
    """Phases past their last day that only a person closes, of campaigns that are not over themselves."""
    hosted = access.suggestion_campaigns(user).filter(state=CampaignState.PUBLISHED)
    over = Phase.objects.filter(state=PhaseState.OPEN, ends_on__lt=_today(at), campaign__in=hosted)
    found = over.exclude(phases.BY_ITSELF)
    return found.select_related("campaign__host").order_by("ends_on", "pk")


def _bulletins(found: QuerySet[Bulletin]) -> QuerySet[Bulletin]:
    return found.select_related("occurrence__requirement__campaign__host").defer("body", "figures")


def _reports(found: QuerySet[Report]) -> QuerySet[Report]:
    return found.select_related("host").defer("figures", "opening", "ending")


OFFICER, LEADER, BOTH = (Role.OFFICER,), (Role.LEADER,), Role.overseeing()
MATTERS = (
    Matter("queue", "篇材料等待您审核", OFFICER, lambda user, at: access.queue(user), page="queue"),
    Matter(
        "extensions", "个延期申请等待您答复", OFFICER, lambda user, at: access.extension_queue(user),
        page="extensions",
    ),
    Matter("suggestions", "条合理化建议等待答复", OFFICER, _unanswered),
    Matter("drafts", "份督查通报等待您修改送签", OFFICER, lambda user, at: _bulletins(reading.to_edit(user))),
    Matter(
        "report_drafts", "份报告等待您修改送签", OFFICER,
        lambda user, at: _reports(reading.reports_to_edit(user)),
    ),
    Matter("reports", "份报告等待您签发", LEADER, lambda user, at: _reports(reading.reports_to_sign(user))),
    Matter("bulletins", "份督查通报等待您签发", LEADER, lambda user, at: _bulletins(reading.to_sign(user))),
    Matter("reviews", f"篇材料待审超过{REVIEW_DAYS}个工作日", LEADER, _reviews),
    Matter("answers", f"条合理化建议超过{ANSWER_DAYS}个工作日没有答复", LEADER, _long_unanswered),
    Matter("campaigns", "项活动已过结束日期，尚未结束", BOTH, _past_end),
    Matter("phases", "个阶段已过结束日期，尚未结束", BOTH, _open_phases),
)  # fmt: skip
#: Those whose rows have a list here.
LISTED = {one.key: one for one in MATTERS if not one.page}


def matters_of(user: User) -> list[Matter]:
    """The kinds that concern the person, whether anything waits or not."""
    return [one for one in MATTERS if user.roles & set(one.roles)]


def waiting(user: User, at: datetime) -> list[tuple[Matter, int]]:
    """What waits, and how much of it; one statement for each kind."""
    counted = [(one, one.rows(user, at).order_by().count()) for one in matters_of(user)]
    return [(one, n) for one, n in counted if n]
