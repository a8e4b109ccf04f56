"""Charts as Word draws them itself, with the workbook behind them, so that officials can change the figures.

Light and dark greys of one blue, parted by outlines and patterns: they stay apart in black and white.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.parts.document import DocumentPart
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from portal.word import escaped, paragraph, printable
from portal.word_page import LATIN, SONG
from reports.papers.paper import Chart, ChartKind, Series

EMU = 36_000  # a millimetre
WIDE = 150  # mm, of 156
SHEET = "数据"
CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NAMESPACES = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
#: Of a series: its ground, the ink of figures on it, the pattern over it. After the last from the front.
INKS = (
    ("1F3864", "FFFFFF", ""),
    ("B4C7E7", "000000", ""),
    ("FFFFFF", "000000", "wdUpDiag"),
    ("6A86B5", "FFFFFF", ""),
    ("FFFFFF", "000000", ""),
    ("FFFFFF", "000000", "dkHorz"),
)
#: What tasks are has one look in all charts of a paper, whichever of it is there.
KNOWN = {"accepted": 0, "waiting": 1, "returned": 2, "overdue": 3, "not_due": 4}
DASHES, MARKERS = ("solid", "dash", "sysDot", "lgDashDot"), ("circle", "square", "triangle", "diamond")
LABELLED = 10  # points of a line that may each bear their figure
LABEL = 16  # characters of a name
DIGIT = (
    0.02  # of the longest bar: what a figure in a segment needs for each digit, and as much in all beside it
)
NAMED = 8  # names along the foot of a line
TOLD = 15  # names whose figures the words for those who cannot see it list


def picture(document: DocumentPart, chart: Chart, number: int, at: datetime) -> str:
    """The paragraph that holds the chart, whose parts join the package of `document`."""
    drawn = Part(PackURI(f"/word/charts/chart{number}.xml"), CHART, _drawn(chart), document.package)
    sheet = PackURI(f"/word/embeddings/Microsoft_Excel_Sheet{number}.xlsx")
    drawn.relate_to(Part(sheet, WORKBOOK, _workbook(chart, at), document.package), RELATIONSHIP_TYPE.PACKAGE)
    key = document.relate_to(drawn, RELATIONSHIP_TYPE.CHART)
    high = height_of(chart)
    told = escaped(in_words(chart))
    drawing = "http://schemas.openxmlformats.org/drawingml/2006"
    inline = (
        f'<w:r><w:drawing><wp:inline xmlns:wp="{drawing}/wordprocessingDrawing" distT="0" distB="0" '
        f'distL="0" distR="0"><wp:extent cx="{WIDE * EMU}" cy="{high * EMU}"/>'
        '<wp:effectExtent l="0" t="0" r="0" b="0"/>'
        f'<wp:docPr id="{number}" name="图{number}" descr="{told}"/><wp:cNvGraphicFramePr/>'
        f'<a:graphic xmlns:a="{drawing}/main"><a:graphicData uri="{drawing}/chart">'
        f'<c:chart xmlns:c="{drawing}/chart" r:id="{key}"/></a:graphicData></a:graphic>'
        "</wp:inline></w:drawing></w:r>"
    )
    return paragraph(inline, "Picture", '<w:spacing w:before="120"/>')


def height_of(chart: Chart) -> int:
    """In mm: a line lies, bars take their room, and no chart is higher than a page."""
    if chart.kind == ChartKind.LINE:
        return 62
    bars = len(chart.names) * (len(chart.series) if chart.kind == ChartKind.BARS else 1)
    legend = 8 if len(chart.series) > 1 else 0
    return min(max(6 + legend + 5 * bars + round(1.2 * len(chart.names)), 32), 195)


def in_words(chart: Chart) -> str:
    """What it shows, for those who cannot see it: all figures of a few names, of many the first and last."""
    kind = {ChartKind.BARS: "条形图", ChartKind.STACK: "堆积条形图", ChartKind.LINE: "折线图"}[chart.kind]
    places = range(len(chart.names)) if len(chart.names) <= TOLD else (0, len(chart.names) - 1)
    shown = []
    for place in places:
        figures = [
            f"{one.name}{one.values[place]}{chart.counted}"
            for one in chart.series
            if one.values[place] is not None
        ]
        shown.append(f"{chart.names[place]}：{'，'.join(figures) or '无数据'}")
    left_out = "" if len(chart.names) <= TOLD else f"（共{len(chart.names)}项，此处列首末两项）"
    return f"{kind}：{chart.title}{left_out}。{'；'.join(shown)}。"


def _workbook(chart: Chart, at: datetime) -> bytes:
    saved = BytesIO()
    book = Workbook(saved, {"in_memory": True})
    book.set_properties({"created": at.astimezone(UTC).replace(microsecond=0, tzinfo=None)})
    sheet = book.add_worksheet(SHEET)
    sheet.set_column(0, len(chart.series), 16)
    for row, name in enumerate(chart.names, start=1):
        sheet.write_string(row, 0, printable(name))
    for column, one in enumerate(chart.series, start=1):
        sheet.write_string(0, column, printable(one.name))
        for row, value in enumerate(one.values, start=1):
            if value is not None:
                sheet.write_number(row, column, value)
    book.close()
    return saved.getvalue()


def _drawn(chart: Chart) -> bytes:
    line = chart.kind == ChartKind.LINE
    series = "".join(_series(chart, place, one) for place, one in enumerate(chart.series))
    axes = '<c:axId val="1001"/><c:axId val="1002"/>'
    if line:
        plot = (
            f'<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>{series}'
            f'<c:marker val="1"/>{axes}</c:lineChart>'
        )
    else:
        grouping = "stacked" if chart.kind == ChartKind.STACK else "clustered"
        overlap = '<c:overlap val="100"/>' if chart.kind == ChartKind.STACK else ""
        plot = (
            f'<c:barChart><c:barDir val="bar"/><c:grouping val="{grouping}"/><c:varyColors val="0"/>{series}'
            f'<c:gapWidth val="50"/>{overlap}{axes}</c:barChart>'
        )
    legend = f'<c:legend><c:legendPos val="b"/><c:overlay val="0"/>{_letters(10.5)}</c:legend>'
    text = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<c:chartSpace {NAMESPACES}>'
        f'<c:date1904 val="0"/><c:lang val="zh-CN"/><c:roundedCorners val="0"/><c:chart>'
        f'<c:autoTitleDeleted val="1"/><c:plotArea><c:layout/>{plot}{_axes(chart)}</c:plotArea>'
        f"{legend if len(chart.series) > 1 else ''}"
        '<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
        f"<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>{_letters(10.5)}"
        '<c:externalData r:id="rId1"><c:autoUpdate val="0"/></c:externalData></c:chartSpace>'
    )
    return text.encode()


def _letters(points: float, ink: str = "000000", turn: str = "") -> str:
    return (
        f'<c:txPr><a:bodyPr{turn}/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="{round(points * 100)}" b="0">'
        f'<a:solidFill><a:srgbClr val="{ink}"/></a:solidFill><a:latin typeface="{LATIN}"/>'
        f'<a:ea typeface="{SONG}"/></a:defRPr></a:pPr><a:endParaRPr lang="zh-CN"/></a:p></c:txPr>'
    )


def _axes(chart: Chart) -> str:
    """Names along one, the first of bars on top; bars bear their figures, so that axis is left out there."""
    line = chart.kind == ChartKind.LINE
    ink = '<c:spPr><a:ln w="9525"><a:solidFill><a:srgbClr val="7F7F7F"/></a:solidFill></a:ln></c:spPr>'
    pale = '<c:spPr><a:ln w="6350"><a:solidFill><a:srgbClr val="D9D9D9"/></a:solidFill></a:ln></c:spPr>'
    every = -(-len(chart.names) // NAMED) if line else 1
    # Aslant LibreOffice leaves out names that do not fit; upright it breaks them into single characters.
    turn = f' rot="{-2_700_000 if every > 1 else 0}" vert="horz"'
    skipped = f'<c:tickLblSkip val="{every}"/><c:tickMarkSkip val="{every}"/>'
    names = (
        '<c:catAx><c:axId val="1001"/><c:scaling>'
        f'<c:orientation val="{"minMax" if line else "maxMin"}"/></c:scaling>'
        f'<c:delete val="0"/><c:axPos val="{"b" if line else "l"}"/><c:numFmt formatCode="General" '
        f'sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
        f'<c:tickLblPos val="low"/>{ink}'
        f'{_letters(10.5, turn=turn)}<c:crossAx val="1002"/><c:crosses val="autoZero"/><c:auto val="0"/>'
        f'<c:lblAlgn val="ctr"/><c:lblOffset val="100"/>{skipped}<c:noMultiLvlLbl val="1"/></c:catAx>'
    )
    values = (
        '<c:valAx><c:axId val="1002"/><c:scaling><c:orientation val="minMax"/><c:min val="0"/></c:scaling>'
        f'<c:delete val="{0 if line else 1}"/><c:axPos val="{"l" if line else "b"}"/>'
        f"{f'<c:majorGridlines>{pale}</c:majorGridlines>' if line else ''}"
        f'<c:numFmt formatCode="{_format(chart)}" sourceLinked="0"/><c:majorTickMark val="none"/>'
        f'<c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>{ink}{_letters(10.5)}'
        '<c:crossAx val="1001"/><c:crosses val="autoZero"/><c:crossBetween val="between"/></c:valAx>'
    )
    return names + values


def _format(chart: Chart) -> str:
    """Percent signs at the figures; where bars are stacked, none for nothing."""
    plain = "0&quot;%&quot;" if chart.counted == "%" else "0"
    return f"{plain};{plain};" if chart.kind == ChartKind.STACK else plain


def _series(chart: Chart, place: int, series: Series) -> str:
    column = xl_col_to_name(place + 1)
    last = len(chart.names) + 1
    ground, ink, pattern = INKS[KNOWN.get(series.key, place) % len(INKS)]
    if chart.kind == ChartKind.LINE:
        shape = _stroke(place) + _labels(chart, series, _side(chart, place), "000000")
    else:
        inside = chart.kind == ChartKind.STACK
        # Figures on a pattern could not be read.
        backed = "FFFFFF" if inside and pattern else ""
        shape = (
            f'<c:spPr>{_fill(ground, pattern)}<a:ln w="6350">'
            '<a:solidFill><a:srgbClr val="1F3864"/></a:solidFill></a:ln></c:spPr>'
            '<c:invertIfNegative val="0"/>'
            f"{_labels(chart, series, 'ctr' if inside else 'outEnd', ink if inside else '000000', backed)}"
        )
    smooth = '<c:smooth val="0"/>' if chart.kind == ChartKind.LINE else ""
    names = _points([_short(name) for name in chart.names])
    figures = _points(series.values)
    return (
        f'<c:ser><c:idx val="{place}"/><c:order val="{place}"/><c:tx><c:strRef><c:f>{SHEET}!${column}$1</c:f>'
        f"<c:strCache>{_points([_short(series.name)])}</c:strCache></c:strRef></c:tx>{shape}"
        f"<c:cat><c:strRef><c:f>{SHEET}!$A$2:$A${last}</c:f><c:strCache>{names}</c:strCache></c:strRef></c:cat>"
        f"<c:val><c:numRef><c:f>{SHEET}!${column}$2:${column}${last}</c:f><c:numCache>"
        f"<c:formatCode>General</c:formatCode>{figures}</c:numCache></c:numRef></c:val>"
        f"{smooth}</c:ser>"
    )


def _short(name: str) -> str:
    """As the chart shows it, cut in the middle, since names often differ in their ends; the workbook and the
    words for those who cannot see have all of it.
    """
    name = printable(name)
    behind = LABEL // 2 - 1
    return name if len(name) <= LABEL else f"{name[: LABEL - 1 - behind]}…{name[-behind:]}"


def _points(values: Sequence[str | int | None]) -> str:
    inside = "".join(
        f'<c:pt idx="{place}"><c:v>{escaped(str(value))}</c:v></c:pt>'
        for place, value in enumerate(values)
        if value is not None
    )
    return f'<c:ptCount val="{len(values)}"/>{inside}'


def _fill(ground: str, pattern: str) -> str:
    if not pattern:
        return f'<a:solidFill><a:srgbClr val="{ground}"/></a:solidFill>'
    return (
        f'<a:pattFill prst="{pattern}"><a:fgClr><a:srgbClr val="1F3864"/></a:fgClr>'
        f'<a:bgClr><a:srgbClr val="{ground}"/></a:bgClr></a:pattFill>'
    )


def _stroke(place: int) -> str:
    ink = ("1F3864", "7F7F7F")[place % 2]
    dash, marker = DASHES[place % len(DASHES)], MARKERS[place % len(MARKERS)]
    solid = f'<a:solidFill><a:srgbClr val="{ink}"/></a:solidFill>'
    return (
        f'<c:spPr><a:ln w="22225">{solid}<a:prstDash val="{dash}"/><a:round/></a:ln></c:spPr>'
        f'<c:marker><c:symbol val="{marker}"/><c:size val="6"/><c:spPr>{solid}</c:spPr></c:marker>'
    )


def _side(chart: Chart, place: int) -> str:
    """Where a line has its figures: above the line that ends highest, below the others, so that none meet."""
    ends = [next((one for one in reversed(series.values) if one is not None), 0) for series in chart.series]
    return "t" if place == ends.index(max(ends)) else "b"


def _small(chart: Chart, series: Series) -> list[int]:
    """The segments that are too short for their figures."""
    longest = max(
        (sum(filter(None, bar)) for bar in zip(*(one.values for one in chart.series), strict=True)), default=0
    )
    return [
        place
        for place, value in enumerate(series.values)
        if value and value < longest * DIGIT * (len(str(value)) + 1)
    ]


def _labels(chart: Chart, series: Series, where: str, ink: str, backed: str = "") -> str:
    """A figure at every bar where there is room; on a long line at its last point alone."""
    ground = f'<c:spPr><a:solidFill><a:srgbClr val="{backed}"/></a:solidFill></c:spPr>' if backed else ""
    shown = "".join(
        f'<c:{what} val="{1 if what == "showVal" else 0}"/>'
        for what in (
            "showLegendKey",
            "showVal",
            "showCatName",
            "showSerName",
            "showPercent",
            "showBubbleSize",
        )
    )
    layout = (
        f'<c:numFmt formatCode="{_format(chart)}" sourceLinked="0"/>{ground}{_letters(9, ink)}'
        f'<c:dLblPos val="{where}"/>{shown}'
    )
    if chart.kind != ChartKind.LINE or len(chart.names) <= LABELLED:
        small = _small(chart, series) if chart.kind == ChartKind.STACK else []
        without = "".join(f'<c:dLbl><c:idx val="{place}"/><c:delete val="1"/></c:dLbl>' for place in small)
        return f"<c:dLbls>{without}{layout}</c:dLbls>"
    known = [place for place, value in enumerate(series.values) if value is not None]
    last = f'<c:dLbl><c:idx val="{known[-1]}"/>{layout}</c:dLbl>' if known else ""
    hidden = shown.replace('"1"', '"0"')
    return f"<c:dLbls>{last}{hidden}</c:dLbls>"
