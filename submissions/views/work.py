"""The school's home: one list across all campaigns and units of the person, and the same as a calendar."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Case, Count, F, Value, When, Window
from django.db.models.functions import RowNumber, TruncDate
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from notices.workdays import add_workdays, end_of, is_workday
from portal.days import in_range
from schools.access import roles_required
from schools.enums import Role
from schools.models import User
from submissions import worklist
from submissions.access import entrusted_suggestions, own, own_exhibits
from submissions.enums import AssignmentState, ExhibitState, SuggestionState
from submissions.forms_work import WorkFilter
from submissions.models import Assignment, AssignmentQuerySet
from submissions.month import Month, instants, note

PER_PAGE = 30
NEAR_WORKDAYS = 3
AT_A_GLANCE = 5  # tasks shown below what waits for the head's signature
PER_DAY = 3  # tasks shown on a day of the calendar

NOTHING_TO_DO = (AssignmentState.ACCEPTED, AssignmentState.EXEMPT)


@require_safe
@roles_required(*Role.own_unit())
def work(request: HttpRequest) -> HttpResponse:
    """What the person's units owe, narrowed as chosen: by shelves, by month, or what is due on one day.

    404 for a campaign, unit or kind of which the person has no tasks.
    """
    catalogue = worklist.catalogue(request.user)
    chosen = WorkFilter(request.GET, catalogue)
    if not chosen.is_valid():
        raise Http404
    now = timezone.now()
    mine = own(request.user).filter(chosen.condition())
    context = {
        "form": chosen,
        "terms": urlencode(chosen.terms()),
        "now": now,
        "writes": Role.SECRETARY in request.user.roles,
        "several_units": len(catalogue.units) > 1,
    }
    if request.GET.get("view") == "calendar":
        if (day := _day(request.GET.get("day", ""))) is not None:
            return _due_on(request, mine, day, context)
        return _calendar(request, mine, now, context)
    return _shelf(request, mine, now, context)


def _shelf(request: HttpRequest, mine: AssignmentQuerySet, now: datetime, context: dict) -> HttpResponse:
    """It opens at what the person has to do: for a head who is no secretary, what waits for the signature."""
    held = mine.aggregate(**{key: Count("pk", filter=condition) for key, _, condition in worklist.SHELVES})
    shelf = request.GET.get("shelf", "")
    if shelf not in held:
        shelf = "sign" if held["sign"] and not context["writes"] else "todo"
    if not held[shelf] and context["terms"]:  # what was looked for may lie elsewhere
        shelf = next((key for key, n in held.items() if n), shelf)
    condition = next(condition for key, _, condition in worklist.SHELVES if key == shelf)
    paginator = Paginator(worklist.in_order(worklist.shown(mine.filter(condition)), shelf), PER_PAGE)
    paginator.count = held[shelf]  # counted already
    page = paginator.get_page(request.GET.get("page"))
    page.object_list = worklist.marked(page.object_list, now)
    context |= {
        "page": page,
        "shelf": shelf,
        "shelves": [
            (key, name, held[key])
            for key, name, _ in worklist.SHELVES
            if key != "sign" or held["sign"] or Role.HEAD in request.user.roles
        ],
        "query": _query(context, shelf=shelf),
        "besides": _besides(request.user, timezone.localdate(now)),
        "pressing": _pressing(mine, now) if shelf == "sign" and not context["writes"] else None,
    }
    return render(request, "submissions/work.html", context)


def _query(context: dict, **others: str) -> str:
    """The parameters of an address that keeps what was chosen."""
    return "&".join(part for part in (urlencode(others), context["terms"]) if part)


def _besides(user: User, today: date) -> list[tuple[str, str]]:
    """What waits for the person elsewhere: a sentence and an address each."""
    consents = own_exhibits(user).filter(state=ExhibitState.ASKED).order_by("chosen_at")
    given = entrusted_suggestions(user).filter(done_at=None, state__in=SuggestionState.carried_out())
    found = []
    if asked := list(consents.values_list("pk", flat=True)):
        address = reverse("consent", args=asked[:1])
        found.append((f"有{len(asked)}篇材料被选为优秀成果，请答复是否同意展示", address))
    if days := list(given.values_list("due_on", flat=True)):
        late = sum(day is not None and day < today for day in days)
        overdue = f"，其中{late}条逾期" if late else ""
        address = reverse("my_suggestions", query={"shelf": "given"})
        found.append((f"有{len(days)}条建议交本单位办理{overdue}", address))
    return found


def _pressing(mine: AssignmentQuerySet, now: datetime) -> list[Assignment]:
    """What the head should know of besides: the tasks of the own units that are overdue, or nearly so."""
    near = end_of(add_workdays(timezone.localdate(now), NEAR_WORKDAYS))
    condition = next(condition for key, _, condition in worklist.SHELVES if key == "todo")
    found = worklist.shown(mine.filter(condition)).filter(act_by__lte=near).order_by("act_by", "pk")
    return worklist.marked(found[:AT_A_GLANCE], now)


# By days ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Square:
    """A day of the calendar: the first of its tasks, and how many more there are."""

    day: date
    rest: bool
    note: str
    today: bool
    tasks: list[Assignment]
    more: int


def _calendar(request: HttpRequest, mine: AssignmentQuerySet, now: datetime, context: dict) -> HttpResponse:
    today = timezone.localdate(now)
    month = Month.read(request.GET.get("month", ""), today)
    by_day: dict[date, list[Assignment]] = {}
    for one in worklist.marked(_heads_of_days(_due_between(mine, month.first, month.last)), now):
        by_day.setdefault(one.last_day, []).append(one)
    weeks = [
        [_square(day, by_day.get(day, []), today) if day else None for day in week] for week in month.weeks()
    ]
    context |= {
        "month": month,
        "weeks": weeks,
        "agenda": [square for week in weeks for square in week if square and square.tasks],
        "this_month": Month.of(today),
    }
    return render(request, "submissions/calendar.html", context)


def _square(day: date, tasks: list[Assignment], today: date) -> Square:
    more = tasks[0].of_day - len(tasks) if tasks else 0
    return Square(day, not is_workday(day), note(day), day == today, tasks, more)


def _due_between(mine: AssignmentQuerySet, first: date, last: date) -> AssignmentQuerySet:
    """Tasks of running campaigns to be acted on by one of these days; `muted` is 0 while the school acts."""
    after, until = instants(first, last)
    running = worklist.shown(mine.filter(worklist.RUNNING).exclude(state=AssignmentState.CANCELLED))
    muted = Case(
        When(state__in=AssignmentState.school_acts(), then=Value(0)),
        When(state__in=NOTHING_TO_DO, then=Value(2)),
        default=Value(1),
    )
    return running.filter(act_by__gt=after, act_by__lte=until).annotate(muted=muted)


def _heads_of_days(tasks: AssignmentQuerySet) -> AssignmentQuerySet:
    """The first tasks of each day, with `last_day` and the number `of_day`: as many rows as fit a page,
    however many tasks there are."""
    last_day = TruncDate(F("act_by") - timedelta(microseconds=1))
    order = ("muted", "act_by", "pk")
    return (
        tasks.annotate(last_day=last_day)
        .annotate(
            rank=Window(RowNumber(), partition_by="last_day", order_by=order),
            of_day=Window(Count("*"), partition_by="last_day"),
        )
        .filter(rank__lte=PER_DAY)
        .order_by("last_day", *order)
    )


def _due_on(request: HttpRequest, mine: AssignmentQuerySet, day: date, context: dict) -> HttpResponse:
    """All tasks of one day."""
    tasks = _due_between(mine, day, day).order_by("muted", "act_by", "pk")
    page = Paginator(tasks, PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = worklist.marked(page.object_list, context["now"])
    context |= {
        "page": page,
        "day": day,
        "month": Month.of(day),
        "query": _query(context, view="calendar", day=day.isoformat()),
    }
    return render(request, "submissions/work_day.html", context)


def _day(typed: str) -> date | None:
    """“2026-03-31”; None for anything else."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if in_range(day) else None
