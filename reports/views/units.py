"""Finding a unit by its name, a name it once had, its code or the initials of its pinyin."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from reports import listings, looking
from schools.access import roles_required, units_for
from schools.enums import Role
from schools.models import FormerName, UnitQuerySet
from schools.pinyin import plain

PER_PAGE = 50
LONGEST = 60  # characters of a search that are looked at


@require_safe
@roles_required(*Role.overseeing())
def units(request: HttpRequest) -> HttpResponse:
    """Units in the person's scope in the order of the tree, by `q`, and `below` one of them."""
    sought = request.GET.get("q", "").strip()[:LONGEST]
    below = looking.below(request.user, request.GET)
    found = named(units_for(request.user, *Role.overseeing()), sought)
    if below:
        found = found.within(below).exclude(pk=below.pk)
    listed = found.select_related("parent").prefetch_related("former_names").order_by("path")
    if request.GET.get("table"):
        subject = below.name if below else "管辖范围内"
        return listings.respond(request, listed, subject, listings.of_units, timezone.now())
    chosen = {"below": below.pk if below else "", "q": sought}
    context = {
        "sought": sought,
        "below": below,
        "most": listings.MOST,
        "page": Paginator(listed, PER_PAGE).get_page(request.GET.get("page")),
        "query": urlencode({key: value for key, value in chosen.items() if value}),
    }
    return render(request, "reports/units.html", context)


def named(among: UnitQuerySet, sought: str) -> UnitQuerySet:
    """Those in whose name, or a former one, each word is found, by its characters or by the initials of
    their pinyin, or whose code begins with it."""
    for word in sought.split():
        former = FormerName.objects.filter(unit=OuterRef("pk"), name__icontains=word)
        like = Q(name__icontains=word) | Q(Exists(former))
        if word.isascii() and (key := plain(word)):
            like |= Q(pinyin__contains=key) | Q(code__startswith=key)
        among = among.filter(like)
    return among
