"""Which papers a person may read, and on which they act; outsiders get 404."""

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from notices.models import Notice
from reports.enums import PaperState
from reports.models import Bulletin, PaperTemplate, Receipt, Report
from schools.access import scope_of
from schools.enums import Role
from schools.models import User, ancestor_paths
from submissions import access
from submissions.enums import AssignmentState

HOST = "occurrence__requirement__campaign__host"
#: Of the notice by which a bulletin went out; its number follows.
SENT_OUT = "bulletin:"
#: The same of a report.
PUBLISHED = "report:"


def bulletins(user: User) -> QuerySet[Bulletin]:
    """In all states those of campaigns hosted in the person's scope; sent ones that are addressed to units of
    theirs, or once were addressed to the person."""
    hosted = scope_of(user, *Role.overseeing()).narrow(HOST)
    asked = access.readable(user).filter(occurrence=OuterRef("occurrence"), state__in=AssignmentState.owed())
    matter = Concat(Value(SENT_OUT), Cast(OuterRef("pk"), CharField()))
    told = Notice.objects.filter(recipient=user, matter=matter)
    sent = Q(state=PaperState.SENT) & (Exists(asked) | Exists(told))
    return Bulletin.objects.filter(hosted | sent)


def hosted(user: User, *roles: Role) -> QuerySet[Bulletin]:
    """Bulletins of campaigns hosted in the scope of these roles: officers edit them, leaders sign them."""
    return Bulletin.objects.filter(scope_of(user, *(roles or Role.overseeing())).narrow(HOST))


def to_edit(user: User) -> QuerySet[Bulletin]:
    """Drafts that wait for the officer, the oldest first."""
    return hosted(user, Role.OFFICER).filter(state=PaperState.DRAFT).order_by("counted_at", "pk")


def to_sign(user: User) -> QuerySet[Bulletin]:
    """Bulletins that wait for the leader, the oldest first."""
    return hosted(user, Role.LEADER).filter(state=PaperState.TO_SIGN).order_by("counted_at", "pk")


def reports(user: User) -> QuerySet[Report]:
    """In all states those of bureaus in the person's scope; signed ones that were published to units of
    theirs, or about which the person was told then."""
    theirs = scope_of(user, *Role.own_unit(), *Role.overseeing()).narrow("unit")
    received = Receipt.objects.filter(theirs, report=OuterRef("pk"))
    matter = Concat(Value(PUBLISHED), Cast(OuterRef("pk"), CharField()))
    told = Notice.objects.filter(recipient=user, matter=matter)
    sent = Q(state=PaperState.SENT) & (Exists(received) | Exists(told))
    return Report.objects.filter(scope_of(user, *Role.overseeing()).narrow("host") | sent)


def hosted_reports(user: User, *roles: Role) -> QuerySet[Report]:
    """Reports of bureaus in the scope of these roles: officers edit them, leaders sign them."""
    return Report.objects.filter(scope_of(user, *(roles or Role.overseeing())).narrow("host"))


def reports_to_edit(user: User) -> QuerySet[Report]:
    """Drafts that wait for the officer, the oldest first."""
    return hosted_reports(user, Role.OFFICER).filter(state=PaperState.DRAFT).order_by("counted_at", "pk")


def reports_to_sign(user: User) -> QuerySet[Report]:
    """Reports that wait for the leader, the oldest first."""
    return hosted_reports(user, Role.LEADER).filter(state=PaperState.TO_SIGN).order_by("counted_at", "pk")


def receipts(user: User) -> QuerySet[Receipt]:
    """Of the person's own units: what was published to them."""
    return Receipt.objects.filter(scope_of(user, *Role.own_unit()).narrow("unit"))


def templates(user: User) -> QuerySet[PaperTemplate]:
    """Templates of the bureaus for which the person is an officer, and of those above them."""
    scope = scope_of(user, Role.OFFICER)
    above = {upper for path in scope.overseen for upper in ancestor_paths(path)}
    return PaperTemplate.objects.filter(scope.narrow("host") | Q(host__path__in=above))
