"""Essays handed in to be compared, and what was found."""

from django.core.files.uploadedfile import SimpleUploadedFile

from schools.enums import Role
from submissions.management.essays import Writer, text_of
from submissions.models import Assignment, Likeness, Version
from submissions.services import comparing, drafts, submitting
from tests.factories import NOW, County, assigned, person

WRITER = Writer(seed=11)
ESSAY = WRITER.essay("家校")
TEXT = text_of(ESSAY)
OTHER_TEXT = text_of(WRITER.essay("家校"))


def essay(
    owed: Assignment,
    text: str = TEXT,
    *,
    number: int = 1,
    title: str = "家访记",
    files: tuple[SimpleUploadedFile, ...] = (),
) -> Version:
    """A piece of a school, handed in by its secretary; it waits to be compared."""
    by = owed.unit.memberships.filter(role=Role.SECRETARY).first().user
    piece = drafts.save_draft(owed.pk, number, drafts.Words(title=title, body=text), by=by, at=NOW).piece
    for file in files:
        drafts.attach(piece, file, by=by, at=NOW)
    version = submitting.submit(piece, by=by, at=NOW)
    comparing.expect(version)
    return version


def both_owe(place: County, **requirement: object) -> tuple[Assignment, Assignment]:
    """What the school and the middle school of the county owe, each with a secretary."""
    person(Role.SECRETARY, place.middle)
    owed = assigned(place, **requirement)
    return owed, Assignment.objects.get(unit=place.middle, occurrence=owed.occurrence)


def compare_all() -> int:
    return comparing.compare_waiting(lambda: NOW)


def pairs() -> list[tuple[int, int, int, int]]:
    """(later version, earlier version, share, its share) of every likeness."""
    return list(
        Likeness.objects.order_by("version", "other").values_list("version", "other", "share", "other_share")
    )
