"""Counters: folding the deltas, and proving the sum against the assignments."""

from django.db import connection

KEY = "occurrence_id, branch_id, unit_kind, ownership, due_at, state, late"

FOLD = f"""
WITH moved AS (
    DELETE FROM submissions_tallydelta WHERE id IN (
        SELECT id FROM submissions_tallydelta ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
    ) RETURNING {KEY}, n
), summed AS (
    SELECT {KEY}, sum(n) AS n FROM moved GROUP BY {KEY} HAVING sum(n) <> 0 ORDER BY {KEY}
), written AS (
    INSERT INTO submissions_tally AS t ({KEY}, n) SELECT {KEY}, n FROM summed
    ON CONFLICT ({KEY}) DO UPDATE SET n = t.n + excluded.n
)
SELECT count(*) FROM moved
"""  # noqa: S608 - constants only

DRIFT = f"""
SELECT {KEY}, coalesce(told.n, 0) AS told, coalesce(true_.n, 0) AS counted FROM
    (SELECT {KEY}, sum(n) AS n FROM submissions_standing GROUP BY {KEY}) AS told
FULL JOIN
    (SELECT {KEY}, count(*) AS n FROM submissions_assignment GROUP BY {KEY}) AS true_
USING ({KEY})
WHERE coalesce(told.n, 0) <> coalesce(true_.n, 0)
"""  # noqa: S608 - constants only


def fold_deltas(batch: int = 20_000) -> int:
    """Move pending deltas into the tally, `batch` rows a statement; returns how many were moved.

    Each statement is atomic and skips rows another folder holds, so any number of workers may run.
    """
    total = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(FOLD, [batch])
            moved = cursor.fetchone()[0]
        total += moved
        if moved < batch:
            return total


def drift() -> list[tuple]:
    """Every counter key whose stored sum differs from a recount: (key…, stored, counted)."""
    with connection.cursor() as cursor:
        cursor.execute(DRIFT)
        return cursor.fetchall()
