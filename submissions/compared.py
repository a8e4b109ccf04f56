"""Two versions of a piece field by field: what a reviewer sees of a correction."""

from dataclasses import dataclass

from submissions.differences import Span, differences
from submissions.models import Fingerprint, Version
from submissions.sheets import ITEMS, body_name, in_words

IN_FILES = "正文和附件文字"
NOTHING = ("", "")


@dataclass(frozen=True)
class Change:
    """A field that differs, with the spans of its text."""

    label: str
    spans: list[Span]


def changes(old: Version, new: Version) -> list[Change]:
    """Every field in which `new` differs from `old` (files prefetched); empty when they say the same.

    What stands in the files is compared once the worker has read both (`Fingerprint.text`).
    """
    before, after = _said(old, {}), _said(new, _hashes(old))
    read = dict(Fingerprint.objects.filter(version__in=(old, new)).values_list("version", "text"))
    if read.get(old.pk) and read.get(new.pk) and (old.version_files.all() or new.version_files.all()):
        for version, said in ((old, before), (new, after)):
            said["body"] = (IN_FILES, read[version.pk])
    return [
        Change(label, differences(before.get(key, NOTHING)[1], after.get(key, NOTHING)[1]))
        for key, (label, _) in {**after, **before}.items()
        if before.get(key, NOTHING)[1] != after.get(key, NOTHING)[1]
    ]


Said = dict[str, tuple[str, str]]


def _said(version: Version, earlier: dict[str, str]) -> Said:
    """Label and text of everything a version says, by a key of its own: two indicators may bear one name.

    `earlier` are the files of the version before: name → hash.
    """
    sheet, kind = version.sheet, version.submission.assignment.requirement.kind
    items = "".join(f"{n}. {item}\n" for n, item in enumerate(sheet.get(ITEMS, []), 1))
    return {
        "title": ("标题", version.title),
        "authors": ("作者", version.authors),
        "topic": ("专题", str(version.topic or "")),
        **in_words(sheet),
        ITEMS: ("建议", items),
        **{
            f"value_{line['indicator']}": (line["name"], f"{line['value']}{line['unit']}")
            for line in sheet.get("values", [])
        },
        "abstract": ("摘要", version.abstract),
        "body": (body_name(kind), version.body),
        "files": ("附件", _named(_hashes(version), earlier)),
    }


def _hashes(version: Version) -> dict[str, str]:
    """The files of a version: name → hash."""
    return {one.file.name: one.file.sha256 for one in version.version_files.all()}


def _named(files: dict[str, str], earlier: dict[str, str]) -> str:
    """The names, one a line; of a file whose bytes have changed under the same name that is said."""
    lines = [
        f"{name}（内容有改动）" if earlier.get(name, sha256) != sha256 else name
        for name, sha256 in files.items()
    ]
    return "".join(f"{line}\n" for line in lines)
