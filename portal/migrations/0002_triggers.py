"""Stored files and audit events only grow; of a stored file, the purge time may be set once."""

from django.db import migrations

from portal.triggers import REFUSE, append_only

STORED_FILE = """
CREATE FUNCTION portal_storedfile_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.purged_at IS NULL AND
        (to_jsonb(NEW) - 'purged_at') = (to_jsonb(OLD) - 'purged_at') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'stored files are kept: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER portal_storedfile_guard BEFORE UPDATE OR DELETE ON portal_storedfile
    FOR EACH ROW EXECUTE FUNCTION portal_storedfile_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION portal_refuse_change()"),
        migrations.RunSQL(*append_only("portal_auditevent")),
        migrations.RunSQL(
            STORED_FILE,
            "DROP TRIGGER portal_storedfile_guard ON portal_storedfile; DROP FUNCTION portal_storedfile_guard()",
        ),
    ]
