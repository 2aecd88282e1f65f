"""The one way to give rows of history to another person: two records become one, and two again.

The application's role cannot change rows of history. `governance_move` runs as the tables' owner and gives
rows of one table to another person, if prepare_database put the column on the list and both people belong to
the service of the session. The list, governance_movable, is written by governance/database from merging.py.
"""

from django.db import migrations

MOVE = """
CREATE TABLE governance_movable (
    table_name text NOT NULL,
    column_name text NOT NULL,
    PRIMARY KEY (table_name, column_name)
);

CREATE FUNCTION governance_move(name text, of_column text, ids text[], was bigint, becomes bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    own text := coalesce(current_setting('hiu.service', true), '');
    kind text;
    moved bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM governance_movable WHERE table_name = name AND column_name = of_column) THEN
        RAISE EXCEPTION 'nothing may be moved in % of %', of_column, name USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (SELECT count(*) FROM governance_person WHERE id IN (was, becomes) AND service_id::text = own) <> 2 THEN
        RAISE EXCEPTION 'the people do not belong to the service of this session'
              USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT format_type(atttypid, atttypmod) INTO kind FROM pg_attribute
     WHERE attrelid = format('public.%I', name)::regclass AND attname = 'id';
    EXECUTE format('UPDATE %I SET %I = $3 WHERE id = ANY ($1::%s[]) AND %2$I = $2', name, of_column, kind)
      USING ids, was, becomes;
    GET DIAGNOSTICS moved = ROW_COUNT;
    RETURN moved;
END
$$;
REVOKE ALL ON FUNCTION governance_move(text, text, text[], bigint, bigint) FROM PUBLIC;
"""
NO_MOVE = """
DROP FUNCTION governance_move(text, text, text[], bigint, bigint);
DROP TABLE governance_movable;
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0003_erase")]
    replaces = [
        ("governance", "0011_identity"),
    ]

    operations = [migrations.RunSQL(MOVE, NO_MOVE)]
