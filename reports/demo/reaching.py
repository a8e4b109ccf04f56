"""By what people and groups are reached, and the reminders, bulletins and nudges of yesterday.

Comes last, so that years of history send nothing: whoever has no address reads everything in the portal.
"""

from datetime import datetime, time, timedelta

from django.db.models import Value
from django.db.models.functions import Concat

from campaigns.enums import CampaignKind, CampaignState
from campaigns.models import Campaign
from notices.enums import ChannelKind
from notices.models import Channel, Preference
from notices.services import channels
from notices.workdays import DAY
from reports.demo.county import County
from reports.demo.dates import Frame
from reports.demo.people import SHOWN, Staff
from reports.enums import PaperState
from reports.models import Bulletin
from reports.services import bulletins
from schools.models import User
from submissions.services import nudging, reminding

DOMAIN = "@example.com"
#: The groups of the demo: the kind of robot, the township (by its schools' stem; "" is the bureau), the name.
GROUPS = (
    (ChannelKind.DINGTALK, "青禾中心小学", "青禾镇信息员群"),
    (ChannelKind.FEISHU, "麦浪中心小学", "麦浪镇信息员群"),
    (ChannelKind.WECOM, "", "全县活动联络群"),
)
SCAN = timedelta(hours=8, minutes=30)
DRAFTED_AT, EDITED_AT, SUBMITTED_AT, NUDGED_AT = (
    timedelta(hours=hour, minutes=minute) for hour, minute in ((8, 40), (9, 30), (9, 35), (10, 20))
)
NUDGED = ("青禾中心小学", "棉桃学校", "棉桃镇中心幼儿园")
ADDED = "各单位要查明未报的原因，本周内补报；确有困难的，请向活动办公室书面说明。"
NUDGE = "材料汇总即将开始，请贵单位抓紧完成下列任务；确有困难的，请及时与活动办公室联系。"


def keep_addresses() -> None:
    """Everybody has an address that reaches nobody; in the demo, `make run` catches what is sent there."""
    people = User.objects.filter(is_superuser=False)
    people.update(email=Concat("username", Value(DOMAIN)))
    # Who tries these accounts out in the evening would else see their mails in the morning only.
    tried = people.filter(username__in=SHOWN)
    Preference.objects.bulk_create(
        Preference(user=user, quiet_from=time(), quiet_until=time()) for user in tried
    )


def set_up_groups(county: County, staff: Staff, *, at: datetime) -> None:
    """Robots with invented keys."""
    for number, (kind, school, name) in enumerate(GROUPS, start=1):
        unit = county.named(school).parent if school else county.bureau
        robot = Channel(unit=unit, kind=kind, name=name)
        channels.save(robot, token=f"demo-group-{number}", at=at, by=staff.users["system1"])


def remind(frame: Frame) -> None:
    """The scan of yesterday morning, whatever the hour is now: its digests are overdue, and go out as soon as
    a worker is there. What today adds is found by the worker's own scan."""
    reminding.scan(at=frame.cut - DAY + SCAN)


def nudge(frame: Frame, county: County, staff: Staff) -> None:
    """Later in the morning an officer nudges a few schools, among them those of the shown accounts."""
    running = Campaign.objects.get(kind=CampaignKind.DISCUSSION, state=CampaignState.PUBLISHED)
    nudging.nudge(
        [county.named(name) for name in NUDGED],
        nudging.Matter(campaign=running),
        NUDGE,
        by=staff.users["officer1"],
        at=frame.cut - DAY + NUDGED_AT,
    )


def draft_bulletins(frame: Frame, staff: Staff) -> None:
    """The bulletins that were due yesterday morning; an officer adds a sentence to the latest one and submits
    it, so that a leader has one to sign. Others stay drafts."""
    yesterday, officer = frame.cut - DAY, staff.users["officer1"]
    bulletins.draft_due(yesterday + DRAFTED_AT)
    latest = Bulletin.objects.filter(state=PaperState.DRAFT).order_by("-edition", "pk").first()
    if latest is None:
        return  # on this day of the year no last rung is recent
    body = f"{latest.body}\n{ADDED}"
    bulletins.edit(latest, title=latest.title, body=body, by=officer, at=yesterday + EDITED_AT)
    bulletins.submit(latest, by=officer, at=yesterday + SUBMITTED_AT)
