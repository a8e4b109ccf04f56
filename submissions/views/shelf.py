"""优秀成果: the shelf that every unit reads, the officer's desk beside it, and the unit's consent."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.enums import RequirementKind
from campaigns.models import Campaign, Topic
from portal.ids import as_id
from schools.access import roles_required, units_for
from schools.enums import Role
from schools.pinyin import plain
from submissions import access
from submissions.enums import AssignmentState, ExhibitState, Verdict
from submissions.forms_shelf import ChooseForm, ConsentForm
from submissions.models import Exhibit, Fingerprint, Review, Version
from submissions.rules import NotAllowed, NotYours
from submissions.services import exhibiting
from submissions.views.shared import READERS

PER_PAGE = 30

OWED = "submission__assignment"
REQUIREMENT = f"{OWED}__occurrence__requirement"
SHOWN_WITH = ("version__topic", f"version__{OWED}__unit", f"version__{REQUIREMENT}__campaign__host")

#: What the shelf can be narrowed by, besides the text that is looked for: parameter → path.
FILTERS = {
    "campaign": f"version__{REQUIREMENT}__campaign",
    "kind": f"version__{REQUIREMENT}__kind",
    "topic": "version__topic",
}


# The shelf ------------------------------------------------------------------------------------------


@require_safe
@roles_required(*READERS)
def shelf(request: HttpRequest) -> HttpResponse:
    """Chosen work that the person's bureaus show, latest first; by campaign, kind, topic and words."""
    everything = access.exhibits(request.user)
    asked = _asked(request)
    found = _narrow(everything, asked).select_related(*SHOWN_WITH)
    kinds = set(everything.values_list(FILTERS["kind"], flat=True))
    topics = everything.filter(**{FILTERS["campaign"]: asked["campaign"]} if "campaign" in asked else {})
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "asked": asked,
        "query": urlencode(asked),
        "campaigns": Campaign.objects.filter(pk__in=everything.values(FILTERS["campaign"])),
        "kinds": [(kind.value, kind.label) for kind in RequirementKind if kind in kinds],
        "topics": Topic.objects.filter(pk__in=topics.values("version__topic")).select_related("campaign"),
    }
    return render(request, "submissions/shelf.html", context)


def _asked(request: HttpRequest) -> dict[str, str]:
    """What the address asks for; what cannot be a choice is left out."""
    asked = {name: request.GET.get(name, "").strip() for name in (*FILTERS, "q")}
    for name in ("campaign", "topic"):
        asked[name] = asked[name] if as_id(asked[name]) else ""
    return {name: value[:120] for name, value in asked.items() if value}


def _narrow(exhibits: QuerySet[Exhibit], asked: dict[str, str]) -> QuerySet[Exhibit]:
    """The exhibits asked for, the one shown last first."""
    chosen = {FILTERS[name]: value for name, value in asked.items() if name in FILTERS}
    found = exhibits.filter(**chosen).order_by("-answered_at", "-pk")
    if typed := asked.get("q"):
        unit = f"version__{OWED}__unit"
        like = Q(version__title__icontains=typed) | Q(version__authors__icontains=typed)
        like |= Q(**{f"{unit}__name__icontains": typed})
        if typed.isascii() and (key := plain(typed)):
            like |= Q(**{f"{unit}__pinyin__contains": key})
        found = found.filter(like)
    return found


@require_safe
@roles_required(*READERS)
def exhibit(request: HttpRequest, pk: int) -> HttpResponse:
    """Read one piece on the shelf, with its neighbours among those that were asked for."""
    everything = access.exhibits(request.user)
    found = get_object_or_404(everything.select_related(*SHOWN_WITH), pk=pk)
    asked = _asked(request)
    row = _narrow(everything, asked)
    at = found.answered_at
    later = Q(answered_at__gt=at) | Q(answered_at=at, pk__gt=found.pk)
    earlier = Q(answered_at__lt=at) | Q(answered_at=at, pk__lt=found.pk)
    context = {
        "exhibit": found,
        "version": found.version,
        "assignment": found.version.submission.assignment,
        "requirement": found.version.submission.assignment.requirement,
        "files": found.version.version_files.select_related("file"),
        # The worker has read it for comparing; a reader and a printer want it, too.
        "in_files": Fingerprint.objects.filter(version=found.version).values_list("text", flat=True).first(),
        "query": urlencode(asked),
        "before": row.filter(later).select_related("version").order_by("answered_at", "pk").first(),
        "after": row.filter(earlier).select_related("version").first(),
    }
    return render(request, "submissions/shelf_exhibit.html", context)


# The officer's desk ---------------------------------------------------------------------------------

_RECOMMENDED = Review.objects.filter(version=OuterRef("pk"), verdict=Verdict.ACCEPT)
_AS_ACCEPTED = Q(pk__in=access.accepted())

