"""Long lists: pages found by the counts of branches are the pages of the whole list."""

import pytest

from reports import paging
from schools.enums import UnitKind
from submissions.models import Assignment, Standing
from submissions.services import counting
from tests.factories import County, UnitFactory, assigned, county

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> County:
    place = county()
    for n in range(3):
        township = UnitFactory(name=f"第{n}镇", kind=UnitKind.TOWNSHIP, parent=place.bureau)
        for school in range(n * 2):
            UnitFactory(name=f"第{n}镇第{school}小学", parent=township)
    assigned(place)
    return place


def plain() -> list[Assignment]:
    return list(Assignment.objects.order_by(*paging.ORDER))


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize("counters", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_the_pages_are_those_of_the_whole_list(place, monkeypatch, size, counters, folded) -> None:
    monkeypatch.setattr(paging, "FEW", 0)
    monkeypatch.setattr(paging, "PER_PAGE", size)
    if folded:
        counting.fold_deltas()
    found = paging.pages(Assignment.objects.all(), Standing.objects.all() if counters else None)
    assert isinstance(found, paging.ByBranch)
    assert [len(page.object_list) for page in found] == [
        len(plain()[n : n + size]) for n in range(0, len(plain()), size)
    ]
    assert [one for page in found for one in page.object_list] == plain()


@pytest.mark.parametrize("number", ["1", "9999", "x", None])
def test_a_page_that_is_not_there_is_the_nearest(place, monkeypatch, number) -> None:
    monkeypatch.setattr(paging, "PER_PAGE", 3)
    short = paging.pages(Assignment.objects.all(), Standing.objects.all()).get_page(number)
    monkeypatch.setattr(paging, "FEW", 0)
    long = paging.pages(Assignment.objects.all(), Standing.objects.all()).get_page(number)
    assert (list(long), long.number) == (list(short), short.number)


def test_a_long_list_may_turn_out_empty(place, monkeypatch) -> None:
    monkeypatch.setattr(paging, "FEW", -1)
    none = paging.pages(Assignment.objects.none(), Standing.objects.filter(state="accepted"))
    assert (none.count, list(none.get_page(1))) == (0, [])
