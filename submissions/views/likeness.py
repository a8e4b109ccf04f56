"""Two pieces that share passages, laid side by side for those who may read both."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from schools.access import roles_required
from schools.enums import Role
from submissions import access
from submissions.services import comparing


@require_safe
@roles_required(*Role.overseeing())
def side_by_side(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Both texts with the shared passages marked, the one that was being read first."""
    legible = access.versions(request.user).select_related(
        "submission__assignment__unit", "submission__assignment__occurrence__requirement__campaign"
    )
    mine, theirs = get_object_or_404(legible, pk=pk), get_object_or_404(legible, pk=other)
    found = comparing.side_by_side(mine, theirs)
    if found is None:
        raise Http404
    likeness, text, other_text = found
    sides = [
        {"version": mine, "share": likeness.share, "parts": text, "here": "a", "there": "b"},
        {"version": theirs, "share": likeness.other_share, "parts": other_text, "here": "b", "there": "a"},
    ]
    passages = sum(1 for _, number in text if number)
    return render(request, "submissions/likeness.html", {"sides": sides, "passages": passages})
