"""Which bulletins a person may read, and on which they act; outsiders get 404."""

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from notices.models import Notice
from reports.enums import BulletinState
from reports.models import Bulletin
from schools.access import scope_of
from schools.enums import Role
from schools.models import User
from submissions import access
from submissions.enums import AssignmentState

HOST = "occurrence__requirement__campaign__host"
#: Of the notice by which a bulletin went out; its number follows.
SENT_OUT = "bulletin:"


def bulletins(user: User) -> QuerySet[Bulletin]:
    """In all states those of campaigns hosted in the person's scope; sent ones that are addressed to units of
    theirs, or once were addressed to the person."""
    hosted = scope_of(user, *Role.overseeing()).narrow(HOST)
    asked = access.readable(user).filter(occurrence=OuterRef("occurrence"), state__in=AssignmentState.owed())
    matter = Concat(Value(SENT_OUT), Cast(OuterRef("pk"), CharField()))
    told = Notice.objects.filter(recipient=user, matter=matter)
    sent = Q(state=BulletinState.SENT) & (Exists(asked) | Exists(told))
    return Bulletin.objects.filter(hosted | sent)


def hosted(user: User, *roles: Role) -> QuerySet[Bulletin]:
    """Bulletins of campaigns hosted in the scope of these roles: officers edit them, leaders sign them."""
    return Bulletin.objects.filter(scope_of(user, *(roles or Role.overseeing())).narrow(HOST))


def to_edit(user: User) -> QuerySet[Bulletin]:
    """Drafts that wait for the officer, the oldest first."""
    return hosted(user, Role.OFFICER).filter(state=BulletinState.DRAFT).order_by("counted_at", "pk")


def to_sign(user: User) -> QuerySet[Bulletin]:
    """Bulletins that wait for the leader, the oldest first."""
    return hosted(user, Role.LEADER).filter(state=BulletinState.TO_SIGN).order_by("counted_at", "pk")
