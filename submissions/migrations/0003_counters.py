"""True counters: triggers append what changes, views are folded tables and changes together.

Statement-level, with transition tables: publishing 60,000 assignments appends a few hundred rows.
"""

from django.db import migrations


def view(name: str, tally: str, columns: str) -> str:
    return f"""
CREATE VIEW submissions_{name} AS
    SELECT id, {columns} FROM submissions_{tally}
    UNION ALL
    SELECT -id, {columns} FROM submissions_{tally}delta;
"""  # noqa: S608 - constants only


ASSIGNMENT = "occurrence_id, branch_id, unit_kind, ownership, due_at, state, late, complete"

STANDING = f"""
CREATE FUNCTION submissions_count_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO submissions_tallydelta ({ASSIGNMENT}, n)
    SELECT {ASSIGNMENT}, count(*) FROM added GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;
    RETURN NULL;
END $$;
CREATE FUNCTION submissions_count_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO submissions_tallydelta ({ASSIGNMENT}, n)
    SELECT {ASSIGNMENT}, sum(sign)
    FROM (
        SELECT {ASSIGNMENT}, 1 AS sign FROM after UNION ALL SELECT {ASSIGNMENT}, -1 FROM before
    ) AS moved GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 HAVING sum(sign) <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER submissions_count_added AFTER INSERT ON submissions_assignment
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION submissions_count_added();
CREATE TRIGGER submissions_count_changed AFTER UPDATE ON submissions_assignment
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT
    EXECUTE FUNCTION submissions_count_changed();
{view("standing", "tally", f"{ASSIGNMENT}, n")}
"""  # noqa: S608 - constants only

NO_STANDING = """
DROP VIEW submissions_standing;
DROP TRIGGER submissions_count_changed ON submissions_assignment;
DROP TRIGGER submissions_count_added ON submissions_assignment;
DROP FUNCTION submissions_count_changed();
DROP FUNCTION submissions_count_added();
"""

# The day of a first complete hand-in, of what is owed: 免报 and 撤销 are in no pace.
DAY = "(completed_at AT TIME ZONE 'Asia/Shanghai')::date"
PACED = "completed_at IS NOT NULL AND state NOT IN ('exempt', 'cancelled')"

PACE = f"""
CREATE FUNCTION submissions_pace_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO submissions_daytallydelta (occurrence_id, branch_id, completed_on, n)
    SELECT occurrence_id, branch_id, day, sum(sign)
    FROM (
        SELECT occurrence_id, branch_id, {DAY} AS day, 1 AS sign FROM after WHERE {PACED}
        UNION ALL
        SELECT occurrence_id, branch_id, {DAY}, -1 FROM before WHERE {PACED}
    ) AS moved GROUP BY 1, 2, 3 HAVING sum(sign) <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER submissions_pace_changed AFTER UPDATE ON submissions_assignment
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT
    EXECUTE FUNCTION submissions_pace_changed();
CREATE FUNCTION submissions_pace_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO submissions_daytallydelta (occurrence_id, branch_id, completed_on, n)
    SELECT occurrence_id, branch_id, {DAY}, count(*) FROM added WHERE {PACED} GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;
CREATE TRIGGER submissions_pace_added AFTER INSERT ON submissions_assignment
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION submissions_pace_added();
{view("pace", "daytally", "occurrence_id, branch_id, completed_on, n")}
"""  # noqa: S608 - constants only

NO_PACE = """
DROP VIEW submissions_pace;
DROP TRIGGER submissions_pace_added ON submissions_assignment;
DROP TRIGGER submissions_pace_changed ON submissions_assignment;
DROP FUNCTION submissions_pace_added();
DROP FUNCTION submissions_pace_changed();
"""

