-- Notes what every statement does to the rows of a table, whoever sends it: ORM, bulk, COPY or a console.
-- All of it runs as the owner. The application's role may read the notes, and write none.

-- Not IMMUTABLE, since convert_to is not: PostgreSQL then writes it into the question instead of calling it.
CREATE OR REPLACE FUNCTION governance_row_digest(line text) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT substring(sha256(convert_to(line, 'UTF8')) FOR 16) $$;

-- Arguments of the trigger: key column; service column or ''; group column of a bulk table or ''; columns
-- whose values are withheld, with commas between. The transition tables are called came and went.
CREATE OR REPLACE FUNCTION governance_note_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET TimeZone = 'UTC' SET DateStyle = 'ISO, YMD' SET extra_float_digits = 1 AS $$
DECLARE
    few CONSTANT int := 50;
    key CONSTANT text := TG_ARGV[0];
    service CONSTANT text := CASE WHEN TG_ARGV[1] = '' THEN 'NULL::bigint' ELSE format('line.%I', TG_ARGV[1]) END;
    bundle CONSTANT text := TG_ARGV[2];
    source CONSTANT text := CASE WHEN TG_OP = 'DELETE' THEN 'went' ELSE 'came' END;
    digest CONSTANT text :=
        CASE WHEN TG_OP = 'DELETE' THEN 'NULL::bytea' ELSE 'governance_row_digest(line::text)' END;
    n bigint;
    note CONSTANT text := 'INSERT INTO governance_rowchange '
        '(at, transaction, "table", operation, role, actor, request, service_id, key, rows%s) '
        || format('SELECT %L::timestamptz, %s, %L, %L, %L, %L, %L, ', clock_timestamp(),
                  pg_current_xact_id()::text, TG_TABLE_NAME, left(TG_OP, 1), session_user,
                  left(coalesce(current_setting('hiu.actor', true), ''), 40),
                  left(coalesce(current_setting('hiu.request', true), ''), 200));
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        EXECUTE replace(note, '%s', '') || 'NULL::bigint, '''', 0';
        RETURN NULL;
    END IF;
    IF bundle <> '' THEN
        EXECUTE replace(note, '%s', ', balance') || format(
            'service_id, of_group, sum(n), sum(balance) FROM (%s) noted GROUP BY service_id, of_group',
            concat_ws(' UNION ALL ',
                CASE WHEN TG_OP <> 'DELETE' THEN format('SELECT %s AS service_id, line.%I::text AS of_group, '
                    'count(*) AS n, sum(hash_record_extended(line, 0)) AS balance FROM came line GROUP BY 1, 2',
                    service, bundle) END,
                CASE WHEN TG_OP <> 'INSERT' THEN format('SELECT %s AS service_id, line.%I::text AS of_group, '
                    'count(*) AS n, -sum(hash_record_extended(line, 0)) AS balance FROM went line GROUP BY 1, 2',
                    service, bundle) END));
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT count(*) FROM %s', source) INTO n;
    IF n <= few AND TG_OP = 'UPDATE' THEN
        EXECUTE replace(note, '%s', ', digest, changes') || format(
            '%s, line.%I::text, 1, %s, '
            '(SELECT jsonb_object_agg(now.key, CASE WHEN now.key = ANY($1) THEN NULL '
            '             ELSE jsonb_build_array(to_jsonb(before) -> now.key, now.value) END) '
            '   FROM jsonb_each(to_jsonb(line)) now '
            '  WHERE now.value IS DISTINCT FROM to_jsonb(before) -> now.key) '
            'FROM came line JOIN went before ON before.%2$I = line.%2$I '
            'WHERE line::text <> before::text ORDER BY line.%2$I',
            service, key, digest)
        USING string_to_array(TG_ARGV[3], ',');
    ELSIF n <= few THEN
        EXECUTE replace(note, '%s', ', digest') || format(
            '%s, line.%I::text, 1, %s FROM %s line ORDER BY line.%2$I', service, key, digest, source);
    ELSE
        EXECUTE replace(note, '%s', ', keys, digests') || format(
            'service_id, '''', count(*), array_agg(key ORDER BY key), array_agg(digest ORDER BY key) FROM '
            '(SELECT %s AS service_id, line.%I::text AS key, %s AS digest FROM %s line) noted '
            'GROUP BY service_id', service, key, digest, source);
    END IF;
    RETURN NULL;
END
$$;

-- Only the owner may put the trigger on a table; the triggers that are there fire for everybody.
REVOKE EXECUTE ON FUNCTION governance_note_change() FROM PUBLIC;

