"""Of whom a requirement asks: the rule turned into units."""

from django.db.models import Q

from campaigns.models import Requirement
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
