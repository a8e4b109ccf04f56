"""The list of a person's own tasks: its shelves, what it can be narrowed by, what was returned and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from campaigns.enums import CampaignState, RequirementKind
from schools.enums import Role
from schools.models import Unit, User
from schools.pinyin import initials, plain
from submissions import access
from submissions.enums import AssignmentState, EventKind, ExtensionState, PieceState, ReviewStep, Verdict
from submissions.models import (
    Assignment,
    AssignmentEvent,
    AssignmentQuerySet,
    ExtensionRequest,
    Review,
    Submission,
)

RUNNING = Q(occurrence__requirement__campaign__state=CampaignState.PUBLISHED)
TO_SIGN = RUNNING & Q(
    Exists(Submission.objects.filter(assignment=OuterRef("pk"), state=PieceState.TO_SIGN)),
    state__in=AssignmentState.owed(),
)

#: A piece came back while enough others are with the bureau: the task is handed in, the piece not done.
PIECE_RETURNED = Q(
    Exists(Submission.objects.filter(assignment=OuterRef("pk"), state=PieceState.RETURNED)),
    state__in=AssignmentState.under_review(),
)
TO_DO = RUNNING & (Q(state__in=AssignmentState.school_acts()) | PIECE_RETURNED)

#: Key, name and condition. What waits for the head, or has come back in part, may stand on two shelves.
SHELVES = (
    ("sign", "待签发", TO_SIGN),
    ("todo", "待办", TO_DO),
    ("waiting", "待审核", Q(state__in=AssignmentState.under_review())),
    (
        "done",
        "已办结",
        Q(state__in=(AssignmentState.ACCEPTED, AssignmentState.EXEMPT, AssignmentState.CANCELLED))
        | (~RUNNING & Q(state__in=(*AssignmentState.school_acts(), AssignmentState.TO_SIGN))),
    ),
)

RETURNED_FIRST = Case(
    When(state=AssignmentState.RETURNED, then=Value(0)), When(PIECE_RETURNED, then=Value(0)), default=Value(1)
)


def dated(tasks: AssignmentQuerySet) -> AssignmentQuerySet:
    """`tasks` with `correct_by`, the first date set for a correction (None: no date was set), and `act_by`:
    the exclusive instant by which the school has to act and of which it is reminded, that one or `due_at`;
    the latter also where a piece came back while another is still to be handed in."""
    pieces = Submission.objects.filter(assignment=OuterRef("pk"), correct_by__isnull=False)
    first = pieces.order_by("correct_by").values("correct_by")[:1]
    to_hand_in = When(state__in=AssignmentState.not_handed_in(), then="due_at")
    return tasks.annotate(
        correct_by=Subquery(first), act_by=Case(to_hand_in, default=Coalesce("correct_by", "due_at"))
    )


def shown(tasks: AssignmentQuerySet) -> AssignmentQuerySet:
    """`tasks` as a list shows them: with plan, dates, `has_draft`, and `extension_asked` where no answer
    has come yet."""
    draft = Submission.objects.filter(assignment=OuterRef("pk"), state=PieceState.DRAFT)
    request = ExtensionRequest.objects.filter(assignment=OuterRef("pk"), state=ExtensionState.OPEN)
    return dated(tasks).with_plan().annotate(has_draft=Exists(draft), extension_asked=Exists(request))


def in_order(tasks: AssignmentQuerySet, shelf: str) -> AssignmentQuerySet:
    """What has to be done, returned work first, the nearest date on top; of what is done, the latest."""
    if shelf == "done":
        return tasks.order_by("-act_by", "-pk")
    first = [RETURNED_FIRST] if shelf == "todo" else []
    return tasks.order_by(*first, "act_by", "pk")


@dataclass(frozen=True)
class SentBack:
    """Why a task came back to the school; `label` says from where."""

    label: str
    reason: str


def sent_back(tasks: Iterable[Assignment]) -> dict[int, SentBack]:
    """Why the work of `tasks` of the reader's own units came back, by the task's id: the latest reason of
    a piece that waits for its correction, else that for which 零报告 was refused."""
    tasks = list(tasks)
    reasons = {
        found.assignment_id: SentBack("零报告退回原因", found.note)
        for found in AssignmentEvent.objects.filter(
            assignment__in=[one for one in tasks if one.state == AssignmentState.TODO and one.completed_at],
            kind=EventKind.REOPENED,
            version=None,
        ).order_by("at", "pk")
    }
    returned = Review.objects.filter(
        version__submission__assignment__in=tasks,
        version__submission__state=PieceState.RETURNED,
        verdict__in=Verdict.sending_back(),
    )
    returned = returned.annotate(task=F("version__submission__assignment"))
    for review in returned.order_by("at", "pk"):
        label = "负责人退回原因" if review.step == ReviewStep.SIGN else "退回原因"
        reasons[review.task] = SentBack(label, review.reason)
    return reasons


def marked(tasks: Iterable[Assignment], now: datetime) -> list[Assignment]:
    """Dated tasks with `overdue` (“逾期”, “修改逾期” or "") and `sent_back` (None: it was not)."""
    tasks = list(tasks)
    reasons = sent_back(tasks)
    for one in tasks:
        one.sent_back = reasons.get(one.pk)
        one.overdue = overdue(one, now)
    return tasks


def overdue(one: Assignment, now: datetime) -> str:
    """“逾期”, “修改逾期” or "" for a dated task."""
    correcting = one.state == AssignmentState.RETURNED and one.act_by <= now
    return "逾期" if one.is_overdue(now) else "修改逾期" if correcting else ""


# What it can be narrowed by --------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """One requirement that was asked of the person's units, and its campaign."""

    requirement: int
    title: str
    kind: str
    campaign: int
    campaign_title: str


