"""Two versions of a piece field by field: what a reviewer sees of a correction."""

from collections.abc import Iterator
from dataclasses import dataclass

from submissions.differences import Span, differences
from submissions.models import Version
from submissions.sheets import ITEMS, MINUTES


@dataclass(frozen=True)
class Change:
    """A field that differs, with the spans of its text."""

    label: str
    spans: list[Span]


def changes(old: Version, new: Version) -> list[Change]:
    """Every field in which `new` differs from `old` (files prefetched); empty when they say the same."""
    before, after = dict(_said(old)), dict(_said(new))
    return [
        Change(label, differences(before.get(label, ""), after.get(label, "")))
        for label in {**after, **before}
        if before.get(label, "") != after.get(label, "")
    ]


def _said(version: Version) -> Iterator[tuple[str, str]]:
    """Label and text of everything a version says; of files name and a part of the hash."""
    yield "标题", version.title
    yield "作者", version.authors
    yield "专题", str(version.topic or "")
    for name, label in MINUTES.items():
        yield label, str(version.sheet.get(name, ""))
    yield "建议", "".join(f"{n}. {item}\n" for n, item in enumerate(version.sheet.get(ITEMS, []), 1))
    for line in version.sheet.get("values", []):
        yield line["name"], f"{line['value']}{line['unit']}"
    yield "摘要", version.abstract
    yield "正文", version.body
    kept = (one.file for one in version.version_files.all())
    yield "附件", "".join(f"{file.name}（校验值{file.sha256[:8]}）\n" for file in kept)
