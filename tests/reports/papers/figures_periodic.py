"""Figures of weeks, months and newsletters to compose papers of: examples, and a strategy for any."""

from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

from hypothesis import strategies as st

from reports.counts.schema import Numbers
from reports.counts.schema_periodic import Newsletter, Periodic
from submissions.figures import COUNTED
from tests.reports.papers.figures import HOSTILE

AT = "2026-03-09T01:00:00+00:00"  # 9:00 in Beijing
DAYS = {"day", "due", "due_on", "starts_on", "ends_on"}
CHOICES = {
    "kind": ["week", "month"],
    "standing": ["held", "ahead", "missed"],
    "at": [AT, "2027-01-01T00:00:00+08:00"],
}
FEW = st.integers(0, 300)
NUMBERS = st.fixed_dictionaries({one.key: FEW for one in COUNTED})


def numbers(**some: int) -> dict[str, int]:
    return {one.key: 0 for one in COUNTED} | some


def flow(**some: int) -> dict[str, int]:
    keys = ("complete", "late", "accepted", "returned", "due", "in_time", "meetings", "present")
    return dict.fromkeys(keys, 0) | some


def empty(kind: str = "week", **more: Any) -> dict[str, Any]:
    """The week from 2 to 8 March 2026 of a bureau that runs nothing."""
    ahead = {"starts_on": "2026-03-09", "ends_on": "2026-03-15"}
    lists = (
        "campaigns",
        "branches",
        "due",
        "begun",
        "ended",
        "activities",
        "behind",
        "indicators",
        "bulletins",
    )
    return {
        "schema": 1, "kind": kind, "at": AT, "host": "示例县教育局", "starts_on": "2026-03-02",
        "ends_on": "2026-03-08", "over": True, "numbers": numbers(), "flow": flow(), "before": flow(),
        **{one: [] for one in lists},
        "behind_units": 0, "uncorrected": 0, "indicators_beyond": 0,
        "suggestions": dict.fromkeys(("made", "answered", "done", "waiting", "unsettled", "due"), 0)
        | {"listed": []},
        "works": {"recommended": 0, "shown": 0, "listed": []},
        "ahead": ahead | {key: [] for key in ("due", "begins", "ends", "activities")},
    } | more  # fmt: skip


def campaign(pk: int, title: str, counted: dict[str, int], **more: Any) -> dict[str, Any]:
    made = {"id": pk, "title": title, "host": "", "ended": False, "phases": []}
    return made | {"numbers": counted, "flow": flow()} | more


def due(name: str, day: str, counted: dict[str, int], **more: Any) -> dict[str, Any]:
    return {
        "campaign": 1,
        "name": name,
        "kind": "征文",
        "due": day,
        "extended": False,
        "numbers": counted,
    } | more


def article(**more: Any) -> dict[str, Any]:
    return {
        "version": 1, "title": "一次家访", "unit": "东镇中心小学", "authors": "王示例", "kind": "征文",
        "asked": "征文", "topic": "", "comment": "", "abstract": "", "facts": [], "items": [], "values": [],
        "text": "第一段\n\n　　第二段", "text_name": "正文", "from_files": False, "files": [],
    } | more  # fmt: skip


def letter(*articles: dict[str, Any]) -> dict[str, Any]:
    return {
        "schema": 1, "kind": "newsletter", "at": AT, "campaign": "大讨论", "host": "示例县教育局",
        "edition": 3, "articles": list(articles), "left_out": [],
    }  # fmt: skip


# Any figures ------------------------------------------------------------------------------------------


def _any(hint: Any, key: str) -> st.SearchStrategy[Any]:
    """Values of the type of a shape's `key`; words are hostile, days are days."""
    if is_typeddict(hint):
        return st.fixed_dictionaries({name: _any(one, name) for name, one in get_type_hints(hint).items()})
    if hint == Numbers:
        return NUMBERS
    if get_origin(hint) is list:
        [inner] = get_args(hint)
        return st.lists(_any(inner, key), max_size=4)
    if type(None) in get_args(hint):
        return st.none() | _any(get_args(hint)[0], key)
    if hint is bool:
        return st.booleans()
    if hint is int:
        return FEW
    if key in CHOICES:
        return st.sampled_from(CHOICES[key])
    return st.dates().map(lambda one: one.isoformat()) if key in DAYS else HOSTILE


def _sound(found: dict[str, Any]) -> dict[str, Any]:
    """Rows are about campaigns that are there, facts are pairs, indicators stand as indicators do."""
    for place, one in enumerate(found["campaigns"], start=1):
        one["id"] = place
    ahead = found["ahead"]
    rows = [found[key] for key in ("due", "begun", "ended", "activities", "indicators")]
    rows += [ahead[key] for key in ("due", "begins", "ends", "activities")]
    rows += [found["suggestions"]["listed"], found["works"]["listed"]]
    for listed in rows:
        if not found["campaigns"]:
            listed.clear()
        for place, one in enumerate(listed):
            one["campaign"] = 1 + place % len(found["campaigns"])
    for place, one in enumerate(found["indicators"]):
        one["standing"] = ("met", "short", "part")[place % 3]
    for one in ahead["due"][1:]:
        one["numbers"] = {}
    return found


PERIODICS = _any(Periodic, "").map(_sound)


def _paired(found: dict[str, Any]) -> dict[str, Any]:
    for one in found["articles"]:
        one["facts"] = [[fact[0], fact[-1]] for fact in one["facts"] if fact]
        one["title"] = one["title"].strip() or "无题"
    return found


NEWSLETTERS = _any(Newsletter, "").map(_paired)
