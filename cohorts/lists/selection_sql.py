"""The statement behind every list, with only the parts that a rule and the service's data call for."""

from dataclasses import dataclass

from cohorts.rules import Repeats, RuleTerms

# Everyone is counted in one pass over the covering index, and only those who reach the count leave it
# (as arrays: a CTE read twice would be written out for everyone). "known" adds what is known of them,
# "judged" gives the first reason against them, "placed" the rank among those with none.
_JUDGED = """
WITH {first}counted AS MATERIALIZED (
    SELECT count(*) AS people,
           array_agg(person_id) FILTER (WHERE {reaches}) AS person_ids,
           array_agg(n) FILTER (WHERE {reaches}) AS ns,
           array_agg(shorter) FILTER (WHERE {reaches}) AS shorters,
           array_agg(last_on) FILTER (WHERE {reaches}) AS last_ons,
           array_agg(recent) FILTER (WHERE {reaches}) AS recents,
           array_agg(admitted) FILTER (WHERE {reaches}) AS admitteds
      FROM (SELECT person_id, {counting}::int AS n, max(started_on) AS last_on,
                   {recent} AS recent, {shorter} AS shorter, {admitted} AS admitted
              FROM {rows} happened
             WHERE service_id = %(service)s AND measure = %(measure)s
               AND started_on BETWEEN %(first)s AND %(last)s {counts}
             GROUP BY person_id) person
), stated AS MATERIALIZED (
    {stated}
), reached AS (
    SELECT person_id, n, shorter, recent, last_on, admissions, true AS from_rows
      FROM counted, unnest(person_ids, ns, shorters, last_ons, recents, admitteds)
                    AS person (person_id, n, shorter, last_on, recent, admissions)
     UNION ALL
    SELECT person_id, n, shorter, recent, NULL, admissions, false FROM stated WHERE {reaches}
), known AS (
    SELECT reached.person_id, n, shorter, recent, last_on, {admissions} AS admissions, died_on, moved_on,
           {in_area} AS in_area,
           CASE WHEN birth_date IS NOT NULL THEN date_part('year', age(%(as_at)s::date, birth_date))
                WHEN stated_age IS NOT NULL
                THEN stated_age + trunc((%(as_at)s::date - stated_age_on) / 365.0)
                ELSE newest.age + floor((%(as_at)s::date - newest.started_on) / 365.0) END::int AS age
      FROM reached
      JOIN governance_person person ON person.id = reached.person_id AND person.merged_into_id IS NULL
      {join_admissions}
      LEFT JOIN LATERAL (
           SELECT activity.age, activity.started_on FROM {rows} activity
            WHERE birth_date IS NULL AND stated_age IS NULL
              AND activity.person_id = reached.person_id AND activity.age IS NOT NULL
              AND activity.started_on <= %(as_at)s
            ORDER BY activity.started_on DESC LIMIT 1
      ) newest ON true
), judged AS (
    SELECT person_id, n, shorter, recent, last_on, admissions, age,
           CASE WHEN recent < %(recent_count)s THEN 'not_recent'
                WHEN NOT admissions {admissions_operator} %(min_admissions)s THEN 'too_few_admissions'
                WHEN age < %(min_age)s THEN 'too_young'
                WHEN age > %(max_age)s THEN 'too_old'
                WHEN NOT in_area THEN 'out_of_area'
                WHEN 'died' = ANY(%(exclusions)s) AND died_on <= %(as_at)s THEN 'died'
                WHEN 'moved' = ANY(%(exclusions)s) AND moved_on <= %(as_at)s THEN 'moved'
                WHEN person_id = ANY(%(objected)s) THEN 'objected'
                WHEN person_id = ANY(%(clients)s) THEN 'already_client'
                WHEN person_id = ANY(%(end_of_life)s) THEN 'end_of_life'
                WHEN person_id = ANY(%(acute_episode)s) THEN 'acute_episode'
                WHEN person_id = ANY(%(screened_out)s) THEN 'screened_out' END AS reason
      FROM known
)"""

_PLACE = "row_number() OVER (PARTITION BY reason ORDER BY n DESC, last_on DESC NULLS LAST, person_id)"
_STORE = """, placed AS MATERIALIZED (
    SELECT *, {place} AS rank, {tied} AS tied
      FROM judged
), stored AS (
    INSERT INTO cohorts_candidate
           (service_id, cohort_list_id, person_id, rank, count, recent_count, admissions, last_on, age)
    SELECT %(service)s, %(list)s, person_id, rank, n, recent, admissions, last_on, age
      FROM placed
     WHERE reason IS NULL AND (%(top_n)s::int IS NULL OR tied <= %(top_n)s)
)
SELECT 'considered', (SELECT people FROM counted) + (SELECT count(*) FROM stated)
 UNION ALL
SELECT coalesce(reason, CASE WHEN tied > %(top_n)s THEN 'beyond_first' ELSE 'selected' END), count(*)
  FROM placed GROUP BY 1
"""

