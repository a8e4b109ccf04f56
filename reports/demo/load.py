"""Loading the demo: all of it in one transaction, marked by an audit event, once per database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from campaigns.models import Campaign
from portal import audit
from portal.models import AuditEvent
from reports.demo import charges, county, logins, people, reaching, reporting
from reports.demo.dates import Frame
from reports.demo.story import refresh_statistics
from reports.demo.telling import Teller
from reports.demo.texts import dice
from schools.models import Unit, User
from submissions.services import counting

MARK = "demo.load"
SEED = "2026"
#: Two loaders at once must not both find an empty database.
LOCK = 5_202_611
IN_OFFICE = timedelta(days=1100)
MAP_DRAWN = timedelta(days=280)
REFUSAL = "数据库里已有单位、人员或活动，又不是演示库，演示数据没有载入；请改用一个空的数据库。"


class ForeignData(Exception):
    """The database holds something that is no demo; the message is one Chinese sentence."""


@contextmanager
def without_savepoints() -> Iterator[None]:
    """Let inner transactions be part of the outer one: what fails ends the load anyway.

    Tens of thousands of savepoints in one transaction cost PostgreSQL as much as the work itself.
    """
    connection.features.uses_savepoints = False
    try:
        yield
    finally:
        del connection.features.uses_savepoints


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
    begun = frame.cut - IN_OFFICE + timedelta(hours=9)
    staff = people.hire(place, dice(seed, "people"), at=begun)
    county.rename_sections(place, by=staff.users["system1"], at=begun)
    charges.share_out(place, staff, begun=begun, at=frame.cut - MAP_DRAWN + timedelta(hours=9))
    with without_savepoints():
        Teller(place, staff, frame, seed).tell(say)
        logins.keep(dice(seed, "logins"), at=at)
        counting.fold_deltas()
        refresh_statistics()
        say("正在登记提醒……")
        reaching.keep_addresses()
        say("正在编制报告……")
        reporting.leave_on_the_desk(frame, place, staff)
        reaching.set_up_groups(place, staff, at=begun)
        reaching.remind(frame)
        reaching.draft_bulletins(frame, staff)
        reaching.nudge(frame, place, staff)
    detail = {"seed": seed, "today": frame.today.isoformat()}
    audit.record(MARK, at=at, summary="载入演示数据", detail=detail)
    return True
