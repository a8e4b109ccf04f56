"""What the database itself states (domain.md §5): these tests go around the services and try to break it."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from campaigns.models import Indicator
from portal import audit
from portal.models import AuditEvent, StoredFile
from submissions.enums import PieceState, Verdict
from submissions.models import (
    Assignment,
    AssignmentEvent,
    Draft,
    DraftFile,
    Review,
    Submission,
    Tally,
    Version,
    VersionFile,
    VersionValue,
)
from submissions.services import counting, drafts, reviewing, submitting
from tests.factories import (
    DUE,
    NOW,
    StoredFileFactory,
    TopicFactory,
    assigned,
    at,
    county,
    drafted,
    handed_in,
    upload,
)

#: Tables that may only grow, each with a field that somebody might want to touch up.
KEPT = {
    AssignmentEvent: "note",
    AuditEvent: "summary",
    Review: "reason",
    StoredFile: "name",
    Version: "body",
    VersionFile: "file",
    VersionValue: "value",
}


@pytest.fixture
def history(place, owed):
    """An accepted piece with a file: at least one row in every table that may only grow."""
    piece = drafted(owed, place.secretary)
    drafts.attach(piece, upload(), by=place.secretary, at=NOW)
    version = submitting.submit(piece, by=place.secretary, at=NOW)
    reviewing.accept(version, by=place.officer, at=NOW)
    topic = TopicFactory(campaign=owed.requirement.campaign)
    indicator = Indicator.objects.create(topic=topic, name="骨干教师比例", value=15, unit="%")
    VersionValue.objects.create(version=version, indicator=indicator, value=14)
    audit.record("test.done", at=NOW)
    return version


@contextmanager
def checked_at_once():
    """A savepoint in which also deferred constraints answer immediately."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield


def refused(write, *args) -> None:
    with pytest.raises(IntegrityError), checked_at_once():
        write(*args)


def sql(statement: str, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(table=table))


# Invariant 2: what was handed in is never altered or removed -----------------------------------------


@pytest.mark.parametrize("model", KEPT, ids=lambda model: model.__name__)
def test_no_sql_changes_a_row_that_is_kept(history, model):
    refused(sql, "UPDATE {table} SET id = id + 1000", model._meta.db_table)


@pytest.mark.parametrize("model", KEPT, ids=lambda model: model.__name__)
def test_no_sql_removes_a_row_that_is_kept(history, model):
    refused(sql, "DELETE FROM {table}", model._meta.db_table)


@pytest.mark.parametrize(
    ("model", "field"), KEPT.items(), ids=lambda value: getattr(value, "__name__", value)
)
def test_no_save_changes_a_row_that_is_kept(history, model, field):
    row = model.objects.first()
    setattr(row, field, {"file": StoredFileFactory, "value": lambda: 15}.get(field, lambda: "改过")())
    refused(row.save)


@pytest.mark.parametrize("model", KEPT, ids=lambda model: model.__name__)
def test_no_delete_removes_a_row_that_is_kept(history, model):
    refused(model.objects.all().delete)


@pytest.mark.parametrize("model", [Assignment, Submission], ids=lambda model: model.__name__)
def test_what_carries_the_history_cannot_be_removed(history, model):
    refused(sql, "DELETE FROM {table}", model._meta.db_table)


def test_a_bare_assignment_cannot_be_removed_either(owed, place):
    bare = Assignment.objects.create(
        occurrence=owed.occurrence,
        unit=place.township,
        branch=place.bureau,
        unit_kind=place.township.kind,
        ownership=place.township.ownership,
        due_at=DUE,
    )
    refused(Assignment.objects.filter(pk=bare.pk)._raw_delete, "default")


def test_the_bytes_of_a_file_may_be_purged_once(history):
    StoredFile.objects.update(purged_at=NOW)
    assert StoredFile.objects.get().purged_at == NOW


def test_the_time_of_a_purge_is_not_rewritten(history):
    StoredFile.objects.update(purged_at=NOW)
    refused(lambda: StoredFile.objects.update(purged_at=DUE))


def test_a_purge_changes_nothing_else(history):
    refused(lambda: StoredFile.objects.update(purged_at=NOW, sha256="0" * 64))


@pytest.mark.parametrize("digest", ["", "0" * 63, "Z" * 64])
def test_a_file_without_a_hash_is_refused(db, digest):
    refused(lambda: StoredFileFactory(sha256=digest))


def test_an_empty_file_is_refused(db):
    refused(lambda: StoredFileFactory(size=0))


def test_a_version_without_a_title_is_refused(history):
    refused(
        lambda: Version.objects.create(
            submission=history.submission, number=2, submitted_at=NOW, submitted_by=history.submitted_by,
            digest=history.digest, title="",
        )
    )  # fmt: skip


def test_a_version_number_is_given_once(history):
    refused(
        lambda: Version.objects.create(
            submission=history.submission, number=1, submitted_at=NOW, submitted_by=history.submitted_by,
            digest=history.digest, title="冒名顶替",
        )
    )  # fmt: skip


def test_a_draft_may_still_change_after_its_version_was_made(history):
    assert Draft.objects.update(title="另一个标题") == 1


