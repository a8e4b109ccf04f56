"""催办: whom, by which channel and with what text, before it is sent; what became of it, unit by unit."""

from collections import defaultdict
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.models import Campaign
from portal.ids import as_id
from schools.access import roles_required, scope_of, units_for
from schools.enums import Role
from schools.models import Unit, User
from submissions.enums import AssignmentState, NudgeResult
from submissions.forms_nudge import NudgeForm
from submissions.models import Assignment, Nudge, NudgedUnit, Reminder
from submissions.rules import NotAllowed
from submissions.services import nudging
from submissions.services.nudging import Matter

PER_PAGE = 50
#: What “all who have not” are found by; ticked units come as `unit`, many as one `units`.
EVERYBODY = "everybody"
#: The query of the list that units were ticked on, which is there even where none was.
BACK = "back"
NONE_TICKED = "还没有选择单位，请勾选后再点“催办所选”。"


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(*Role.overseeing())
def new(request: HttpRequest) -> HttpResponse:
    """Who would be told, and the text; with `send` it is done. A POST without it writes nothing: more
    units may be picked than an address can hold."""
    asked = request.POST if request.method == "POST" else request.GET
    at = timezone.now()
    matter = _matter(request.user, asked)
    units = _units(request.user, asked, matter)
    if BACK in asked and not units:
        messages.warning(request, NONE_TICKED)
        return redirect(_list_of(matter, asked[BACK]))
    typed = "text" in asked
    form = NudgeForm(asked if typed else None, initial={"text": _text(matter)})
    refusal, status = "", 200
    if "send" in request.POST:
        status = 422
        if form.is_valid():
            try:
                made = nudging.nudge(units, matter, form.cleaned_data["text"], by=request.user, at=at)
            except NotAllowed as sentence:
                refusal, status = str(sentence), 409
            else:
                messages.success(request, f"催办已发出：{_in_words(made)}。")
                return redirect("nudge", made.pk)
    elif len(units) > nudging.MOST:
        refusal = nudging.TOO_MANY
    lines = nudging.rehearse(units, matter, by=request.user, at=at) if len(units) <= nudging.MOST else []
    context = {
        "matter": matter,
        "lines": lines,
        "told": [line for line in lines if line.told],
        "people": len({one.user.pk for line in lines if line.told for one in line.people}),
        "ids": ",".join(str(unit.pk) for unit in units),
        "form": form,
        "refusal": refusal,
        "now": at,
    }
    return render(request, "submissions/nudge_new.html", context, status=status)


def _matter(user: User, asked: QueryDict) -> Matter:
    """The campaign and requirement that the request names. Raises Http404 for those out of sight."""
    missing = bool(asked.get("missing"))
    if not asked.get("campaign"):
        return Matter(missing=missing)
    campaign = get_object_or_404(_campaigns(user), pk=as_id(asked["campaign"]))
    if not asked.get("requirement"):
        return Matter(campaign, missing=missing)
    requirements = campaign.requirements.issued()
    return Matter(campaign, get_object_or_404(requirements, pk=as_id(asked["requirement"])), missing)


def _list_of(matter: Matter, query: str) -> str:
    """The address of 落后单位, narrowed by `query` as it was."""
    narrowed = QueryDict(query)
    if matter.campaign:
        return reverse("behind", args=[matter.campaign.pk], query=narrowed)
    return reverse("all_behind", query=narrowed)


def _campaigns(user: User) -> QuerySet[Campaign]:
    """Published campaigns hosted in or above the subtrees that the person oversees."""
    return Campaign.objects.visible().for_scope(scope_of(user, *Role.overseeing()))


def _units(user: User, asked: QueryDict, matter: Matter) -> list[Unit]:
    """Those picked, in the order of the tree. Raises Http404 when one of them is out of sight."""
    seen = units_for(user, *Role.overseeing())
    if asked.get(EVERYBODY) and matter.campaign:
        return list(seen.filter(_behind(matter), _below(seen, asked)).order_by("path")[: nudging.MOST + 1])
    typed = [*asked.getlist("unit"), *asked.get("units", "").split(",")]
    ids = {as_id(one.strip()) for one in typed if one.strip()}
    found = list(seen.filter(pk__in=ids).order_by("path")) if ids else []
    if len(found) != len(ids):
        raise Http404
    return found