@dataclass(frozen=True)
class Catalogue:
    """What a person's own tasks are about, to choose from and to search in."""

    asked: list[Asked]
    units: list[Unit]

    @property
    def campaigns(self) -> dict[int, str]:
        """Id → title, the latest first."""
        return {one.campaign: one.campaign_title for one in self.asked}

    @property
    def kinds(self) -> dict[str, str]:
        used = {one.kind for one in self.asked}
        return {kind.value: kind.label for kind in RequirementKind if kind in used}

    def search(self, typed: str) -> Q:
        """Tasks in whose requirement, campaign or unit each word of `typed` is found, by its characters
        or by the initials of their pinyin."""
        condition = Q()
        for word in typed.casefold().split():
            key = plain(word) if word.isascii() else ""
            asked = [
                one.requirement
                for one in self.asked
                if _speaks_of(one.title, word, key) or _speaks_of(one.campaign_title, word, key)
            ]
            units = [
                one.pk for one in self.units if word in one.name.casefold() or (key and key in one.pinyin)
            ]
            condition &= Q(occurrence__requirement__in=asked) | Q(unit__in=units)
        return condition


def catalogue(user: User) -> Catalogue:
    """The catalogue of the person's own units: one query, as large as the number of requirements."""
    plan = "occurrence__requirement"
    rows = (
        access.own(user)
        .order_by(f"-{plan}__campaign__starts_on", f"{plan}__campaign", plan)
        .values_list(plan, f"{plan}__title", f"{plan}__kind", f"{plan}__campaign", f"{plan}__campaign__title")
        .distinct()
    )
    return Catalogue([Asked(*row) for row in rows], own_units(user))


def own_units(user: User) -> list[Unit]:
    """The units that the person serves or heads, in the order of their posts."""
    held = {post.unit_id: post.unit for post in user.active_memberships if post.role in Role.own_unit()}
    return list(held.values())


def _speaks_of(title: str, word: str, key: str) -> bool:
    return word in title.casefold() or bool(key and key in _initials(title))


@lru_cache(maxsize=4096)
def _initials(title: str) -> str:
    return initials(title)
