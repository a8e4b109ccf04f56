"""Whose work a person may see and touch: QuerySets narrowed by scope, so that outsiders get 404."""

from django.db.models import Q, QuerySet

from portal.models import StoredFile
from schools.access import Scope, scope_of
from schools.enums import Role
from schools.models import User
from submissions.enums import PieceState
from submissions.models import Assignment, AssignmentQuerySet, Draft, Submission, Version


def readable(user: User) -> AssignmentQuerySet:
    """Assignments of the person's own units and of the subtrees they oversee."""
    return Assignment.objects.in_scope(_reading(user))


def own(user: User) -> AssignmentQuerySet:
    """Assignments of units the person serves or heads."""
    return Assignment.objects.in_scope(scope_of(user, *Role.own_unit()))


def writable(user: User) -> AssignmentQuerySet:
    """Assignments the person hands in for."""
    return Assignment.objects.in_scope(scope_of(user, Role.SECRETARY))


def reviewable(user: User) -> AssignmentQuerySet:
    """Assignments whose pieces the person may decide on."""
    return Assignment.objects.in_scope(scope_of(user, Role.OFFICER))


def versions(user: User) -> QuerySet[Version]:
    """Versions the person may read."""
    return Version.objects.filter(_reading(user).narrow("submission__assignment__unit"))


def files(user: User) -> QuerySet[StoredFile]:
    """Files the person may download: those of readable versions, and drafts of their own units only."""
    drafts = Draft.objects.filter(scope_of(user, *Role.own_unit()).narrow("submission__assignment__unit"))
    return StoredFile.objects.filter(
        Q(pk__in=versions(user).values("files")) | Q(pk__in=drafts.values("files"))
    )


def queue(user: User) -> QuerySet[Submission]:
    """Pieces waiting for the person's decision, oldest first."""
    scope = scope_of(user, Role.OFFICER)
    waiting = Submission.objects.filter(scope.narrow("assignment__unit"), state=PieceState.PENDING)
    return waiting.order_by("handed_in_at", "pk")


def _reading(user: User) -> Scope:
    return scope_of(user, *Role.own_unit(), *Role.overseeing())