# Invariant 1: one of each ---------------------------------------------------------------------------


def test_a_second_assignment_for_the_same_occurrence_and_unit_is_refused(owed):
    owed.pk, owed._state.adding = None, True
    refused(owed.save)


def test_a_second_piece_with_the_same_number_is_refused(place, owed):
    drafted(owed, place.secretary)
    refused(lambda: Submission.objects.create(assignment=owed, number=1))


@pytest.mark.parametrize("verdict", [Verdict.ACCEPT, Verdict.RETURN])
def test_a_second_decision_on_the_same_version_is_refused(history, place, verdict):
    refused(
        lambda: Review.objects.create(
            version=history, verdict=verdict, reason="又来", by=place.officer, at=NOW
        )
    )


def test_a_return_without_a_reason_is_refused(place, owed):
    version = handed_in(owed, place.secretary)
    refused(lambda: Review.objects.create(version=version, verdict=Verdict.RETURN, by=place.officer, at=NOW))


def test_only_what_is_accepted_can_be_recommended(place, owed):
    version = handed_in(owed, place.secretary)
    refused(
        lambda: Review.objects.create(
            version=version, verdict=Verdict.RETURN, reason="太短", recommended=True, by=place.officer, at=NOW
        )
    )


# Invariant 3: nothing crosses from one unit to another ------------------------------------------------


def test_a_file_of_one_unit_cannot_stand_in_a_version_of_another(history, place):
    theirs = handed_in(Assignment.objects.get(unit=place.middle), place.officer)
    refused(lambda: VersionFile.objects.create(version=theirs, file=history.files.get()))


def test_a_file_may_stand_in_several_versions_of_one_unit(history, place, owed):
    second = handed_in(owed, place.secretary, number=2)
    VersionFile.objects.create(version=second, file=history.files.get())
    assert history.files.get().version_files.count() == 2


def test_a_file_lies_in_a_draft_only_once(history, place, owed):
    """In drafts of the same unit it may lie several times: work is reused."""
    other = drafted(owed, place.secretary, number=2)
    other.draft.draft_files.create(file=history.files.get())
    refused(lambda: other.draft.draft_files.create(file=history.files.get()))


def test_a_piece_cannot_be_moved_to_another_units_assignment(history, place):
    theirs = Assignment.objects.get(unit=place.middle)
    refused(lambda: Submission.objects.update(assignment=theirs))


def test_an_assignment_cannot_be_moved_to_another_unit(history, owed, place):
    refused(lambda: Assignment.objects.filter(pk=owed.pk).update(unit=place.township))


# Invariant 5: instants ------------------------------------------------------------------------------


def test_a_cutoff_before_the_due_time_is_refused(owed):
    refused(lambda: Assignment.objects.filter(pk=owed.pk).update(cutoff_at=at(4, 30, hour=23)))


def test_a_cutoff_at_the_due_time_is_fine(owed):
    assert Assignment.objects.filter(pk=owed.pk).update(cutoff_at=F("due_at")) == 1


def test_nothing_is_late_that_was_never_complete(owed):
    refused(lambda: Assignment.objects.filter(pk=owed.pk).update(late=True))


def test_the_version_that_counts_is_one_of_the_piece_itself(place, owed):
    mine = handed_in(owed, place.secretary).submission
    other = handed_in(assigned(place), place.secretary)
    refused(lambda: Submission.objects.filter(pk=mine.pk).update(current=other))


def test_a_piece_that_was_handed_in_has_the_time_of_it(place, owed):
    drafted(owed, place.secretary)
    refused(lambda: Submission.objects.update(state=PieceState.PENDING))


# Counters -------------------------------------------------------------------------------------------


def test_there_is_one_tally_for_each_key(owed):
    counting.fold_deltas()
    tally = Tally.objects.first()
    tally.pk, tally._state.adding = None, True
    refused(tally.save)


def test_lateness_once_decided_cannot_be_rewritten(place):
    owed = handed_in(assigned(place), place.secretary).submission.assignment
    for change in ({"late": True}, {"completed_at": None}, {"completed_at": NOW + timedelta(days=1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Assignment.objects.filter(pk=owed.pk).update(**change)


def test_a_file_of_another_unit_gets_into_no_draft(place):
    stored = StoredFileFactory()
    theirs = drafted(assigned(place), place.secretary)
    DraftFile.objects.create(draft=theirs.draft, file=stored)
    elsewhere = county()
    ours = handed_in(assigned(elsewhere), elsewhere.secretary)
    with pytest.raises(IntegrityError), transaction.atomic():
        VersionFile.objects.create(version=ours, file=stored)
    submitted = VersionFile.objects.create(version=ours, file=StoredFileFactory()).file
    with pytest.raises(IntegrityError), transaction.atomic():
        DraftFile.objects.create(draft=theirs.draft, file=submitted)


@pytest.mark.parametrize("change", [{"state": "bogus"}, {"override": "bogus"}])
def test_an_assignment_is_in_a_known_state(place, change):
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.filter(pk=assigned(place).pk).update(**change)
