"""Small words that papers are made of: days, shares, lists of names, what people typed inside a sentence.

Pure: no clock is read, so that a paper says the same whenever it is composed.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.utils import timezone

from reports.papers.paper import Text
from submissions.figures import percent

NAME = 60  # characters of a name inside a sentence
#: Signs that turn the direction of what follows them: harmless in a cell, not in the middle of a sentence.
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
STOPS = "，、；：。"
ENDS = "。！？…"
NOTHING = "—"
RANKED = 4  # names that are enough to tell the highest and the lowest of


def name(text: str, most: int = NAME) -> str:
    """What somebody typed, inside a sentence: in one line, bounded, without a stop at its end."""
    one = " ".join(TURNING.sub("", text).split()).rstrip(STOPS)
    return one if len(one) <= most else f"{one[: most - 1]}…"


def titled(text: str, most: int = NAME) -> str:
    """“《…》”; a title inside it has single brackets."""
    return f"《{name(text, most).replace('《', '〈').replace('》', '〉')}》"


def stage_of(text: str) -> str:
    """“学习讨论阶段”, whether or not the plan says 阶段 itself."""
    one = name(text)
    return one if one.endswith("阶段") else f"{one}阶段"


def stopped(text: str) -> str:
    """What somebody typed in several lines as one paragraph, a stop behind each; "" of nothing."""
    lines = (" ".join(TURNING.sub("", one).split()) for one in text.splitlines())
    return "".join(one if one.endswith(tuple(ENDS)) else f"{one.rstrip(STOPS)}。" for one in lines if one)


def passage(text: str) -> list[Text]:
    """An officer's passage, a paragraph a line."""
    return [Text(one) for line in text.splitlines() if (one := line.strip())]


def listed(names: Iterable[str], most: int, counted: str) -> str:
    """“甲、乙”, or of more than `most` “甲、乙等5个”."""
    every = list(names)
    more = f"等{len(every)}{counted}" if len(every) > most else ""
    return "、".join(every[:most]) + more


def share(part: int, whole: int) -> str:
    """“92%”, rounded down; “—” of nothing."""
    found = percent(part, whole)
    return NOTHING if found is None else f"{found}%"


def parts(total: int, counts: Iterable[tuple[str, int]], counted: str) -> str:
    """What a number is made of: “，其中采纳9条，待答复4条”, or “，均已举办”; "" where nothing is known."""
    found = [(label, n) for label, n in counts if n]
    if len(found) == 1 and found[0][1] == total:
        return f"，均{found[0][0]}"
    return f"，其中{'，'.join(f'{label}{n}{counted}' for label, n in found)}" if found else ""


def filled(text: str) -> str:
    """What stands in a cell that must not be empty."""
    return text if text.strip() else NOTHING


def local(at: str) -> datetime:
    """An instant of the figures in Beijing time."""
    return timezone.localtime(datetime.fromisoformat(at))


def moment(at: str) -> str:
    """“2026年5月8日17:00”."""
    here = local(at)
    return f"{here.year}年{here.month}月{here.day}日{here:%H:%M}"


def day(iso: str, year: int | None) -> str:
    """“4月30日”; with its year unless it is `year`."""
    return _day(date.fromisoformat(iso), year)


def span(first: str | None, last: str | None, year: int | None) -> str:
    """“3月1日至4月30日”, “3月1日起”, “4月30日止”, "" of nothing; with years unless they are `year`."""
    if not first or not last:
        return f"{day(first, year)}起" if first else f"{day(last, year)}止" if last else ""
    begins, ends = date.fromisoformat(first), date.fromisoformat(last)
    if begins == ends:
        return _day(begins, year)
    return f"{_day(begins, year)}至{_day(ends, begins.year)}"


def _day(one: date, year: int | None) -> str:
    return f"{'' if one.year == year else f'{one.year}年'}{one.month}月{one.day}日"


def said(*sentences: str) -> list[Text]:
    """A paragraph of those sentences that say something; none if none does."""
    text = "".join(sentences)
    return [Text(text)] if text else []


def extremes(shares: Sequence[tuple[str, int]], counted: str) -> str:
    """Of names with their percentages: “…最高的是甲（100%），最低的是乙（40%）。”; of fewer than `RANKED`
    only that all stand alike."""
    if len(shares) < 2:
        return ""
    most, least = max(one for _, one in shares), min(one for _, one in shares)
    if most == least:
        return "到期任务均已报齐。" if most == 100 else f"到期报送率均为{most}%。"
    if len(shares) < RANKED:
        return ""
    best, worst = (listed([who for who, n in shares if n == end], 3, counted) for end in (most, least))
    return f"到期报送率最高的是{best}（{most}%），最低的是{worst}（{least}%）。"
