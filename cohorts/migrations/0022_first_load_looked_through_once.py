"""The attendances of a first load are looked through once at its end, on all processors.

While they come no trigger notes them block by block. One look makes the sum that the audit keeps, and tells
whose they are. Where the numbers of people are without a gap and each lies within them, each is somebody's,
and no row need be held against the people.
"""

import importlib

from django.db import migrations

BEFORE = importlib.import_module("cohorts.migrations.0018_first_load_noted_at_its_end").AFTER

OFF = "    ALTER TABLE governance_person DISABLE TRIGGER note_insert;\n"
# What is taken out again before the sum is made must not be taken off it.
EVENTS_OFF = """    ALTER TABLE cohorts_activity DISABLE TRIGGER note_insert;
    ALTER TABLE cohorts_activity DISABLE TRIGGER note_delete;
"""
ON, EVENTS_ON = OFF.replace("DISABLE", "ENABLE"), EVENTS_OFF.replace("DISABLE", "ENABLE")

START = "    IF current_setting('hiu.service', true) IS DISTINCT FROM 'every'\n"
END = "    PERFORM governance_note_filled('governance_person', 'id', 'service_id');\n"
ASKED = BEFORE[BEFORE.index(START) : BEFORE.index(END)]
ASKED_OF_SUMS = """    CREATE TEMPORARY TABLE first_load_events ON COMMIT DROP AS
    SELECT service_id, source_id, extract_id AS of_group, count(*) AS rows,
           sum(hash_record_extended(line, 0)) AS balance, min(person_id) AS lowest, max(person_id) AS highest
      FROM cohorts_activity line GROUP BY service_id, source_id, extract_id;
    CREATE TEMPORARY TABLE first_load_people_of ON COMMIT DROP AS
    SELECT service_id, pseudonym_issuer_id, count(*) AS rows, min(id) AS lowest, max(id) AS highest
      FROM governance_person GROUP BY service_id, pseudonym_issuer_id;
    IF current_setting('hiu.service', true) IS DISTINCT FROM 'every'
       AND (EXISTS (SELECT FROM pg_temp.first_load_events
                     WHERE service_id::text IS DISTINCT FROM current_setting('hiu.service', true))
            OR EXISTS (SELECT FROM pg_temp.first_load_people_of
                        WHERE service_id::text IS DISTINCT FROM current_setting('hiu.service', true)))
    THEN
        RAISE EXCEPTION 'a first load must belong to the service of its session'
              USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM FROM pg_temp.first_load_people_of people
      WHERE NOT EXISTS (SELECT FROM governance_service WHERE id = people.service_id)
         OR people.pseudonym_issuer_id IS NOT NULL
            AND NOT EXISTS (SELECT FROM governance_organisation WHERE id = people.pseudonym_issuer_id);
    IF FOUND THEN
        RAISE EXCEPTION 'a person must belong to a service, and a pseudonym to an organisation'
              USING ERRCODE = 'foreign_key_violation';
    END IF;
    PERFORM FROM pg_temp.first_load_events events
       LEFT JOIN cohorts_extract extract ON extract.id = events.of_group
      WHERE extract.service_id IS DISTINCT FROM events.service_id
         OR extract.source_id IS DISTINCT FROM events.source_id;
    wrong := FOUND;
    IF (SELECT count(*) > 1 FROM pg_temp.first_load_people_of)
       OR EXISTS (SELECT FROM pg_temp.first_load_events events
                    LEFT JOIN pg_temp.first_load_people_of people ON people.service_id = events.service_id
                   WHERE (people.rows = people.highest - people.lowest + 1
                          AND events.lowest >= people.lowest AND events.highest <= people.highest) IS NOT TRUE)
    THEN
        PERFORM FROM cohorts_activity activity
           LEFT JOIN governance_person person ON person.id = activity.person_id
          WHERE person.service_id IS DISTINCT FROM activity.service_id;
        wrong := wrong OR FOUND;
    END IF;
    IF wrong THEN
        RAISE EXCEPTION 'activity must belong to a person and an extract of its own service'
              USING ERRCODE = 'foreign_key_violation';
    END IF;
    PERFORM governance_note_sums('cohorts_activity', 'first_load_events');
"""
TAKEN = """    taken record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('pg_temp.first_load_taken')"""

AFTER = (
    BEFORE.replace(OFF, OFF + EVENTS_OFF)
    .replace(ON, ON + EVENTS_ON)
    .replace(ASKED, ASKED_OF_SUMS)
    .replace(TAKEN, TAKEN.replace("BEGIN", "    wrong boolean;\nBEGIN"))
)


class Migration(migrations.Migration):
    dependencies = [
        ("cohorts", "0021_rows_without_number"),
    ]

    operations = [migrations.RunSQL(AFTER, BEFORE)]
