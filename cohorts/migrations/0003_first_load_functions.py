"""What the first load of an installation needs of the tables' owner: activity and people without indexes.

The application's role may change no table. These functions run as their owner and do one thing each. The
first refuses unless both tables are empty, so nobody is kept from reading anything; what it takes away is
written down in a temporary table that only the owner can touch, and the second brings it back.

PostgreSQL takes no COPY into a table with row-level security from a role that is held to it. Both tables are
empty and locked against everybody until the end of the transaction, so the wall is taken down for that long;
what came in must belong to the service of the session. A load that was begun must end: the temporary table
has a trigger that fires at the end of the transaction, and the database takes no commit before the walls stand.

People take numbers one after another, without asking for each, since nobody else can add any; at the end the
sequence goes on after them. People and attendances are noted and checked once, at the end, on all processors,
instead of block by block: a digest of a row costs more than storing it.
"""

from django.db import migrations

FUNCTIONS = """
CREATE OR REPLACE FUNCTION cohorts_first_load_ends() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_class WHERE NOT relrowsecurity
                  AND oid IN ('cohorts_activity'::regclass, 'governance_person'::regclass))
    THEN
        RAISE EXCEPTION 'a first load has begun in this transaction and has not ended'
              USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION cohorts_first_load_ends() FROM PUBLIC;

CREATE OR REPLACE FUNCTION cohorts_first_load_begin() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    taken record;
BEGIN
    IF EXISTS (SELECT FROM cohorts_activity) OR EXISTS (SELECT FROM governance_person) THEN
        RETURN false;
    END IF;
    LOCK TABLE cohorts_activity, governance_person IN ACCESS EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM cohorts_activity) OR EXISTS (SELECT FROM governance_person) THEN
        RETURN false;
    END IF;
    CREATE TEMPORARY TABLE first_load_taken (place serial, statement text) ON COMMIT DROP;
    CREATE CONSTRAINT TRIGGER first_load_ends AFTER INSERT ON pg_temp.first_load_taken
           DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cohorts_first_load_ends();
    -- The keys of people stay: others point at them, and they point at services, which everybody reads.
    FOR taken IN SELECT conname AS name, pg_get_constraintdef(oid) AS definition
                   FROM pg_constraint WHERE conrelid = 'cohorts_activity'::regclass AND contype IN ('p', 'u')
    LOOP
        INSERT INTO first_load_taken (statement)
        VALUES (format('ALTER TABLE cohorts_activity ADD CONSTRAINT %I %s', taken.name, taken.definition));
        EXECUTE format('ALTER TABLE cohorts_activity DROP CONSTRAINT %I', taken.name);
    END LOOP;
    FOR taken IN SELECT indexrelid::regclass AS name, pg_get_indexdef(indexrelid) AS definition
                   FROM pg_index
                  WHERE indrelid IN ('cohorts_activity'::regclass, 'governance_person'::regclass)
                    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    LOOP
        INSERT INTO first_load_taken (statement) VALUES (taken.definition);
        EXECUTE format('DROP INDEX %s', taken.name);
    END LOOP;
    ALTER TABLE cohorts_activity DISABLE TRIGGER activity_added_points_somewhere;
    ALTER TABLE governance_person DISABLE TRIGGER note_insert;
    -- What is taken out again before the sum is made must not be taken off it.
    ALTER TABLE cohorts_activity DISABLE TRIGGER note_insert;
    ALTER TABLE cohorts_activity DISABLE TRIGGER note_delete;
    ALTER TABLE governance_person DISABLE TRIGGER person_added_points_somewhere;
    ALTER TABLE cohorts_activity DISABLE ROW LEVEL SECURITY;
    ALTER TABLE governance_person DISABLE ROW LEVEL SECURITY;
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END
$$;

-- Handing rows on between processors is taken to cost something; here nothing else has work for them.
CREATE OR REPLACE FUNCTION cohorts_first_load_end() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET maintenance_work_mem = '256MB' SET enable_nestloop = off
SET parallel_setup_cost = 0 SET parallel_tuple_cost = 0 AS $$
DECLARE
    taken record;
    wrong boolean;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('pg_temp.first_load_taken')
                    AND pg_get_userbyid(relowner) = current_user)
    THEN
        RAISE EXCEPTION 'no first load has begun in this transaction';
    END IF;
    FOR taken IN SELECT statement FROM pg_temp.first_load_taken ORDER BY place LOOP
        EXECUTE taken.statement;
    END LOOP;
    ALTER TABLE cohorts_activity ENABLE TRIGGER activity_added_points_somewhere;
    ALTER TABLE governance_person ENABLE TRIGGER note_insert;
    ALTER TABLE cohorts_activity ENABLE TRIGGER note_insert;
    ALTER TABLE cohorts_activity ENABLE TRIGGER note_delete;
    ALTER TABLE governance_person ENABLE TRIGGER person_added_points_somewhere;
    ALTER TABLE cohorts_activity ENABLE ROW LEVEL SECURITY;
    ALTER TABLE governance_person ENABLE ROW LEVEL SECURITY;
    CREATE TEMPORARY TABLE first_load_events ON COMMIT DROP AS
    SELECT service_id, source_id, extract_id AS of_group, count(*) AS rows,
           sum(hash_record_extended(line, 0)) AS balance, min(person_id) AS lowest, max(person_id) AS highest
      FROM cohorts_activity line GROUP BY service_id, source_id, extract_id;
    CREATE TEMPORARY TABLE first_load_people_of ON COMMIT DROP AS
    SELECT service_id, pseudonym_issuer_id, count(*) AS rows, min(id) AS lowest, max(id) AS highest
      FROM governance_person GROUP BY service_id, pseudonym_issuer_id;
    IF current_setting('hiu.service', true) IS DISTINCT FROM 'every'
       AND (EXISTS (SELECT FROM pg_temp.first_load_events
                     WHERE service_id::text IS DISTINCT FROM current_setting('hiu.service', true))
            OR EXISTS (SELECT FROM pg_temp.first_load_people_of
                        WHERE service_id::text IS DISTINCT FROM current_setting('hiu.service', true)))
    THEN
        RAISE EXCEPTION 'a first load must belong to the service of its session'
              USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM FROM pg_temp.first_load_people_of people
      WHERE NOT EXISTS (SELECT FROM governance_service WHERE id = people.service_id)
         OR people.pseudonym_issuer_id IS NOT NULL
            AND NOT EXISTS (SELECT FROM governance_organisation WHERE id = people.pseudonym_issuer_id);
    IF FOUND THEN
        RAISE EXCEPTION 'a person must belong to a service, and a pseudonym to an organisation'
              USING ERRCODE = 'foreign_key_violation';
    END IF;
    PERFORM FROM pg_temp.first_load_events events
       LEFT JOIN cohorts_extract extract ON extract.id = events.of_group
      WHERE extract.service_id IS DISTINCT FROM events.service_id
         OR extract.source_id IS DISTINCT FROM events.source_id;
    wrong := FOUND;
    -- Where the numbers of people have no gap and each event lies within them, each is somebody's.
    IF (SELECT count(*) > 1 FROM pg_temp.first_load_people_of)
       OR EXISTS (SELECT FROM pg_temp.first_load_events events
                    LEFT JOIN pg_temp.first_load_people_of people ON people.service_id = events.service_id
                   WHERE (people.rows = people.highest - people.lowest + 1
                          AND events.lowest >= people.lowest AND events.highest <= people.highest) IS NOT TRUE)
    THEN
        PERFORM FROM cohorts_activity activity
           LEFT JOIN governance_person person ON person.id = activity.person_id
          WHERE person.service_id IS DISTINCT FROM activity.service_id;
        wrong := wrong OR FOUND;
    END IF;
    IF wrong THEN
        RAISE EXCEPTION 'activity must belong to a person and an extract of its own service'
              USING ERRCODE = 'foreign_key_violation';
    END IF;
    PERFORM governance_note_sums('cohorts_activity', 'first_load_events');
    PERFORM governance_note_filled('governance_person', 'id', 'service_id');
    PERFORM setval(pg_get_serial_sequence('governance_person', 'id'), max(id))
       FROM governance_person HAVING count(*) > 0;
    PERFORM cohorts_count_again();
END
$$;

-- Until PostgreSQL has counted the rows of a big load itself, it plans for tables of the size before it.
CREATE OR REPLACE FUNCTION cohorts_count_again() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    ANALYZE cohorts_activity (service_id, source_id, person_id, measure, started_on, admitted);
    ANALYZE governance_person (id, service_id, nhs_number, pseudonym, birth_date, last_name);
END
$$;
"""
NO_FUNCTIONS = """
DROP FUNCTION cohorts_first_load_begin();
DROP FUNCTION cohorts_first_load_end();
DROP FUNCTION cohorts_first_load_ends();
DROP FUNCTION cohorts_count_again();
"""


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0002_rows_point_somewhere"), ("governance", "0002_people_point_somewhere")]

    operations = [migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS)]
