"""Phase and topic of what is asked and held are its own campaign's: compound keys, which Django cannot
declare."""

from django.db import migrations

FORWARD = """
ALTER TABLE campaigns_phase ADD CONSTRAINT phase_in_campaign UNIQUE (id, campaign_id);
ALTER TABLE campaigns_topic ADD CONSTRAINT topic_in_campaign UNIQUE (id, campaign_id);
ALTER TABLE campaigns_requirement
    ADD CONSTRAINT requirement_phase_same_campaign FOREIGN KEY (phase_id, campaign_id)
        REFERENCES campaigns_phase (id, campaign_id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT requirement_topic_same_campaign FOREIGN KEY (topic_id, campaign_id)
        REFERENCES campaigns_topic (id, campaign_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE campaigns_activity
    ADD CONSTRAINT activity_phase_same_campaign FOREIGN KEY (phase_id, campaign_id)
        REFERENCES campaigns_phase (id, campaign_id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT activity_topic_same_campaign FOREIGN KEY (topic_id, campaign_id)
        REFERENCES campaigns_topic (id, campaign_id) DEFERRABLE INITIALLY DEFERRED;
"""

BACKWARD = """
ALTER TABLE campaigns_activity
    DROP CONSTRAINT activity_topic_same_campaign, DROP CONSTRAINT activity_phase_same_campaign;
ALTER TABLE campaigns_requirement
    DROP CONSTRAINT requirement_topic_same_campaign, DROP CONSTRAINT requirement_phase_same_campaign;
ALTER TABLE campaigns_topic DROP CONSTRAINT topic_in_campaign;
ALTER TABLE campaigns_phase DROP CONSTRAINT phase_in_campaign;
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
