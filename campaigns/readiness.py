"""The ready check: what stands between a draft and publishing, and what is worth a second look."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse

from campaigns.audience import asking_nobody, units_owing
from campaigns.enums import LeadershipRole
from campaigns.models import Activity, Campaign, Phase, Requirement, Topic
from notices.workdays import is_known, last_day
from schools.enums import Role, UnitKind
from schools.models import Membership, Unit, User


@dataclass(frozen=True)
class Gap:
    """One thing missing or doubtful: a Chinese sentence and the address of the field that mends it."""

    sentence: str
    url: str


def gaps(campaign: Campaign, *, at: datetime) -> list[Gap]:
    """Every gap of the draft at the instant `at`, in the order in which a person would fill them."""
    edit = _page(campaign)
    phases = list(campaign.phases.all())
    found = []
    if campaign.office is None:
        found.append(Gap("请指定领导小组办公室设在哪个单位。", f"{edit}#id_office"))
    elif campaign.office.closed_at:
        found.append(Gap(f"领导小组办公室所在的“{campaign.office}”已撤并，请另选。", f"{edit}#id_office"))
    found += [Gap(sentence, f"{edit}#phases-group") for sentence in _phase_gaps(campaign, phases)]
    found += [Gap(sentence, f"{edit}#topics-group") for sentence in _topic_gaps(campaign)]
    if not campaign.leadership.filter(role=LeadershipRole.LEAD).exists():
        found.append(Gap("请添加领导小组成员，至少一名组长。", f"{edit}#leadership-group"))
    found += [gap for one in campaign.activities.select_related("phase") for gap in _activity_gaps(one)]
    requirements = _loaded(campaign, campaign.requirements.filter(issued_at=None))
    if not requirements:
        add = reverse("admin:campaigns_requirement_add", query={"campaign": campaign.pk})
        found.append(Gap("请至少添加一项报送要求。", add))
    return found + _requirements_gaps(campaign, requirements, at)


def gaps_of(requirement: Requirement, *, at: datetime) -> list[Gap]:
    """Every gap of one requirement that is to be issued in a running campaign."""
    campaign = requirement.campaign
    return _requirements_gaps(
        campaign, _loaded(campaign, campaign.requirements.filter(pk=requirement.pk)), at
    )


def advice(campaign: Campaign) -> list[Gap]:
    """What may be published as it is, but is better looked at first."""
    edit = _page(campaign)
    found = []
    if suggested := [phase.name for phase in campaign.phases.all() if phase.suggested]:
        sentence = f"{_named(suggested)}的日期是模板的建议，请核对后取消“日期为建议”的勾选。"
        found.append(Gap(sentence, f"{edit}#phases-group"))
    if not is_known(campaign.ends_on):
        year = campaign.ends_on.year
        sentence = f"{year}年的放假安排尚未公布，工作日暂按周一至周五推算，公布后请核对日期。"
        found.append(Gap(sentence, f"{edit}#id_ends_on"))
    if not campaign.bases.exists():
        found.append(Gap("还没有填写依据文件。", f"{edit}#bases-group"))
    found += _topic_advice(campaign)
    for activity in campaign.activities.filter(starts_on=None):
        found.append(Gap(f"活动安排“{activity}”没有日期。", _page(activity) + "#id_starts_on"))
    for group in campaign.inspection_groups.annotate(reach=Count("units")).filter(reach=0):
        found.append(Gap(f"“{group}”还没有负责单位。", _page(group) + "#id_units"))
    for requirement in _loaded(campaign, campaign.requirements.filter(issued_at=None)):
        found += _requirement_advice(requirement)
    return found


def _page(part: Campaign | Topic | Activity | Requirement) -> str:
    """The part's page in the admin."""
    return reverse(f"admin:campaigns_{part._meta.model_name}_change", args=[part.pk])


def _named(names: Collection[str]) -> str:
    """“甲”“乙”“丙”等5个, as a sentence can bear it."""
    few = "".join(f"“{name}”" for name in list(names)[:3])
    return few if len(names) <= 3 else f"{few}等{len(names)}个"


def _loaded(campaign: Campaign, requirements: QuerySet[Requirement]) -> list[Requirement]:
    """The requirements with everything that is asked about them, each knowing its campaign."""
    found = list(
        requirements.select_related("phase", "audience_branch", "receiver").prefetch_related(
            "occurrences", "included", Prefetch("reviewers", User.objects.exclude(pk__in=_officers()))
        )
    )
    for requirement in found:
        requirement.campaign = campaign
    return found


def _officers() -> QuerySet:
    """Ids of people who are campaign officers now."""
    posts = Membership.objects.in_post(Role.OFFICER)
    return posts.values("user")


def _phase_gaps(campaign: Campaign, phases: list[Phase]) -> list[str]:
    if not phases:
        return ["请至少添加一个阶段。"]
    said = [
        f"阶段“{phase}”缺少起止日期，请填写。" for phase in phases if not (phase.starts_on and phase.ends_on)
    ]
    dated = [phase for phase in phases if phase.starts_on and phase.ends_on]
    for phase in dated:
        if phase.starts_on < campaign.starts_on or phase.ends_on > campaign.ends_on:
            said.append(f"阶段“{phase}”超出活动起止日期，请改正。")
    running: dict[int, Phase] = {}  # of each track, the phase that has so far lasted longest
    for later in sorted(dated, key=lambda phase: phase.starts_on):
        earlier = running.get(later.track)
        if earlier and later.starts_on <= earlier.ends_on:
            said.append(f"阶段“{later}”与“{earlier}”的日期重叠，请改正。")
        if earlier is None or later.ends_on > earlier.ends_on:
            running[later.track] = later
    return said