def _behind(matter: Matter) -> Exists:
    """Units that have something of it unfinished."""
    return Exists(Assignment.objects.filter(matter.condition, unit=OuterRef("pk")))


def _below(seen: QuerySet[Unit], asked: QueryDict) -> Q:
    """Only what lies below the unit that the page looked at, if it did."""
    if not asked.get("below"):
        return Q()
    return Q(path__startswith=get_object_or_404(seen, pk=as_id(asked["below"])).path)


def _text(matter: Matter) -> str:
    """What may be said where nobody writes anything else."""
    of = f"《{matter.campaign.title}》" if matter.campaign else ""
    return f"请尽快办理{of}以下报送任务；确有困难的，请及时与我们联系。"


def _in_words(made: Nudge) -> str:
    results = made.units.values_list("result").annotate(n=Count("pk")).order_by("result")
    found = dict(results)
    told = found.pop(NudgeResult.TOLD, 0)
    others = sum(found.values())
    return f"通知{told}个单位" + (f"，另有{others}个单位未通知" if others else "")


# What became of it ---------------------------------------------------------------------------------------


def _seen_by(user: User) -> QuerySet[NudgedUnit]:
    """Results of units that the person oversees; of a nudge nobody sees more."""
    return NudgedUnit.objects.filter(scope_of(user, *Role.overseeing()).narrow("unit"))


@require_safe
@roles_required(*Role.overseeing())
def nudges(request: HttpRequest) -> HttpResponse:
    """Earlier ones, the latest first; of one campaign with `campaign`. Counts are of what is overseen."""
    matter = _matter(request.user, request.GET)
    seen = _seen_by(request.user).filter(nudge=OuterRef("pk"))
    found = Nudge.objects.filter(Exists(seen)).select_related("campaign", "by")
    if matter.campaign:
        found = found.filter(campaign=matter.campaign)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    _count(page.object_list, _seen_by(request.user))
    query = f"campaign={matter.campaign.pk}" if matter.campaign else ""
    return render(request, "submissions/nudges.html", {"page": page, "matter": matter, "query": query})


def _count(made: list[Nudge], seen: QuerySet[NudgedUnit]) -> None:
    """Set how many units each of them told, and how many it had picked."""
    rows = seen.filter(nudge__in=[one.pk for one in made]).order_by().values_list("nudge")
    told = Count("pk", filter=Q(result=NudgeResult.TOLD))
    counts = {pk: (picked, n) for pk, picked, n in rows.annotate(picked=Count("pk"), n=told)}
    for one in made:
        one.picked, one.told = counts[one.pk]


@require_safe
@roles_required(*Role.overseeing())
def nudge(request: HttpRequest, pk: int) -> HttpResponse:
    """Unit by unit: who was told of how much, who of them has read it, and what is still unfinished now."""
    seen = _seen_by(request.user).filter(nudge=pk)
    found = get_object_or_404(Nudge.objects.filter(Exists(seen)).select_related("campaign", "by"), pk=pk)
    page = Paginator(seen.select_related("unit"), PER_PAGE).get_page(request.GET.get("page"))
    _follow(page.object_list, found)
    totals = seen.aggregate(told=Count("pk", filter=Q(result=NudgeResult.TOLD)), picked=Count("pk"))
    return render(request, "submissions/nudge.html", {"nudge": found, "page": page, "totals": totals})


def _follow(rows: list[NudgedUnit], made: Nudge) -> None:
    """Set `people`, the names of those told, each with when it was read or None; `read`, how many have; and
    `left`, how many of the tasks are unfinished."""
    units = [one.unit_id for one in rows]
    theirs = Reminder.objects.filter(nudge=made, assignment__unit__in=units).order_by("pk")
    people: dict[int, dict[int, tuple[str, datetime | None]]] = defaultdict(dict)
    left: dict[int, set[int]] = defaultdict(set)
    for unit, person, name, read_at, task, state in theirs.values_list(
        "assignment__unit", "person", "person__name", "notice__read_at", "assignment", "assignment__state"
    ):
        people[unit][person] = (name, read_at)
        if state in AssignmentState.unfinished():
            left[unit].add(task)
    for one in rows:
        one.people = list(people[one.unit_id].values())
        one.read, one.left = sum(bool(at) for _, at in one.people), len(left[one.unit_id])