-- How a table stands now, as the ground that later notes build on. `shape` says how digests are made: its
-- columns and the server's version. Only the owner may take one.
CREATE OR REPLACE FUNCTION governance_take_baseline(of_table text, key text, service text, bundle text, shape text)
RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp
SET TimeZone = 'UTC' SET DateStyle = 'ISO, YMD' SET extra_float_digits = 1 AS $$
DECLARE
    service_of CONSTANT text := CASE WHEN service = '' THEN 'NULL::bigint' ELSE format('line.%I', service) END;
    note CONSTANT text := 'INSERT INTO governance_rowchange (at, transaction, "table", operation, role, actor, '
        'request, changes, service_id, key, rows%s) '
        || format('SELECT clock_timestamp(), %s, %L, ''B'', %L, '''', '''', jsonb_build_object(''shape'', %L::text), ',
                  pg_current_xact_id()::text, of_table, session_user, shape);
BEGIN
    EXECUTE replace(note, '%s', '') || 'NULL::bigint, '''', 0';
    IF bundle <> '' THEN
        EXECUTE replace(note, '%s', ', balance') || format(
            '%s, line.%I::text, count(*), sum(hash_record_extended(line, 0)) FROM %I line GROUP BY 9, 10',
            service_of, bundle, of_table);
    ELSE
        EXECUTE replace(note, '%s', ', keys, digests') || format(
            'service_id, '''', count(*), array_agg(key ORDER BY key), array_agg(digest ORDER BY key) FROM '
            '(SELECT %s AS service_id, line.%I::text AS key, governance_row_digest(line::text) AS digest '
            '   FROM %I line) noted GROUP BY service_id', service_of, key, of_table);
    END IF;
END
$$;
REVOKE EXECUTE ON FUNCTION governance_take_baseline(text, text, text, text, text) FROM PUBLIC;

-- All rows of a table as just added, for an owner's function that filled it while no trigger noted so: the
-- temporary table is made on all processors, as an INSERT never is. Portions, so that no note grows too big.
CREATE OR REPLACE FUNCTION governance_note_filled(of_table text, key text, service text)
RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp
SET TimeZone = 'UTC' SET DateStyle = 'ISO, YMD' SET extra_float_digits = 1 AS $$
BEGIN
    EXECUTE format('CREATE TEMPORARY TABLE filled ON COMMIT DROP AS SELECT line.%I AS service_id, '
                   'line.%I AS key, governance_row_digest(line::text) AS digest FROM public.%I line',
                   service, key, of_table);
    INSERT INTO governance_rowchange
           (at, transaction, "table", operation, role, actor, request, service_id, key, rows, keys, digests)
    SELECT clock_timestamp(), pg_current_xact_id()::text::bigint, of_table, 'I', session_user,
           left(coalesce(current_setting('hiu.actor', true), ''), 40),
           left(coalesce(current_setting('hiu.request', true), ''), 200),
           service_id, '', count(*), array_agg(filled.key::text ORDER BY filled.key), array_agg(digest ORDER BY filled.key)
      FROM pg_temp.filled
     GROUP BY service_id, filled.key / 16384;
    DROP TABLE pg_temp.filled;
END
$$;
REVOKE EXECUTE ON FUNCTION governance_note_filled(text, text, text) FROM PUBLIC;

-- The same for a bulk table, whose notes are a sum for each group: the owner's function has made the sums, in a
-- temporary table with the columns service_id, of_group, rows and balance.
CREATE OR REPLACE FUNCTION governance_note_sums(of_table text, sums text)
RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO governance_rowchange '
        '       (at, transaction, "table", operation, role, actor, request, service_id, key, rows, balance) '
        'SELECT clock_timestamp(), pg_current_xact_id()::text::bigint, $1, ''I'', session_user, '
        '       left(coalesce(current_setting(''hiu.actor'', true), ''''), 40), '
        '       left(coalesce(current_setting(''hiu.request'', true), ''''), 200), '
        '       service_id, of_group::text, sum(rows), sum(balance) '
        '  FROM pg_temp.%I GROUP BY service_id, of_group', sums)
    USING of_table;
