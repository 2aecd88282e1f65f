"""What the first load of an installation needs of the tables' owner: activity without its indexes.

The application's role may change no table. These two functions run as their owner and do one thing each;
the first refuses unless the table is empty, so nobody can be kept from reading anything.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION cohorts_first_load_begin() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
BEGIN
    IF EXISTS (SELECT FROM cohorts_activity) THEN
        RETURN false;
    END IF;
    LOCK TABLE cohorts_activity IN ACCESS EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM cohorts_activity) THEN
        RETURN false;
    END IF;
    ALTER TABLE cohorts_activity DROP CONSTRAINT cohorts_activity_pkey;
    DROP INDEX activity_timeline;
    DROP INDEX activity_for_lists;
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END
$$;
CREATE FUNCTION cohorts_first_load_end() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET maintenance_work_mem = '256MB' AS $$
BEGIN
    ALTER TABLE cohorts_activity ADD CONSTRAINT cohorts_activity_pkey PRIMARY KEY (id);
    CREATE INDEX activity_timeline ON cohorts_activity (person_id, started_on);
    CREATE INDEX activity_for_lists ON cohorts_activity (service_id, measure, started_on)
           INCLUDE (person_id, admitted);
END
$$;
"""
NO_FUNCTIONS = """
DROP FUNCTION cohorts_first_load_begin();
DROP FUNCTION cohorts_first_load_end();
"""


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0002_extract_notes_activity_points_somewhere")]

    operations = [migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS)]
