"""Lists that may be long: shown by the page, and written whole by a worker."""

from collections.abc import Callable
from typing import NamedTuple

from django.http import QueryDict

from reports import pieces, values
from reports.lists import Listed
from reports.looking import Look


class Kind(NamedTuple):
    """`make` raises Http404 for what is not there."""

    title: str
    make: Callable[[Look, QueryDict], Listed]


#: By the name of their address.
LISTS = {
    "pieces": Kind("材料", pieces.pieces),
    "topic_units": Kind("报送单位", pieces.topic_units),
    "meetings": Kind("会议", pieces.meetings_held),
    "works": Kind("优秀成果", pieces.excellent),
    "readings": Kind("填报值", values.values),
}
