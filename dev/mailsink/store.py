"""What was taken, newest first; the oldest make room. A file of SQLite, since no portal needs it to run."""

import sqlite3
import threading
import time
from dataclasses import dataclass
from pathlib import Path

MAILS, GROUPS = "mails", "groups"
TABS = (MAILS, GROUPS)
#: How many of each kind are kept, and how much of a text (characters).
KEPT, LONGEST = 5000, 100_000
PER_PAGE = 50

TABLE = """
CREATE TABLE IF NOT EXISTS taken (
    id INTEGER PRIMARY KEY AUTOINCREMENT, tab TEXT NOT NULL, at REAL NOT NULL,
    sender TEXT NOT NULL, receiver TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS taken_by_tab ON taken (tab, id);
"""
FORGET = """
DELETE FROM taken WHERE tab = :tab
AND id <= (SELECT id FROM taken WHERE tab = :tab ORDER BY id DESC LIMIT 1 OFFSET :kept)
"""
FOUND = "FROM taken WHERE tab = :tab AND (receiver LIKE :like ESCAPE '\\' OR subject LIKE :like ESCAPE '\\')"


@dataclass(frozen=True)
class Taken:
    """One message as it came; `at` in seconds since 1970."""

    pk: int
    at: float
    sender: str
    receiver: str
    subject: str
    body: str


class Store:
    """The messages in `path`; may be used by several threads."""

    def __init__(self, path: Path, *, kept: int = KEPT) -> None:
        self.kept = kept
        self._one_at_a_time = threading.Lock()
        self._link = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._link.execute("PRAGMA journal_mode = WAL")
        self._link.executescript(TABLE)

    def take(self, tab: str, *, sender: str, receiver: str, subject: str, body: str) -> None:
        """Keep a message; it is on disk when this returns."""
        row = (tab, time.time(), *(_plain(part) for part in (sender, receiver, subject, body)))
        with self._one_at_a_time:
            self._link.execute(
                "INSERT INTO taken (tab, at, sender, receiver, subject, body) VALUES (?, ?, ?, ?, ?, ?)", row
            )
            self._link.execute(FORGET, {"tab": tab, "kept": self.kept})

    def page(self, tab: str, number: int = 1, asked: str = "") -> list[Taken]:
        """Page `number` (from 1) of those whose receiver or subject holds `asked`."""
        terms = self._terms(tab, asked) | {"some": PER_PAGE, "before": (number - 1) * PER_PAGE}
        return self._rows(f"{FOUND} ORDER BY id DESC LIMIT :some OFFSET :before", terms)

    def count(self, tab: str, asked: str = "") -> int:
        with self._one_at_a_time:
            return self._link.execute(f"SELECT count(*) {FOUND}", self._terms(tab, asked)).fetchone()[0]

    def one(self, tab: str, pk: int) -> Taken | None:
        return next(
            iter(self._rows("FROM taken WHERE tab = :tab AND id = :pk", {"tab": tab, "pk": pk})), None
        )

    def close(self) -> None:
        with self._one_at_a_time:
            self._link.close()

    def _rows(self, which: str, terms: dict[str, object]) -> list[Taken]:
        with self._one_at_a_time:
            found = self._link.execute(f"SELECT id, at, sender, receiver, subject, body {which}", terms)
            return [Taken(*row) for row in found]

    @staticmethod
    def _terms(tab: str, asked: str) -> dict[str, object]:
        literal = asked.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        return {"tab": tab, "like": f"%{_plain(literal)}%"}


def _plain(text: str) -> str:
    """As SQLite and a page can bear it: no halves of characters, not endless."""
    return text[:LONGEST].encode("utf-8", "replace").decode()
