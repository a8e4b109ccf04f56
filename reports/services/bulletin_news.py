"""Who hears of a bulletin: officers and leaders of the host while it is made, then all who owe it."""

from datetime import datetime

from django.urls import reverse

from notices.services.telling import tell
from reports import access
from reports.models import Bulletin
from schools.enums import Role
from schools.models import Membership, Unit
from submissions.enums import AssignmentState
from submissions.models import Assignment


def people_of(host: Unit, role: Role) -> set[int]:
    """Those (ids) who hold `role` over `host` itself; where nobody does, over the nearest bureau above."""
    posts = Membership.objects.filter(
        role=role, ended_at=None, user__is_active=True, scope__path__in=host.ancestor_paths()
    )
    held = list(posts.values_list("scope__path", "user"))
    nearest = max((path for path, _ in held), key=len, default="")
    return {user for path, user in held if path == nearest}


def tell_host(bulletin: Bulletin, role: Role, verb: str, said: str, body: str, at: datetime) -> None:
    """Tell those who hold `role` over the host that it is their turn."""
    tell(
        people_of(bulletin.campaign.host, role),
        matter=f"bulletin-{verb}:{bulletin.pk}:{at.isoformat()}",
        title=f"{said}：{bulletin.occurrence.name}",
        body="\n".join(filter(None, (bulletin.title, body))),
        url=reverse("bulletin", args=[bulletin.pk]),
        at=at,
    )


def send_out(bulletin: Bulletin, at: datetime) -> None:
    """Tell the people of all units that owe it, and the host's officers."""
    owing = Assignment.objects.filter(
        occurrence=bulletin.occurrence_id, state__in=AssignmentState.owed()
    ).values("unit")
    posts = Membership.objects.filter(
        unit__in=owing, role__in=Role.own_unit(), ended_at=None, user__is_active=True
    )
    recipients = set(posts.values_list("user", flat=True))
    tell(
        recipients | people_of(bulletin.campaign.host, Role.OFFICER),
        matter=f"{access.SENT_OUT}{bulletin.pk}",
        title=f"督查通报：{bulletin.title}",
        body=f"{bulletin.campaign.host.name}已印发督查通报，请阅读。",
        url=reverse("bulletin", args=[bulletin.pk]),
        at=at,
    )
