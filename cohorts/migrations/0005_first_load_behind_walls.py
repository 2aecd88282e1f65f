"""The first load of an installation, now that row-level security stands.

PostgreSQL takes no COPY into a table with row-level security from a role that is held to it. Both tables are
empty and locked against everybody until the end of the transaction, so the wall is taken down for that long;
what came in must belong to the service of the session.
"""

import importlib

from django.db import migrations

BEFORE = importlib.import_module("cohorts.migrations.0003_first_load").FUNCTIONS

DOWN = """    ALTER TABLE cohorts_activity DISABLE TRIGGER activity_added_points_somewhere;
    ALTER TABLE cohorts_activity DISABLE ROW LEVEL SECURITY;
    ALTER TABLE governance_person DISABLE ROW LEVEL SECURITY;
"""
UP = """    ALTER TABLE cohorts_activity ENABLE TRIGGER activity_added_points_somewhere;
    ALTER TABLE cohorts_activity ENABLE ROW LEVEL SECURITY;
    ALTER TABLE governance_person ENABLE ROW LEVEL SECURITY;
    IF current_setting('hiu.service', true) IS DISTINCT FROM 'every'
       AND (EXISTS (SELECT FROM cohorts_activity
                     WHERE service_id::text IS DISTINCT FROM current_setting('hiu.service', true))
            OR EXISTS (SELECT FROM governance_person
                        WHERE service_id::text IS DISTINCT FROM current_setting('hiu.service', true)))
    THEN
        RAISE EXCEPTION 'a first load must belong to the service of its session'
              USING ERRCODE = 'insufficient_privilege';
    END IF;
"""
AFTER = (
    BEFORE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    .replace("    ALTER TABLE cohorts_activity DISABLE TRIGGER activity_added_points_somewhere;\n", DOWN)
    .replace("    ALTER TABLE cohorts_activity ENABLE TRIGGER activity_added_points_somewhere;\n", UP)
)


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0004_candidates_checked_by_statement")]

    operations = [migrations.RunSQL(AFTER, BEFORE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))]
