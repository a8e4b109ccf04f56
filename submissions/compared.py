"""Two versions of a piece field by field: what a reviewer sees of a correction."""

from collections.abc import Iterator
from dataclasses import dataclass

from submissions.differences import Span, differences
from submissions.models import Fingerprint, Version
from submissions.sheets import ITEMS, MINUTES

IN_FILES = "正文和附件文字"


@dataclass(frozen=True)
class Change:
    """A field that differs, with the spans of its text."""

    label: str
    spans: list[Span]


def changes(old: Version, new: Version) -> list[Change]:
    """Every field in which `new` differs from `old` (files prefetched); empty when they say the same.

    What stands in the files is compared once the worker has read both (`Fingerprint.text`).
    """
    before, after = dict(_said(old)), dict(_said(new))
    read = dict(Fingerprint.objects.filter(version__in=(old, new)).values_list("version", "text"))
    if read.get(old.pk) and read.get(new.pk) and (old.version_files.all() or new.version_files.all()):
        before[IN_FILES], after[IN_FILES] = read[old.pk], read[new.pk]
        before.pop("正文"), after.pop("正文")
    return [
        Change(key[1], differences(before.get(key, ""), after.get(key, "")))
        for key in {**after, **before}
        if before.get(key, "") != after.get(key, "")
    ]


def _said(version: Version) -> Iterator[tuple[tuple[int, str], str]]:
    """Label and text of everything a version says; of files name and a part of the hash.

    Before each label the indicator's id, or 0: two indicators may bear one name.
    """
    for label, text in _words(version):
        yield (0, label), text
    for line in version.sheet.get("values", []):
        yield (line["indicator"], line["name"]), f"{line['value']}{line['unit']}"


def _words(version: Version) -> Iterator[tuple[str, str]]:
    yield "标题", version.title
    yield "作者", version.authors
    yield "专题", str(version.topic or "")
    for name, label in MINUTES.items():
        yield label, str(version.sheet.get(name, ""))
    yield "建议", "".join(f"{n}. {item}\n" for n, item in enumerate(version.sheet.get(ITEMS, []), 1))
    yield "摘要", version.abstract
    yield "正文", version.body
    kept = (one.file for one in version.version_files.all())
    yield "附件", "".join(f"{file.name}（校验值{file.sha256[:8]}）\n" for file in kept)
