"""The campaigns that last a year: this year's work, last year's innovation, excellence before that.

Years are counted from today, so that the demo of any day stands alike: this year began eight months
before the month of today, and so there is work of it that is not handed out yet.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from campaigns.enums import CampaignKind
from campaigns.models import Campaign, InspectionGroup
from notices.workdays import DAY, add_workdays
from reports.demo import drafts
from reports.demo.county import County
from reports.demo.dates import midnight, month_first, workdays_ago
from reports.demo.drafts import Pen
from reports.demo.people import Staff
from reports.demo.plan import DRAFTING_HOUR, PUBLISHING_HOUR
from reports.demo.words import campaigns as words
from schools.enums import UnitKind
from schools.models import Unit
from submissions.services import publishing

K = UnitKind
#: A few schools stand for all, so that the demo loads quickly.
UPPER = (K.HIGH, K.COMPLETE, K.VOCATIONAL)
SAMPLE = (*UPPER, K.NINE_YEAR)
PLANNING = (*SAMPLE, K.MIDDLE)
PROJECTS = ("基础教育科", "学前教育科", "组织人事科", "督导室", "安全管理科", "计划财务科")
#: The school that most people look at makes suggestions too.
SUGGESTIONS = "创新合理化建议"
#: How long weekly and monthly reports have been asked for.
WEEKLY, MONTHLY = timedelta(weeks=5), 3


@dataclass(frozen=True)
class Years:
    """First days of the three years, and today."""

    today: date
    annual: date
    innovation: date
    excellence: date

    @classmethod
    def before(cls, today: date) -> "Years":
        return cls(today, *(month_first(today, -months) for months in (8, 20, 32)))


def _publish(pen: Pen) -> Campaign:
    campaign = pen.campaign
    day = add_workdays(campaign.starts_on - DAY, 3)
    publishing.publish(campaign, by=pen.staff.officer, at=midnight(day) + PUBLISHING_HOUR)
    campaign.refresh_from_db()
    return campaign


def _begin(kind: CampaignKind, title: str, starts_on: date, county: County, staff: Staff) -> Pen:
    at = midnight(workdays_ago(starts_on, 5)) + DRAFTING_HOUR
    return drafts.begin(kind, title.format(year=starts_on.year), starts_on, county, staff, at)


def annual(county: County, staff: Staff, years: Years) -> Campaign:
    """年度重点工作: leading sections report, schools sign and plan."""
    pen = _begin(CampaignKind.ANNUAL, words.ANNUAL, years.annual, county, staff)
    campaign = pen.campaign
    leading = list(Unit.objects.filter(pk__in=campaign.topics.values("lead")))
    pen.lead("chief2", "chief3", "chief6", "chief7", "chief8")
    pen.confirm(2)
    pen.place_activities()
    kept = campaign.requirements.exclude(title__in=("包挂学校问题清单", "上半年工作小结"))
    pen.keep(*kept.values_list("title", flat=True))
    pen.ask("年度工作意见签收", kinds=(*K.schools(), K.SECTION, K.OTHER))
    pen.ask("学校年度工作计划", kinds=PLANNING)
    pen.ask("下基层调研报告", units=county.section_list("党委办", "办公室", "督导室"))
    pen.ask("督查问题整改报告", kinds=UPPER, units=leading)
    pen.ask("特色和品牌材料", kinds=UPPER)
    for title in ("年度任务分解表", "每周工作进展", "每月工作汇总", "季度指标完成情况"):
        pen.ask(title, units=leading)
    pen.recur(pen.asked("每周工作进展"), years.today - WEEKLY, campaign.ends_on)
    pen.recur(pen.asked("每月工作汇总"), month_first(years.today, -MONTHLY), campaign.ends_on)
    return _publish(pen)


def innovation(county: County, staff: Staff, years: Years) -> Campaign:
    """创新年: projects of some sections, tackled problems of some schools."""
    pen = _begin(CampaignKind.INNOVATION, words.INNOVATION, years.innovation, county, staff)
    pen.lead("chief2", "chief3", "chief6", "chief8")
    pen.confirm(3)
    pen.place_activities()
    by_sections = ("科室年度创新争优项目", "创新项目季展评材料")
    by_schools = ("创新年工作方案", "岗位问题清单", "攻关项目进展报告", "创新年工作总结")
    pen.keep(*by_sections, *by_schools, SUGGESTIONS)
    for title in by_sections:
        pen.ask(title, units=county.section_list(*PROJECTS))
    for title in by_schools:
        pen.ask(title, kinds=SAMPLE)
    pen.ask(SUGGESTIONS, kinds=SAMPLE, units=county.schools[:1])
    return _publish(pen)


def excellence(county: County, staff: Staff, years: Years) -> Campaign:
    """创先争优: some schools' party branches, looked after by eleven groups."""
    pen = _begin(CampaignKind.EXCELLENCE, words.EXCELLENCE, years.excellence, county, staff)
    pen.lead("chief1", "chief2", "chief6", "chief8")
    pen.confirm(4)
    pen.place_activities()
    briefing = "创先争优简报"
    kept = ("创先争优实施方案", "岗位公开承诺和公示情况", "星级创建自评表", "创先争优活动总结", briefing)
    pen.keep(*kept)
    for title in kept:
        pen.ask(title, kinds=UPPER if title == briefing else SAMPLE)
    _share_out(pen)
    return _publish(pen)


def _share_out(pen: Pen) -> None:
    """Each group has a township or two and some of the schools under the bureau itself."""
    bureau = pen.county.bureau
    places = [*Unit.objects.filter(parent=bureau, kind=K.TOWNSHIP)]
    direct = [unit for unit in pen.county.schools if unit.parent_id == bureau.pk]
    groups = list(InspectionGroup.objects.filter(campaign=pen.campaign))
    for n, group in enumerate(groups):
        group.campaign = pen.campaign
        with pen.revised(group):
            group.leader = pen.staff.users[f"chief{n + 1}"]
            group.save()
            group.members.set([pen.staff.users[f"section{n + 1}"], pen.staff.users[f"section{n + 2}"]])
            group.units.set([*places[n :: len(groups)], *direct[n :: len(groups)]])
