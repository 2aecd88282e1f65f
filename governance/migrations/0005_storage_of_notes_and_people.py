"""How two big tables lie on disk, which the models do not say.

Digests look random, so that compressing them only costs time: a sixth of what noting half a million people
took. A page of people keeps a tenth free: a later file changes details of a few on each page, and a new
version that fits beside the old one needs no new entry in any index.
"""

from django.db import migrations

AFTER = """
ALTER TABLE governance_rowchange ALTER COLUMN digests SET STORAGE EXTERNAL;
ALTER TABLE governance_person SET (fillfactor = 90);
"""
BEFORE = """
ALTER TABLE governance_rowchange ALTER COLUMN digests SET STORAGE EXTENDED;
ALTER TABLE governance_person RESET (fillfactor);
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0004_move")]

    operations = [migrations.RunSQL(AFTER, BEFORE)]
