"""What an extract replaces is kept while it is stored, so that it can be undone.

Triggers do it for whichever statement makes the change: the rows of before come with the statement, so
nothing is looked up a second time. They do nothing outside of a load, nor in a first load, which finds nothing
to replace (cohorts/pipeline/undo.py sets hiu.extract).
"""

from django.db import migrations

FUNCTION = """
-- What was and what came are two objects made once for a row, not once for each of its columns: OFFSET 0 keeps
-- PostgreSQL from writing an expression into each place where it is used.
CREATE FUNCTION cohorts_keep_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    storing CONSTANT text := coalesce(current_setting('hiu.extract', true), '');
BEGIN
    IF storing <> '' THEN
        EXECUTE format(
            'INSERT INTO cohorts_replacedrow (service_id, extract_id, person_id, "table", row, before) '
            'SELECT service_id, $1, %s, $2, id::text, before '
            '  FROM (SELECT pair.*, (SELECT jsonb_object_agg(old.key, old.value) FROM jsonb_each(pair.was) old '
            '                         WHERE old.value IS DISTINCT FROM pair.now -> old.key) AS before '
            '          FROM (SELECT went.*, to_jsonb(went) AS was, to_jsonb(came) AS now '
            '                  FROM went JOIN came ON came.id = went.id OFFSET 0) pair OFFSET 0) changed '
            ' WHERE before IS NOT NULL ON CONFLICT DO NOTHING', TG_ARGV[0])
        USING storing::bigint, TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;
"""
NO_FUNCTION = "DROP FUNCTION cohorts_keep_replaced();"
# The table, and which column names the person a row is about.
KEPT = {
    "cohorts_activity": "person_id",
    "cohorts_activitycount": "person_id",
    "governance_person": "id",
    "cohorts_source": "NULL::bigint",
}
TRIGGER = """
CREATE TRIGGER keep_replaced AFTER UPDATE ON {table} REFERENCING OLD TABLE AS went NEW TABLE AS came
       FOR EACH STATEMENT EXECUTE FUNCTION cohorts_keep_replaced('{person}')
"""


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0003_first_load_functions")]
    replaces = [
        ("cohorts", "0010_undo_an_extract"),
        ("cohorts", "0019_replaced_rows_compared_once"),
    ]

    operations = [
        migrations.RunSQL(FUNCTION, NO_FUNCTION),
        *(
            migrations.RunSQL(
                TRIGGER.format(table=table, person=person), f"DROP TRIGGER keep_replaced ON {table}"
            )
            for table, person in KEPT.items()
        ),
    ]
