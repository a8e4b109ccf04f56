"""The portal's own settings in a hurry: beat asks for a delivery every second, for a scan every SOAK_SCAN."""

import os

from portal.settings import *  # noqa: F403

CELERY_BEAT_SCHEDULE = {
    "scan reminders": {
        "task": "submissions.tasks.scan_reminders",
        "schedule": float(os.environ["SOAK_SCAN"]),
        "options": {"expires": 10},
    },
    "deliver": {"task": "notices.tasks.deliver", "schedule": 1, "options": {"expires": 5}},
}