#: Key, name and condition on versions.
SHELVES = (
    (
        "todo",
        "推荐待选",
        _AS_ACCEPTED
        & Q(Exists(_RECOMMENDED.filter(recommended=True)), exhibit=None)
        & ~Q(submission__assignment__state=AssignmentState.CANCELLED),
    ),
    ("asked", "待学校同意", _AS_ACCEPTED & Q(exhibit__state=ExhibitState.ASKED)),
    ("shown", "展示中", _AS_ACCEPTED & Q(exhibit__state=ExhibitState.SHOWN)),
    (
        "gone",
        "未展示",
        Q(exhibit__isnull=False) & (~_AS_ACCEPTED | ~Q(exhibit__state__in=exhibiting.CHOSEN)),
    ),
)


@require_safe
@roles_required(Role.OFFICER)
def desk(request: HttpRequest) -> HttpResponse:
    """What reviewers recommended and what became of what was chosen, in campaigns the officer hosts."""
    versions = Version.objects.filter(submission__assignment__in=access.hosted(request.user))
    chosen = request.GET.get("campaign", "")
    if as_id(chosen):
        versions = versions.filter(**{f"{REQUIREMENT}__campaign": chosen})
    held = versions.aggregate(**{key: Count("pk", filter=condition) for key, _, condition in SHELVES})
    key = request.GET.get("shelf", "")
    key = key if key in held else "todo"
    found = versions.filter(next(condition for name, _, condition in SHELVES if name == key))
    # Recommended with the last word before what a district bureau recommended.
    final = Subquery(_RECOMMENDED.order_by("-step").values("recommended")[:1])
    order = ("-final", "-pk") if key == "todo" else ("-exhibit__chosen_at", "-pk")
    found = found.annotate(final=final, current=_AS_ACCEPTED).order_by(*order)
    found = found.select_related(
        "exhibit__chosen_by", "exhibit__answered_by", "exhibit__removed_by",
        f"{OWED}__unit", f"{REQUIREMENT}__campaign",
    )  # fmt: skip
    hosted = Campaign.objects.visible().filter(host__in=units_for(request.user, Role.OFFICER))
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "shelf": key,
        "shelves": [(name, label, held[name]) for name, label, _ in SHELVES],
        "campaigns": hosted.order_by("-starts_on", "-pk"),
        "chosen": chosen,
        "query": urlencode({"shelf": key, "campaign": chosen}),
    }
    return render(request, "submissions/shelf_desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.OFFICER)
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose an accepted version, with words of recommendation."""
    overseen = access.versions(request.user).filter(
        submission__assignment__in=access.reviewable(request.user)
    )
    found = get_object_or_404(
        overseen.select_related(f"{OWED}__unit", f"{REQUIREMENT}__campaign__host"), pk=pk
    )
    if not access.hosts(request.user, found.submission.assignment.requirement.campaign):
        raise PermissionDenied
    form, refusal, status = ChooseForm(request.POST or None), "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            comment = form.cleaned_data["comment"]
            try:
                exhibiting.choose(found, comment, by=request.user, at=timezone.now())
            except NotAllowed as sentence:
                refusal, status = str(sentence), 409
            else:
                messages.success(request, f"已选定《{found.title}》，并已请学校答复是否同意展示。")
                return redirect("shelf_desk")
    context = {"version": found, "assignment": found.submission.assignment, "form": form, "refusal": refusal}
    return render(request, "submissions/shelf_choose.html", context, status=status)


@require_POST
@roles_required(Role.OFFICER)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an exhibit down."""
    overseen = Exhibit.objects.filter(version__submission__assignment__in=access.reviewable(request.user))
    found = get_object_or_404(overseen.select_related("version"), pk=pk)
    try:
        exhibiting.remove(found, by=request.user, at=timezone.now())
        messages.success(request, f"已撤下《{found.version.title}》，并已通知学校。")
    except NotYours as refusal:
        raise PermissionDenied from refusal
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("shelf_desk")


# The unit -------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(*Role.own_unit())
def consent(request: HttpRequest, pk: int) -> HttpResponse:
    """The unit answers whether a chosen piece may be shown, or takes its consent back."""
    mine = access.own_exhibits(request.user).select_related(*SHOWN_WITH, "chosen_by", "answered_by")
    found = get_object_or_404(mine, pk=pk)
    form, refusal, status = ConsentForm(request.POST or None), "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            agrees = form.cleaned_data["answer"] == ConsentForm.CONSENT
            service = exhibiting.consent if agrees else exhibiting.decline
            try:
                service(found, by=request.user, at=timezone.now())
            except NotAllowed as sentence:
                refusal, status = str(sentence), 409
            else:
                said = "已同意展示" if agrees else "已答复不同意展示"
                messages.success(request, f"{said}《{found.version.title}》。")
                return redirect("consent", pk)
    context = {
        "exhibit": found,
        "version": found.version,
        "assignment": found.version.submission.assignment,
        "current": access.accepted().filter(pk=found.version_id).exists(),
        "form": form,
        "refusal": refusal,
    }
    return render(request, "submissions/shelf_consent.html", context, status=status)
