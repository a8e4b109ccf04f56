"""Writers of ladders: of a bureau, for all that it and those below it ask for, or of one requirement."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from campaigns.ladders import Steps, own_steps
from campaigns.models import Campaign, Ladder, Requirement, Rung
from campaigns.services.planning import Gone, Overtaken
from campaigns.steps import Step, in_order, in_words, wrong_with
from portal import audit
from schools.models import Unit, User

Owner = Unit | Requirement

UNIFIED = "按统一安排"


@transaction.atomic
def set_ladder(owner: Owner, steps: Iterable[Step], *, at: datetime, by: User) -> None:
    """Let a bureau or a requirement have steps of its own; none at all remind of nothing.

    A requirement in force may have them changed: nobody is asked for anything new. Raises ValueError
    with a Chinese sentence when the steps will not do, Overtaken when the campaign has ended or the
    requirement was withdrawn, Gone when it was deleted.
    """
    steps = tuple(steps)
    if wrong := wrong_with(steps):
        raise ValueError(wrong[0][1])
    _change(owner, steps, "ladder.save", at, by)


@transaction.atomic
def use_default(owner: Owner, *, at: datetime, by: User) -> None:
    """Give up the own ladder, so that the one above holds again; what it was stays in the trail.

    Raises Overtaken and Gone as `set_ladder` does.
    """
    _change(owner, None, "ladder.use_default", at, by)


def write(owner: Owner, steps: Steps | None) -> None:
    """Put `steps` (None: no own ladder) in place of what `owner` has. The caller leaves the trace."""
    Ladder.objects.filter(**_of(owner)).delete()
    if steps is not None:
        write_all([(owner, steps)])


def write_all(owned: Iterable[tuple[Owner, Steps]]) -> None:
    """Ladders of owners that have none; two queries. The caller leaves the trace."""
    owned = list(owned)
    ladders = Ladder.objects.bulk_create(Ladder(**_of(owner)) for owner, _ in owned)
    Rung.objects.bulk_create(
        Rung(ladder=ladder, days=step.days, tells=[one.value for one in in_order(step.tells)])
        for ladder, (_, steps) in zip(ladders, owned, strict=True)
        for step in steps
    )


def _change(owner: Owner, steps: Steps | None, action: str, at: datetime, by: User) -> None:
    before = own_steps(_locked(owner))
    if before == (steps if steps is None else tuple(sorted(steps, key=lambda step: step.days))):
        return
    write(owner, steps)
    was, now = (UNIFIED if one is None else in_words(one) for one in (before, steps))
    audit.record(
        action,
        at=at,
        by=by,
        target=owner,
        summary=f"“{owner}”的催办安排改为：{now}",
        detail={"before": {"ladder": was}, "after": {"ladder": now}},
    )


def _locked(owner: Owner) -> Owner:
    """The row as it is stored, its ladder not to be changed by anybody else meanwhile."""
    if isinstance(owner, Unit):
        return Unit.objects.select_for_update(no_key=True).get(pk=owner.pk)
    campaign = Campaign.objects.select_for_update().filter(pk=owner.campaign_id).first()
    found = Requirement.objects.filter(pk=owner.pk).first()
    if campaign is None or found is None:
        raise Gone
    if not campaign.is_open or found.withdrawn_at is not None:
        raise Overtaken
    return found


def _of(owner: Owner) -> dict[str, Owner]:
    return {"unit" if isinstance(owner, Unit) else "requirement": owner}
