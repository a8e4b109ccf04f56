"""What LibreOffice makes of a Word file: pages, and where every line of them stands."""

import shutil
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from pypdf import PageObject, PdfReader

MM = 72 / 25.4  # points


def office() -> str | None:
    """The LibreOffice of this machine, if it has one."""
    return shutil.which("soffice") or shutil.which("libreoffice")


@dataclass(frozen=True)
class Line:
    """`left` and `high` in mm from the page's left and top edge, to the baseline; `size` in points."""

    text: str
    left: float
    high: float
    size: float


def drawn(content: bytes, folder: Path) -> PdfReader:
    """The .docx `content` as LibreOffice prints it. With a profile of its own it disturbs nobody's."""
    source = folder / "paper.docx"
    source.write_bytes(content)
    subprocess.run(
        [
            office(), f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
            "--convert-to", "pdf", "--outdir", str(folder), str(source),
        ],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return PdfReader(folder / "paper.pdf")


def lines_of(page: PageObject) -> list[Line]:
    """From top to bottom; what stands on one baseline is one line."""
    found: dict[float, list[tuple[float, str, float]]] = defaultdict(list)

    def take(text: str, place: list, inside: list, font: object, size: float) -> None:
        if text.strip():
            high = inside[5] * place[3] + place[5]
            found[round(high, 1)].append((inside[4] * place[0] + place[4], text.strip("\n"), size))

    page.extract_text(visitor_text=take)
    top = float(page.mediabox.height)
    return [
        Line("".join(text for _, text, _ in parts), parts[0][0] / MM, (top - high) / MM, parts[0][2])
        for high, parts in ((high, sorted(found[high])) for high in sorted(found, reverse=True))
    ]
