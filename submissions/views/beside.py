"""What stands beside a version or an assignment on the pages that a school and its bureau both read."""

from typing import Any

from schools.models import User
from submissions import access
from submissions.enums import AssignmentState
from submissions.models import Assignment, Exhibit, Version
from submissions.rules import why_no_behalf
from submissions.services import exhibiting


def exhibit_part(user: User, version: Version) -> dict[str, Any]:
    """What `submissions/exhibit_state.html` shows beside a version that the person may read."""
    exhibit = Exhibit.objects.filter(version=version).first()
    assignment = version.submission.assignment
    current = access.accepted().filter(pk=version.pk).exists()
    hosts = access.hosted(user).filter(pk=assignment.pk).exists()
    chosen = exhibit is not None and exhibit.state in exhibiting.CHOSEN
    return {
        "exhibit": exhibit,
        "exhibit_current": current,
        "may_choose": hosts and current and not chosen and assignment.state != AssignmentState.CANCELLED,
        "may_remove": hosts and chosen,
        "may_consent": exhibit is not None and access.own(user).filter(pk=assignment.pk).exists(),
    }


def behalf_part(user: User, assignment: Assignment) -> dict[str, Any]:
    """What `submissions/on_behalf_link.html` shows beside an assignment that the person may read."""
    hosts = access.hosted(user).filter(pk=assignment.pk).exists()
    return {"may_hand_in_on_behalf": hosts and why_no_behalf(assignment) is None}
