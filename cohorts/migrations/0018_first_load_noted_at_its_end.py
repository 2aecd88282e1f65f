"""The people of a first load are noted once, at its end, instead of block by block while they come.

A note holds a digest of each row, which costs more than storing the row. At the end the server makes the
digests on all its processors, while nothing else waits for it.
"""

import importlib

from django.db import migrations

STARTS = importlib.import_module("cohorts.migrations.0012_first_load_ends")
BEGIN = STARTS.BEFORE.replace(STARTS.TAKEN, STARTS.TAKEN + STARTS.ASKED_AT_COMMIT)
LATEST = importlib.import_module("cohorts.migrations.0013_first_load_numbers_people")
BEFORE = BEGIN.replace(LATEST.LAST, LATEST.GO_ON_AFTER + LATEST.LAST)

OFF = "    ALTER TABLE cohorts_activity DISABLE TRIGGER activity_added_points_somewhere;\n"
PEOPLE_OFF = """    ALTER TABLE governance_person DISABLE TRIGGER note_insert;
    ALTER TABLE governance_person DISABLE TRIGGER person_added_points_somewhere;
"""
ON = OFF.replace("DISABLE", "ENABLE")
PEOPLE_ON = PEOPLE_OFF.replace("DISABLE", "ENABLE")

# PERFORM asks all processors, which IF EXISTS never does.
ASKED = """    IF EXISTS (SELECT FROM cohorts_activity activity
                 LEFT JOIN governance_person person ON person.id = activity.person_id
                 LEFT JOIN cohorts_extract extract ON extract.id = activity.extract_id
                WHERE person.service_id IS DISTINCT FROM activity.service_id
                   OR extract.service_id IS DISTINCT FROM activity.service_id
                   OR extract.source_id IS DISTINCT FROM activity.source_id)
    THEN
"""
ASKED_OF_ALL = """    PERFORM FROM cohorts_activity activity
               LEFT JOIN governance_person person ON person.id = activity.person_id
               LEFT JOIN cohorts_extract extract ON extract.id = activity.extract_id
              WHERE person.service_id IS DISTINCT FROM activity.service_id
                 OR extract.service_id IS DISTINCT FROM activity.service_id
                 OR extract.source_id IS DISTINCT FROM activity.source_id;
    IF FOUND THEN
"""
PEOPLE_ASKED = """    PERFORM FROM (SELECT DISTINCT service_id, pseudonym_issuer_id FROM governance_person) row
              WHERE NOT EXISTS (SELECT FROM governance_service WHERE id = row.service_id)
                 OR row.pseudonym_issuer_id IS NOT NULL
                    AND NOT EXISTS (SELECT FROM governance_organisation WHERE id = row.pseudonym_issuer_id);
    IF FOUND THEN
        RAISE EXCEPTION 'a person must belong to a service, and a pseudonym to an organisation'
              USING ERRCODE = 'foreign_key_violation';
    END IF;
    PERFORM governance_note_filled('governance_person', 'id', 'service_id');
"""

# Handing rows on between processors is taken to cost something; here nothing else has work for them.
LINEAR = "SET enable_nestloop = off"
ON_ALL_PROCESSORS = f"{LINEAR} SET parallel_setup_cost = 0 SET parallel_tuple_cost = 0"

AFTER = (
    BEFORE.replace(LINEAR, ON_ALL_PROCESSORS)
    .replace(OFF, OFF + PEOPLE_OFF)
    .replace(ON, ON + PEOPLE_ON)
    .replace(ASKED, ASKED_OF_ALL)
    .replace(LATEST.GO_ON_AFTER, PEOPLE_ASKED + LATEST.GO_ON_AFTER)
)


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0017_identity")]

    operations = [migrations.RunSQL(AFTER, BEFORE)]
