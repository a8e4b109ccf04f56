"""Who hears of a signed bulletin: all who owe what it speaks of."""

from datetime import datetime

from django.urls import reverse

from notices.services.telling import tell
from reports import access
from reports.models import Bulletin
from reports.services.signoff import people_of
from schools.enums import Role
from schools.models import Membership
from submissions.enums import AssignmentState
from submissions.models import Assignment


def send_out(bulletin: Bulletin, at: datetime) -> None:
    """Tell the people of all units that owe it, and the host's officers."""
    owing = Assignment.objects.filter(
        occurrence=bulletin.occurrence_id, state__in=AssignmentState.owed()
    ).values("unit")
    posts = Membership.objects.in_post(*Role.own_unit()).filter(unit__in=owing)
    recipients = set(posts.values_list("user", flat=True))
    tell(
        recipients | people_of(bulletin.campaign.host, Role.OFFICER),
        matter=f"{access.SENT_OUT}{bulletin.pk}",
        title=f"督查通报：{bulletin.title}",
        body=f"{bulletin.campaign.host.name}已印发督查通报，请阅读。",
        url=reverse("bulletin", args=[bulletin.pk]),
        at=at,
    )
