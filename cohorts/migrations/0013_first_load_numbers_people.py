"""People of a first load take numbers one after another, without asking for each.

Nobody else can add people while it runs, since the table is locked; at its end the sequence goes on after them.
"""

import importlib

from django.db import migrations

LATEST = importlib.import_module("cohorts.migrations.0012_first_load_ends")
BEFORE = LATEST.BEFORE.replace(LATEST.TAKEN, LATEST.TAKEN + LATEST.ASKED_AT_COMMIT)

LAST = "    PERFORM cohorts_count_again();\n"
GO_ON_AFTER = """    PERFORM setval(pg_get_serial_sequence('governance_person', 'id'), max(id))
       FROM governance_person HAVING count(*) > 0;
"""


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0012_first_load_ends")]

    operations = [migrations.RunSQL(BEFORE.replace(LAST, GO_ON_AFTER + LAST), BEFORE)]
