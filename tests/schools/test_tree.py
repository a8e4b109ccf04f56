"""The unit tree keeps itself: whoever writes, `path` is the way down from the root."""

from functools import partial
from threading import Event

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from schools.enums import UnitKind
from schools.models import Unit
from tests.concurrently import PATIENCE, at_once
from tests.factories import UnitFactory

pytestmark = pytest.mark.django_db


def step(unit: Unit) -> str:
    return f"{unit.pk:08d}"


def path_of(unit: Unit) -> str:
    """As it now stands in the database."""
    return Unit.objects.values_list("path", flat=True).get(pk=unit.pk)


def child(parent: Unit | None, **fields) -> Unit:
    return UnitFactory(parent=parent, **fields)


def below_itself(statement) -> None:
    with pytest.raises(IntegrityError, match="cannot move below itself"), transaction.atomic():
        statement()


# Arriving -------------------------------------------------------------------------------------------


def test_the_path_of_a_root_is_its_own_number():
    root = child(None)
    assert root.path == step(root)


def test_the_path_of_a_child_begins_with_that_of_its_parent():
    root = child(None)
    assert child(root).path.startswith(root.path)


def test_a_path_that_was_made_up_is_not_believed():
    root = child(None)
    made = child(root, path="99999999")
    assert made.path == root.path + step(made)


def test_units_created_in_bulk_get_their_paths():
    root = child(None)
    Unit.objects.bulk_create(
        Unit(name=f"示例幼儿园{n}", kind=UnitKind.KINDERGARTEN, parent=root) for n in range(3)
    )
    assert [unit.path for unit in root.children.order_by("pk")] == [
        root.path + step(unit) for unit in root.children.order_by("pk")
    ]


def test_a_unit_can_arrive_in_one_statement_with_its_parent():
    Unit.objects.bulk_create(
        [
            Unit(pk=7001, name="西镇", kind=UnitKind.TOWNSHIP),
            Unit(pk=7002, name="西镇小学", kind=UnitKind.PRIMARY, parent_id=7001),
        ]
    )
    assert path_of(Unit(pk=7002)) == "0000700100007002"


def test_a_written_path_is_put_right():
    root = child(None)
    Unit.objects.update(path="99999999")
    assert path_of(root) == step(root)


def test_an_unknown_kind_is_refused():
    with pytest.raises(IntegrityError, match="unit_kind_known"):
        child(None, kind="university")


def test_two_children_of_one_parent_cannot_share_a_name():
    root = child(None)
    child(root, name="第一小学")
    with pytest.raises(IntegrityError, match="unit_name_unique_among_siblings"):
        child(root, name="第一小学")


def test_schools_of_different_townships_may_share_a_name():
    first, second = child(None), child(None)
    child(first, name="第一小学")
    assert child(second, name="第一小学").path.startswith(second.path)


# Asking ---------------------------------------------------------------------------------------------


def test_within_is_the_unit_and_everything_below_it():
    root = child(None)
    branch = child(root)
    leaf = child(branch)
    child(root)
    assert set(Unit.objects.within(branch)) == {branch, leaf}


def test_ancestor_paths_lead_from_the_root_to_the_unit_itself():
    root = child(None)
    branch = child(root)
    leaf = child(branch)
    assert leaf.ancestor_paths() == [root.path, branch.path, leaf.path]


# Moving ---------------------------------------------------------------------------------------------


def test_a_subtree_moves_with_its_head():
    old, new = child(None), child(None)
    branch = child(old)
    leaf = child(child(branch))
    branch.parent = new
    branch.save()
    assert path_of(leaf).startswith(new.path + step(branch))


def test_a_moved_unit_knows_its_new_path_at_once():
    old, new = child(None), child(None)
    branch = child(old)
    branch.parent = new
    branch.save()
    assert branch.path == new.path + step(branch)


def test_an_update_that_goes_around_the_model_moves_the_subtree_too():
    old, new = child(None), child(None)
    branch = child(old)
    leaf = child(branch)
    Unit.objects.filter(pk=branch.pk).update(parent=new)
    assert path_of(leaf) == new.path + step(branch) + step(leaf)


def test_what_is_not_below_the_moved_unit_stays():
    old, new = child(None), child(None)
    branch, sibling = child(old), child(old)
    Unit.objects.filter(pk=branch.pk).update(parent=new)
    assert path_of(sibling) == old.path + step(sibling)


