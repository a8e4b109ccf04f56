"""What officers do for people: a new activation code for whoever forgot the password."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from schools.access import roles_required
from schools.enums import Role
from schools.reach import people_within_reach
from schools.rules import NotAllowed, why_no_reissue
from schools.services import people


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.OFFICER)
def reissue(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask first; on POST show the new code, this once."""
    person = get_object_or_404(people_within_reach(request.user, Role.OFFICER), pk=pk)
    if why_no_reissue(request.user, person):
        raise PermissionDenied
    context = {"person": person}
    if request.method == "POST":
        try:
            context["code"] = people.reissue(person, at=timezone.now(), by=request.user)
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
    return render(request, "schools/reissue.html", context)
