"""Loading the demo: all of it in one transaction, marked by an audit event, once per database."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from campaigns.enums import RequirementKind
from campaigns.models import Campaign
from portal import audit
from portal.models import AuditEvent
from reports.demo import county, courses, people, plan
from reports.demo.county import County
from reports.demo.dates import Frame
from reports.demo.people import Staff
from reports.demo.story import Story, refresh_statistics
from reports.demo.texts import dice
from schools.models import Unit, User
from submissions.services import counting

MARK = "demo.load"
SEED = "2026"
#: Two loaders at once must not both find an empty database.
LOCK = 5_202_611
IN_OFFICE = timedelta(days=420)
KINDS = (
    RequirementKind.PLAN,
    RequirementKind.MINUTES,
    RequirementKind.EXPERIENCE,
    RequirementKind.ESSAY,
)
REFUSAL = "数据库里已有单位、人员或活动，又不是演示库，演示数据没有载入；请改用一个空的数据库。"


class ForeignData(Exception):
    """The database holds something that is no demo; the message is one Chinese sentence."""


def is_loaded() -> bool:
    """Whether this database is a demo."""
    return AuditEvent.objects.filter(action=MARK).exists()


@transaction.atomic
def load_demo(*, at: datetime, seed: str = SEED, say: Callable[[str], None] = print) -> bool:
    """Fill an empty database with the demo as of the day of `at` (aware); False if it is there already.

    One transaction: a load that fails leaves nothing but unreachable bytes in the media folder.
    Raises ForeignData when there is anything to protect.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if is_loaded():
        return False
    people_known = User.objects.filter(is_superuser=False)
    if Unit.objects.exists() or Campaign.objects.exists() or people_known.exists():
        raise ForeignData(REFUSAL)
    frame = Frame.around(timezone.localtime(at).date())
    say("正在建立单位和人员……")
    place = county.found()
    staff = people.hire(place, dice(seed, "people"), at=frame.cut - IN_OFFICE + timedelta(hours=9))
    say("正在发布大讨论活动……")
    campaign = plan.running(place, staff, frame)
    tell_story(campaign, place, staff, frame, seed, say)
    plan.draft(place, staff, frame)
    counting.fold_deltas()
    refresh_statistics()
    detail = {"seed": seed, "today": frame.today.isoformat()}
    audit.record(MARK, at=at, summary="载入演示数据", detail=detail)
    return True


def tell_story(
    campaign: Campaign, place: County, staff: Staff, frame: Frame, seed: str, say: Callable[[str], None]
) -> None:
    """Plan what every unit does, then let it happen."""
    story = Story(campaign, staff, frame, seed)
    units = [*place.schools, *place.sections.values()]
    pace = courses.paces(units, seed)
    planned = []
    for unit in units:
        if (unit.pk, RequirementKind.ACKNOWLEDGEMENT) in story.owed:
            day = courses.signing_day(pace[unit.pk], frame, dice(seed, unit.name, "signing"))
            if day is not None:
                story.sign(unit, day)
        for kind in KINDS:
            if (unit.pk, kind) in story.owed:
                planned += courses.courses(unit, pace[unit.pk], kind, frame, seed)
    courses.arrange(planned, frame, seed)
    courses.show_first_school(planned, frame, seed)
    for course in planned:
        story.follow(course)
    story.tell(say)
