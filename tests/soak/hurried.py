"""What makes a worker of the soak quick, and which day it has; loaded by `celery worker --include`.

Its clock runs as ours does, from another instant on (SOAK_CLOCK, seconds to add): a working day at ten in
the morning, so that rungs, quiet hours and midnight are the same whenever the soak is run. Back-off, lease
and how long peers are waited for, module constants, are cut to seconds; a lease is still much longer than
the longest attempt. Nothing else differs from the portal's own worker.
"""

import os
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from notices.channels import attempts, robots
from notices.services import delivering, limits, settling

AHEAD = timedelta(seconds=float(os.environ["SOAK_CLOCK"]))

timezone.now = lambda: datetime.now(UTC) + AHEAD
settling.BACK_OFF = delivering.BACK_OFF = (timedelta(seconds=0.5),) * 240
delivering.LEASE = timedelta(seconds=12)
attempts.PATIENCE = 5
robots.READ = 1
limits.SECONDS = 2
