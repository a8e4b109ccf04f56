"""Composing the pieces: one unit, one kind, one version gives one text, always the same."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from campaigns.blueprints import shelf
from campaigns.enums import CampaignKind, RequirementKind
from reports.demo import names
from reports.demo.texts import dice, fill
from reports.demo.words import articles, articles_a, articles_b, cases, essays, meetings, plans, short
from schools.enums import UnitKind

#: Sentences of the topics 1 to 6.
LIBRARY = (
    articles_a.OPEN_DOORS,
    articles_a.THREE_TEAMS,
    articles_a.REAL_WORK,
    articles_b.FAIR_MEASURE,
    articles_b.SERVE_PLACE,
    articles_b.SAFE_SCHOOL,
)


@dataclass(frozen=True)
class Tone:
    """What a kind of unit writes about (topics by number), and its words for pupils, teaching and teams."""

    topics: tuple[int, ...] = (1, 2, 3, 4, 6)
    kids: str = "学生"
    lesson: str = "课堂"
    teams: str = "语文组 数学组 德育组 体艺组 后勤组 工会"


TONES = {
    UnitKind.KINDERGARTEN: Tone((1, 2, 3, 6), "幼儿", "活动", "大班组 中班组 小班组 保育组 后勤组"),
    UnitKind.VOCATIONAL: Tone((5, 5, 1, 2), "学生", "实训", "机电组 电商组 文化课组 实训处 后勤组"),
    UnitKind.ADULT: Tone((5, 5, 3), "学员", "培训", "培训部 教务组 联络组 后勤组"),
    UnitKind.OTHER: Tone((2, 3), "学员", "研训", "研训部 综合组 信息组 后勤组"),
    UnitKind.SECTION: Tone((3,), "师生", "工作", "学前岗 小学岗 中学岗 综合岗"),
}


@dataclass(frozen=True)
class Voice:
    """Who writes: everything about a unit that its texts mention."""

    seed: str
    school: str
    place: str
    kind: UnitKind
    head: str
    secretary: str

    def dice(self, *more: object) -> random.Random:
        return dice(self.seed, self.school, *more)

    @property
    def tone(self) -> Tone:
        return TONES.get(self.kind, Tone())

    @property
    def slots(self) -> dict[str, str]:
        words = {"kids": self.tone.kids, "lesson": self.tone.lesson}
        return words | {name: getattr(self, name) for name in ("school", "place", "head", "secretary")}


@dataclass(frozen=True)
class Text:
    """A piece in words; `topic` is the outline number of the topic it answers, if any."""

    title: str
    authors: str
    abstract: str
    paragraphs: tuple[str, ...]
    topic: tuple[int, ...] | None = None


def compose(voice: Voice, kind: RequirementKind, number: int, version: int) -> Text:
    """Piece `number` of a kind as it stands in a version; later versions say more than the first."""
    throw = voice.dice(kind, number)
    text = COMPOSERS[kind](voice, throw)
    if version == 1:
        return text
    added = some(voice, ADDED[kind], version - 1, voice.dice(kind, number, "added"))
    before = len(text.paragraphs) - (kind in ENDING)
    return replace(text, paragraphs=(*text.paragraphs[:before], *added, *text.paragraphs[before:]))


def some(voice: Voice, pool: Sequence[str], count: int, throw: random.Random) -> list[str]:
    """`count` different paragraphs of the pool with their slots filled."""
    return [fill(one, voice.slots, throw) for one in throw.sample(pool, min(count, len(pool)))]


def _one(voice: Voice, pool: Sequence[str], throw: random.Random, **more: str) -> str:
    return fill(throw.choice(pool), voice.slots | more, throw)


def _told(voice: Voice, columns: Sequence[Sequence[str]], throw: random.Random, **more: str) -> str:
    """A clause of each column, one after the other: hardly two texts say the same."""
    return "".join(_one(voice, column, throw, **more) for column in columns)


def _rows(
    voice: Voice, columns: Sequence[Sequence[str]], count: int, throw: random.Random, between: str = ""
) -> list[str]:
    """`count` sentences that differ in every clause."""
    chosen = [throw.sample(column, count) for column in columns]
    return [fill(between.join(parts), voice.slots, throw) for parts in zip(*chosen, strict=True)]


def _numbered(items: Sequence[str]) -> list[str]:
    return [f"（{digit}）{item}" for digit, item in zip("一二三四五", items, strict=False)]


def invented_name(throw: random.Random) -> str:
    return throw.choice(names.SURNAMES) + throw.choice(names.GIVEN)


def _concern(voice: Voice, throw: random.Random) -> int:
    """The number of a topic that is close to this unit."""
    return throw.choice(voice.tone.topics)


def article(voice: Voice, throw: random.Random) -> Text:
    """体会文章."""
    topic = _concern(voice, throw)
    section = voice.kind == UnitKind.SECTION
    library = cases.SECTION if section else LIBRARY[topic - 1]
    stem = _one(voice, library.stems, throw)
    opening = ((cases.SECTION_OPENING,),) if section else articles.OPENINGS
    thoughts = [*some(voice, library.thoughts, 1, throw), _told(voice, articles.THOUGHTS, throw)]
    body = [
        _told(voice, opening, throw),
        "一、认识与思考",
        *thoughts,
        "二、主要做法",
        *_numbered(some(voice, library.measures, 2, throw)),
        *_cases(voice, 3, throw),
        _told(voice, articles.RESULTS, throw),
        "三、下一步打算",
        *some(voice, library.intentions, 1, throw),
        _told(voice, articles.INTENTIONS, throw),
        _told(voice, articles.CLOSINGS, throw),
    ]
    author = voice.head if throw.random() < 0.4 else invented_name(throw)
    return Text(
        title=_one(voice, articles.TITLES, throw, stem=stem),
        authors=author,
        abstract=f"本文结合{voice.school}的实际，谈{stem}。{thoughts[0]}"[:200],
        paragraphs=tuple(body),
        topic=(topic, throw.randint(1, 3)) if throw.random() < 0.6 else (topic,),
    )


def _cases(voice: Voice, count: int, throw: random.Random) -> list[str]:
    """Small cases that differ in every part."""
    pools = {"when": cases.WHEN, "post": cases.POST, "did": cases.DID, "saw": cases.SAW, "then": cases.THEN}
    columns = [some(voice, pool, count, throw) for pool in pools.values()]
    told = [dict(zip(pools, parts, strict=True)) for parts in zip(*columns, strict=True)]
    return [cases.CASE.format(name=f"{invented_name(throw)}老师", **parts) for parts in told]


def essay(voice: Voice, throw: random.Random) -> Text:
    """征文."""
    scenes = some(voice, essays.SCENES, 1, throw) + _moments(voice, 4, throw)
    throw.shuffle(scenes)
    thoughts = [_told(voice, essays.THOUGHTS, throw) for _ in range(2)]
    opening = _one(voice, essays.OPENINGS, throw)
    ending = _one(voice, essays.ENDINGS, throw)
    return Text(
        title=_essay_title(voice, throw),
        authors=invented_name(throw),
        abstract="",
        paragraphs=(opening, *scenes[:2], thoughts[0], *scenes[2:], thoughts[1], ending),
    )


def _moments(voice: Voice, count: int, throw: random.Random) -> list[str]:
    """Scenes that differ in every part."""
    columns = [throw.sample(column, count) for column in essays.MOMENTS]
    told = ["".join(parts) for parts in zip(*columns, strict=True)]
    return [fill(one, voice.slots | {"who": f"{invented_name(throw)}老师"}, throw) for one in told]


def _essay_title(voice: Voice, throw: random.Random) -> str:
    if throw.random() < 0.35:
        return _one(voice, essays.TITLES, throw)
    return f"{throw.choice(essays.PLACES)}的{throw.choice(essays.SIGHTS)}"


def minutes(voice: Voice, throw: random.Random) -> Text:
    """会议纪要."""
    topic, aspect = _concern(voice, throw), throw.randint(1, 3)
    theme = shelf.built_in()[CampaignKind.DISCUSSION].topics[topic - 1]
    words = theme.children[aspect - 1].title
    said = some(voice, meetings.REMARKS[topic - 1], 4, throw)
    taken = some(voice, meetings.TAKEN, 4, throw)
    remarks = [
        f"{throw.choice(voice.tone.teams.split())}{invented_name(throw)}：{one}{other}"
        for one, other in zip(said, taken, strict=True)
    ]
    body = [
        _one(voice, (meetings.HOSTS,), throw, room=throw.choice(names.ROOMS)),
        _told(voice, meetings.OPENINGS, throw, topic=theme.title),
        "一、主要发言",
        *remarks,
        *_cases(voice, 1, throw),
        "二、议定事项",
        *_numbered(_rows(voice, meetings.DECISIONS, 3, throw)),
    ]
    title = _one(voice, meetings.TITLES, throw, aspect=words)
    return Text(title, voice.secretary, f"围绕“{words}”展开讨论，议定三项。", tuple(body), (topic, aspect))


def plan(voice: Voice, throw: random.Random) -> Text:
    """活动计划."""
    body = [
        "一、目的",
        _told(voice, plans.AIMS, throw),
        "二、组织",
        _told(voice, plans.ORGANISING, throw),
        "三、安排",
        *_stages(voice, throw),
        "四、要求",
        *_numbered(_rows(voice, plans.DEMANDS, 3, throw)),
    ]
    return Text(_one(voice, plans.TITLES, throw), voice.school, "", tuple(body))


def _stages(voice: Voice, throw: random.Random) -> list[str]:
    """What is done in each stage, and how."""
    names = ("宣传发动", "学习讨论", "成果转化")
    return [
        f"{name}阶段：{''.join(_rows(voice, (doing, plans.WAYS), 2, throw, between='；'))}"
        for name, doing in zip(names, plans.STAGES, strict=True)
    ]


def brief(voice: Voice, kind: RequirementKind, name: str, version: int) -> Text:
    """A few sentences under the name of what was asked; later versions say more than the first."""
    throw = voice.dice(name, "brief")
    body = some(voice, short.SENTENCES[kind], 3, throw)
    added = some(voice, short.SUPPLEMENTS, version - 1, throw)
    return Text(f"{voice.school}{name}", voice.secretary, "", (*body, *added))


COMPOSERS: dict[RequirementKind, Callable[[Voice, random.Random], Text]] = {
    RequirementKind.PLAN: plan,
    RequirementKind.MINUTES: minutes,
    RequirementKind.EXPERIENCE: article,
    RequirementKind.ESSAY: essay,
}

#: Kinds whose last paragraph is an ending that stays last.
ENDING = {RequirementKind.EXPERIENCE, RequirementKind.ESSAY}

#: From what a corrected version takes its additions.
ADDED: dict[RequirementKind, Sequence[str]] = {
    RequirementKind.PLAN: plans.SUPPLEMENTS,
    RequirementKind.MINUTES: meetings.SUPPLEMENTS,
    RequirementKind.EXPERIENCE: articles.SUPPLEMENTS,
    RequirementKind.ESSAY: essays.SUPPLEMENTS,
}
