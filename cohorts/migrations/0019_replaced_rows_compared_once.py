"""What an extract replaces is compared as two objects made once for a row, not once for each of its columns."""

import importlib

from django.db import migrations

KEPT = importlib.import_module("cohorts.migrations.0010_undo_an_extract")
BEFORE = KEPT.FUNCTION.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")

EACH_COLUMN = """            '  FROM (SELECT went.*, (SELECT jsonb_object_agg(old.key, old.value) FROM jsonb_each(to_jsonb(went)) old '
            '                         WHERE old.value IS DISTINCT FROM to_jsonb(came) -> old.key) AS before '
            '          FROM went JOIN came ON came.id = went.id) changed '
"""
# OFFSET 0 keeps PostgreSQL from writing an expression into each place where it is used.
EACH_ROW = """            '  FROM (SELECT pair.*, (SELECT jsonb_object_agg(old.key, old.value) FROM jsonb_each(pair.was) old '
            '                         WHERE old.value IS DISTINCT FROM pair.now -> old.key) AS before '
            '          FROM (SELECT went.*, to_jsonb(went) AS was, to_jsonb(came) AS now '
            '                  FROM went JOIN came ON came.id = went.id OFFSET 0) pair OFFSET 0) changed '
"""


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0018_first_load_noted_at_its_end")]

    operations = [migrations.RunSQL(BEFORE.replace(EACH_COLUMN, EACH_ROW), BEFORE)]
