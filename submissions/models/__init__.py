"""What is owed and what came: assignments with their events, pieces with immutable versions, counters.

The database holds the rules (migrations 0002 and 0003): versions, their files, reviews and events are
append-only; assignments are never deleted; counters are written by triggers.
"""

from submissions.models.assignment import Assignment, AssignmentEvent, AssignmentQuerySet, ExtensionRequest
from submissions.models.counters import (
    DayTally,
    DayTallyDelta,
    Output,
    Pace,
    PieceTally,
    PieceTallyDelta,
    Reading,
    Standing,
    Tally,
    TallyDelta,
)
from submissions.models.exhibit import Exhibit
from submissions.models.likeness import Fingerprint, Likeness
from submissions.models.piece import (
    Content,
    Draft,
    DraftFile,
    Review,
    Submission,
    Version,
    VersionFile,
    VersionValue,
)
from submissions.models.reason import CommonReason
from submissions.models.reminder import CalendarFeed, GroupReminder, Nudge, NudgedUnit, Reminder
from submissions.models.suggestion import Suggestion

__all__ = [
    "Assignment",
    "AssignmentEvent",
    "AssignmentQuerySet",
    "CalendarFeed",
    "CommonReason",
    "Content",
    "DayTally",
    "DayTallyDelta",
    "Draft",
    "DraftFile",
    "Exhibit",
    "ExtensionRequest",
    "Fingerprint",
    "GroupReminder",
    "Likeness",
    "Nudge",
    "NudgedUnit",
    "Output",
    "Pace",
    "PieceTally",
    "PieceTallyDelta",
    "Reading",
    "Reminder",
    "Review",
    "Standing",
    "Submission",
    "Suggestion",
    "Tally",
    "TallyDelta",
    "Version",
    "VersionFile",
    "VersionValue",
]
