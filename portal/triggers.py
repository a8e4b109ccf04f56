"""SQL for tables that may only grow; used by the trigger migrations of several rooms."""

REFUSE = """
CREATE OR REPLACE FUNCTION portal_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only table %: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


def append_only(table: str) -> tuple[str, str]:
    """Forward and backward SQL that makes `table` refuse every UPDATE and DELETE."""
    return (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();",
        f"DROP TRIGGER {table}_append_only ON {table};",
    )
