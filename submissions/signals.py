"""What upper rooms may want to know at once: sent when it has been committed, and no more than a hint.

Whoever listens also scans for what it has missed.
"""

from django.db import transaction
from django.dispatch import Signal

from campaigns.models import Campaign

#: A phase of `campaign`, or all of it, has been closed.
closed = Signal()


def send_closed(campaign: Campaign) -> None:
    """Tell once the transaction has committed; what goes wrong in a listener is logged."""

    def send() -> None:
        closed.send(Campaign, campaign=campaign)

    transaction.on_commit(send, robust=True)
