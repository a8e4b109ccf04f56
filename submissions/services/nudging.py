"""催办 by hand: the people of units that have not finished are told, each unit once in 24 hours.

What a page shows before (`rehearse`) and what is done (`nudge`) come out of the same reading; the second one
reads anew, under a lock on the units.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.urls import reverse

from campaigns.models import Campaign, Requirement
from notices.enums import Manner
from notices.services import foretelling
from notices.services.telling import Words, tell_each
from portal import audit
from schools.access import scope_of
from schools.enums import Role
from schools.models import Membership, Unit, User
from submissions import worklist
from submissions.deadlines import IN_FORCE
from submissions.enums import AssignmentState, NudgeResult, PieceState
from submissions.models import Assignment, Nudge, NudgedUnit, Reminder, Submission
from submissions.owed_words import own_lines
from submissions.rules import NotAllowed

COOL_DOWN = timedelta(hours=24)
LONGEST = 500  # characters of the text
MOST = 1000  # units at once
BATCH = 2000

NO_TEXT = "请填写催办内容。"
TOO_LONG = f"催办内容不能超过{LONGEST}字，请精简。"
NO_UNIT = "请先选择您管辖范围内要催办的单位。"
TOO_MANY = f"一次最多催办{MOST}个单位，请按镇街或类别筛选后分批催办。"
NOBODY = "所选单位近期都已催办、已经报齐或没有可通知的人员，没有发出催办。"


@dataclass(frozen=True)
class Matter:
    """What units are nudged about: a campaign, or one requirement of it; neither: all that runs."""

    campaign: Campaign | None = None
    requirement: Requirement | None = None


@dataclass
class Person:
    """One who is told for a unit, of which tasks, and `way`: by what, in words (known to a rehearsal)."""

    user: User
    roles: list[Role]
    tasks: list[Assignment]
    way: str = ""


@dataclass(frozen=True)
class Line:
    """One unit: what it has not finished and who is told; nobody, where `result` is another than TOLD.

    `late` of the tasks are overdue; `cooling_until` is the instant from which it may be nudged again, None
    if that is now.
    """

    unit: Unit
    tasks: list[Assignment]
    late: int
    people: list[Person]
    cooling_until: datetime | None = None
    result: NudgeResult = field(init=False)

    def __post_init__(self) -> None:
        reasons = {
            NudgeResult.FINISHED: not self.tasks,
            NudgeResult.COOLING: self.cooling_until is not None,
            NudgeResult.NOBODY: not self.people,
        }
        found = next((result for result, holds in reasons.items() if holds), NudgeResult.TOLD)
        object.__setattr__(self, "result", found)

    @property
    def told(self) -> bool:
        return self.result == NudgeResult.TOLD


def rehearse(units: Iterable[Unit], matter: Matter, *, by: User, at: datetime) -> list[Line]:
    """What a nudge at `at` would come to, unit by unit; writes nothing. Nine queries at most.

    Units that `by` does not oversee are left out.
    """
    lines = _lines(_overseen(units, by), matter, at)
    people = [one for line in lines if line.told for one in line.people]
    ways = foretelling.ways({one.user.pk for one in people}, at)
    for one in people:
        one.way = ways[one.user.pk]
    return lines


@transaction.atomic
def nudge(units: Iterable[Unit], matter: Matter, text: str, *, by: User, at: datetime) -> Nudge:
    """Tell the people of `units` in the words `text` what they have not finished.

    Every unit gets its result; a second press, or another officer at the same moment, waits for the first
    and finds the units told. Raises NotAllowed for an empty or too long text, when no unit is within the
    scope of `by`, and when there is nobody (left) to be told.
    """
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise NotAllowed(TOO_LONG if text else NO_TEXT)
    locked = _locked(units, by)
    if not locked or len(locked) > MOST:
        raise NotAllowed(TOO_MANY if locked else NO_UNIT)
    lines = _lines(locked, matter, at)
    if not any(line.told for line in lines):
        raise NotAllowed(NOBODY)
    made = Nudge.objects.create(campaign=matter.campaign, text=text, by=by, at=at)
    people = _tell(made, lines)
    NudgedUnit.objects.bulk_create(
        (
            NudgedUnit(
                nudge=made, unit=line.unit, result=line.result, at=at,
                told=len(line.people) if line.told else 0, tasks=len(line.tasks),
            )
            for line in lines
        ),
        batch_size=BATCH,
    )  # fmt: skip
    results = Counter(line.result.value for line in lines)
    told = results[NudgeResult.TOLD.value]
    detail = {"campaign": made.campaign_id, "units": dict(results), "text": text}
    audit.record(
        "nudge.send", at=at, by=by, target=made, summary=f"催办{told}个单位，通知{people}人", detail=detail
    )
    return made


def _overseen(units: Iterable[Unit], by: User) -> list[Unit]:
    scope = scope_of(by, *Role.overseeing())
    return [unit for unit in units if scope.covers(unit)]


def _locked(units: Iterable[Unit], by: User) -> list[Unit]:
    """Those of `units` that `by` oversees, locked in one order for the rest of the transaction.

    `no_key`: their people go on handing in meanwhile.
    """
    rows = Unit.objects.select_for_update(no_key=True).filter(pk__in=[unit.pk for unit in units])
    return sorted(_overseen(rows.order_by("pk"), by), key=lambda unit: unit.path)


# Who is told of what -------------------------------------------------------------------------------------


def _lines(units: Sequence[Unit], matter: Matter, at: datetime) -> list[Line]:
    """How it stands with `units`, in their order; three queries, however many they are."""
    tasks, posts, told_at = _unfinished(units, matter), _posts(units), _told_at(units, at)
    return [
        Line(
            unit,
            tasks.get(unit.pk, []),
            _overdue(tasks.get(unit.pk, []), at),
            _people(posts.get(unit.pk, []), tasks.get(unit.pk, []), at),
            told_at[unit.pk] + COOL_DOWN if unit.pk in told_at else None,
        )
        for unit in units
    ]


def _overdue(tasks: Iterable[Assignment], at: datetime) -> int:
    return sum(bool(worklist.overdue(one, at)) for one in tasks)


def _unfinished(units: Sequence[Unit], matter: Matter) -> dict[int, list[Assignment]]:
    """What open units still have to do, by unit and date, each with `act_by` and `to_sign`: whether a piece
    waits for the head."""
    to_sign = Submission.objects.filter(assignment=OuterRef("pk"), state=PieceState.TO_SIGN)
    owed = Assignment.objects.filter(
        IN_FORCE,
        unit__in=[unit.pk for unit in units if unit.closed_at is None],
        state__in=AssignmentState.unfinished(),
    )
    if matter.campaign:
        owed = owed.filter(occurrence__requirement__campaign=matter.campaign)
    if matter.requirement:
        owed = owed.filter(occurrence__requirement=matter.requirement)
    found: dict[int, list[Assignment]] = defaultdict(list)
    for one in worklist.dated(owed).with_plan().annotate(to_sign=Exists(to_sign)).order_by("act_by", "pk"):
        found[one.unit_id].append(one)
    return found


def _posts(units: Sequence[Unit]) -> dict[int, list[Membership]]:
    """Secretaries and heads in office by unit, secretaries first."""
    posts = Membership.objects.filter(
        unit__in=units, role__in=Role.own_unit(), ended_at=None, user__is_active=True
    )
    found: dict[int, list[Membership]] = defaultdict(list)
    for post in posts.select_related("user").order_by("-role", "started_at", "pk"):
        found[post.unit_id].append(post)
    return found


def _told_at(units: Sequence[Unit], at: datetime) -> dict[int, datetime]:
    """When those of `units` were nudged that were so within the last 24 hours."""
    recent = NudgedUnit.objects.filter(unit__in=units, result=NudgeResult.TOLD, at__gt=at - COOL_DOWN)
    return dict(recent.order_by().values_list("unit").annotate(Max("at")))


def _people(posts: Sequence[Membership], tasks: list[Assignment], at: datetime) -> list[Person]:
    """Secretaries are told of every task; the head of what waits for the signature or is overdue, and of
    everything where there is no secretary."""
    for_the_head = [one for one in tasks if one.to_sign or worklist.overdue(one, at)]
    served = any(post.role == Role.SECRETARY for post in posts)
    found: dict[int, Person] = {}
    for post in posts:
        theirs = for_the_head if post.role == Role.HEAD and served else tasks
        if post.user_id in found:
            found[post.user_id].roles.append(Role(post.role))  # as secretary they have every task already
        elif theirs:
            found[post.user_id] = Person(post.user, [Role(post.role)], theirs)
    return list(found.values())


# Telling them --------------------------------------------------------------------------------------------


def _tell(made: Nudge, lines: Sequence[Line]) -> int:
    """One notice for each person, whatever units they serve; every task and person is recorded."""
    tasks: dict[int, list[Assignment]] = defaultdict(list)
    for line in lines:
        for one in line.people if line.told else ():
            tasks[one.user.pk] += one.tasks
    said = {person: _words(made, theirs) for person, theirs in tasks.items()}
    notices = tell_each(
        said, matter=f"nudge:{made.pk}", at=made.at, url=reverse("work"), manner=Manner.DEADLINE
    )
    Reminder.objects.bulk_create(
        (
            Reminder(
                assignment=task, edition=task.act_by, rung=f"N{made.pk}", person_id=person, at=made.at,
                nudge=made, notice_id=notices[person],
            )
            for person, theirs in tasks.items()
            for task in theirs
        ),
        batch_size=BATCH,
    )  # fmt: skip
    return len(said)


def _words(made: Nudge, tasks: Sequence[Assignment]) -> Words:
    """The officer's words, then what the person has to do, what waits for a signature by itself."""
    late = _overdue(tasks, made.at)
    title = f"催办：{len(tasks)}项报送任务未完成" + (f"，其中{late}项已逾期" if late else "")
    named = len({one.unit_id for one in tasks}) > 1
    parts = [made.text]
    for label, some in (
        ("待报送：", [one for one in tasks if not one.to_sign]),
        ("待负责人签发：", [one for one in tasks if one.to_sign]),
    ):
        if some:
            parts.append("\n".join((label, *own_lines(some, made.at, named=named))))
    return Words(title, "\n\n".join((*parts, f"催办人：{made.by.name}")))
