"""What lies in the package of a bureau's template beside what is filled, and what must not lie there.

Every part is looked at: Word runs a field of the endnotes or building blocks as readily as one of the text.
"""

import re
from collections.abc import Iterator
from typing import Any

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE as RELATION
from docx.opc.part import Part
from docx.oxml.ns import qn

from reports.papers.tags import TAG

_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#: Fields of Word that fetch something when the document is opened.
_FETCHING = re.compile(r"\b(DDEAUTO|DDE|INCLUDETEXT|INCLUDEPICTURE|INCLUDE|LINK|IMPORT|RD|DATABASE)\b", re.I)
#: Parts that Word takes in as text of its own.
_FOREIGN = (RELATION.A_F_CHUNK, f"{_RELATION}/subDocument")
LOCAL_TEMPLATE = f"{_RELATION}/attachedTemplate"
_SAFE_OUTSIDE = (RELATION.HYPERLINK, LOCAL_TEMPLATE)
_FILLED = (".main+xml", ".header+xml", ".footer+xml", ".footnotes+xml")


def outside(document: Document) -> bool:
    """Does anything but links and the name of a local template lie outside the file?"""
    package = document.part.package
    relations = [package.rels, *(part.rels for part in package.iter_parts())]
    return any(
        (one.is_external and one.reltype not in _SAFE_OUTSIDE) or one.reltype in _FOREIGN
        for rels in relations
        for one in rels.values()
    )


def xml_parts(document: Document) -> Iterator[Part]:
    """Every part that a program may read as XML, by what it is called or by what it is said to be."""
    for part in document.part.package.iter_parts():
        if part.content_type.lower().endswith("xml") or str(part.partname).lower().endswith(".xml"):
            yield part


def is_filled(part: Part) -> bool:
    return part.content_type.endswith(_FILLED)


def is_footnotes(part: Part) -> bool:
    return part.content_type.endswith(".footnotes+xml")


def fetches(root: Any) -> bool:
    """Is there a field of Word that would fetch something? Its words may lie in several runs, and in any of
    the namespaces that Word reads."""
    said = "".join(one.text or "" for one in root.iter("{*}instrText", "{*}delInstrText"))
    simple = " ".join(
        value for one in root.iter("{*}fldSimple") for name, value in one.items() if name.endswith("instr")
    )
    return bool(_FETCHING.search(f"{said} {simple}") or TAG.search(f"{said}{simple}"))


def comments(root: Any) -> bool:
    return next(root.iter(qn("w:comment")), None) is not None


def speaks(root: Any) -> bool:
    """Is there a tag, where nothing is filled?"""
    return bool(TAG.search("".join(one.text or "" for one in root.iter("{*}t"))))
