"""A province made up at random, as rows: units, two campaigns, what was handed in for them, and who looks.

One piece and one version for each hand-in, with the number of its assignment. Rows are written without
triggers, so the counters have to be written afterwards (counting.mend).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from campaigns.enums import CampaignKind, CampaignState, Frequency, PhaseState, RequirementKind
from campaigns.models import Campaign, Indicator, Occurrence, Phase, Requirement, Topic
from notices.workdays import end_of
from schools.enums import Role, UnitKind
from schools.models import Membership, Unit, User

CITIES, COUNTIES, TOWNSHIPS = 14, 110, 1_500
TOPICS, INDICATORS, MONTHS = 12, 5, 8
NOT_THE_LITTLE = tuple(kind for kind in UnitKind.schools() if kind != UnitKind.KINDERGARTEN)
#: What is asked besides the monthly table, and of whom; repeated until there are 29.
ASKED = (
    (RequirementKind.PLAN, ()),
    (RequirementKind.MINUTES, ()),
    (RequirementKind.ESSAY, (UnitKind.PRIMARY, UnitKind.MIDDLE, UnitKind.NINE_YEAR, UnitKind.HIGH)),
    (RequirementKind.ACKNOWLEDGEMENT, ()),
    (RequirementKind.EXPERIENCE, NOT_THE_LITTLE),
    (RequirementKind.SUMMARY, (UnitKind.PRIMARY, UnitKind.KINDERGARTEN)),
    (RequirementKind.RESEARCH, (UnitKind.MIDDLE, UnitKind.HIGH, UnitKind.COMPLETE, UnitKind.VOCATIONAL)),
    (RequirementKind.BRIEFING, NOT_THE_LITTLE),
)


@dataclass(frozen=True)
class Leaders:
    """One for each size of what they oversee."""

    province: User
    county: User
    township: User


@contextmanager
def without_triggers() -> Iterator[None]:
    """Foreign keys and counters do not look (a superuser is needed)."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = origin")


def run(statement: str, params: list | None = None) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall() if cursor.description else []


# Who -----------------------------------------------------------------------------------------------


def people(schools: int) -> tuple[Unit, Leaders]:
    """The tree and three leaders, of the province, of a middling county and of a middling township in it."""
    run("SELECT setseed(0.7)")
    bureau = Unit.objects.create(name="示例省教育厅", kind=UnitKind.BUREAU)
    _below(UnitKind.BUREAU, UnitKind.DISTRICT, "示例市{}教育局", CITIES)
    _below(UnitKind.DISTRICT, UnitKind.DISTRICT, "示例县{}教育局", COUNTIES)
    _below(UnitKind.DISTRICT, UnitKind.TOWNSHIP, "示例镇{}", TOWNSHIPS, f"length(path) = {8 * 3}")
    _schools(schools)
    run("ANALYZE schools_unit")
    county = _middling(f"kind = 'district' AND length(path) = {8 * 3}")
    township = _middling(f"kind = 'township' AND path LIKE '{county.path}%%'")
    return bureau, Leaders(*(_leader(unit) for unit in (bureau, county, township)))


def _below(above: str, kind: str, name: str, count: int, where: str = "TRUE") -> None:
    """`count` units of `kind` below units of `above`, as evenly as they go; levels are told by `where`."""
    run(
        f"""
        WITH places AS (
            SELECT id, row_number() OVER (ORDER BY id) - 1 AS n, count(*) OVER () AS all_of_them
            FROM schools_unit WHERE kind = %s AND {where}
        )
        INSERT INTO schools_unit (name, kind, ownership, pinyin, path, parent_id)
        SELECT format(%s, made), %s, 'public', '', '', id
        FROM generate_series(1, %s) made JOIN places ON n = made %% all_of_them
        """,  # noqa: S608
        [above, name.replace("{}", "%s"), kind, count],
    )


def _schools(count: int) -> None:
    """Townships have between a few schools and a hundred; one school in twelve hangs under its county."""
    run(
        """
        WITH places AS (
            SELECT id, kind, row_number() OVER (PARTITION BY kind ORDER BY id) - 1 AS n,
                count(*) OVER (PARTITION BY kind) AS all_of_them
            FROM schools_unit WHERE kind = 'township' OR (kind = 'district' AND length(path) = 24)
        ), made AS MATERIALIZED (
            SELECT m, CASE WHEN m %% 12 = 0 THEN 'district' ELSE 'township' END AS above,
                power(random(), 1.2) AS place, random() AS sort, random() < 0.2 AS private
            FROM generate_series(1, %s) m
        )
        INSERT INTO schools_unit (name, kind, ownership, pinyin, path, parent_id)
        SELECT '示例学校' || m,
            CASE WHEN sort < 0.52 THEN 'primary' WHEN sort < 0.75 THEN 'kindergarten' WHEN sort < 0.87 THEN 'middle'
                WHEN sort < 0.92 THEN 'nine_year' WHEN sort < 0.95 THEN 'high' WHEN sort < 0.97 THEN 'vocational'
                WHEN sort < 0.98 THEN 'complete' WHEN sort < 0.99 THEN 'special' ELSE 'adult' END,
            CASE WHEN private THEN 'private' ELSE 'public' END, '', '', places.id
        FROM made JOIN places ON places.kind = above AND n = floor(place * all_of_them)
        """,  # noqa: E501
        [count],
    )


