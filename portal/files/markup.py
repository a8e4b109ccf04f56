"""XML of strangers, read as it comes: nothing is expanded, and none of it can cost more than is stated here.

The bounds are far from any document that people write: a report of 300 pages full of tables has some 10 MB
of markup, 300,000 elements 40 deep, and 500 names. libxml2, which other programs read with, stops at the
same depth.
"""

from collections.abc import Callable
from xml.parsers import expat

from portal.files.refusal import Problem, Reason

MAX_BYTES = 32 * 1024 * 1024  # in all parts of one upload that are parsed
MAX_ELEMENTS = 1_500_000  # in all of them
MAX_DEPTH = 256  # elements inside elements; the parser keeps all that are open
MAX_NAMES = 20_000  # of elements and attributes; the parser keeps them all
MAX_TOKEN = 256 * 1024  # bytes between two tags, kept in memory
LONG_TOKEN = 2 * 1024 * 1024  # the same in a document itself: Word puts drawings into attributes

Start = Callable[[str, dict[str, str]], None]


class Reader:
    """Calls `start` and `end` with the local names of elements, and `characters` with what stands between.

    `left` is how many elements may still come. OPC forbids DTDs, so there are no entities to expand.
    """

    def __init__(
        self,
        start: Start,
        end: Callable[[str], None] | None = None,
        characters: Callable[[str], None] | None = None,
        *,
        token: int = MAX_TOKEN,
        left: int = MAX_ELEMENTS,
    ) -> None:
        self.left = left
        self._start, self._end = start, end
        self._token = token
        self._depth = self._fed = 0
        self._names: dict[str, str] = {}
        self._parser = expat.ParserCreate(namespace_separator=" ", intern=self._names)
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._open
        self._parser.EndElementHandler = self._close
        self._parser.CharacterDataHandler = characters
        self._parser.StartDoctypeDeclHandler = self._refuse

    def feed(self, block: bytes) -> None:
        """Read on; raises Problem."""
        self._parse(block)
        self._fed += len(block)
        if self._fed - self._parser.CurrentByteIndex > self._token or len(self._names) > MAX_NAMES:
            raise Problem(Reason.STRUCTURE)

    def end(self) -> None:
        """There is no more; raises Problem unless that makes it whole."""
        self._parse(b"", final=True)

    def _parse(self, block: bytes, *, final: bool = False) -> None:
        try:
            self._parser.Parse(block, final)
        except expat.ExpatError:
            raise Problem(Reason.DAMAGED) from None
        except (LookupError, ValueError):  # an encoding that does not exist or cannot be used
            raise Problem(Reason.STRUCTURE) from None

    def _open(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self.left -= 1
        if self._depth > MAX_DEPTH:
            raise Problem(Reason.STRUCTURE)
        if self.left < 0:
            raise Problem(Reason.BOMB)
        self._start(tag.rpartition(" ")[2], attributes)

    def _close(self, tag: str) -> None:
        self._depth -= 1
        if self._end:
            self._end(tag.rpartition(" ")[2])

    def _refuse(self, *_: object) -> None:
        raise Problem(Reason.STRUCTURE)
