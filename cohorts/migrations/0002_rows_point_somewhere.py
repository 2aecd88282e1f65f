"""What stands in for the foreign keys of activity and of candidates.

PostgreSQL checks a foreign key row by row, which for a million rows of activity costs more than storing
them, and for a list as much as finding its people. One look for each statement refuses the same mistakes, and
rows of another service besides.
"""

from django.db import migrations

ACTIVITY = """
-- In a long load PostgreSQL's idea of how many people there are can be wrong by any factor, and one look
-- through all people for each row would never end. So people are looked up by their key, whatever it thinks:
-- no other way of joining is left, and "+ 0" keeps the index of services out of it.
CREATE FUNCTION cohorts_activity_points_somewhere() RETURNS trigger
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF 0 < (SELECT count(*) FROM (SELECT DISTINCT service_id, source_id, extract_id FROM added) row
                WHERE NOT EXISTS (SELECT FROM cohorts_extract extract
                                   WHERE extract.id = row.extract_id
                                     AND extract.source_id + 0 = row.source_id
                                     AND extract.service_id + 0 = row.service_id))
    THEN
        RAISE EXCEPTION 'activity must belong to an extract of its own source and service'
              USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF 0 < (SELECT count(*) FROM (SELECT DISTINCT service_id, person_id FROM added) row
                WHERE NOT EXISTS (SELECT FROM governance_person person
                                   WHERE person.id = row.person_id AND person.service_id + 0 = row.service_id))
    THEN
        RAISE EXCEPTION 'activity must belong to a person of its own service'
              USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER activity_added_points_somewhere AFTER INSERT ON cohorts_activity
       REFERENCING NEW TABLE AS added FOR EACH STATEMENT
       EXECUTE FUNCTION cohorts_activity_points_somewhere();
CREATE TRIGGER activity_changed_points_somewhere AFTER UPDATE ON cohorts_activity
       REFERENCING NEW TABLE AS added FOR EACH STATEMENT
       EXECUTE FUNCTION cohorts_activity_points_somewhere();
"""
NO_ACTIVITY = """
DROP TRIGGER activity_added_points_somewhere ON cohorts_activity;
DROP TRIGGER activity_changed_points_somewhere ON cohorts_activity;
DROP FUNCTION cohorts_activity_points_somewhere();
"""
CANDIDATES = """
-- Planned anew each time: a plan made when there were few people would be used for a list of thousands.
CREATE FUNCTION cohorts_candidate_points_somewhere() RETURNS trigger
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT service_id, cohort_list_id FROM added) row
                WHERE NOT EXISTS (SELECT FROM cohorts_cohortlist list
                                   WHERE list.id = row.cohort_list_id AND list.service_id = row.service_id))
    THEN
        RAISE EXCEPTION 'a candidate must belong to a list of its own service'
              USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF EXISTS (SELECT FROM added
                WHERE NOT EXISTS (SELECT FROM governance_person person
                                   WHERE person.id = added.person_id AND person.service_id = added.service_id))
    THEN
        RAISE EXCEPTION 'a candidate must be a person of its own service'
              USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER candidate_added_points_somewhere AFTER INSERT ON cohorts_candidate
       REFERENCING NEW TABLE AS added FOR EACH STATEMENT
       EXECUTE FUNCTION cohorts_candidate_points_somewhere();
CREATE TRIGGER candidate_changed_points_somewhere AFTER UPDATE ON cohorts_candidate
       REFERENCING NEW TABLE AS added FOR EACH STATEMENT
       EXECUTE FUNCTION cohorts_candidate_points_somewhere();
"""
NO_CANDIDATES = """
DROP TRIGGER candidate_added_points_somewhere ON cohorts_candidate;
DROP TRIGGER candidate_changed_points_somewhere ON cohorts_candidate;
DROP FUNCTION cohorts_candidate_points_somewhere();
"""


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0001_initial")]
    replaces = [
        ("cohorts", "0002_extract_notes_activity_points_somewhere"),
        ("cohorts", "0004_candidates_checked_by_statement"),
    ]

    operations = [migrations.RunSQL(ACTIVITY, NO_ACTIVITY), migrations.RunSQL(CANDIDATES, NO_CANDIDATES)]
