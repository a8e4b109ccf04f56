"""Of whom a requirement asks: the rule turned into units."""

from collections.abc import Collection

from django.db.models import Exists, Q

from campaigns.models import Campaign, Requirement
from schools.models import Unit, UnitQuerySet


def units_owing(requirement: Requirement) -> UnitQuerySet:
    """Active units under the host that the requirement's rule covers; single units win over the rule.

    Saved requirements only (the many-to-many lists are read). The host bureau never owes its own work.
    """
    host = requirement.campaign.host
    rule = Q(kind__in=requirement.audience_kinds)
    if requirement.audience_ownership:
        rule &= Q(ownership=requirement.audience_ownership)
    if requirement.audience_branch is not None:
        rule &= Q(path__startswith=requirement.audience_branch.path)
    chosen = rule | Q(pk__in=requirement.included.values("pk"))
    return (
        Unit.objects.within(host)
        .active()
        .filter(chosen)
        .exclude(pk=host.pk)
        .exclude(pk__in=requirement.excluded.values("pk"))
    )


def asking_nobody(campaign: Campaign, requirements: Collection[Requirement]) -> set[int]:
    """Ids of those of the campaign's requirements whose rule covers no unit; one query however many."""
    if not requirements:
        return set()
    covered = {f"r{one.pk}": Exists(units_owing(one)) for one in requirements}
    answers = Unit.objects.filter(pk=campaign.host_id).values(**covered).get()
    return {one.pk for one in requirements if not answers[f"r{one.pk}"]}
