"""Tables longer than a page, taken away as workbooks: ordered here, written by a worker (jobs.py)."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from notices.templatetags.days import day_of
from notices.workdays import last_day
from portal import jobs
from portal.models import Job, JobState
from reports import behind, looking, narrowing, workbooks
from reports.behind import Behind
from reports.lists import Listed
from reports.long import LISTS
from reports.looking import Look, look_at
from reports.matrix import LATE, Mark, Matrix, Row, branch_name
from reports.sums import Numbers
from reports.tables import Line
from schools.models import Unit, User
from submissions.figures import EVERY, OWED, percent
from submissions.rules import NotAllowed
from submissions.services import listing
from submissions.services.books import MAX_ROWS, Book, Cell, Column, Sheet, Tint, Value

TABLE = "picture.table"
MATRIX, ROWS, BEHIND = "matrix", "rows", "behind"
TITLES = {MATRIX: "报送矩阵", ROWS: "任务明细", BEHIND: "落后单位"}
AT_ONCE = 500  # units that are read together

NOTHING = "所选范围内没有可导出的内容，请调整条件后再导出。"
TOO_MUCH = "所选范围内的内容太多，一个表格放不下，请缩小范围后再导出。"

Told = Callable[[int, int], None]


@transaction.atomic
def order(table: str, campaign: int | None, asked: dict[str, str], *, by: User, at: datetime) -> Job:
    """Have a worker write a table of a campaign (None: of all that run), narrowed as `asked`.

    Pressed twice, it is made once. What goes in is what `by` oversees when the worker gets to it.
    """
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    params = {"table": table, "campaign": campaign, "asked": asked}
    waiting = Job.objects.filter(kind=TABLE, by=by, params=params, state=JobState.WAITING)
    if found := waiting.first():
        return found
    subject = look_at(by, campaign, _query(asked), at).campaign.title if campaign else "所有进行中的活动"
    return jobs.start(TABLE, title=f"导出{title_of(table)}：{subject}", by=by, at=at, params=params)


def write(job: Job, path: Path, report: jobs.Report, at: datetime) -> str:
    """Write what was ordered to `path`; what is in it, in a few words.

    Raises NotAllowed when that is nothing, or more than a sheet holds; Http404 for what is out of sight.
    """
    asked = _query(job.params["asked"])
    if job.params["campaign"] is None:
        below = looking.below(job.by, asked)
        found = behind.of_all(job.by, at, narrowing.of_units(asked), below)
        return write_behind(found, path, _note("所有进行中的活动", BEHIND, [], at), report)
    look = look_at(job.by, job.params["campaign"], asked, at)
    narrowed = narrowing.read(asked, look)
    note = _note(look.campaign.title, job.params["table"], narrowed.names, at)
    if found := LISTS.get(job.params["table"]):
        return write_list(found.make(look, asked), path, note, report)
    if job.params["table"] == MATRIX:
        return write_matrix(Matrix(look, narrowed), path, note, report)
    if job.params["table"] == BEHIND:
        return write_behind(behind.of_campaign(look, narrowed, job.params["asked"]), path, note, report)
    return write_rows(look, narrowed, asked.get("figure", OWED.key), path, note, report)


def title_of(table: str) -> str:
    return TITLES.get(table) or LISTS[table].title


def _query(asked: dict[str, str]) -> QueryDict:
    return QueryDict(urlencode(asked))


def _note(subject: str, table: str, names: list[str], at: datetime) -> str:
    said = f"{timezone.localtime(at):%Y年%-m月%-d日 %H:%M}"
    return "　".join([subject, title_of(table), *names, f"数据截至{said}"])


# The rows of a figure ---------------------------------------------------------------------------------


def write_rows(
    look: Look, narrowed: narrowing.Narrowed, key: str, path: Path, note: str, report: jobs.Report
) -> str:
    """A row for each task of the figure `key`, as its list has them."""
    owed = look.assignments().filter(EVERY[key].condition(look.at), narrowed.condition)
    count = owed.count()
    _check(count)
    with Book(path) as book:
        ordered = owed.order_by("branch__path", "unit__path", "due_at", "pk")
        listing.add_tasks(book, ordered, count, at=look.at, report=report, note=note)
    return f"共{count}项报送任务"


def _check(count: int) -> None:
    if not count:
        raise NotAllowed(NOTHING)
    if count > MAX_ROWS:
        raise NotAllowed(TOO_MUCH)


def write_list(listed: Listed, path: Path, note: str, report: jobs.Report) -> str:
    """Every row of a list behind a number, as its pages show them."""
    count = len(listed)
    _check(count)

    def told() -> Iterator[Line]:
        for n, line in enumerate(listed.all_lines(), 1):
            yield line
            if n % AT_ONCE == 0:
                report("写入表格", n, count)

    workbooks.write(path, listed.table, told(), note)
    return f"共{count}行"


# Who is behind ----------------------------------------------------------------------------------------


def write_behind(found: Behind, path: Path, note: str, report: jobs.Report) -> str:
    """All units that are behind, in their order."""
    late = found.ranked()
    _check(len(late))
    lines = []
    for start in range(0, len(late), AT_ONCE):
        lines += found.lines(late[start : start + AT_ONCE])
        report("查找落后单位", len(lines), len(late))
    workbooks.write(path, behind.table(lines), lines, note)
    return f"共{len(late)}个单位"


# The matrix -------------------------------------------------------------------------------------------

UNIT = (
    Column("镇街", 16),
    Column("单位", 26),
    Column("已报", 7, Cell.NUMBER),
    Column("应报", 7, Cell.NUMBER),
    Column("报送率（%）", 12, Cell.NUMBER),
)
GROUP = Tint("#E8EFF7", bold=True)


def tint_of(mark: Mark) -> Tint:
    return Tint(mark.ground, mark.ink, outlined=True)


def write_matrix(shown: Matrix, path: Path, note: str, report: jobs.Report) -> str:
    """All units with their marks, each township led by its own figures; what the marks mean stands behind."""
    places = shown.places
    _check(len(places))
    columns = [
        Column(f"{one.name}\n截止{day_of(last_day(one.due_at))}", 5, upright=True) for one in shown.columns
    ]
    with Book(path) as book:
        sheet = book.sheet("报送矩阵", [*UNIT, *columns], note=note, fixed=2)
        told = partial(report, "写入报送矩阵")
        _add_totals(sheet, shown)
        branch = None
        for start in range(0, len(places), AT_ONCE):
            for row in shown.rows(places[start : start + AT_ONCE]):
                if row.branch.pk != branch:
                    branch = row.branch.pk
                    _add_group(sheet, row.branch, shown.sums.of["branch"].get(branch), len(columns))
                _add(sheet, row)
            told(min(start + AT_ONCE, len(places)), len(places))
        meaning = (Column("标记", 6), Column("含义", 20), Column("项数", 9, Cell.NUMBER))
        legend = book.sheet("图例", meaning, note=note)
        for mark, count in shown.legend:
            legend.add([mark.sign, mark.name, count], {0: tint_of(mark)} if mark is not LATE else None)
    return f"共{len({unit for _, unit in places})}个单位、{len(columns)}个期次"


def _add_totals(sheet: Sheet, shown: Matrix) -> None:
    """What is handed in, owed, and its share, of all units together and by column, as above the page."""
    total = shown.sums.total
    columns = [shown.sums.of["occurrence"][one.pk] for one in shown.columns]
    shares = [percent(one["handed"], one["owed"]) for one in columns]
    tints = dict.fromkeys(range(len(UNIT) + len(columns)), GROUP)
    rows: tuple[list[Value], ...] = (
        ["合计", "已报", total["handed"], None, None, *(one["handed"] for one in columns)],
        ["合计", "应报", None, total["owed"], None, *(one["owed"] for one in columns)],
        ["合计", "报送率（%）", None, None, percent(total["handed"], total["owed"]), *shares],
    )
    for row in rows:
        sheet.add(row, tints)


def _add_group(sheet: Sheet, branch: Unit, numbers: Numbers | None, columns: int) -> None:
    owed, handed = (numbers["owed"], numbers["handed"]) if numbers else (0, 0)
    name = branch_name(branch)
    values: list[Value] = [name, f"{name}合计", handed, owed, percent(handed, owed), *[""] * columns]
    sheet.add(values, dict.fromkeys(range(len(UNIT)), GROUP))


def _add(sheet: Sheet, row: Row) -> None:
    """Late ones bear both signs; colours are those of the mark."""
    values: list[Value] = [
        branch_name(row.branch), row.name, row.handed, row.owed, percent(row.handed, row.owed)
    ]  # fmt: skip
    tints = {}
    for place, one in enumerate(row.cells, len(values)):
        values.append("" if one is None else one.mark.sign + (LATE.sign if one.late else ""))
        if one is not None:
            tints[place] = tint_of(one.mark)
    sheet.add(values, tints, level=1)
