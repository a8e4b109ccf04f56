"""What stands above and below the words of an official paper: red head, annexes named, sender and date, 版记.

No seal is drawn: the room that one needs is left.
"""

from datetime import date

from portal.word import paragraph, run
from portal.word_page import CHARACTER, HEADING, LINE, MM, TEXT, TITLE, TYPE_WIDTH
from reports.papers.paper import Paper, said
from reports.papers.titles import em

RED = "FF0000"
UNSIGNED = "（签发之日）"
#: Eighths of a point: 0.35 and 0.25 mm.
THICK, THIN = 8, 6
SMALL = 280  # twips: a character of 4号


def red_head(paper: Paper) -> str:
    """发文机关标志 35 mm below the top of the type area, 发文字号 two lines below, a red rule 4 mm below."""
    size = max(min(60, int(TYPE_WIDTH / 20 * 0.95 / max(em(paper.head), 1))), 16)
    name = f'<w:spacing w:line="{size * 24}" w:lineRule="exact"/>'
    rule = f'<w:pBdr><w:bottom w:val="single" w:sz="12" w:space="11" w:color="{RED}"/></w:pBdr>'
    middle = '<w:ind w:firstLine="0"/><w:jc w:val="center"/>'
    return "".join(
        (
            paragraph("", "Flush", f'<w:spacing w:line="{round(35 * MM)}" w:lineRule="exact"/>'),
            paragraph(run(paper.head, TITLE, size, colour=RED), "", name + middle),
            paragraph(run(paper.number), "", f'{rule}<w:spacing w:before="{2 * LINE}"/>{middle}'),
            paragraph("", "Flush"),
            paragraph("", "Flush"),
        )
    )


def annexes_named(paper: Paper) -> str:
    """“附件：1. …” a line below the words, further ones under the first; one alone has no number."""
    titles = [annex.title for annex in paper.annexes]
    kept = "<w:keepNext/>" if len(titles) < 10 else ""
    label, number = 3 * CHARACTER, (0 if len(titles) == 1 else CHARACTER if len(titles) < 10 else 480)
    lines = []
    for n, title in enumerate(titles, start=1):
        hanging = number + (label if n == 1 else 0)
        tab = (
            f'<w:tabs><w:tab w:val="left" w:pos="{2 * CHARACTER + label + number}"/></w:tabs>'
            if number
            else ""
        )
        room = f'<w:spacing w:before="{LINE}"/>' if n == 1 else ""
        place = f'<w:ind w:left="{2 * CHARACTER + label + number}" w:hanging="{hanging}"/>'
        mark = ("附件：" if n == 1 else "") + (f"{n}." if number else "")
        behind = "<w:r><w:tab/></w:r>" if number else ""
        lines.append(
            paragraph(f"{run(mark) if mark else ''}{behind}{run(title)}", "", kept + tab + room + place)
        )
    return "".join(lines)


def annex_head(label: str, title: list[str]) -> str:
    """“附件1” in the first line of a new page, the title in the third."""
    return "".join(
        (
            paragraph(run(label, HEADING), "Flush", "<w:keepNext/><w:pageBreakBefore/>"),
            paragraph("", "Flush", "<w:keepNext/>"),
            titled(title),
        )
    )


def titled(lines: list[str], style: str = "Title") -> str:
    return paragraph("<w:r><w:br/></w:r>".join(run(line) for line in lines), style)


def signed(sender: str, day: date | None) -> str:
    """The date 4 characters from the right, the sender centred over it, room for a seal above them.

    A sender too long for that keeps to the right edge, and the date stands under its middle.
    """
    dated = said(day) or UNSIGNED
    wide, under = (em(text) * CHARACTER for text in (sender, dated))
    beside = (wide - under) / 2
    right = max(round(4 * CHARACTER - beside), 0)
    # Longer than a line it has no middle any more.
    below = round(max(4 * CHARACTER, beside)) if wide < TYPE_WIDTH else 4 * CHARACTER
    room = f'<w:spacing w:before="{2 * LINE}"/>'
    flush = '<w:ind w:right="{}" w:firstLine="0"/><w:jc w:val="right"/>'
    by = (
        paragraph(run(sender), "", f"<w:keepNext/><w:keepLines/>{room}{flush.format(right)}")
        if sender
        else ""
    )
    return by + paragraph(run(dated), "", f"<w:keepLines/>{'' if sender else room}{flush.format(below)}")


def imprint(paper: Paper) -> str:
    """版记, at the foot of the last page: 抄送 if there is any, who prints it and when, between their rules.

    A floating table. LibreOffice lets none float that is as wide as the page and leaves it below the words.
    """
    day = said(paper.dated) or "　　　年　　月　　日"
    lines = []
    if paper.sent_to:
        stop = "" if paper.sent_to.endswith("。") else "。"
        hanging = f'<w:ind w:left="{4 * SMALL}" w:right="{SMALL}" w:hanging="{3 * SMALL}"/>'
        lines.append(paragraph(run(f"抄送：{paper.sent_to}{stop}", TEXT, 14), "TableText", hanging))
    tab = f'<w:tabs><w:tab w:val="right" w:pos="{TYPE_WIDTH - SMALL}"/></w:tabs>'
    words = f"{run(paper.sender, TEXT, 14)}<w:r><w:tab/></w:r>{run(f'{day}印发', TEXT, 14)}"
    lines.append(paragraph(words, "TableText", f'{tab}<w:ind w:left="{SMALL}" w:firstLine="0"/>'))
    wide = f'w:w="{TYPE_WIDTH}"'
    rows = "".join(
        "<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc>"
        f'<w:tcPr><w:tcW {wide} w:type="dxa"/></w:tcPr>{line}</w:tc></w:tr>'
        for line in lines
    )
    rules = "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="000000"/>'
        for side, size in (("top", THICK), ("bottom", THICK), ("insideH", THIN))
    )
    return (
        '<w:tbl><w:tblPr><w:tblpPr w:leftFromText="0" w:rightFromText="0" w:topFromText="200" '
        'w:vertAnchor="margin" w:horzAnchor="margin" w:tblpXSpec="left" w:tblpYSpec="bottom"/>'
        f'<w:tblW {wide} w:type="dxa"/><w:tblBorders>{rules}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid><w:gridCol {wide}/></w:tblGrid>{rows}</w:tbl>"
    )
