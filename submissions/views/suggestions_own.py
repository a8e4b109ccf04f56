"""合理化建议 as units meet them: what they proposed with its answers, and what they were given to do."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaigns.enums import CampaignState
from schools.access import roles_required
from schools.enums import Role
from submissions import access
from submissions.forms_suggestions import FinishForm
from submissions.rules import NotAllowed, NotYours
from submissions.services import answering
from submissions.views.suggestions import render_suggestion

PER_PAGE = 30
MADE, GIVEN = "made", "given"


@require_safe
@roles_required(*Role.own_unit())
def my_suggestions(request: HttpRequest) -> HttpResponse:
    """What the person's units proposed, and what they have to carry out; it opens at what is to be done."""
    undone = access.entrusted_suggestions(request.user).filter(done_at=None).count()
    shelf = request.GET.get("shelf", "")
    if shelf not in (MADE, GIVEN):
        shelf = GIVEN if undone else MADE
    return _render(request, shelf, undone)


def _render(
    request: HttpRequest,
    shelf: str,
    undone: int,
    sent: dict[int, FinishForm] | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render a shelf; `sent` is the form of a suggestion, by its id, that did not go through."""
    made = access.proposed_suggestions(request.user)
    if shelf == MADE:
        joined = ("campaign", "topic", "unit", "responsible", "merged_into__responsible")
        shown = made.select_related(*joined).order_by("-added_at", "-pk")
    else:
        given = access.entrusted_suggestions(request.user).select_related("campaign", "topic", "responsible")
        shown = given.order_by(F("done_at").desc(nulls_first=True), "due_on", "pk")
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    for one in page:
        if shelf == MADE:
            # Of what it was merged into: the answer, never the words, which may be another unit's.
            one.main = one.merged_into or one
        elif one.done_at is None and one.campaign.state != CampaignState.ARCHIVED:
            one.form = (sent or {}).get(one.pk) or FinishForm(auto_id=f"id_%s_{one.pk}")
    context = {
        "page": page,
        "shelf": shelf,
        "shelves": [
            (MADE, "本单位提出的", page.paginator.count if shelf == MADE else made.count()),
            (GIVEN, "交本单位办理的", undone),
        ],
        "several_units": len({m.unit_id for m in request.user.active_memberships}) > 1,
        "today": timezone.localdate(),
        "refusal": refusal,
    }
    return render(request, "submissions/suggestions_mine.html", context, status=status)


@require_POST
@roles_required(*Role.own_unit(), Role.OFFICER)
def finish_suggestion(request: HttpRequest, pk: int) -> HttpResponse:
    """办结: by the officer, or by the unit that was given the suggestion."""
    finishable = access.finishable_suggestions(request.user).select_related("campaign__host")
    found = get_object_or_404(finishable, pk=pk)
    officer = access.hosts(request.user, found.campaign)
    form = FinishForm(request.POST, auto_id="id_%s" if officer else f"id_%s_{pk}")
    refusal, status = "", 422
    if form.is_valid():
        try:
            answering.finish(found, **form.terms(), by=request.user, at=timezone.now())
        except NotYours as sentence:
            refusal, status = str(sentence), 403
        except NotAllowed as sentence:
            refusal, status = str(sentence), 409
        else:
            messages.success(request, "已办结。")
            mine = reverse("my_suggestions", query={"shelf": GIVEN})
            return redirect(reverse("suggestion", args=[pk]) if officer else mine)
    if officer:
        return render_suggestion(request, pk, {"finish": form}, refusal, status)
    undone = access.entrusted_suggestions(request.user).filter(done_at=None).count()
    return _render(request, GIVEN, undone, {pk: form}, refusal, status)
