"""What the database itself guarantees: a bulletin that is over stays as it is, and none goes out unsigned."""

from django.db import migrations

KEPT = """
CREATE TRIGGER reports_bulletin_kept BEFORE DELETE ON reports_bulletin
    FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER reports_bulletin_over BEFORE UPDATE ON reports_bulletin
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER reports_bulletin_fixed BEFORE UPDATE OF occurrence_id, edition ON reports_bulletin
    FOR EACH ROW WHEN (OLD.occurrence_id <> NEW.occurrence_id OR OLD.edition <> NEW.edition)
    EXECUTE FUNCTION portal_refuse_change();
"""

LOOSE = """
DROP TRIGGER reports_bulletin_fixed ON reports_bulletin;
DROP TRIGGER reports_bulletin_over ON reports_bulletin;
DROP TRIGGER reports_bulletin_kept ON reports_bulletin;
"""

# What goes out is word for word what was submitted for signature.
AS_SUBMITTED = """
CREATE TRIGGER reports_bulletin_begins BEFORE INSERT ON reports_bulletin
    FOR EACH ROW WHEN (NEW.state <> 'draft') EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER reports_bulletin_as_submitted BEFORE UPDATE ON reports_bulletin
    FOR EACH ROW WHEN (NEW.state = 'sent' AND (OLD.state <> 'to_sign' OR OLD.title <> NEW.title
        OR OLD.body <> NEW.body OR OLD.figures <> NEW.figures OR OLD.counted_at <> NEW.counted_at))
    EXECUTE FUNCTION portal_refuse_change();
"""

ANYHOW = """
DROP TRIGGER reports_bulletin_as_submitted ON reports_bulletin;
DROP TRIGGER reports_bulletin_begins ON reports_bulletin;
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial"), ("portal", "0002_triggers")]

    operations = [migrations.RunSQL(KEPT, LOOSE), migrations.RunSQL(AS_SUBMITTED, ANYHOW)]
