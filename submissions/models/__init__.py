"""What is owed and what came: assignments with their events, pieces with immutable versions, counters.

The database holds the rules (migration 0002): versions, their files, reviews and events are
append-only; assignments are never deleted; counters are written by triggers on assignments.
"""

from submissions.models.assignment import Assignment, AssignmentEvent, AssignmentQuerySet, ExtensionRequest
from submissions.models.counters import Standing, Tally, TallyDelta
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
from submissions.models.suggestion import Suggestion

__all__ = [
    "Assignment",
    "AssignmentEvent",
    "AssignmentQuerySet",
    "CommonReason",
    "Content",
    "Draft",
    "DraftFile",
    "Exhibit",
    "ExtensionRequest",
    "Fingerprint",
    "Likeness",
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
