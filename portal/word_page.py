"""The blank Word file behind every paper: an A4 page of GB/T 9704-2012, its faces, styles and page numbers.

Written out here and not taken from a template file, so that nobody's settings, names or dates come with it.
What of the standard is met and what is not claimed: docs/official-papers.md.
"""

import zipfile
from functools import cache
from io import BytesIO

TEXT, HEADING, BYLINE, TITLE, SONG = "仿宋", "黑体", "楷体", "方正小标宋简体", "宋体"
LATIN = "Times New Roman"
#: Named and never shipped. Who lacks one is told what comes closest.
FALLBACKS = {
    TITLE: "FZXiaoBiaoSong-B05S,小标宋体,宋体,SimSun",
    TEXT: "FangSong,仿宋_GB2312,FangSong_GB2312",
    BYLINE: "KaiTi,楷体_GB2312,KaiTi_GB2312",
    HEADING: "SimHei",
    SONG: "SimSun",
}

MM = 1440 / 25.4  # twips, of which Word's layout is made; 20 are a point
WIDE, HIGH = round(210 * MM), round(297 * MM)
TOP, BOTTOM, LEFT, RIGHT = (round(side * MM) for side in (37, 35, 28, 26))
TYPE_WIDTH = WIDE - LEFT - RIGHT  # 156 mm
LINE = 579  # 22 of them fill the 225 mm from top to bottom
CHARACTER = 316  # 28 of them fill the 156 mm: 16 points less 849/4096 of one
#: 0.3 of a point closer than set: 28 characters fit into a line (29 nowhere) in programs that do not
#: follow the grid as well. LibreOffice cannot make its cells smaller than its characters, so its lines leave
#: the grid (snapToGrid) and are 28.95 points high by themselves; Word's character grid holds for runs.
CLOSER = '<w:spacing w:val="-6"/>'
#: The dash of the page number stands 7 mm below the type area: the middle of a line of 16 points.
FOOT = round(25 * MM)
HEAD = round(20 * MM)

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def faces(chinese: str, latin: str = LATIN) -> str:
    """Of a run: Chinese characters take `chinese`, the others `latin`."""
    return f'<w:rFonts w:ascii="{latin}" w:hAnsi="{latin}" w:eastAsia="{chinese}" w:cs="{latin}"/>'


def _style(name: str, key: str, layout: str, letters: str = "") -> str:
    return (
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/>'
        f'<w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>{layout}</w:pPr><w:rPr>{letters}</w:rPr></w:style>'
    )


def _plain(points: float) -> str:
    """Of that size, its characters as far apart as they are made."""
    return f'<w:spacing w:val="0"/>{_sized(points)}'


def _sized(points: float) -> str:
    half = round(points * 2)
    return f'<w:sz w:val="{half}"/><w:szCs w:val="{half}"/>'


_FLUSH = '<w:ind w:firstLine="0"/>'
_LOOSE = '<w:spacing w:line="240" w:lineRule="auto"/>'  # as high as what it holds


def _heading(level: int, face: str) -> str:
    layout = f'<w:keepNext/><w:outlineLvl w:val="{level - 1}"/>'
    return _style(f"heading {level}", f"Heading{level}", layout, faces(face))


def _table_text(name: str, key: str, points: float) -> str:
    return _style(name, key, f'{_LOOSE}{_FLUSH}<w:jc w:val="left"/>', _plain(points))


def _styles() -> str:
    normal = (
        '<w:widowControl w:val="0"/><w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/>'
        '<w:snapToGrid w:val="0"/>'
        f'<w:spacing w:before="0" w:after="0" w:line="{LINE}" w:lineRule="exact"/>'
        f'<w:ind w:firstLine="{2 * CHARACTER}"/><w:jc w:val="both"/>'
    )
    title = f'<w:keepNext/><w:spacing w:line="700" w:lineRule="exact"/>{_FLUSH}'
    caption = f'<w:spacing w:before="160" w:after="60" w:line="240" w:lineRule="auto"/>{_FLUSH}'
    line = '<w:spacing w:line="320" w:lineRule="exact"/>'
    return "".join(
        (
            f"{_XML}<w:styles {NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr>{faces(TEXT)}{_sized(16)}",
            '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>',
            "<w:pPrDefault/></w:docDefaults>",
            '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>',
            # LibreOffice takes the grid's character from here, and not from the defaults above.
            f"<w:qFormat/><w:pPr>{normal}</w:pPr><w:rPr>{CLOSER}{_sized(16)}</w:rPr></w:style>",
            '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">',
            '<w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>',
            _TABLES,
            _style("Title", "Title", f'{title}<w:jc w:val="center"/>', faces(TITLE) + _plain(22)),
            _style("Subtitle", "Subtitle", f'<w:keepNext/>{_FLUSH}<w:jc w:val="center"/>', faces(BYLINE)),
            *(_heading(level, face) for level, face in enumerate((HEADING, BYLINE, TEXT, TEXT), start=1)),
            _style("Flush", "Flush", _FLUSH),
            _style(
                "caption",
                "Caption",
                f'{caption}<w:jc w:val="center"/>',
                faces(HEADING) + _plain(12),
            ),
            _style("Picture", "Picture", f'<w:keepNext/>{_LOOSE}{_FLUSH}<w:jc w:val="center"/>'),
            _table_text("Table Text", "TableText", 12),
            _table_text("Table Text Small", "TableTextSmall", 10.5),
            _table_text("Table Text Tiny", "TableTextTiny", 9),
            _style("footer", "Footer", line + _FLUSH, faces(SONG, SONG) + _plain(14)),
            _style("header", "Header", f'{_LOOSE}{_FLUSH}<w:jc w:val="right"/>', faces(HEADING)),
            "</w:styles>",
        )
    )


_SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")
_TABLES = (
    '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
    '<w:uiPriority w:val="99"/><w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar>'
    + "".join(
        f'<w:{side} w:w="{wide}" w:type="dxa"/>'
        for side, wide in (("top", 0), ("left", 75), ("bottom", 0), ("right", 75))
    )
    + "</w:tblCellMar></w:tblPr></w:style>"
    '<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/>'
    '<w:basedOn w:val="TableNormal"/>'
    "<w:tblPr><w:tblBorders>"
    + "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>' for side in _SIDES)
    + "</w:tblBorders></w:tblPr></w:style>"
)


def _settings() -> str:
    switches = "".join(
        f'<w:compatSetting w:name="{name}" w:uri="http://schemas.microsoft.com/office/word" w:val="{value}"/>'
        for name, value in (
            ("compatibilityMode", 15),
            ("overrideTableStyleFontSizeAndJustification", 1),
            ("enableOpenTypeFeatures", 1),
            ("doNotFlipMirrorIndents", 1),
        )
    )
    return (
        f'{_XML}<w:settings {NAMESPACES}><w:zoom w:percent="100"/><w:bordersDoNotSurroundHeader/>'
        f'<w:bordersDoNotSurroundFooter/><w:defaultTabStop w:val="{2 * CHARACTER}"/><w:evenAndOddHeaders/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/>'
        f'<w:compat><w:useFELayout/>{switches}</w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/>'
        "</w:settings>"
    )


def _fonts() -> str:
    chinese = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/>'
        f'<w:family w:val="{"modern" if name in (TEXT, BYLINE, HEADING) else "roman"}"/>'
        '<w:pitch w:val="variable"/></w:font>'
        for name, others in FALLBACKS.items()
    )
    latin = (
        f'<w:font w:name="{LATIN}"><w:charset w:val="00"/><w:family w:val="roman"/>'
        '<w:pitch w:val="variable"/></w:font>'
    )
    return f"{_XML}<w:fonts {NAMESPACES}>{chinese}{latin}</w:fonts>"


def _footer(side: str) -> str:
    """“— 1 —” at the outer `side`, one character in."""
    letters = f"<w:rPr>{faces(SONG, SONG)}{_sized(14)}</w:rPr>"
    field = "".join(
        f"<w:r>{letters}{part}</w:r>"
        for part in (
            '<w:t xml:space="preserve">— </w:t>',
            '<w:fldChar w:fldCharType="begin"/>',
            '<w:instrText xml:space="preserve"> PAGE </w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            "<w:t>1</w:t>",
            '<w:fldChar w:fldCharType="end"/>',
            '<w:t xml:space="preserve"> —</w:t>',
        )
    )
    return (
        f'{_XML}<w:ftr {NAMESPACES}><w:p><w:pPr><w:pStyle w:val="Footer"/>'
        f'<w:ind w:{side}="280" w:firstLine="0"/><w:jc w:val="{side}"/></w:pPr>{field}</w:p></w:ftr>'
    )


def _document() -> str:
    return (
        f"{_XML}<w:document {NAMESPACES}><w:body><w:sectPr>"
        '<w:footerReference w:type="default" r:id="rId4"/><w:footerReference w:type="even" r:id="rId5"/>'
        f'<w:pgSz w:w="{WIDE}" w:h="{HIGH}"/>'
        f'<w:pgMar w:top="{TOP}" w:right="{RIGHT}" w:bottom="{BOTTOM}" w:left="{LEFT}" '
        f'w:header="{HEAD}" w:footer="{FOOT}" w:gutter="0"/><w:cols w:space="425"/>'
        f'<w:docGrid w:type="linesAndChars" w:linePitch="{LINE}" w:charSpace="-849"/>'
        "</w:sectPr></w:body></w:document>"
    )


_CORE = (
    f'{_XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/>'
)
#: Beside the document, in the order of their relations: rId1, rId2 …
_BESIDE = (
    ("styles", "styles", _styles),
    ("settings", "settings", _settings),
    ("fontTable", "fontTable", _fonts),
    ("footer1", "footer", lambda: _footer("right")),
    ("footer2", "footer", lambda: _footer("left")),
)


def _relations(targets: list[tuple[str, str]]) -> str:
    inside = "".join(
        f'<Relationship Id="rId{n}" Type="{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{inside}</Relationships>'


def _types() -> str:
    parts = [("word/document.xml", f"{_OFFICE}document.main+xml")]
    parts += [(f"word/{name}.xml", f"{_OFFICE}{kind}+xml") for name, kind, _ in _BESIDE]
    parts += [("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml")]
    inside = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in parts)
    relations = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    )
    return f'{_XML}<Types xmlns="{_PACKAGE}/content-types">{relations}{inside}</Types>'


@cache
def blank() -> bytes:
    """The package, for python-docx to open and fill."""
    top = [(f"{_RELATION}/officeDocument", "word/document.xml")]
    top += [(f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml")]
    parts = {
        "[Content_Types].xml": _types(),
        "_rels/.rels": _relations(top),
        "docProps/core.xml": _CORE,
        "word/document.xml": _document(),
        "word/_rels/document.xml.rels": _relations(
            [(f"{_RELATION}/{kind}", f"{name}.xml") for name, kind, _ in _BESIDE]
        ),
    } | {f"word/{name}.xml": made() for name, _, made in _BESIDE}
    saved = BytesIO()
    with zipfile.ZipFile(saved, "w") as package:
        for name, text in parts.items():
            package.writestr(name, text)
    return saved.getvalue()
