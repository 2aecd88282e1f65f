"""What the first load of an installation needs of the tables' owner: activity and people without indexes.

The application's role may change no table. These functions run as their owner and do one thing each. The
first refuses unless both tables are empty, so nobody is kept from reading anything; what it takes away is
written down in a temporary table that only the owner can touch, and the second brings it back.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION cohorts_first_load_begin() RETURNS boolean
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
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END
$$;

CREATE FUNCTION cohorts_first_load_end() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET maintenance_work_mem = '256MB' SET enable_nestloop = off AS $$
DECLARE
    taken record;
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
    IF EXISTS (SELECT FROM cohorts_activity activity
                 LEFT JOIN governance_person person ON person.id = activity.person_id
                 LEFT JOIN cohorts_extract extract ON extract.id = activity.extract_id
                WHERE person.service_id IS DISTINCT FROM activity.service_id
                   OR extract.service_id IS DISTINCT FROM activity.service_id
                   OR extract.source_id IS DISTINCT FROM activity.source_id)
    THEN
        RAISE EXCEPTION 'activity must belong to a person and an extract of its own service'
              USING ERRCODE = 'foreign_key_violation';
    END IF;
    PERFORM cohorts_count_again();
END
$$;

-- Until PostgreSQL has counted the rows of a big load itself, it plans for tables of the size before it.
CREATE FUNCTION cohorts_count_again() RETURNS void
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
DROP FUNCTION cohorts_count_again();
"""


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0002_extract_notes_activity_points_somewhere")]

    operations = [migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS)]
