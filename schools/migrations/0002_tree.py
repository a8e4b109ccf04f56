"""The unit tree keeps itself: `path` follows `parent` on insert and move, subtrees move along."""

from django.db import migrations

TREE = """
CREATE FUNCTION schools_unit_place() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE above text := '';
BEGIN
    IF NEW.parent_id IS NOT NULL THEN
        -- An arrival waits for a move of its parent in progress, and such a move for the arrival.
        IF TG_OP = 'INSERT' OR NEW.parent_id IS DISTINCT FROM OLD.parent_id THEN
            PERFORM FROM schools_unit WHERE id = NEW.parent_id FOR KEY SHARE;
        END IF;
        SELECT path INTO above FROM schools_unit WHERE id = NEW.parent_id;
        IF TG_OP = 'UPDATE' AND starts_with(above, OLD.path) THEN
            RAISE EXCEPTION 'unit % cannot move below itself', NEW.id USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    NEW.path := above || lpad(NEW.id::text, 8, '0');
    RETURN NEW;
END $$;
CREATE TRIGGER schools_unit_place BEFORE INSERT OR UPDATE OF parent_id, path ON schools_unit
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION schools_unit_place();

-- Down along parent_id from where the unit now stands: one statement may move several heads at once.
CREATE FUNCTION schools_unit_below(head bigint) RETURNS TABLE (id bigint, path text, again boolean)
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE below (id, path) AS (
        SELECT u.id, u.path::text FROM schools_unit u WHERE u.id = head
        UNION ALL
        SELECT u.id, b.path || lpad(u.id::text, 8, '0') FROM schools_unit u JOIN below b ON u.parent_id = b.id
    ) CYCLE id SET again USING seen
    SELECT below.id, below.path, below.again FROM below
$$;
CREATE FUNCTION schools_unit_carry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM schools_unit_below(NEW.id) b WHERE b.again) THEN
        RAISE EXCEPTION 'unit % cannot move below itself', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    LOOP -- until nothing is left to carry: a unit may have arrived while this waited for another one
        UPDATE schools_unit u SET path = b.path FROM schools_unit_below(NEW.id) b
            WHERE u.id = b.id AND u.path <> b.path;
        EXIT WHEN NOT FOUND;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER schools_unit_carry AFTER UPDATE OF parent_id ON schools_unit
    FOR EACH ROW WHEN (pg_trigger_depth() = 0 AND OLD.path <> NEW.path) EXECUTE FUNCTION schools_unit_carry();
"""

GONE = """
DROP TRIGGER schools_unit_carry ON schools_unit; DROP FUNCTION schools_unit_carry();
DROP FUNCTION schools_unit_below(bigint);
DROP TRIGGER schools_unit_place ON schools_unit; DROP FUNCTION schools_unit_place();
"""


class Migration(migrations.Migration):
    dependencies = [("schools", "0001_initial")]

    operations = [migrations.RunSQL(TREE, GONE)]