# Pieces that are with the bureau, of assignments that stand. `moved` is (assignment_id, current_id, sign).
OUTPUT_KEY = "campaign_id, topic_id, branch_id, unit_id"
OUTPUT = f"""
CREATE FUNCTION submissions_present(kind text, sheet jsonb) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN kind = 'minutes' THEN coalesce((sheet ->> 'present')::int, 0) ELSE 0 END
$$;
CREATE FUNCTION submissions_output_pieces() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO submissions_piecetallydelta ({OUTPUT_KEY}, n, meetings, present)
    SELECT r.campaign_id, coalesce(r.topic_id, v.topic_id), a.branch_id, a.unit_id,
        sum(sign), sum(CASE WHEN r.kind = 'minutes' THEN sign ELSE 0 END),
        sum(sign * submissions_present(r.kind, v.sheet))
    FROM (
        SELECT assignment_id, current_id, 1 AS sign FROM after
        UNION ALL
        SELECT assignment_id, current_id, -1 FROM before
    ) AS moved
    JOIN submissions_version v ON v.id = moved.current_id
    JOIN submissions_assignment a ON a.id = moved.assignment_id
    JOIN campaigns_occurrence o ON o.id = a.occurrence_id
    JOIN campaigns_requirement r ON r.id = o.requirement_id
    WHERE a.state <> 'cancelled'
    GROUP BY 1, 2, 3, 4 HAVING sum(sign) <> 0 OR sum(sign * submissions_present(r.kind, v.sheet)) <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER submissions_output_pieces AFTER UPDATE ON submissions_submission
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT
    EXECUTE FUNCTION submissions_output_pieces();
CREATE FUNCTION submissions_output_assignments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO submissions_piecetallydelta ({OUTPUT_KEY}, n, meetings, present)
    SELECT r.campaign_id, coalesce(r.topic_id, v.topic_id), a.branch_id, a.unit_id,
        sum(sign), sum(CASE WHEN r.kind = 'minutes' THEN sign ELSE 0 END),
        sum(sign * submissions_present(r.kind, v.sheet))
    FROM (
        SELECT n.id, n.occurrence_id, n.branch_id, n.unit_id,
            CASE WHEN n.state = 'cancelled' THEN -1 ELSE 1 END AS sign
        FROM after n JOIN before p ON p.id = n.id WHERE (n.state = 'cancelled') <> (p.state = 'cancelled')
    ) AS a
    JOIN submissions_submission s ON s.assignment_id = a.id
    JOIN submissions_version v ON v.id = s.current_id
    JOIN campaigns_occurrence o ON o.id = a.occurrence_id
    JOIN campaigns_requirement r ON r.id = o.requirement_id
    GROUP BY 1, 2, 3, 4;
    RETURN NULL;
END $$;
CREATE TRIGGER submissions_output_assignments AFTER UPDATE ON submissions_assignment
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT
    EXECUTE FUNCTION submissions_output_assignments();
{view("output", "piecetally", f"{OUTPUT_KEY}, n, meetings, present")}
"""  # noqa: S608 - constants only

NO_OUTPUT = """
DROP VIEW submissions_output;
DROP TRIGGER submissions_output_assignments ON submissions_assignment;
DROP TRIGGER submissions_output_pieces ON submissions_submission;
DROP FUNCTION submissions_output_assignments();
DROP FUNCTION submissions_output_pieces();
DROP FUNCTION submissions_present(text, jsonb);
"""