# The same people in their order, stored nowhere.
_NAMED = """, placed AS (
    SELECT person_id, reason, {place} AS rank, {tied} AS tied FROM judged
)
SELECT person_id FROM placed
 WHERE reason IS NULL AND (%(top_n)s::int IS NULL OR tied <= %(top_n)s) ORDER BY rank
"""

_SILENT = """
WITH {first}happened AS (SELECT * FROM {rows} stored)
SELECT source_id FROM happened
 WHERE service_id = %(service)s AND measure = %(measure)s AND started_on BETWEEN %(first)s AND %(last)s
 GROUP BY source_id HAVING bool_and(attendance_category = '')
"""

# Nobody is named: how many people with nothing against them have how many attendances.
_HISTOGRAM = """
SELECT n, coalesce(shorter {operator} %(or_count)s, false), count(*), count(*) FILTER (WHERE age IS NULL)
  FROM judged WHERE reason IS NULL GROUP BY 1, 2
"""

_OPERATORS = {">=": ">=", ">": ">"}
_ROWS = {
    Repeats.ALL: "count(*)",
    # A row without a time cannot be told to be the same, so it stands for itself.
    Repeats.SAME_MOMENT: "count(DISTINCT (started_on, coalesce(started_at_time::text, id::text), site))",
    Repeats.SAME_DAY: "count(DISTINCT started_on)",
}
_ADMITTED_OF_ROWS = "CASE WHEN count(admitted) > 0 THEN count(*) FILTER (WHERE admitted) END::int"

_NOBODY_STATED = """
    SELECT NULL::bigint AS person_id, 0 AS n, NULL::int AS shorter, NULL::int AS recent,
           NULL::int AS admissions WHERE false"""

# The newest list of each source; counts of several sources may be of the same events, so they are
# never added up: the newest counts, then the highest.
_STATED = """
    SELECT DISTINCT ON (c.person_id) c.person_id, c.count AS n, o.count AS shorter, r.count AS recent,
           a.count AS admissions
      FROM cohorts_activitycount c
      JOIN (SELECT source_id, max(as_at) AS as_at FROM cohorts_activitycount
             WHERE service_id = %(service)s AND measure = %(measure)s AND window_months = %(window_months)s
               AND as_at BETWEEN %(first)s AND %(last)s
             GROUP BY source_id) newest USING (source_id, as_at)
      LEFT JOIN cohorts_activitycount r
             ON (r.source_id, r.person_id, r.as_at) = (c.source_id, c.person_id, c.as_at)
            AND r.measure = c.measure AND r.window_months = %(recent_months)s
      LEFT JOIN cohorts_activitycount o
             ON (o.source_id, o.person_id, o.as_at) = (c.source_id, c.person_id, c.as_at)
            AND o.measure = c.measure AND o.window_months = %(or_months)s
      LEFT JOIN cohorts_activitycount a
             ON (a.source_id, a.person_id, a.as_at) = (c.source_id, c.person_id, c.as_at)
            AND a.measure = 'nel' AND a.window_months = %(window_months)s
     WHERE c.service_id = %(service)s AND c.measure = %(measure)s AND c.window_months = %(window_months)s
       AND NOT EXISTS (SELECT FROM cohorts_activity covered
                        WHERE covered.person_id = c.person_id AND covered.service_id = c.service_id
                          AND covered.measure = c.measure
                          AND covered.started_on BETWEEN %(first)s AND %(last)s)
     ORDER BY c.person_id, c.as_at DESC, c.count DESC
"""

_ADMISSIONS_OF_NEL = """CASE WHEN from_rows AND ((%(nel_by_number)s AND nhs_number IS NOT NULL)
                                             OR pseudonym_issuer_id = ANY(%(nel_issuers)s))
                THEN coalesce(times, 0) ELSE coalesce(times, admissions) END"""
_JOIN_NEL = """
      LEFT JOIN (SELECT person_id, count(*)::int AS times FROM {rows} admitted_then
                  WHERE service_id = %(service)s AND measure = 'nel'
                    AND started_on BETWEEN %(first)s AND %(last)s
                  GROUP BY person_id) nel ON nel.person_id = reached.person_id"""
_JOIN_AE = f"""
      LEFT JOIN (SELECT person_id, {_ADMITTED_OF_ROWS} AS times FROM {{rows}} attended
                  WHERE service_id = %(service)s AND measure = 'ae'
                    AND started_on BETWEEN %(first)s AND %(last)s
                  GROUP BY person_id) ae ON ae.person_id = reached.person_id"""  # noqa: S608 - our own words

# ZZ99 and V8199x stand for no fixed address and no known practice: they say nothing of an area.
_LIVES_THERE = r"""CASE WHEN postcode <> '' AND upper(postcode) NOT LIKE 'ZZ%%' THEN
                regexp_replace(upper(replace(postcode, ' ', '')), '[0-9][A-Z]{2}$', '') ~ ANY(%(areas)s) END"""
