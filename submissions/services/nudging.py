"""催办 by hand: the people of units that have not finished are told, each unit once in 24 hours.

What a page shows before (`rehearse`) and what is done (`nudge`) come out of the same reading; the second one
reads anew, under a lock on the units.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
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
from submissions.models import Assignment, AssignmentQuerySet, Nudge, NudgedUnit, Reminder, Submission
from submissions.owed_words import BACK, own_lines, soon
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
    """What units are nudged about: a campaign, or one requirement of it; neither: all that runs.

    `missing`: only what has not been handed in (未报), not what came back to be corrected.
    """

    campaign: Campaign | None = None
    requirement: Requirement | None = None
    missing: bool = False

    @property
    def condition(self) -> Q:
        """Which tasks that is."""
        states = AssignmentState.not_handed_in() if self.missing else AssignmentState.unfinished()
        plan = {"campaign": self.campaign, "pk": self.requirement and self.requirement.pk}
        about = {f"occurrence__requirement__{name}": of for name, of in plan.items() if of}
        return Q(state__in=states, **about)


@dataclass
class Person:
    """One who is told for a unit: which tasks are listed, how many more there are that are not pressing,
    and `way`: by what, in words (known to a rehearsal)."""

    user: User
    roles: list[Role]
    tasks: list[Assignment]
    more: int = 0
    way: str = ""


@dataclass(frozen=True)
class Line:
    """One unit: what it has not finished and who is told; nobody, where `result` is another than TOLD.

    `urged` are the tasks that are listed to somebody, `late` of all are overdue; `cooling_until` is the
    instant from which it may be nudged again, None if that is now.
    """

    unit: Unit
    tasks: list[Assignment]
    urged: list[Assignment]
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
    # Who hands in at this moment has done so before, or is told before.
    tasks = _owed(locked, matter).order_by("pk").select_for_update(no_key=True, of=("self",))
    list(tasks.values_list("pk"))
    lines = _lines(locked, matter, at)
    if not any(line.told for line in lines):
        raise NotAllowed(NOBODY)
    made = Nudge.objects.create(campaign=matter.campaign, text=text, by=by, at=at)
    people = _tell(made, lines)
    NudgedUnit.objects.bulk_create(
        (
            NudgedUnit(
                nudge=made, unit=line.unit, result=line.result, at=at,
                told=len(line.people) if line.told else 0, tasks=len(line.urged),
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
    lines = []
    for unit in units:
        theirs = tasks.get(unit.pk, [])
        urged = _urged(theirs, at)
        people = _people(posts.get(unit.pk, []), theirs, urged, at)
        cooling_until = told_at[unit.pk] + COOL_DOWN if unit.pk in told_at else None
        lines.append(Line(unit, theirs, urged, _overdue(theirs, at), people, cooling_until))
    return lines


def _urged(tasks: list[Assignment], at: datetime) -> list[Assignment]:
    """Those of a unit's tasks that are overdue or due soon, that came back, or that wait for the signature;
    all of them where none is so pressing."""
    near = soon(at)
    pressing = [
        one for one in tasks if one.act_by <= near or one.state == AssignmentState.RETURNED or one.to_sign
    ]
    return pressing or tasks


def _overdue(tasks: Iterable[Assignment], at: datetime) -> int:
    return sum(bool(worklist.overdue(one, at)) for one in tasks)


def _owed(units: Sequence[Unit], matter: Matter) -> AssignmentQuerySet:
    open_ones = [unit.pk for unit in units if unit.closed_at is None]
    return Assignment.objects.filter(IN_FORCE, matter.condition, unit__in=open_ones)


def _unfinished(units: Sequence[Unit], matter: Matter) -> dict[int, list[Assignment]]:
    """What open units still have to do, by unit and date, each with `act_by` and `to_sign`: whether a piece
    waits for the head."""
    to_sign = Submission.objects.filter(assignment=OuterRef("pk"), state=PieceState.TO_SIGN)
    owed = worklist.dated(_owed(units, matter))
    found: dict[int, list[Assignment]] = defaultdict(list)
    for one in owed.with_plan().annotate(to_sign=Exists(to_sign)).order_by("act_by", "pk"):
        found[one.unit_id].append(one)
    return found


def _posts(units: Sequence[Unit]) -> dict[int, list[Membership]]:
    """Secretaries and heads in office by unit, secretaries first."""
    posts = Membership.objects.in_post(*Role.own_unit()).filter(unit__in=units)
    found: dict[int, list[Membership]] = defaultdict(list)
    for post in posts.select_related("user").order_by("-role", "started_at", "pk"):
        found[post.unit_id].append(post)
    return found


def _told_at(units: Sequence[Unit], at: datetime) -> dict[int, datetime]:
    """When those of `units` were nudged that were so within the last 24 hours."""
    recent = NudgedUnit.objects.filter(unit__in=units, result=NudgeResult.TOLD, at__gt=at - COOL_DOWN)
    return dict(recent.order_by().values_list("unit").annotate(Max("at")))


def _people(
    posts: Sequence[Membership], tasks: list[Assignment], urged: list[Assignment], at: datetime
) -> list[Person]:
    """Secretaries are told of what is urged, and how much else there is; the head of what waits for the
    signature or is overdue, and like a secretary where there is none."""
    for_the_head = [one for one in tasks if one.to_sign or worklist.overdue(one, at)]
    served = any(post.role == Role.SECRETARY for post in posts)
    found: dict[int, Person] = {}
    for post in posts:
        only_the_heads = post.role == Role.HEAD and served
        theirs, more = (for_the_head, 0) if only_the_heads else (urged, len(tasks) - len(urged))
        if post.user_id in found:
            found[post.user_id].roles.append(Role(post.role))  # as secretary they have every task already
        elif theirs:
            found[post.user_id] = Person(post.user, [Role(post.role)], theirs, more)
    return list(found.values())


# Telling them --------------------------------------------------------------------------------------------


def _tell(made: Nudge, lines: Sequence[Line]) -> int:
    """One notice for each person, whatever units they serve; every listed task and person is recorded."""
    tasks: dict[int, list[Assignment]] = defaultdict(list)
    more: Counter[int] = Counter()
    for line in lines:
        for one in line.people if line.told else ():
            tasks[one.user.pk] += one.tasks
            more[one.user.pk] += one.more
    caller = _reachable(made.by)
    said = {person: _words(made, theirs, more[person], caller) for person, theirs in tasks.items()}
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


def _reachable(by: User) -> str:
    """“党委办 张示例（0000-1234567）”: who asks, and how they are reached."""
    posts = by.memberships.filter(role__in=Role.overseeing(), ended_at=None).select_related("unit")
    post = posts.order_by("-role", "started_at", "pk").first()  # as officer, where also a leader
    who = f"{post.unit.name} {by.name}" if post else by.name
    return f"{who}（{by.phone}）" if by.phone else who


def _words(made: Nudge, tasks: Sequence[Assignment], more: int, caller: str) -> Words:
    """The officer's words, then what the person has to do, what waits for a signature by itself, and how
    much `more` is not pressing."""
    late = _overdue(tasks, made.at)
    title = f"催办：{len(tasks)}项报送任务"
    if late == len(tasks):
        title += "已逾期"
    else:
        title += "未完成" + (f"，其中{late}项已逾期" if late else "")
    named = len({one.unit_id for one in tasks}) > 1
    parts = [made.text]
    for label, some in (
        ("待报送：", [one for one in tasks if not one.to_sign]),
        ("待负责人签发：", [one for one in tasks if one.to_sign]),
    ):
        if some:
            parts.append("\n".join((label, *own_lines(some, made.at, named=named, marks=BACK))))
    if more:
        parts.append(f"此外另有{more}项尚未到期，请按期报送。")
    return Words(title, "\n\n".join((*parts, f"催办人：{caller}")))
