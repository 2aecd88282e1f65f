"""A first load that was begun must end: the database takes no commit before the walls stand again.

The temporary table in which the first function writes down what it took away gets a trigger that fires at
the end of the transaction, whoever called the function and however it went on.
"""

import importlib

from django.db import migrations

BEFORE = importlib.import_module("cohorts.migrations.0005_first_load_behind_walls").AFTER

TAKEN = "    CREATE TEMPORARY TABLE first_load_taken (place serial, statement text) ON COMMIT DROP;\n"
ASKED_AT_COMMIT = """    CREATE CONSTRAINT TRIGGER first_load_ends AFTER INSERT ON pg_temp.first_load_taken
           DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cohorts_first_load_ends();
"""
FUNCTION = """
CREATE FUNCTION cohorts_first_load_ends() RETURNS trigger
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
"""
NO_FUNCTION = "DROP FUNCTION cohorts_first_load_ends();"


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0011_ways_in")]

    operations = [
        migrations.RunSQL(FUNCTION, NO_FUNCTION),
        migrations.RunSQL(BEFORE.replace(TAKEN, TAKEN + ASKED_AT_COMMIT), BEFORE),
    ]
