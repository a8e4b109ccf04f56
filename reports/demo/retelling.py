"""The same text told again: as another school's own, or corrected by its author."""

from dataclasses import replace

from reports.demo.words import copies
from reports.demo.writing import Text, Voice, invented_name


def copied(source: Text, theirs: Voice, mine: Voice) -> Text:
    """Another school's text with its paragraphs in another order, some words and the names changed."""
    names = {theirs.school: mine.school, theirs.place: mine.place, theirs.head: mine.head}
    inner = list(source.paragraphs[1:-1])
    third = len(inner) // 3
    turned = [source.paragraphs[0], *inner[third:], *inner[:third], source.paragraphs[-1]]
    changes = names | copies.REWORDED
    return replace(
        source,
        title=copies.TITLE.format(title=_changed(source.title, names)),
        authors=invented_name(mine.dice("copied")),
        abstract=_changed(source.abstract, changes),
        paragraphs=tuple(_changed(one, changes) for one in turned),
    )


def revised(text: Text) -> Text:
    """A correction that goes through the whole text: words made exact, a figure put right."""
    *body, last = (_changed(one, copies.REVISED) for one in text.paragraphs)
    return replace(text, paragraphs=(*body, last.removesuffix("。") + copies.REVISED_END))


def _changed(paragraph: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        paragraph = paragraph.replace(old, new)
    return paragraph
