"""What the database itself guarantees: append-only history that stays where it is."""

from django.db import migrations

from portal.triggers import append_only

KEPT = """
CREATE TRIGGER submissions_assignment_kept BEFORE DELETE ON submissions_assignment
    FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
"""

# What carries the history stays with the unit that made it (invariants 2 and 3).
FIXED = """
CREATE TRIGGER submissions_assignment_fixed BEFORE UPDATE OF occurrence_id, unit_id ON submissions_assignment
    FOR EACH ROW WHEN (OLD.occurrence_id <> NEW.occurrence_id OR OLD.unit_id <> NEW.unit_id)
    EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER submissions_submission_fixed BEFORE UPDATE OF assignment_id, number ON submissions_submission
    FOR EACH ROW WHEN (OLD.assignment_id <> NEW.assignment_id OR OLD.number <> NEW.number)
    EXECUTE FUNCTION portal_refuse_change();
"""

UNFIX = """
DROP TRIGGER submissions_submission_fixed ON submissions_submission;
DROP TRIGGER submissions_assignment_fixed ON submissions_assignment;
"""

# The version that counts is one of the piece itself.
OWN_VERSION = """
ALTER TABLE submissions_version ADD CONSTRAINT submissions_version_of_piece UNIQUE (id, submission_id);
ALTER TABLE submissions_submission ADD CONSTRAINT submissions_current_own
    FOREIGN KEY (current_id, id) REFERENCES submissions_version (id, submission_id);
"""

ANY_VERSION = """
ALTER TABLE submissions_submission DROP CONSTRAINT submissions_current_own;
ALTER TABLE submissions_version DROP CONSTRAINT submissions_version_of_piece;
"""

# 迟报 is decided once, at the first complete hand-in (domain.md §4).
FROZEN = """
CREATE TRIGGER submissions_assignment_frozen BEFORE UPDATE OF completed_at, late ON submissions_assignment
    FOR EACH ROW WHEN (OLD.completed_at IS NOT NULL AND
        (OLD.completed_at IS DISTINCT FROM NEW.completed_at OR OLD.late <> NEW.late))
    EXECUTE FUNCTION portal_refuse_change();
"""

# A stored file may stand in several drafts and versions, but never in those of another unit (invariant
# 3). The lock lets two transactions that attach the same file decide one after the other.
ONE_UNIT = """
CREATE FUNCTION submissions_unit_of(piece bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT a.unit_id FROM submissions_submission s
    JOIN submissions_assignment a ON a.id = s.assignment_id WHERE s.id = piece
$$;
CREATE FUNCTION submissions_file_one_unit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE mine bigint;
BEGIN
    PERFORM FROM portal_storedfile WHERE id = NEW.file_id FOR NO KEY UPDATE;
    IF TG_TABLE_NAME = 'submissions_versionfile' THEN
        SELECT submissions_unit_of(submission_id) INTO mine FROM submissions_version WHERE id = NEW.version_id;
    ELSE
        SELECT submissions_unit_of(submission_id) INTO mine FROM submissions_draft WHERE id = NEW.draft_id;
    END IF;
    IF EXISTS (SELECT 1 FROM submissions_versionfile f WHERE f.file_id = NEW.file_id AND mine <> (
            SELECT submissions_unit_of(v.submission_id) FROM submissions_version v WHERE v.id = f.version_id))
        OR EXISTS (SELECT 1 FROM submissions_draftfile f WHERE f.file_id = NEW.file_id AND mine <> (
            SELECT submissions_unit_of(d.submission_id) FROM submissions_draft d WHERE d.id = f.draft_id)) THEN
        RAISE EXCEPTION 'stored file % belongs to another unit', NEW.file_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER submissions_versionfile_one_unit BEFORE INSERT ON submissions_versionfile
    FOR EACH ROW EXECUTE FUNCTION submissions_file_one_unit();
CREATE TRIGGER submissions_draftfile_one_unit BEFORE INSERT OR UPDATE ON submissions_draftfile
    FOR EACH ROW EXECUTE FUNCTION submissions_file_one_unit();
"""

ANY_UNIT = """
DROP TRIGGER submissions_draftfile_one_unit ON submissions_draftfile;
DROP TRIGGER submissions_versionfile_one_unit ON submissions_versionfile;
DROP FUNCTION submissions_file_one_unit();
DROP FUNCTION submissions_unit_of(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("submissions", "0001_initial"), ("portal", "0002_triggers")]

    operations = [
        *(
            migrations.RunSQL(*append_only(f"submissions_{table}"))
            for table in (
                *("assignmentevent", "version", "versionfile", "versionvalue", "review"),
                *("reminder", "nudge", "nudgedunit"),
            )
        ),
        migrations.RunSQL(KEPT, "DROP TRIGGER submissions_assignment_kept ON submissions_assignment"),
        migrations.RunSQL(FIXED, UNFIX),
        migrations.RunSQL(FROZEN, "DROP TRIGGER submissions_assignment_frozen ON submissions_assignment"),
        migrations.RunSQL(OWN_VERSION, ANY_VERSION),
        migrations.RunSQL(ONE_UNIT, ANY_UNIT),
    ]
