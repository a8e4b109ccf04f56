"""简报: chosen work as it is shown, with the officer's words before and after it."""

from collections.abc import Iterator
from typing import Any

from reports.papers.paper import Block, Column, Grid, Heading, Paper, Text
from reports.papers.sentences import local, name, passage, stopped, titled
from reports.papers.wording import Words

NOTE = "（以上文字取自附件，版式以附件为准。）"
Figures = dict[str, Any]  # counts.schema_periodic.Newsletter
Article = dict[str, Any]


def compose(figures: Figures, words: Words) -> Paper:
    """The paper out of frozen figures: “第N期”, the editor's note, what is in it, the pieces, the end."""
    host, articles = figures["host"], figures["articles"]
    counted = local(figures["at"])
    return Paper(
        title=words.title,
        sender=host,
        blocks=(
            *_led("编者按：", words.opening),
            *_contents(articles),
            *(block for one in articles for block in _article(one)),
            *passage(words.ending),
        ),
        subtitle=f"{counted.year}年第{figures['edition']}期",
        dated=words.dated,
        number=words.number,
        head=f"{host}简报" if words.number else "",
        mark=words.mark,
    )


def _contents(articles: list[Article]) -> list[Text]:
    """What is in it, where there is more than one piece."""
    if len(articles) < 2:
        return []
    lines = [
        Text(f"{place}.{titled(one['title'], 120)}（{name(one['unit'])}）")
        for place, one in enumerate(articles, start=1)
    ]
    return [Text("本期要目"), *lines]


def _article(one: Article) -> Iterator[Block]:
    """Lead and praise before the text; facts, items and values of its kind; where its files are."""
    yield Heading(one["title"])
    yield Text("　".join(name(who, 120) for who in (one["unit"], one["authors"]) if who))
    yield from _led("推荐语：", one["comment"])
    yield from _led("摘要：", one["abstract"])
    facts = [f"{label}：{stopped(answer)}" for label, answer in one["facts"]]
    yield from _led("会议情况：", "".join(facts))
    if one["items"]:
        yield Text(f"建议（{len(one['items'])}条）")
        yield from (Text(stopped(item), f"{place}.") for place, item in enumerate(one["items"], start=1))
    if one["values"]:
        yield _values(one)
    yield from passage(one["text"])
    if one["from_files"]:
        yield Text(NOTE)
    elif not one["text"].strip() and (one["files"] or not _says(one)):
        yield Text("全文见优秀成果展示。")


def _led(lead: str, text: str) -> list[Text]:
    """A passage whose first paragraph begins with what it is; none of no text."""
    first, *others = passage(text) or [None]
    return [Text(first.text, lead), *others] if first else []


def _values(one: Article) -> Grid:
    columns = (Column("指标", 3), Column("填报值", 1.5), Column("目标", 2), Column("对照", 1.2))
    rows = tuple(
        (line["name"], line["value"], line["target"], "已达目标" if line["met"] else "未达目标")
        for line in one["values"]
    )
    return Grid("指标进度", columns, rows)


def _says(one: Article) -> bool:
    """Whether there is anything to read besides its text and praise."""
    return any(one[key] for key in ("abstract", "facts", "items", "values"))
