"""简报: the pieces that it prints, as they are shown."""

from datetime import datetime
from typing import Any

from campaigns.models import Campaign


def count(campaign: Campaign, chosen: list[int], edition: int, at: datetime) -> dict[str, Any]:
    """The chosen versions (ids) in their order."""
    raise NotImplementedError
