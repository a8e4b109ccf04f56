"""The text of PDF files, read by pypdf in a process of its own.

Pages are programs: a few bytes can keep a reader busy for hours or fill its memory, and no check
tells beforehand. Therefore the system bounds the process, and what it wrote until then is used.
The process runs this very file, which must not import anything of the portal.
"""

import resource
import subprocess
import sys
from pathlib import Path

MAX_PAGES = 200
CPU_TIME = 10  # seconds
WALL_TIME = 30  # seconds, on a machine that is busy elsewhere
MEMORY = 1024 * 1024 * 1024  # bytes


def text(path: Path, limit: int) -> str:
    """The text of the first pages, at most `limit` characters, or of as many as could be read in time."""
    command = [sys.executable, "-I", __file__, str(path), str(limit)]
    try:
        done = subprocess.run(  # noqa: S603 (our own file; no shell)
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=WALL_TIME,
            check=False,
        )
        written = done.stdout
    except subprocess.TimeoutExpired as late:
        written = late.stdout or b""
    return written.decode("utf-8", "ignore")[:limit]


def _write_pages(path: str, limit: int) -> None:
    """Write page after page to standard output, as soon as each is read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_TIME, CPU_TIME))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from pypdf import PdfReader  # only here: the portal itself does without

    left = limit
    for page in PdfReader(path).pages[:MAX_PAGES]:
        try:
            found = page.extract_text()[:left]
        except Exception:  # noqa: S112 (a page that cannot be read says nothing)
            continue
        sys.stdout.buffer.write(found.encode("utf-8", "ignore") + b"\n")
        sys.stdout.buffer.flush()
        left -= len(found)
        if left <= 0:
            break


if __name__ == "__main__":
    _write_pages(sys.argv[1], int(sys.argv[2]))
