"""What the database itself guarantees: papers that are over stay as they are, and none goes out unsigned."""

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

# An edition begins uncounted; once counted its figures are frozen, and it stays about what it is about.
REPORTS_KEPT = """
CREATE TRIGGER reports_report_kept BEFORE DELETE ON reports_report
    FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER reports_report_over BEFORE UPDATE ON reports_report
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER reports_report_begins BEFORE INSERT ON reports_report
    FOR EACH ROW WHEN (NEW.state <> 'compiling' OR NEW.counted_at IS NOT NULL)
    EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER reports_report_frozen BEFORE UPDATE ON reports_report
    FOR EACH ROW WHEN (OLD.counted_at IS NOT NULL AND (OLD.figures <> NEW.figures
        OR OLD.counted_at IS DISTINCT FROM NEW.counted_at OR OLD.renderer <> NEW.renderer))
    EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER reports_report_fixed BEFORE UPDATE ON reports_report
    FOR EACH ROW WHEN (OLD.subject <> NEW.subject OR OLD.edition <> NEW.edition OR OLD.kind <> NEW.kind
        OR OLD.host_id <> NEW.host_id OR OLD.campaign_id IS DISTINCT FROM NEW.campaign_id
        OR OLD.phase_id IS DISTINCT FROM NEW.phase_id OR OLD.closing IS DISTINCT FROM NEW.closing
        OR OLD.starts_on <> NEW.starts_on OR OLD.ends_on <> NEW.ends_on OR OLD.chosen <> NEW.chosen)
    EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER reports_report_as_submitted BEFORE UPDATE ON reports_report
    FOR EACH ROW WHEN (NEW.state = 'sent' AND (OLD.state <> 'to_sign' OR OLD.title <> NEW.title
        OR OLD.opening <> NEW.opening OR OLD.ending <> NEW.ending OR OLD.number <> NEW.number
        OR OLD.audience <> NEW.audience OR OLD.template_id IS DISTINCT FROM NEW.template_id))
    EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER reports_receipt_kept BEFORE DELETE ON reports_receipt
    FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER reports_receipt_given BEFORE UPDATE ON reports_receipt
    FOR EACH ROW WHEN (OLD.at IS NOT NULL) EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER reports_receipt_fixed BEFORE UPDATE ON reports_receipt
    FOR EACH ROW WHEN (OLD.report_id <> NEW.report_id OR OLD.unit_id <> NEW.unit_id)
    EXECUTE FUNCTION portal_refuse_change();
CREATE TRIGGER reports_signedcopy_kept BEFORE UPDATE OR DELETE ON reports_signedcopy
    FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
"""

REPORTS_LOOSE = """
DROP TRIGGER reports_signedcopy_kept ON reports_signedcopy;
DROP TRIGGER reports_receipt_fixed ON reports_receipt;
DROP TRIGGER reports_receipt_given ON reports_receipt;
DROP TRIGGER reports_receipt_kept ON reports_receipt;
DROP TRIGGER reports_report_as_submitted ON reports_report;
DROP TRIGGER reports_report_fixed ON reports_report;
DROP TRIGGER reports_report_frozen ON reports_report;
DROP TRIGGER reports_report_begins ON reports_report;
DROP TRIGGER reports_report_over ON reports_report;
DROP TRIGGER reports_report_kept ON reports_report;
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial"), ("portal", "0002_triggers")]

    operations = [
        migrations.RunSQL(KEPT, LOOSE),
        migrations.RunSQL(AS_SUBMITTED, ANYHOW),
        migrations.RunSQL(REPORTS_KEPT, REPORTS_LOOSE),
    ]
