"""The one way to delete history.

The application's role cannot delete rows of history. `governance_erase` runs as the tables' owner and deletes
given rows of one table, if prepare_database put the table on the list and every row belongs to the service
of the session. The list, governance_erasable, is written by governance/database.py from the models.
"""

from django.db import migrations

ERASE = """
CREATE TABLE governance_erasable (
    table_name text PRIMARY KEY,
    -- Where the table does not name its service: the table that does, and the column that leads there.
    service_table text NOT NULL,
    service_key text NOT NULL
);

CREATE FUNCTION governance_erase(name text, ids text[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    entry governance_erasable%ROWTYPE;
    own text := coalesce(current_setting('hiu.service', true), '');
    kind text;
    owned text := 'named.service_id';
    joined text := '';
    strangers bigint;
    gone bigint;
BEGIN
    SELECT * INTO entry FROM governance_erasable WHERE table_name = name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing may be deleted from %', name USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT format_type(atttypid, atttypmod) INTO kind FROM pg_attribute
     WHERE attrelid = format('public.%I', name)::regclass AND attname = 'id';
    IF entry.service_table <> '' THEN
        owned := 'parent.service_id';
        joined := format('LEFT JOIN %I parent ON parent.id = named.%I', entry.service_table, entry.service_key);
    END IF;
    EXECUTE format('SELECT count(*) FROM %I named %s WHERE named.id = ANY ($1::%s[])'
                   ' AND %s::text IS DISTINCT FROM $2', name, joined, kind, owned)
       INTO strangers USING ids, own;
    IF strangers > 0 THEN
        RAISE EXCEPTION '% rows of % do not belong to the service of this session', strangers, name
              USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('DELETE FROM %I WHERE id = ANY ($1::%s[])', name, kind) USING ids;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;
REVOKE ALL ON FUNCTION governance_erase(text, text[]) FROM PUBLIC;
"""
NO_ERASE = """
DROP FUNCTION governance_erase(text, text[]);
DROP TABLE governance_erasable;
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0002_people_point_somewhere")]
    replaces = [
        ("governance", "0007_rights_and_retention"),
    ]

    operations = [migrations.RunSQL(ERASE, NO_ERASE)]
