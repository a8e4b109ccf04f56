"""A bulletin put into words, out of its figures alone."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from django.utils import timezone

from campaigns.models import Occurrence
from notices.templatetags.days import due_date
from reports.models import Bulletin
from reports.services.bulletin_figures import Figures
from submissions.figures import percent

#: So many of those who lag are named; how many the others are is said.
NAMED = 200
#: So many of the branches in which nothing is missing are named.
BRANCHES = 10
LONGEST = Bulletin._meta.get_field("title").max_length
NUMERALS = "一二三四五六七八九"


def title_of(occurrence: Occurrence) -> str:
    """“关于《…》…报送情况的通报”, as long as a title may be."""
    campaign = occurrence.requirement.campaign.title
    spare = LONGEST - len(_title("", occurrence.name))
    if spare < len(campaign):
        campaign = f"{campaign[: max(spare - 1, 0)]}…"
    return _title(campaign, occurrence.name)[:LONGEST]


def _title(campaign: str, name: str) -> str:
    return f"关于《{campaign}》{name}报送情况的通报"


def body_of(occurrence: Occurrence, figures: Figures, at: datetime) -> str:
    """The text of the bulletin; a paragraph is a line. No section is ever empty."""
    sections = (
        ("总体情况", [_overall(figures, at)]),
        ("报送及时的单位", [_leading(figures)]),
        ("尚未报送的单位", _lagging(figures)),
        ("有关要求", _demands(occurrence, figures, at)),
    )
    lines = ["各有关单位：", _opening(occurrence, at)]
    for number, (heading, paragraphs) in zip(NUMERALS, sections, strict=False):
        lines += [f"{number}、{heading}", *paragraphs]
    return "\n".join(lines)


def _opening(occurrence: Occurrence, at: datetime) -> str:
    campaign = occurrence.requirement.campaign.title
    return (
        f"按照《{campaign}》安排，各有关单位应于{due_date(occurrence.due_at)}前报送{occurrence.name}。"
        f"现将截至{_moment(at)}的报送情况通报如下。"
    )


def _overall(figures: Figures, at: datetime) -> str:
    numbers = figures["numbers"]
    share = percent(numbers["handed"], numbers["owed"])
    standing = [f"应报单位{numbers['owed']}个，已报{numbers['handed']}个，报送率{share or 0}%"]
    if numbers["returned"]:
        standing.append(f"退回修改{numbers['returned']}个")
    if numbers["not_due"]:
        standing.append(f"延期未到期{numbers['not_due']}个")
    standing.append(f"逾期未报{numbers['overdue']}个" if numbers["overdue"] else "无逾期单位")
    said = "；".join(standing) + "。"
    said += f"以首次报齐的时间计，按时{numbers['in_time']}个，迟报{numbers['late']}个。"
    whole = [one["branch"] for one in figures["branches"] if one["handed"] == one["owed"]]
    if whole:
        said += f"所属单位全部报齐的有{_enumerated(whole, BRANCHES, '个镇街')}。"
    return said


def _leading(figures: Figures) -> str:
    leading = [f"{one['name']}（{_day(one['at'])}）" for one in figures["leading"]]
    if not leading:
        return "暂无按时报齐的单位可列。"
    return f"较早报齐的单位有（括号内为报齐日期）：{'、'.join(leading)}。"


def _lagging(figures: Figures) -> list[str]:
    """A line for each branch, as far as NAMED goes."""
    lagging = figures["lagging"]
    if not lagging:
        return ["无逾期单位。"]
    lines, left, others = [], NAMED, []
    for branch, group in groupby(lagging, key=lambda one: one["branch"]):
        some = [f"{one['name']}（逾期{one['days']}天）" for one in group]
        if left > 0:
            lines.append(f"{branch}{len(some)}个：{_enumerated(some, left, '个单位')}。")
        else:
            others.append(len(some))
        left -= len(some)
    if others:
        lines.append(f"其余{len(others)}个镇街另有{sum(others)}个单位尚未报送。")
    return lines


def _demands(occurrence: Occurrence, figures: Figures, at: datetime) -> list[str]:
    numbers, requirement = figures["numbers"], occurrence.requirement
    office = requirement.receiver or requirement.campaign.office or requirement.campaign.host
    demands = []
    if numbers["overdue"]:
        over = occurrence.cutoff_at is not None and occurrence.cutoff_at <= at
        hint = "已过停止接收时间，补报前须先申请延期；" if over else ""
        demands.append(f"尚未报送的单位要查明原因，抓紧补报。{hint}确有困难的，请及时与{office.name}联系。")
    if numbers["returned"]:
        demands.append("被退回修改的单位要按照审核意见抓紧修改，尽快重新报送。")
    demands.append("各单位要对照检查，切实负起责任，按时保质做好后续报送工作。")
    if len(demands) == 1:
        return demands
    return [f"（{numeral}）{one}" for numeral, one in zip(NUMERALS, demands, strict=False)]


def _enumerated(names: Iterable[str], most: int, counted: str) -> str:
    """“甲、乙”, or of more than `most` “甲、乙等5个单位”."""
    names = list(names)
    more = f"等{len(names)}{counted}" if len(names) > most else ""
    return "、".join(names[:most]) + more


def _moment(at: datetime) -> str:
    here = timezone.localtime(at)
    return f"{here.year}年{here.month}月{here.day}日{here:%H:%M}"


def _day(instant: str) -> str:
    here = timezone.localtime(datetime.fromisoformat(instant))
    return f"{here.month}月{here.day}日"