_GP_THERE = """CASE WHEN gp_practice <> '' AND upper(gp_practice) NOT LIKE 'V8199%%' THEN
                upper(gp_practice) = ANY(%(practices)s) END"""


STORED = "cohorts_activity"


@dataclass(frozen=True)
class Data:
    """What the service's data calls for: which joins make sense, and what can be known at all."""

    states_counts: bool
    has_admissions: bool
    reported_lately: bool
    # Where activity is read from: the table, or a statement in brackets that gives rows like its own; and what that
    # needs first behind WITH, with a comma.
    rows: str = STORED
    first: str = ""


def store(rule: RuleTerms, data: Data) -> str:
    """The statement that adds the candidates and counts what became of everyone."""
    return _judged(rule, data) + _STORE.format(place=_PLACE, tied=_tied(rule))


def named(rule: RuleTerms, data: Data) -> str:
    """The statement that gives the same people and stores nobody."""
    return _judged(rule, data) + _NAMED.format(place=_PLACE, tied=_tied(rule))


def histogram(rule: RuleTerms, data: Data) -> str:
    """The statement that counts people by number of attendances, and names and stores nobody."""
    return _judged(rule, data) + _HISTOGRAM.format(operator=_OPERATORS[rule.operator])


def silent(data: Data) -> str:
    """The statement for the sources that never say the kind of an attendance in the days of the rule."""
    return _SILENT.format(first=data.first, rows=data.rows)


def _tied(rule: RuleTerms) -> str:
    return "rank() OVER (PARTITION BY reason ORDER BY n DESC)" if rule.keep_ties else _PLACE


def _judged(rule: RuleTerms, data: Data) -> str:
    counting = _ROWS[Repeats(rule.repeats)]
    counts = _which_rows(rule)
    admitted, admissions, join = _admissions(rule, data, is_plain=not counts and rule.repeats == Repeats.ALL)
    operator = _OPERATORS[rule.operator]
    shorter = f" OR shorter {operator} %(or_count)s" if rule.or_months else ""
    return _JUDGED.format(
        first=data.first,
        rows=data.rows,
        reaches=f"(n {operator} %(count)s{shorter})",
        counting=counting,
        counts=counts,
        recent=_since(counting, "recent_first") if data.reported_lately else "NULL::int",
        shorter=_since(counting, "or_first") if rule.or_months else "NULL::int",
        admitted=admitted,
        stated=_STATED if data.states_counts else _NOBODY_STATED,
        admissions=admissions,
        admissions_operator=_OPERATORS[rule.admissions_operator],
        join_admissions=join.format(rows=data.rows),
        in_area=_in_area(rule),
    )


def _since(counting: str, first: str) -> str:
    return f"({counting} FILTER (WHERE started_on >= %({first})s))::int"


def _which_rows(rule: RuleTerms) -> str:
    """A row without the value counts: nobody is put out for what no source supplied.

    Of the kind of attendance, definitions differ: there it counts if the rule says so, or its source never says it.
    """
    kinds = (
        " AND (attendance_category = ANY(%(categories)s)"
        " OR attendance_category = '' AND source_id = ANY(%(silent)s))"
    )
    asked = (
        ("arrival_mode", "arrival_modes", rule.arrival_modes),
        ("department_type", "department_types", rule.department_types),
        ("upper(site)", "sites", rule.sites),
    )
    return (kinds if rule.attendance_categories else "") + "".join(
        f" AND ({column} = '' OR {column} = ANY(%({name})s))" for column, name, values in asked if values
    )


def _in_area(rule: RuleTerms) -> str:
    """True where anything known lies in the area, false where all that is known lies outside."""
    lives = _LIVES_THERE if rule.postcode_areas else "NULL::boolean"
    practice = _GP_THERE if rule.gp_practices else "NULL::boolean"
    if not (rule.postcode_areas or rule.gp_practices):
        return "NULL::boolean"
    return (
        f"CASE WHEN coalesce({lives}, {practice}) IS NOT NULL "
        f"THEN coalesce({lives}, false) OR coalesce({practice}, false) END"
    )


def _admissions(rule: RuleTerms, data: Data, *, is_plain: bool) -> tuple[str, str, str]:
    """The SQL of admissions among the rows counted, of a person's admissions, and the join it needs.

    See the top of cohorts/lists/selection.py. Where only some attendances count, those that ended in
    admission are looked up among all of them.
    """
    if rule.measure == "nel" and is_plain:
        return "NULL::int", "n", ""
    if data.has_admissions:
        return "NULL::int", _ADMISSIONS_OF_NEL, _JOIN_NEL
    if rule.measure == "ae" and is_plain:
        return _ADMITTED_OF_ROWS, "admissions", ""
    return "NULL::int", "coalesce(admissions, times)", _JOIN_AE
