"""Build a province of 50,000 schools and time what its leaders look at (docs/scale.md).

Run with DATABASE_URL naming a migrated database that may be thrown away:

    DJANGO_SETTINGS_MODULE=portal.settings python -m bench.picture build [schools]
    DJANGO_SETTINGS_MODULE=portal.settings python -m bench.picture count
    DJANGO_SETTINGS_MODULE=portal.settings python -m bench.picture time [words of a page]
    DJANGO_SETTINGS_MODULE=portal.settings python -m bench.picture explain words of a page

`build` fills it in minutes; `count` measures what counting costs (and takes it back); `time` asks for
every page as three leaders do; `explain` shows the plans of the statements of some pages.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench import province  # noqa: E402
from campaigns.models import Campaign, Occurrence  # noqa: E402
from schools.enums import Role, UnitKind  # noqa: E402
from schools.models import Membership, Unit, User  # noqa: E402
from submissions.services import counting  # noqa: E402

TIMES = 3
CHUNK = 10_000
FAR = 10**9  # a page number that means the last one


def main() -> None:
    acts: dict[str, Callable[..., None]] = {
        "build": build,
        "count": count,
        "time": measure,
        "explain": explain,
    }
    acts[sys.argv[1]](*sys.argv[2:])


# Building --------------------------------------------------------------------------------------------


def build(schools: str = "50000") -> None:
    if Campaign.objects.exists():
        sys.exit("This database holds campaigns already; name an empty one.")
    now = timezone.now()
    with lap("units"):
        bureau, leaders = province.people(int(schools))
    for days in (565, 200):
        begins = timezone.localdate(now) - timedelta(days=days)
        with lap("a campaign"):
            province.handed_in(province.campaign(bureau, begins, now), leaders.province, now)
    with lap("counters written anew (mend)"):
        counting.mend()
    with lap("counters compared with a recount (drift)"):
        assert counting.drift() == []  # noqa: S101
    with lap("VACUUM ANALYZE"):
        province.run("VACUUM ANALYZE")
    sizes()


def sizes() -> None:
    """What the large tables and their indexes take, in megabytes."""
    for name, rows, table, indexes in province.run(
        """
        SELECT relname, reltuples::bigint, pg_table_size(oid) >> 20, pg_indexes_size(oid) >> 20 FROM pg_class
        WHERE relkind = 'r' AND pg_total_relation_size(oid) > 10 << 20
        ORDER BY pg_total_relation_size(oid) DESC
        """
    ):
        print(f"{name:40} {rows:>10,} rows {table:>6,} MB, indexes {indexes:>6,} MB")


@contextmanager
def lap(name: str) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    print(f"{name}: {time.perf_counter() - begun:.2f} s", flush=True)


# Counting --------------------------------------------------------------------------------------------

GIVEN = f"""
INSERT INTO submissions_assignment
    (occurrence_id, unit_id, branch_id, unit_kind, ownership, due_at, state, override, late)
SELECT %s, id, parent_id, kind, ownership, now(), 'todo', '', FALSE FROM schools_unit
WHERE kind NOT IN ('bureau', 'district', 'township') ORDER BY path LIMIT {CHUNK}
"""  # noqa: S608
ACCEPTED = """
DO $$ DECLARE one bigint; BEGIN
    FOR one IN SELECT id FROM submissions_assignment WHERE state = 'submitted' ORDER BY id LIMIT {} LOOP
        UPDATE submissions_submission SET state = 'accepted' WHERE assignment_id = one;
        UPDATE submissions_assignment SET state = 'accepted' WHERE id = one;
    END LOOP;
