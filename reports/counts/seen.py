"""What a bureau sees of some campaigns at one moment, whoever asks."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from campaigns.models import Campaign
from schools.models import Unit
from submissions.models import Standing

CAMPAIGN = "occurrence__requirement__campaign"


@dataclass(frozen=True)
class Seen:
    """`campaigns` by id, as far as the branches below `host` go."""

    host: Unit
    campaigns: dict[int, Campaign]
    at: datetime

    @property
    def own(self) -> dict[int, Campaign]:
        """Those that the bureau hosts itself."""
        return {pk: one for pk, one in self.campaigns.items() if one.host_id == self.host.pk}

    def below(self, path: str) -> Q:
        """Rows whose `path` to a unit leads to the bureau or below it."""
        return Q(**{f"{path}__path__startswith": self.host.path})

    def tasks(self, path: str = "") -> Q:
        """Rows about tasks of those campaigns; `path` leads to the assignment and ends in “__”, or is ""."""
        return self.below(f"{path}branch") & Q(**{f"{path}{CAMPAIGN}__in": list(self.campaigns)})

    def counters(self) -> QuerySet[Standing]:
        return Standing.objects.filter(self.tasks())
