"""Counters: folding what was appended, proving the sums against a recount, and mending what differs."""

from dataclasses import dataclass

from django.db import connection, transaction


@dataclass(frozen=True)
class Counter:
    """A folded table `tally` with its changes in `{tally}delta` and both in the view `view`.

    `key` and `sums` are columns; `conflict` is the key as its unique index has it; `truth` is what a
    recount gives, with the same columns.
    """

    name: str
    tally: str
    view: str
    key: str
    sums: tuple[str, ...]
    truth: str
    conflict: str


ASSIGNMENT = "occurrence_id, branch_id, unit_kind, ownership, due_at, state, late, complete"
DAY = "occurrence_id, branch_id, completed_on"
PIECE = "campaign_id, topic_id, branch_id, unit_id"

COUNTERS = (
    Counter(
        name="报送任务",
        tally="submissions_tally",
        view="submissions_standing",
        key=ASSIGNMENT,
        conflict=ASSIGNMENT,
        sums=("n",),
        truth=f"SELECT {ASSIGNMENT}, count(*) AS n FROM submissions_assignment GROUP BY {ASSIGNMENT}",  # noqa: S608
    ),
    Counter(
        name="报齐日期",
        tally="submissions_daytally",
        view="submissions_pace",
        key=DAY,
        conflict=DAY,
        sums=("n",),
        truth="""
            SELECT occurrence_id, branch_id,
                (completed_at AT TIME ZONE 'Asia/Shanghai')::date AS completed_on, count(*) AS n
            FROM submissions_assignment
            WHERE completed_at IS NOT NULL AND state NOT IN ('exempt', 'cancelled') GROUP BY 1, 2, 3
        """,
    ),
    Counter(
        name="材料",
        tally="submissions_piecetally",
        view="submissions_output",
        key=PIECE,
        conflict="campaign_id, coalesce(topic_id, 0), branch_id, unit_id",
        sums=("n", "meetings", "present"),
        truth="""
            SELECT r.campaign_id, coalesce(r.topic_id, v.topic_id) AS topic_id, a.branch_id, a.unit_id,
                count(*) AS n, count(*) FILTER (WHERE r.kind = 'minutes') AS meetings,
                sum(submissions_present(r.kind, v.sheet)) AS present
            FROM submissions_submission s
            JOIN submissions_version v ON v.id = s.current_id
            JOIN submissions_assignment a ON a.id = s.assignment_id
            JOIN campaigns_occurrence o ON o.id = a.occurrence_id
            JOIN campaigns_requirement r ON r.id = o.requirement_id
            WHERE a.state <> 'cancelled' GROUP BY 1, 2, 3, 4
        """,
    ),
)

#: Indicator values are no sums but rows; a recount reads them from `submissions_latest`.
READING = "indicator_id, unit_id, branch_id, version_id, value"
READING_DRIFT = f"""
    (SELECT {READING}, 'stored' FROM submissions_reading EXCEPT SELECT {READING}, 'stored' FROM submissions_latest)
    UNION ALL
    (SELECT {READING}, 'counted' FROM submissions_latest EXCEPT SELECT {READING}, 'counted' FROM submissions_reading)
"""  # noqa: S608, E501 - constants only


def fold_deltas(batch: int = 20_000) -> int:
    """Move pending deltas into their tallies, `batch` rows a statement; returns how many were moved.

    Each statement is atomic and skips rows another folder holds, so any number of workers may run.
    """
    return sum(_fold(one, batch) for one in COUNTERS)


def _fold(counter: Counter, batch: int) -> int:
    sums = ", ".join(counter.sums)
    added = ", ".join(f"sum({name}) AS {name}" for name in counter.sums)
    there = " OR ".join(f"sum({name}) <> 0" for name in counter.sums)
    taken = ", ".join(f"{name} = t.{name} + excluded.{name}" for name in counter.sums)
    statement = f"""
        WITH moved AS (
            DELETE FROM {counter.tally}delta WHERE id IN (
                SELECT id FROM {counter.tally}delta ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
            ) RETURNING {counter.key}, {sums}
        ), summed AS (
            SELECT {counter.key}, {added} FROM moved
            GROUP BY {counter.key} HAVING {there} ORDER BY {counter.key}
        ), written AS (
            INSERT INTO {counter.tally} AS t ({counter.key}, {sums}) SELECT {counter.key}, {sums} FROM summed
            ON CONFLICT ({counter.conflict}) DO UPDATE SET {taken}
        )
        SELECT count(*) FROM moved
    """  # noqa: S608 - constants only
    total = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, [batch])
            moved = cursor.fetchone()[0]
        total += moved
        if moved < batch:
            return total


def drift() -> list[tuple]:
    """Everything that differs from a recount: (counter's name, key…, stored sums…, counted sums…), of
    indicator values (name, columns…, which side has the row)."""
    return [(one.name, *row) for one in COUNTERS for row in _drift(one)] + [
        ("指标现值", *row) for row in _rows(READING_DRIFT)
    ]


def _drift(counter: Counter) -> list[tuple]:
    told = ", ".join(f"told_{name}" for name in counter.sums)
    return _rows(f"SELECT {counter.key}, {told}, {', '.join(counter.sums)} FROM ({_apart(counter)}) AS apart")  # noqa: S608


def _apart(counter: Counter) -> str:
    """A query of the keys whose sums differ: key, what is told (told_…) and counted, both of one moment."""
    sums = ", ".join(counter.sums)
    nothing = ", ".join(f"0 AS {name}" for name in counter.sums)
    told = ", ".join(f"{name} AS told_{name}" for name in counter.sums)
    both = ", ".join(
        [f"sum(told_{name}) AS told_{name}" for name in counter.sums]
        + [f"sum({name}) AS {name}" for name in counter.sums]
    )
    unlike = " OR ".join(f"sum(told_{name}) <> sum({name})" for name in counter.sums)
    return f"""
        SELECT {counter.key}, {both} FROM (
            SELECT {counter.key}, {told}, {nothing} FROM {counter.view}
            UNION ALL
            SELECT {counter.key}, {nothing}, {sums} FROM ({counter.truth}) AS truth
        ) AS sides GROUP BY {counter.key} HAVING {unlike}
    """  # noqa: S608 - constants only


def _rows(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


@transaction.atomic
def mend() -> None:
    """Put right whatever differs from a recount.

    What is missing is appended like any other change, so nobody has to wait for it; two at once follow each
    other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('submissions.counting.mend'))")
        for one in COUNTERS:
            missing = ", ".join(f"{name} - told_{name}" for name in one.sums)
            cursor.execute(
                f"INSERT INTO {one.tally}delta ({one.key}, {', '.join(one.sums)}) "  # noqa: S608
                f"SELECT {one.key}, {missing} FROM ({_apart(one)}) AS apart"
            )
        cursor.execute(
            f"SELECT submissions_read_again(array_agg(version_id)) FROM ({READING_DRIFT}) AS apart"  # noqa: S608
        )
        cursor.execute("""
            DELETE FROM submissions_reading r WHERE NOT EXISTS (
                SELECT FROM submissions_latest l
                WHERE l.unit_id = r.unit_id AND l.indicator_id = r.indicator_id)
        """)
