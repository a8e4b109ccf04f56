"""简报: the pieces that it prints, as they are shown."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from campaigns.enums import Comparator
from campaigns.models import Campaign
from portal.files.kinds import FileKind
from portal.files.store import path_of
from portal.files.text import text_of
from portal.models import StoredFile
from reports.counts.schema_periodic import SCHEMA, Article, Newsletter, Value
from reports.enums import ReportKind
from reports.services.ordering import shelf
from submissions.models import Exhibit, Version
from submissions.sheets import ITEMS, body_name, in_words, meets

ON_ASSIGNMENT = "submission__assignment__"
LONG = 100_000  # characters of a piece that are printed
#: A line of a PDF that is shorter than the widest by so many characters ends its paragraph.
SPARE = 3
#: What stands around names at the head of a piece.
AROUND = re.compile(r"\W|作者|单位|学校|撰稿|题目|标题")


def count(campaign: Campaign, chosen: list[int], edition: int, at: datetime) -> Newsletter:
    """The chosen versions (ids) in their order, word for word as the shelf shows them at this moment.

    What is not shown any more is left out; its title and unit are kept for the officer. At most four
    statements.
    """
    exhibits = {one.version_id: one for one in _exhibits(campaign, chosen)}
    gone = Version.objects.filter(pk__in=set(chosen) - set(exhibits))
    names = {one["pk"]: one for one in gone.values("pk", "title", f"{ON_ASSIGNMENT}unit__name").order_by()}
    return {
        "schema": SCHEMA,
        "kind": str(ReportKind.NEWSLETTER),
        "at": at.isoformat(),
        "campaign": campaign.title,
        "host": campaign.host.name,
        "edition": edition,
        "articles": [article(exhibits[pk]) for pk in chosen if pk in exhibits],
        "left_out": [
            {"version": pk, "title": names[pk]["title"], "unit": names[pk][f"{ON_ASSIGNMENT}unit__name"]}
            for pk in chosen
            if pk in names
        ],
    }


def _exhibits(campaign: Campaign, chosen: list[int]) -> list[Exhibit]:
    found = shelf(campaign).filter(version__in=chosen)
    plan = f"version__{ON_ASSIGNMENT}occurrence__requirement"
    with_it = ("version__topic", f"version__{ON_ASSIGNMENT}unit", plan)
    return list(found.select_related(*with_it).prefetch_related("version__version_files__file"))


def article(exhibit: Exhibit) -> Article:
    """What the shelf shows of one piece; of one without a text what can be read in its files."""
    version = exhibit.version
    assignment, sheet = version.submission.assignment, version.sheet
    files = [one.file for one in version.version_files.all()]
    in_files = "" if version.body.strip() else _in(files)
    names = (version.title, assignment.unit.name, version.authors)
    return {
        "version": version.pk,
        "title": version.title,
        "unit": assignment.unit.name,
        "authors": version.authors,
        "kind": assignment.requirement.get_kind_display(),
        "asked": assignment.requirement.title,
        "topic": version.topic.title if version.topic else "",
        "comment": exhibit.comment,
        "abstract": version.abstract,
        "facts": [list(one) for one in in_words(sheet).values()],
        "items": list(sheet.get(ITEMS, [])),
        "values": [_value(line) for line in sheet.get("values", [])],
        "text": without_head(version.body if version.body.strip() else in_files, *names),
        "text_name": body_name(assignment.requirement.kind),
        "from_files": bool(in_files),
        "files": [one.name for one in files],
    }


def _in(files: list[StoredFile]) -> str:
    """The words of those files that have any."""
    kept = (one for one in files if one.purged_at is None)
    texts = ((text_of(path_of(one), one.kind), one.kind) for one in kept)
    found = [joined(text) if kind == FileKind.PDF else text for text, kind in texts]
    return "\n".join(filter(None, found))[:LONG]


def joined(text: str) -> str:
    """Text of a PDF, where every line on the page is a line, in paragraphs: a full line goes on in the next
    unless that one is indented."""
    lines = text.splitlines()
    full = max((len(line.strip()) for line in lines), default=0) - SPARE
    made: list[str] = []
    goes_on = False
    for line in lines:
        bare = line.strip()
        if goes_on and bare and not line[0].isspace():
            words = all(one.isascii() and one.isalpha() for one in (made[-1][-1], bare[0]))
            made[-1] += f" {bare}" if words else bare
        else:
            made.append(bare)
        goes_on = bool(bare) and len(bare) >= full
    return "\n".join(made)


def without_head(text: str, *names: str) -> str:
    """`text` without leading lines that only say who wrote it and what it is called (`names`) once more."""
    lines = text.splitlines()
    said = sorted({one for name in names for one in (_bare(name), *map(_bare, name.split("、")))}, key=len)
    while lines:
        rest = _bare(lines[0])
        for one in reversed(said):
            rest = rest.replace(one, "") if one else rest
        if rest:
            break
        del lines[0]
    return "\n".join(lines)


def _bare(text: str) -> str:
    return AROUND.sub("", text)


def _value(line: dict[str, Any]) -> Value:
    comparator, unit = Comparator(line["comparator"]), line["unit"]
    return {
        "name": line["name"],
        "value": f"{line['value']}{unit}",
        "target": f"{comparator.label}{line['target']}{unit}",
        "met": meets(comparator, Decimal(line["target"]), Decimal(line["value"])),
    }
