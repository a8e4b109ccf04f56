"""Lists of assignments by page, from a handful to a million: the last page is as near as the first."""

from collections.abc import Sequence
from itertools import accumulate

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet, Sum

from submissions.models import AssignmentQuerySet

PER_PAGE = 50
#: Lists up to this long are counted and sorted as they are.
FEW = 5_000
ORDER = ("branch__path", "unit__path", "due_at", "pk")


class ByBranch(Paginator):
    """Pages of assignments in `ORDER`, found by how many there are in each branch (`counts`: branch id and
    number, in the order of their paths): only the branches of the page asked for are sorted."""

    def __init__(self, rows: AssignmentQuerySet, counts: Sequence[tuple[int, int]], per_page: int) -> None:
        super().__init__(rows, per_page)
        self.counts = counts
        self.count = sum(n for _, n in counts)

    def page(self, number: int | str) -> Page:
        number = self.validate_number(number)
        begin = (number - 1) * self.per_page
        end = min(begin + self.per_page, self.count)
        ends = list(accumulate(n for _, n in self.counts))
        touched = [n for n, last in enumerate(ends) if last > begin and last - self.counts[n][1] < end]
        before = ends[touched[0]] - self.counts[touched[0]][1] if touched else 0
        rows = self.object_list.filter(branch__in=[self.counts[n][0] for n in touched])
        return self._get_page(rows[begin - before : end - before], number, self)


def pages(rows: AssignmentQuerySet, counters: QuerySet | None) -> Paginator:
    """Pages of `rows` in `ORDER`. `counters` (Standing) count the same rows; None where they cannot."""
    ordered = rows.order_by(*ORDER)
    few = rows.order_by()[: FEW + 1].count()
    if few <= FEW:
        found = Paginator(ordered, PER_PAGE)
        found.count = few
        return found
    counted = (
        rows.order_by().values("branch", "branch__path").annotate(counted=Count("pk"))
        if counters is None
        else counters.order_by().values("branch", "branch__path").annotate(counted=Sum("n"))
    )
    counts = counted.order_by("branch__path").values_list("branch", "counted")
    return ByBranch(ordered, [(branch, n) for branch, n in counts if n], PER_PAGE)