def _middling(where: str) -> Unit:
    """The one of these units that has as many schools as the others have in the middle."""
    found = run(
        f"""
        SELECT u.id FROM schools_unit u JOIN schools_unit s ON s.path LIKE u.path || '%%'
        WHERE u.id IN (SELECT id FROM schools_unit WHERE {where}) GROUP BY u.id ORDER BY count(*)
        """  # noqa: S608
    )
    return Unit.objects.get(pk=found[len(found) // 2][0])


def _leader(unit: Unit) -> User:
    user = User.objects.create_user(f"leader{unit.pk}", name="李示例", must_change_password=False)
    Membership.objects.create(user=user, unit=unit, role=Role.LEADER, scope=unit)
    return user


# What was asked ------------------------------------------------------------------------------------


def campaign(host: Unit, starts_on: date, at: datetime) -> Campaign:
    """Three hundred days of three phases, all issued; closed if the days are over at `at`."""
    ends_on = starts_on + timedelta(days=300)
    closed = end_of(ends_on) if end_of(ends_on) <= at else None
    made = Campaign.objects.create(
        title=f"{starts_on.year}年度重点工作", kind=CampaignKind.ANNUAL, host=host,
        starts_on=starts_on, ends_on=ends_on, published_at=end_of(starts_on), closed_at=closed,
        state=CampaignState.CLOSED if closed else CampaignState.PUBLISHED,
    )  # fmt: skip
    phases = [_phase(made, n, closed) for n in range(3)]
    topics = [
        Topic.objects.create(campaign=made, position=[n + 1], title=f"专题{n + 1}") for n in range(TOPICS)
    ]
    for n in range(INDICATORS):
        shared = "average" if n % 2 else "sum"
        Indicator.objects.create(
            topic=topics[n], name=f"指标{n + 1}", value=50, unit="%", aggregation=shared, order=n
        )
    for n in range(29):
        kind, kinds = ASKED[n % len(ASKED)]
        _asked(
            made,
            phases[n % 3],
            kind,
            n,
            audience_kinds=list(kinds),
            topic=topics[n % TOPICS] if n % 4 else None,
        )
    _monthly(made, phases[0])
    return made


def _phase(made: Campaign, n: int, closed: datetime | None) -> Phase:
    begins = made.starts_on + timedelta(days=100 * n)
    state = PhaseState.CLOSED if closed else PhaseState.OPEN
    return Phase.objects.create(
        campaign=made, name=f"阶段{n + 1}", order=n + 1,
        starts_on=begins, ends_on=begins + timedelta(days=99),
        state=state, opened_at=made.published_at, closed_at=closed,
    )  # fmt: skip


def _asked(made: Campaign, phase: Phase, kind: str, n: int, **fields: object) -> Requirement:
    """Due on a day of its own, ten days apart."""
    asked = Requirement.objects.create(
        campaign=made, phase=phase, kind=kind, order=n, title=f"材料{n + 1}", max_pieces=1,
        issued_at=made.published_at, **fields,
    )  # fmt: skip
    due_on = made.starts_on + timedelta(days=10 * n + 10)
    Occurrence.objects.create(requirement=asked, due_at=end_of(due_on))
    return asked


def _monthly(made: Campaign, phase: Phase) -> None:
    ends_on = made.starts_on + timedelta(days=30 * MONTHS)
    asked = Requirement.objects.create(
        campaign=made, phase=phase, kind=RequirementKind.PROGRESS, order=30, title="进度月报", max_pieces=1,
        issued_at=made.published_at, frequency=Frequency.MONTHLY,
        recurs_from=made.starts_on, recurs_until=ends_on, due_day=28,
    )  # fmt: skip
    for n in range(1, MONTHS + 1):
        due_on = made.starts_on + timedelta(days=30 * n)
        Occurrence.objects.create(requirement=asked, number=n, label=f"第{n}月", due_at=end_of(due_on))


# What came -----------------------------------------------------------------------------------------

# Of a hundred: one exempt, one cancelled; seven out of ten are done by the day they are due, a sixth in the
# fortnight after, the rest never; schools differ in diligence (`slow`, days).
OWED = """
INSERT INTO submissions_assignment
    (occurrence_id, unit_id, branch_id, unit_kind, ownership, due_at, state, override, completed_at, late)
SELECT occurrence, id, parent_id, kind, ownership, due_at,
    CASE WHEN odd < 0.01 THEN 'exempt' WHEN odd < 0.02 THEN 'cancelled' WHEN done IS NULL THEN 'todo'
        WHEN clicked OR done < now - interval '20 days' AND odd < 0.95 THEN 'accepted'
        WHEN odd > 0.97 THEN 'returned' ELSE 'submitted' END,
    CASE WHEN odd < 0.01 THEN 'exempt' WHEN odd < 0.02 THEN 'cancelled'
        WHEN clicked AND done IS NOT NULL THEN 'acknowledged' ELSE '' END,
    done, coalesce(done >= due_at, FALSE)
FROM (
    SELECT *, CASE WHEN odd > 0.02 AND luck < 0.87 AND at <= now THEN at END AS done
    FROM (
        SELECT u.id, u.parent_id, u.kind, u.ownership, o.id AS occurrence, o.due_at,
            %(now)s::timestamptz AS now, random() AS odd, random() AS luck,
            r.kind = 'acknowledgement' AS clicked,
            greatest(o.due_at + interval '1 day' * (random() * 45 - 38 + u.id %% 7),
                %(from)s::timestamptz) AS at
        FROM campaigns_occurrence o JOIN campaigns_requirement r ON r.id = o.requirement_id
        JOIN schools_unit u ON cardinality(r.audience_kinds) = 0 OR u.kind = ANY (r.audience_kinds)
        WHERE o.id = %(occurrence)s AND u.kind NOT IN ('bureau', 'district', 'township')
    ) AS drawn
) AS settled
"""

# A piece, its version and the event have the number of their assignment.
BROUGHT = """
FROM submissions_assignment a
JOIN campaigns_occurrence o ON o.id = a.occurrence_id JOIN campaigns_requirement r ON r.id = o.requirement_id
WHERE a.occurrence_id = %(occurrence)s AND a.completed_at IS NOT NULL AND r.kind <> 'acknowledgement'
"""
PIECES = f"""
INSERT INTO submissions_submission (id, assignment_id, number, state, handed_in_at, current_id)
SELECT a.id, a.id, 1, CASE a.state WHEN 'submitted' THEN 'pending' ELSE a.state END, a.completed_at,
    CASE WHEN a.state <> 'returned' THEN a.id END {BROUGHT}
"""
VERSIONS = f"""
INSERT INTO submissions_version (id, submission_id, number, submitted_at, submitted_by_id, title, authors,
    abstract, body, topic_id, sheet, on_behalf, digest)
SELECT a.id, a.id, 1, a.completed_at, %(by)s, '示例材料' || a.id, '', '', '正文',
    coalesce(r.topic_id, (%(topics)s::bigint[])[1 + a.id %% %(count)s]),
    CASE r.kind WHEN 'minutes' THEN jsonb_build_object('held_on', o.due_at::date, 'place', '会议室',
        'chair', '', 'recorder', '', 'agenda', '', 'present', 5 + a.id %% 60) ELSE '{{}}' END,
    FALSE, repeat('0', 64) {BROUGHT}
"""
EVENTS = f"""
INSERT INTO submissions_assignmentevent (assignment_id, at, by_id, kind, version_id, note, before, after)
SELECT a.id, a.completed_at, %(by)s, 'submitted', a.id, '', 'todo', 'submitted' {BROUGHT}
"""
VALUES = f"""
INSERT INTO submissions_versionvalue (version_id, indicator_id, value)
SELECT id, i, id * i %% 100 FROM (SELECT a.id {BROUGHT} AND r.kind = 'progress') AS tables
CROSS JOIN unnest(%(indicators)s::bigint[]) i
"""  # noqa: S608


def handed_in(made: Campaign, by: User, at: datetime) -> None:
    """What every unit owes in the campaign, and what it has done about it until `at`."""
    topics = list(made.topics.values_list("pk", flat=True))
    known = {"now": at, "from": made.published_at, "by": by.pk, "topics": topics, "count": len(topics)}
    known["indicators"] = list(Indicator.objects.filter(topic__campaign=made).values_list("pk", flat=True))
    for one in Occurrence.objects.filter(requirement__campaign=made).order_by("pk"):
        with transaction.atomic(), without_triggers():
            for statement in (OWED, PIECES, VERSIONS, EVENTS, VALUES):
                run(statement, known | {"occurrence": one.pk})
    for table in ("submission", "version"):
        name = f"submissions_{table}"
        run(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}")  # noqa: S608