END $$
"""


def count() -> None:
    """What triggers and folding cost for `CHUNK` assignments; everything is taken back."""
    running = Campaign.objects.latest("starts_on")
    asked = running.requirements.first()
    for name, statement in (("given out at once", GIVEN), ("accepted one by one", ACCEPTED.format(CHUNK))):
        for how in (without_counting, with_counting):
            with transaction.atomic():
                new = Occurrence.objects.create(requirement=asked, number=99, due_at=timezone.now())
                params = [new.pk] if "%s" in statement else None
                with how(), lap(f"{CHUNK} {name}, {how.__name__.replace('_', ' ')}"):
                    province.run(statement, params)
                if how is with_counting:
                    with lap("  folded"):
                        print(f"  {counting.fold_deltas()} changes")
                transaction.set_rollback(True)


@contextmanager
def with_counting() -> Iterator[None]:
    yield


without_counting = province.without_triggers


# Looking ---------------------------------------------------------------------------------------------


@dataclass
class Spent:
    """The statements of one request and their seconds; `cpu`: what the server's process worked for them."""

    statements: list[tuple[float, str, Any]] = field(default_factory=list)
    wall: float = 0
    cpu: float = 0

    def __call__(self, execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.statements.append((time.perf_counter() - begun, sql, params))

    @property
    def sql(self) -> float:
        return sum(spent for spent, *_ in self.statements)


def ask(client: Client, address: str) -> Spent:
    spent = Spent()
    begun, before = time.perf_counter(), worked()
    with connection.execute_wrapper(spent):
        answer = client.get(address)
    spent.wall, spent.cpu = time.perf_counter() - begun, worked() - before
    if answer.status_code != 200:
        print(f"{answer.status_code} {address}")
    return spent


def worked() -> float:
    """Seconds that the server's process of this connection has been on a core (Linux, same machine)."""
    return int(Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text().split()[0]) / 1e9


def leaders() -> dict[str, tuple[Unit, User]]:
    posts = Membership.objects.filter(role=Role.LEADER).select_related("user", "unit").order_by("unit__path")
    names = {UnitKind.BUREAU: "province", UnitKind.DISTRICT: "county", UnitKind.TOWNSHIP: "township"}
    return {names[UnitKind(post.unit.kind)]: (post.unit, post.user) for post in posts}


def pages(unit: Unit) -> Iterator[tuple[str, str]]:
    """Name and address of everything a leader of `unit` looks at."""
    yield "overview", reverse("progress")
    running, closed = Campaign.objects.order_by("-starts_on")
    yield "campaign closed", reverse("campaign", args=[closed.pk])
    for name in OF_CAMPAIGN:
        yield name, reverse(name, args=[running.pk])
    for name in ("all_behind", "units", "mine"):
        yield name, reverse(name)
    yield "matrix last", reverse("matrix", args=[running.pk]) + f"?page={FAR}"
    yield "behind last", reverse("behind", args=[running.pk]) + f"?page={FAR}"
    below = Unit.objects.filter(parent=unit, kind__in=UnitKind.branches()).order_by("path").first()
    school = Unit.objects.filter(path__startswith=unit.path, kind=UnitKind.PRIMARY).first()
    yield "unit", reverse("unit", args=[school.pk])
    yield "unit bureau", reverse("unit", args=[unit.pk])
    if below:
        yield "campaign below", reverse("campaign", args=[running.pk]) + f"?below={below.pk}"
    asked = running.requirements.order_by("order").first()
    rows = reverse("rows", args=[running.pk])
    for figure in ("owed", "handed", "waiting", "returned", "overdue", "exempt"):
        yield f"rows {figure}", f"{rows}?figure={figure}"
        yield f"rows {figure} last", f"{rows}?figure={figure}&page={FAR}"
    yield "rows requirement", f"{rows}?figure=handed&requirement={asked.pk}"
    yield "rows requirement last", f"{rows}?figure=handed&requirement={asked.pk}&page={FAR}"
    yield "rows kind", f"{rows}?figure=missing&unit_kind=primary"
    yield "rows days", f"{rows}?figure=complete&done_from={timezone.localdate() - timedelta(days=7)}"
    yield "rows branch", f"{rows}?figure=owed&branch={school.parent_id}"
    yield "rows unit", f"{rows}?figure=owed&unit={school.pk}"


OF_CAMPAIGN = (
    *("campaign", "matrix", "behind", "wall", "topics", "topic_units", "pieces"),
    *("activities", "meetings", "indicators", "works"),
)


def asked_for(words: tuple[str, ...]) -> Iterator[tuple[str, str, str, Client]]:
    """(leader, page, address, client) for all pages whose leader and name have the words."""
    for who, (unit, user) in leaders().items():
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        client.get(reverse("progress"))
        for name, address in pages(unit):
            if all(word in f"{who} {name}".split() for word in words):
                yield who, name, address, client


def measure(*words: str) -> None:
    province.run("SET max_parallel_workers_per_gather = 0")
    print("leader    page                    queries  first SQL  SQL median  CPU median  whole median (s)")
    for who, name, address, client in asked_for(words):
        first = ask(client, address)
        again = [ask(client, address) for _ in range(TIMES)]
        sql, cpu, wall = (
            statistics.median(getattr(one, key) for one in again) for key in ("sql", "cpu", "wall")
        )
        numbers = f"{len(first.statements):6} {first.sql:10.3f} {sql:11.3f} {cpu:11.3f} {wall:11.3f}"
        print(f"{who:9} {name:24} {numbers}", flush=True)


def explain(*words: str) -> None:
    """The plans of statements that take longer than 20 ms."""
    for who, name, address, client in asked_for(words):
        for spent, sql, params in ask(client, address).statements:
            print(f"\n== {who} {name}: {spent:.3f} s\n{sql} {params}")
            if spent > 0.02 and sql.lstrip().upper().startswith(("SELECT", "WITH")):
                plan = province.run(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params)
                print("\n".join(line for (line,) in plan))


if __name__ == "__main__":
    main()
