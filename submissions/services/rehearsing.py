"""What a change after publishing does, told in one shape, and told beforehand by doing it and undoing it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from schools.models import Unit

NAMED = 100
IN_A_SENTENCE = 5
#: What the things counted are counted in, by the word that ends their name.
MEASURES = {"单位": "个", "材料": "篇", "阶段": "个"}


@dataclass(frozen=True)
class Effect:
    """What a change does, for the person who decides and for the trail.

    `lines` are (what, how many); `units` the first of the units concerned, of `unit_count` in all.
    `notes` say what follows, `warnings` what one may not have thought of.
    """

    lines: tuple[tuple[str, int], ...] = ()
    units: tuple[str, ...] = ()
    unit_count: int = 0
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        """“增加的单位2个，恢复的任务2项”: the lines in one."""
        return "，".join(f"{what}{n}{MEASURES.get(what[-2:], '项')}" for what, n in self.lines if n)


def named(unit_ids: Iterable[int]) -> tuple[tuple[str, ...], int]:
    """`units` and `unit_count` of an effect, in the order of the tree."""
    ids = set(unit_ids)
    first = Unit.objects.filter(pk__in=ids).order_by("path").values_list("name", flat=True)[:NAMED]
    return tuple(first), len(ids)


def in_a_sentence(names: Sequence[str], count: int) -> str:
    """“甲校、乙校”; “甲校、乙校、丙校、丁校、戊校等7个单位” where `count` is too many to read."""
    few = "、".join(names[:IN_A_SENTENCE])
    return f"{few}等{count}个单位" if count > IN_A_SENTENCE else few


def rehearse(service: Callable[..., Effect], *args: Any, **kwargs: Any) -> Effect:
    """What `service` would do with these arguments: it runs, and everything it wrote is taken back.

    The very same code decides, so that what is shown is what will happen. Messages that wait for the
    commit are dropped with it. Raises what the service raises.
    """
    with transaction.atomic():
        effect = service(*args, **kwargs)
        transaction.set_rollback(True)
    return effect
