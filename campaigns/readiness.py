"""The ready check: everything that stands between a draft and publishing, each with its place."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from campaigns.audience import asking_nobody
from campaigns.enums import LeadershipRole
from campaigns.models import Campaign, Phase, Requirement
from notices.workdays import last_day


@dataclass(frozen=True)
class Gap:
    """One thing missing: a Chinese sentence and the address of the field that mends it."""

    sentence: str
    url: str


def gaps(campaign: Campaign, *, at: datetime) -> list[Gap]:
    """Every gap of the draft at the instant `at`, in the order in which a person would fill them."""
    phases = list(campaign.phases.all())
    requirements = list(
        campaign.requirements.select_related("phase", "audience_branch").prefetch_related("occurrences")
    )
    edit = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    found = [Gap(sentence, f"{edit}#phases-group") for sentence in _phase_gaps(campaign, phases)]
    if campaign.office_id is None:
        found.append(Gap("请指定领导小组办公室设在哪个单位。", f"{edit}#id_office"))
    if not campaign.leadership.filter(role=LeadershipRole.LEAD).exists():
        found.append(Gap("请添加领导小组成员，至少一名组长。", f"{edit}#leadership-group"))
    topics = list(campaign.topics.all())
    known = {topic.number for topic in topics}
    for topic in topics:
        parent = topic.number.rpartition(".")[0]
        if parent and parent not in known:
            sentence = f"专题{topic.number}缺少上一级{parent}，请补充或改正编号。"
            found.append(Gap(sentence, f"{edit}#topics-group"))
    if not requirements:
        found.append(
            Gap(
                "请至少添加一项报送要求。",
                reverse("admin:campaigns_requirement_add") + f"?campaign={campaign.pk}",
            )
        )
    for requirement in requirements:
        requirement.campaign = campaign
    asks_nobody = asking_nobody(campaign, requirements)
    for requirement in requirements:
        link = reverse("admin:campaigns_requirement_change", args=[requirement.pk])
        said = _requirement_gaps(requirement, at, asks_nobody=requirement.pk in asks_nobody)
        found += [Gap(sentence, link) for sentence in said]
    return found


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


def _requirement_gaps(requirement: Requirement, at: datetime, *, asks_nobody: bool) -> list[str]:
    name = f"报送要求“{requirement}”"
    said = []
    occurrences = list(requirement.occurrences.all())
    if not occurrences:
        said.append(f"{name}没有截止日期，请填写。")
    if asks_nobody:
        said.append(f"{name}没有报送单位，请选择单位类别或另加单位。")
    phase = requirement.phase
    for occurrence in occurrences:
        day = last_day(occurrence.due_at)
        if phase.ends_on and day > phase.ends_on:
            said.append(f"{name}的截止日期在阶段“{phase}”结束之后，请改正。")
        elif phase.starts_on and day < phase.starts_on:
            said.append(f"{name}的截止日期在阶段“{phase}”开始之前，请改正。")
        if occurrence.due_at <= at:
            said.append(f"{name}的截止日期已过，请改期。")
    return said
