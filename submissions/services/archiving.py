"""Everything that was handed in for a campaign, a phase or a requirement, as one zip."""

import logging
import os
import shutil
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.db.models import QuerySet, Sum
from django.utils import timezone

from portal.files import store
from portal.files.kinds import FileKind
from portal.models import StoredFile
from schools.models import Unit, User, ancestor_paths
from submissions.archive import SUMS, Archive, Names, blocks, told_apart
from submissions.models import Version, VersionFile
from submissions.rules import NotAllowed
from submissions.services import exporting, listing, papers
from submissions.services.books import Book, Column

MANIFEST, TEXT = "目录.xlsx", "正文.docx"
COLUMNS = (Column("文件夹", 60), *listing.PIECES, Column("缺失或损坏的文件", 40))
SPARE = 1024**3  # bytes of the disk that no archive takes from the schools' uploads

log = logging.getLogger(__name__)


@dataclass
class Made:
    """What went into an archive at `path`; `missing` counts files whose bytes are gone or damaged."""

    path: Path
    pieces: int = 0
    files: int = 0
    missing: int = 0

    @property
    def in_words(self) -> str:
        lost = f"，另有{self.missing}个附件缺失或损坏，详见压缩包内的“{MANIFEST}”" if self.missing else ""
        return f"共{self.pieces}篇材料、{self.files}个附件{lost}"


def write(part: exporting.Part, folder: Path, *, by: User, at: datetime, report: listing.Report) -> Made:
    """Write the archive into `folder`, piece by piece.

    Raises NotAllowed when there is nothing to put in, or no room for it.
    """
    found = exporting.pieces(part, by)
    count = found.count()
    if not count:
        raise NotAllowed("所选范围内还没有已报送的材料，没有可打包的内容。")
    _require_room(found, folder)
    shelves, made = _Shelves(_labels(found)), Made(folder / "archive.zip")
    now = timezone.localtime(at)
    with Archive(made.path, now) as archive:
        with Book(folder / MANIFEST) as book:
            sheet = book.sheet("目录", COLUMNS)
            for version in found.iterator(chunk_size=100):
                place = shelves.place(version)
                missing = _put(archive, place, version, made)
                sheet.add([place, *listing.piece_row(version), "；".join(missing)])
                report("打包材料", made.pieces, count)
        with (folder / MANIFEST).open("rb") as manifest:
            archive.add(MANIFEST, blocks(manifest), at=now, squeeze=False)
    return made


def _require_room(found: QuerySet[Version], folder: Path) -> None:
    files = VersionFile.objects.filter(version__in=found.order_by().values("pk"), file__purged_at=None)
    needed = files.aggregate(bytes=Sum("file__size", default=0))["bytes"]
    if shutil.disk_usage(folder).free - needed < SPARE:
        raise NotAllowed("服务器存储空间不足，不能打包；请按阶段或报送要求分别打包，或联系系统管理员。")


def _labels(found: QuerySet[Version]) -> dict[int, str]:
    """What the folder of each unit is to be called; those of one name are told apart."""
    ids = found.order_by().values("submission__assignment__unit")
    units = list(Unit.objects.filter(pk__in=ids).order_by("path").values_list("pk", "path"))
    above = {path for _, lowest in units for path in ancestor_paths(lowest)}
    names = dict(Unit.objects.filter(path__in=above).values_list("path", "name"))
    places = [[names[path] for path in ancestor_paths(lowest)] for _, lowest in units]
    return dict(zip((pk for pk, _ in units), told_apart(places), strict=True))


class _Shelves:
    """Which folder a piece goes to: 学校/类别/标题. Units come one after another; the last is forgotten."""

    def __init__(self, labels: dict[int, str]) -> None:
        self._labels = labels
        self._units = Names([MANIFEST, SUMS])
        self._unit: int | None = None

    def place(self, version: Version) -> str:
        owed = version.submission.assignment
        if owed.unit_id != self._unit:
            self._unit = owed.unit_id
            # One that handed in its first piece a moment ago has no label yet.
            self._folder = self._units.folder(self._labels.get(owed.unit_id, owed.unit.name))
            self._titles: dict[str, Names] = defaultdict(Names)
        kind, label = owed.requirement.get_kind_display(), owed.occurrence.label
        title = f"{version.title}（{label}）" if label else version.title
        return f"{self._folder}/{kind}/{self._titles[kind].folder(title)}"


def _put(archive: Archive, place: str, version: Version, made: Made) -> list[str]:
    """Add a piece to the archive; which of its files are missing or damaged, each with the reason."""
    stored = [one.file for one in version.version_files.all()]
    at = timezone.localtime(version.submitted_at)
    text = papers.word(version, [one.name for one in stored])
    archive.add(f"{place}/{TEXT}", [text], at=at, squeeze=False)
    made.pieces += 1
    names, missing = Names([TEXT]), []
    for one in stored:
        reason = _copy(archive, f"{place}/{names.file(one.name)}", one, at)
        made.files += not reason
        if reason:
            missing.append(f"{one.name}（{reason}）")
    made.missing += len(missing)
    return missing


def _copy(archive: Archive, name: str, stored: StoredFile, at: datetime) -> str:
    """Copy a stored file; why it is missing or not what it was, if so."""
    if stored.purged_at is not None:
        return "已按保存期限清除"
    try:
        file = _opened(stored)
    except OSError as error:
        log.warning("Stored file %s (%s) is not archived: %s", stored.pk, stored.key, error)
        return "文件缺失"
    with file:
        digest = archive.add(name, blocks(file), at=at, squeeze=stored.kind in FileKind.OLE2)
    if digest != stored.sha256:
        log.warning("Stored file %s (%s) has changed on disk", stored.pk, stored.key)
        return "内容已损坏"
    return ""


def _opened(stored: StoredFile) -> BinaryIO:
    file = store.path_of(stored).open("rb")
    size = os.fstat(file.fileno()).st_size
    if size != stored.size:
        file.close()
        raise OSError(f"{size} bytes on disk, {stored.size} recorded")
    return file