# What each unit reported last for an indicator: of one requirement the highest period, of several what came
# last; deadlines may move, periods do not. `submissions_latest` is also what a recount compares with.
# The rows of the pairs touched are locked first, in order, and only then read: two hand-ins of one unit follow
# each other, and nothing that others need (units, assignments) is held for it.
READINGS = """
CREATE VIEW submissions_latest AS
    SELECT DISTINCT ON (indicator_id, unit_id) indicator_id, unit_id, branch_id, version_id, value
    FROM (
        SELECT DISTINCT ON (i.indicator_id, a.unit_id, o.requirement_id)
            i.indicator_id, a.unit_id, a.branch_id, i.version_id, i.value, s.handed_in_at
        FROM submissions_assignment a
        JOIN submissions_submission s ON s.assignment_id = a.id
        JOIN submissions_versionvalue i ON i.version_id = s.current_id
        JOIN campaigns_occurrence o ON o.id = a.occurrence_id
        WHERE a.state <> 'cancelled'
        ORDER BY i.indicator_id, a.unit_id, o.requirement_id, o.number DESC, s.handed_in_at DESC, i.version_id DESC
    ) AS periods
    ORDER BY indicator_id, unit_id, handed_in_at DESC, version_id DESC;
CREATE VIEW submissions_reported AS
    SELECT i.indicator_id, a.unit_id, a.branch_id, i.version_id, i.value
    FROM submissions_versionvalue i
    JOIN submissions_version v ON v.id = i.version_id
    JOIN submissions_submission s ON s.id = v.submission_id
    JOIN submissions_assignment a ON a.id = s.assignment_id;
CREATE FUNCTION submissions_read_again(touched bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE units bigint[];
BEGIN
    SELECT array_agg(DISTINCT unit_id) INTO units FROM submissions_reported WHERE version_id = ANY (touched);
    INSERT INTO submissions_reading (indicator_id, unit_id, branch_id, version_id, value)
    SELECT DISTINCT ON (unit_id, indicator_id) indicator_id, unit_id, branch_id, version_id, value
    FROM submissions_reported WHERE version_id = ANY (touched) ORDER BY unit_id, indicator_id
    ON CONFLICT (indicator_id, unit_id) DO UPDATE SET value = submissions_reading.value;
    UPDATE submissions_reading r
    SET branch_id = l.branch_id, version_id = l.version_id, value = l.value
    FROM submissions_latest l
    WHERE l.unit_id = ANY (units) AND r.unit_id = l.unit_id AND r.indicator_id = l.indicator_id
        AND (r.version_id, r.branch_id, r.value) IS DISTINCT FROM (l.version_id, l.branch_id, l.value)
        AND (r.unit_id, r.indicator_id) IN (
            SELECT unit_id, indicator_id FROM submissions_reported WHERE version_id = ANY (touched));
    DELETE FROM submissions_reading r
    WHERE (r.unit_id, r.indicator_id) IN (
            SELECT unit_id, indicator_id FROM submissions_reported WHERE version_id = ANY (touched))
        AND NOT EXISTS (
            SELECT FROM submissions_latest l WHERE l.unit_id = ANY (units)
                AND l.unit_id = r.unit_id AND l.indicator_id = r.indicator_id);
END $$;
CREATE FUNCTION submissions_reading_pieces() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE touched bigint[];
BEGIN
    SELECT array_agg(DISTINCT i.version_id) INTO touched
    FROM after n JOIN before p ON p.id = n.id
    JOIN submissions_versionvalue i ON i.version_id IN (n.current_id, p.current_id)
    WHERE n.current_id IS DISTINCT FROM p.current_id;
    IF touched IS NOT NULL THEN
        PERFORM submissions_read_again(touched);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER submissions_reading_pieces AFTER UPDATE ON submissions_submission
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT
    EXECUTE FUNCTION submissions_reading_pieces();
CREATE FUNCTION submissions_reading_assignments() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE touched bigint[];
BEGIN
    SELECT array_agg(DISTINCT i.version_id) INTO touched
    FROM after n JOIN before p ON p.id = n.id
    JOIN submissions_submission s ON s.assignment_id = n.id
    JOIN submissions_versionvalue i ON i.version_id = s.current_id
    WHERE (n.state = 'cancelled') <> (p.state = 'cancelled');
    IF touched IS NOT NULL THEN
        PERFORM submissions_read_again(touched);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER submissions_reading_assignments AFTER UPDATE ON submissions_assignment
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT
    EXECUTE FUNCTION submissions_reading_assignments();
"""

NO_READINGS = """
DROP TRIGGER submissions_reading_assignments ON submissions_assignment;
DROP TRIGGER submissions_reading_pieces ON submissions_submission;
DROP FUNCTION submissions_reading_assignments();
DROP FUNCTION submissions_reading_pieces();
DROP FUNCTION submissions_read_again(bigint[]);
DROP VIEW submissions_reported;
DROP VIEW submissions_latest;
"""


class Migration(migrations.Migration):
    dependencies = [("submissions", "0002_triggers")]

    operations = [
        migrations.RunSQL(STANDING, NO_STANDING),
        migrations.RunSQL(PACE, NO_PACE),
        migrations.RunSQL(OUTPUT, NO_OUTPUT),
        migrations.RunSQL(READINGS, NO_READINGS),
    ]
