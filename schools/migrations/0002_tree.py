"""The unit tree keeps itself: `path` follows `parent` on insert and move, subtrees move along."""

from django.db import migrations

TREE = """
CREATE FUNCTION schools_unit_place() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE above text := '';
BEGIN
    IF NEW.parent_id IS NOT NULL THEN
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

CREATE FUNCTION schools_unit_carry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE schools_unit SET path = NEW.path || substr(path, length(OLD.path) + 1)
        WHERE starts_with(path, OLD.path) AND id <> NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER schools_unit_carry AFTER UPDATE OF parent_id ON schools_unit
    FOR EACH ROW WHEN (pg_trigger_depth() = 0 AND OLD.path <> NEW.path) EXECUTE FUNCTION schools_unit_carry();
"""

GONE = """
DROP TRIGGER schools_unit_carry ON schools_unit; DROP FUNCTION schools_unit_carry();
DROP TRIGGER schools_unit_place ON schools_unit; DROP FUNCTION schools_unit_place();
"""


class Migration(migrations.Migration):
    dependencies = [("schools", "0001_initial")]

    operations = [migrations.RunSQL(TREE, GONE)]
