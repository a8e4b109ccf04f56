"""Fill an empty, migrated database with 100,000 fingerprints and time searches in it (docs/likeness.md).

Run with DATABASE_URL naming a database that may be thrown away:

    DJANGO_SETTINGS_MODULE=portal.settings python -m bench.likeness

Of each row's fingerprints 92 % are random and 8 % as common as in essays of the generator.
"""

import io
import os
import random
import statistics
import struct
import sys
import time

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from schools.models import Unit  # noqa: E402
from submissions.management.commands.measure_likeness import handed_in  # noqa: E402
from submissions.management.essays import THINGS, Piece, Writer, text_of  # noqa: E402
from submissions.models import Assignment, Fingerprint, Version  # noqa: E402
from submissions.passages import Letters, fingerprints  # noqa: E402
from submissions.services import comparing  # noqa: E402

ROWS, UNITS, BATCH, SEARCHES = int(sys.argv[1]) if sys.argv[1:] else 100_000, 4, 1_000, 40

dice = random.Random(7)  # noqa: S311


def main() -> None:
    writer = Writer(7)
    texts = [
        text_of(writer.essay(dice.choice(list(THINGS)), 0.35 if n % 4 == 0 else 0.03)) for n in range(1200)
    ]
    sets = [sorted(set(fingerprints(Letters.of(text)).values())) for text in texts]
    fill(
        versions(handed_in([Piece("original", texts[0])])[0]), texts, [one for found in sets for one in found]
    )
    spent = []
    for hashes in dice.sample(sets, SEARCHES):
        begun = time.perf_counter()
        with transaction.atomic():
            comparing.holders(set(hashes))
        spent.append(time.perf_counter() - begun)
    spent.sort()
    late = spent[int(SEARCHES * 0.95) - 1]
    print(f"{SEARCHES} searches: median {statistics.median(spent):.2f} s, p95 {late:.2f} s")


def versions(first: Version) -> list[int]:
    """Make the versions that the rows belong to, beside `first`; their ids."""
    ids: list[int] = []
    like = first.submission.assignment
    with connection.cursor() as cursor:
        for n in range(UNITS):
            unit = Unit.objects.create(name=f"大量单位{n}", kind="bureau")
            owed = Assignment.objects.create(
                occurrence=like.occurrence, unit=unit, branch=unit, unit_kind=unit.kind, ownership="public",
                due_at=like.due_at,
            )  # fmt: skip
            cursor.execute(
                "INSERT INTO submissions_submission (assignment_id, number, state, handed_in_at) "
                "SELECT %s, n, 'pending', now() FROM generate_series(1, %s) n RETURNING id",
                [owed.pk, ROWS // UNITS],
            )
            pieces = [row[0] for row in cursor.fetchall()]
            cursor.execute(
                "INSERT INTO submissions_version (submission_id, number, submitted_at, submitted_by_id, "
                "title, authors, abstract, body, sheet, on_behalf, digest) "
                "SELECT s, 1, now(), %s, '大量' || s, '', '', '', '{}', false, repeat('0', 64) "
                "FROM unnest(%s) s RETURNING id",
                [first.submitted_by_id, pieces],
            )
            ids += [row[0] for row in cursor.fetchall()]
    return ids


def fill(ids: list[int], texts: list[str], pool: list[int]) -> None:
    """Write a fingerprint of 250 to 550 hashes for each version."""
    table = Fingerprint._meta.db_table
    with connection.cursor() as cursor:
        for start in range(0, len(ids), BATCH):
            rows = io.StringIO()
            for pk in ids[start : start + BATCH]:
                size = dice.randint(250, 550)
                made = set(struct.unpack(f"<{size}i", os.urandom(4 * size))) | set(
                    dice.choices(pool, k=size * 8 // 92)
                )
                text = dice.choice(texts).replace("\n", "\\n")
                rows.write(f"{pk}\t{text}\t{{{','.join(map(str, sorted(made)))}}}\t2026-03-01\n")
            rows.seek(0)
            cursor.copy_from(rows, table, columns=("version_id", "text", "hashes", "compared_at"))
        cursor.execute(f"VACUUM ANALYZE {table}")


if __name__ == "__main__":
    main()