def test_a_unit_can_become_a_root():
    branch = child(child(None))
    leaf = child(branch)
    Unit.objects.filter(pk=branch.pk).update(parent=None)
    assert path_of(leaf) == step(branch) + step(leaf)


def test_saving_a_unit_read_before_a_move_does_not_bring_the_old_path_back():
    old, new = child(None), child(None)
    branch = child(old)
    stale = child(branch)
    Unit.objects.filter(pk=branch.pk).update(parent=new)
    stale.save()
    assert path_of(stale) == new.path + step(branch) + step(stale)


def test_a_unit_and_one_below_it_can_be_moved_in_one_statement():
    old, new = child(None), child(None)
    upper = child(old)
    lower = child(upper)
    leaf = child(lower)
    Unit.objects.filter(pk__in=[upper.pk, lower.pk]).update(parent=new)
    assert path_of(leaf) == new.path + step(lower) + step(leaf)


def test_a_unit_cannot_move_below_itself():
    root = child(None)
    leaf = child(child(root))
    below_itself(partial(_move, root, leaf))


def test_a_unit_cannot_be_its_own_parent():
    root = child(None)
    below_itself(partial(_move, root, root))


def test_two_units_cannot_be_moved_below_each_other_in_one_statement():
    first, second = child(None), child(None)
    first.parent, second.parent = second, first
    below_itself(partial(Unit.objects.bulk_update, [first, second], ["parent"]))


def test_a_circle_that_closes_only_when_the_whole_statement_is_done_is_refused():
    upper, other = child(None), child(None)
    lower = child(upper)
    upper.parent, other.parent = other, lower
    below_itself(partial(Unit.objects.bulk_update, [upper, other], ["parent"]))


def _move(unit: Unit, parent: Unit) -> None:
    Unit.objects.filter(pk=unit.pk).update(parent=parent)


UNITS = 7
heads = st.sets(st.integers(0, UNITS - 1), min_size=1, max_size=3)


@settings(max_examples=40)
@given(moves=st.lists(st.tuples(heads, st.none() | st.integers(0, UNITS - 1)), max_size=8))
def test_after_any_moves_every_path_is_the_way_down_from_the_root(moves):
    with transaction.atomic():
        units = [child(None) for _ in range(UNITS)]
        above: dict[int, int | None] = dict.fromkeys(range(UNITS))

        def way(index: int | None, parents: dict) -> list[int]:
            """From the root down; raises RecursionError in a circle."""
            return [] if index is None else [*way(parents[index], parents), index]

        for moved, to in moves:
            wished = above | dict.fromkeys(moved, to)
            statement = Unit.objects.filter(pk__in=[units[index].pk for index in moved]).update
            try:
                way(to, wished)
            except RecursionError:
                below_itself(partial(statement, parent=units[to]))
            else:
                statement(parent=None if to is None else units[to])
                above = wished
        expected = {units[index].pk: "".join(step(units[i]) for i in way(index, above)) for index in above}
        assert dict(Unit.objects.values_list("pk", "path")) == expected
        transaction.set_rollback(True)


# At the same moment ---------------------------------------------------------------------------------


def held_open(write, done: Event, go_on: Event):
    """Write in a transaction that stays open long enough for another writer to run into it."""
    with transaction.atomic():
        write()
        done.set()
        go_on.wait(0.3)


def after(done: Event, write, finished: Event):
    done.wait(PATIENCE)
    try:
        write()
    finally:
        finished.set()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("depth", [0, 1])
@pytest.mark.parametrize("first", ["arrival", "move"])
def test_a_school_that_arrives_while_its_branch_moves_gets_the_right_path(first, depth):
    old, new = child(None), child(None)
    branch = child(old)
    township = child(branch) if depth else branch
    writes = {
        "arrival": partial(child, township, name="新来的小学"),
        "move": partial(_move, branch, new),
    }
    second = "move" if first == "arrival" else "arrival"
    written, finished = Event(), Event()
    results = at_once(
        partial(held_open, writes[first], written, finished),
        partial(after, written, writes[second], finished),
    )
    arrived = Unit.objects.get(name="新来的小学")
    township.refresh_from_db()
    assert (results, arrived.path) == ([None, None], township.path + step(arrived))


@pytest.mark.django_db(transaction=True)
def test_two_units_cannot_be_moved_below_each_other_at_the_same_moment():
    first, second = child(None), child(None)
    at_once(partial(_move, first, second), partial(_move, second, first))
    moved = Unit.objects.exclude(parent=None).count()
    assert moved <= 1