def _topic_gaps(campaign: Campaign) -> list[str]:
    topics = list(campaign.topics.select_related("lead"))
    known = {topic.number for topic in topics}
    said = []
    for topic in topics:
        parent = topic.number.rpartition(".")[0]
        if parent and parent not in known:
            said.append(f"专题{topic.number}缺少上一级{parent}，请补充或改正编号。")
        if topic.lead and topic.lead.closed_at:
            said.append(f"专题{topic.number}的牵头单位“{topic.lead}”已撤并，请另选。")
    return said


def _topic_advice(campaign: Campaign) -> list[Gap]:
    """Where some topics have a lead section, all of the same level should."""
    topics = list(campaign.topics.prefetch_related("indicators"))
    led = {topic.depth for topic in topics if topic.lead_id}
    missing = [topic.number for topic in topics if topic.depth in led and topic.lead_id is None]
    found = []
    if missing:
        sentence = f"专题{_named(missing)}没有牵头单位。"
        found.append(Gap(sentence, _page(campaign) + "#topics-group"))
    for topic in topics:
        for one in topic.indicators.all():
            if one.due_on is None:
                found.append(Gap(f"指标“{one.name}”没有完成时限。", _page(topic) + "#indicators-group"))
    return found


def _activity_gaps(activity: Activity) -> list[Gap]:
    phase, page = activity.phase, _page(activity)
    if activity.starts_on is None or phase.starts_on is None or phase.ends_on is None:
        return []
    if phase.starts_on <= activity.starts_on and (activity.ends_on or activity.starts_on) <= phase.ends_on:
        return []
    sentence = f"活动安排“{activity}”的日期不在阶段“{phase}”之内，请改正。"
    return [Gap(sentence, f"{page}#id_starts_on")]


def _requirements_gaps(campaign: Campaign, requirements: list[Requirement], at: datetime) -> list[Gap]:
    nobody = asking_nobody(campaign, requirements)
    return [
        Gap(sentence, f"{_page(requirement)}#{anchor}")
        for requirement in requirements
        for sentence, anchor in _requirement_gaps(requirement, at, asks_nobody=requirement.pk in nobody)
    ]


def _requirement_gaps(requirement: Requirement, at: datetime, *, asks_nobody: bool) -> list[tuple[str, str]]:
    """Sentences, each with the id of its field."""
    name = f"报送要求“{requirement}”"
    said = []
    if not requirement.occurrences.all():
        said.append((f"{name}没有截止日期，请填写。", "id_due_on"))
    said += _due_gaps(requirement, at)
    if asks_nobody:
        said.append((f"{name}没有报送单位，请选择单位类别或另加单位。", "id_audience_kinds"))
    for field in ("receiver", "audience_branch"):
        unit: Unit | None = getattr(requirement, field)
        if unit and unit.closed_at:
            said.append((f"{name}所选的“{unit}”已撤并，请另选。", f"id_{field}"))
    if gone := [user.name for user in requirement.reviewers.all()]:
        said.append((f"{name}的审核人{_named(gone)}不是在任的活动专员，请另选。", "id_reviewers"))
    return said


def _due_gaps(requirement: Requirement, at: datetime) -> list[tuple[str, str]]:
    """A single due day lies within its phase; the periods of a recurring one within the campaign."""
    name, recurs = f"报送要求“{requirement}”", requirement.recurs
    span = requirement.campaign if recurs else requirement.phase
    where = "活动" if recurs else f"阶段“{span}”"
    field = "occurrences-group" if recurs else "id_due_on"
    said = []
    for occurrence in requirement.occurrences.all():
        day = last_day(occurrence.due_at)
        which = f"{name}{occurrence.label if recurs else ''}的截止日期"
        if span.ends_on and day > span.ends_on:
            said.append((f"{which}在{where}结束之后，请改正。", field))
        elif span.starts_on and day < span.starts_on:
            said.append((f"{which}在{where}开始之前，请改正。", field))
        if occurrence.due_at <= at:
            said.append((f"{which}已过，请改期。", field))
    return said


def _requirement_advice(requirement: Requirement) -> list[Gap]:
    name, page = f"报送要求“{requirement}”", _page(requirement)
    found = []
    if requirement.receiver is None:
        found.append(Gap(f"{name}没有写明报送至哪个科室。", f"{page}#id_receiver"))
    if requirement.sign_off:
        heads = Count("memberships", Q(memberships__role=Role.HEAD, memberships__ended_at=None))
        if headless := units_owing(requirement).annotate(heads=heads).filter(heads=0).count():
            sentence = f"{name}须由单位负责人签发，但有{headless}个单位还没有登记负责人。"
            found.append(Gap(sentence, f"{page}#id_sign_off"))
    if requirement.district_first:
        found += [Gap(f"{name}{said}", f"{page}#id_district_first") for said in _district_advice(requirement)]
    return found


def _district_advice(requirement: Requirement) -> list[str]:
    """A first review needs districts, and an officer in each."""
    host = requirement.campaign.host
    districts = Unit.objects.within(host).active().filter(kind=UnitKind.DISTRICT).exclude(pk=host.pk)
    if not districts:
        return [f"须由区县初审，但“{host}”下没有区县局。"]
    officers = Membership.objects.in_post(Role.OFFICER)
    without = [one.name for one in districts.exclude(pk__in=officers.values("scope"))]
    return [f"须由区县初审，但{_named(without)}还没有活动专员。"] if without else []