END
$$;
REVOKE EXECUTE ON FUNCTION governance_note_sums(text, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION governance_shape_of(of_table text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum)
           || '; PostgreSQL ' || current_setting('server_version_num')::int / 10000
      FROM pg_attribute WHERE attrelid = to_regclass(of_table) AND attnum > 0 AND NOT attisdropped
$$;

-- Rows that are not as the last note on them says: key, and what is wrong. Bulk tables by group.
CREATE OR REPLACE FUNCTION governance_differences(of_table text, key text, bundle text)
RETURNS TABLE (of_key text, what text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET TimeZone = 'UTC' SET DateStyle = 'ISO, YMD' SET extra_float_digits = 1 AS $$
DECLARE
    since bigint;
BEGIN
    -- It runs as the owner, so it reads the tables that are noted, by the columns their triggers name, and no others.
    IF NOT EXISTS (
        SELECT FROM pg_trigger
         WHERE tgrelid = to_regclass(format('public.%I', of_table)) AND tgname = 'note_insert'
           AND tgfoid = 'public.governance_note_change()'::regprocedure
           AND split_part(encode(tgargs, 'escape'), '\000', 1) = key
           AND split_part(encode(tgargs, 'escape'), '\000', 3) = bundle)
    THEN
        RAISE EXCEPTION 'no notes are kept of % by %', of_table, key USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT coalesce(min(id), 0) INTO since FROM governance_rowchange
     WHERE "table" = of_table AND operation = 'B' AND transaction = (
           SELECT transaction FROM governance_rowchange
            WHERE "table" = of_table AND operation = 'B' ORDER BY id DESC LIMIT 1);
    IF bundle <> '' THEN
        RETURN QUERY EXECUTE format(
            'SELECT coalesce(said.key, found.key)::text, ''was changed''::text FROM '
            '(SELECT key, sum(balance) AS balance FROM governance_rowchange '
            '  WHERE "table" = %L AND id >= $1 AND balance IS NOT NULL GROUP BY key) said '
            'FULL JOIN (SELECT line.%I::text AS key, sum(hash_record_extended(line, 0)) AS balance '
            '             FROM public.%I line GROUP BY 1) found USING (key) '
            'WHERE coalesce(said.balance, 0) <> coalesce(found.balance, 0) ORDER BY 1',
            of_table, bundle, of_table) USING since;
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        'WITH noted AS ('
        '  SELECT id, key, digest FROM governance_rowchange '
        '   WHERE "table" = %1$L AND id >= $1 AND key <> '''' '
        '   UNION ALL '
        '  SELECT id, each.key, each.digest FROM governance_rowchange, unnest(keys, digests) each (key, digest) '
        '   WHERE "table" = %1$L AND id >= $1 AND keys IS NOT NULL), '
        'said AS (SELECT DISTINCT ON (key) key, digest FROM noted ORDER BY key, id DESC) '
        'SELECT coalesce(said.key, found.key)::text, CASE WHEN found.key IS NULL THEN ''is missing'' '
        '       WHEN said.digest IS NULL THEN ''was added'' ELSE ''was changed'' END '
        '  FROM said FULL JOIN (SELECT line.%2$I::text AS key, governance_row_digest(line::text) AS digest '
        '                         FROM public.%1$I line) found USING (key) '
        ' WHERE said.digest IS DISTINCT FROM found.digest ORDER BY 1', of_table, key) USING since;
END
$$;

-- SHA-256 (hex) over the notes of these transactions between two ids, in their order; '' where there is none.
CREATE OR REPLACE FUNCTION governance_changes_hash(transactions bigint[], first bigint, last bigint) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET TimeZone = 'UTC' SET DateStyle = 'ISO, YMD' AS $$
    SELECT coalesce(encode(sha256(convert_to(string_agg(ROW(id, at, transaction, "table", operation, service_id, key,
                  rows, changes, digest, keys, digests, balance, role, actor, request)::text, E'\n' ORDER BY id),
                  'UTF8')), 'hex'), '')
      FROM governance_rowchange
     WHERE transaction = ANY (transactions) AND id BETWEEN first AND last
$$;

-- What this transaction has noted and no event has sealed yet: first id, last id, hash. Nulls where nothing is.
CREATE OR REPLACE FUNCTION governance_unsealed_here(OUT own bigint, OUT first bigint, OUT last bigint, OUT hash text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    own := pg_current_xact_id_if_assigned()::text::bigint;
    IF own IS NULL THEN
        RETURN;
    END IF;
    SELECT min(id), max(id) INTO first, last FROM governance_rowchange
     WHERE transaction = own AND id > coalesce(
           (SELECT max(changes_last) FROM governance_auditevent WHERE transactions = ARRAY[own]), 0);
    IF first IS NOT NULL THEN
        hash := governance_changes_hash(ARRAY[own], first, last);
    END IF;
END
$$;

-- Notes that no event answers for, of one transaction and those after it.
CREATE OR REPLACE FUNCTION governance_unsealed(since bigint)
RETURNS TABLE (id bigint, transaction bigint, at timestamptz, operation text, of_table text, key text,
               service_id bigint, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT note.id, note.transaction, note.at, note.operation, note."table", note.key, note.service_id, note.role
      FROM governance_rowchange note
     WHERE note.transaction >= since
       AND NOT EXISTS (SELECT FROM governance_auditevent event
                        WHERE note.transaction = ANY (event.transactions)
                          AND note.id BETWEEN event.changes_first AND event.changes_last)
     ORDER BY note.id
$$;
