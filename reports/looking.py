"""What is looked at: a campaign as far as a person, or its own host, oversees it, at one moment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign
from portal.ids import as_id
from schools.access import Scope, scope_of, units_for
from schools.enums import Role
from schools.models import STEP, Unit, User
from submissions.models import Assignment, AssignmentQuerySet, Standing


def overseen(user: User) -> Scope:
    return scope_of(user, *Role.overseeing())


def campaigns_of(user: User) -> QuerySet[Campaign]:
    """Published campaigns hosted in or above the subtrees the person oversees."""
    return Campaign.objects.visible().for_scope(overseen(user)).select_related("host")


@dataclass(frozen=True)
class Look:
    """`below` narrows to the branches of one unit and what lies under it (“下一级” opened)."""

    campaign: Campaign
    scope: Scope
    at: datetime
    below: Unit | None = None

    def narrow(self, path: str = "branch") -> Q:
        """A filter for rows whose path to the branch is `path`."""
        found = self.scope.narrow(path)
        return found & Q(**{f"{path}__path__startswith": self.below.path}) if self.below else found

    def counters(self, model: type = Standing) -> QuerySet:
        """Counters of the campaign (Standing, Pace) within sight."""
        return model.objects.filter(self.narrow(), occurrence__requirement__campaign=self.campaign)

    def assignments(self) -> AssignmentQuerySet:
        return Assignment.objects.filter(self.narrow(), occurrence__requirement__campaign=self.campaign)

    @property
    def depth(self) -> int:
        """Length of the paths by which branches are grouped: one level below what is looked at.

        Of posts that overlap, the one further up says what that is.
        """
        paths = [self.below.path] if self.below else self.scope.overseen
        tops = [one for one in paths if not any(one != other and one.startswith(other) for other in paths)]
        return max(map(len, tops), default=0) + STEP

    def name_of(self, unit: Unit) -> str:
        """How a list calls a unit: one that has moved away still counts where it was, and is told apart."""
        return unit.name if self.scope.covers(unit) else f"{unit.name}（已划转）"

    def rows(self, **narrowed: Any) -> str:
        """The address of the assignments behind a number."""
        return self.address("rows", **narrowed)

    def address(self, name: str, **narrowed: Any) -> str:
        """The address of one of the campaign's lists, narrowed like this page unless said otherwise."""
        chosen = {"below": self.below and self.below.pk} | narrowed
        query = urlencode({key: value for key, value in chosen.items() if value not in (None, "")})
        return reverse(name, args=[self.campaign.pk]) + (f"?{query}" if query else "")


def look(request: HttpRequest, pk: int) -> Look:
    """What the request looks at. Raises Http404 for campaigns and units out of sight."""
    return look_at(request.user, pk, request.GET, timezone.now())


def look_at(user: User, pk: int, asked: QueryDict, at: datetime) -> Look:
    """What `user` looks at by an address with those parameters. Raises Http404 like `look`."""
    campaign = get_object_or_404(campaigns_of(user).select_related("office"), pk=pk)
    return Look(campaign, overseen(user), at, below(user, asked))


def of_host(campaign: Campaign, at: datetime) -> Look:
    """What the campaign's host sees, whoever looks: everything below it."""
    return Look(campaign, Scope(frozenset(), (campaign.host.path,)), at)


def below(user: User, asked: QueryDict) -> Unit | None:
    """The unit that `?below=` names, if any. Raises Http404 for one out of sight."""
    if not (typed := asked.get("below")):
        return None
    found = units_for(user, *Role.overseeing()).filter(pk=as_id(typed)).first()
    if found is None:
        raise Http404
    return found
