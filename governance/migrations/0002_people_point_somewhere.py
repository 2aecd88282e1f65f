"""People are checked by statement, as activity is (ADR 9): the keys took three times as long as storing them.

The triggers run as the owner of the tables, as PostgreSQL's own checks of keys do, and lock what they find
against deletion until the transaction ends.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION governance_person_points_somewhere() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    PERFORM FROM governance_service WHERE id IN (SELECT service_id FROM added) FOR KEY SHARE;
    PERFORM FROM governance_organisation WHERE id IN (SELECT pseudonym_issuer_id FROM added) FOR KEY SHARE;
    IF EXISTS (SELECT FROM (SELECT DISTINCT service_id, pseudonym_issuer_id FROM added) row
                WHERE NOT EXISTS (SELECT FROM governance_service WHERE id = row.service_id)
                   OR row.pseudonym_issuer_id IS NOT NULL
                      AND NOT EXISTS (SELECT FROM governance_organisation WHERE id = row.pseudonym_issuer_id))
    THEN
        RAISE EXCEPTION 'a person must belong to a service, and a pseudonym to an organisation'
              USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER person_added_points_somewhere AFTER INSERT ON governance_person
       REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION governance_person_points_somewhere();
CREATE TRIGGER person_changed_points_somewhere AFTER UPDATE ON governance_person
       REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION governance_person_points_somewhere();

CREATE FUNCTION governance_person_still_points_somewhere() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'governance_service'
       AND EXISTS (SELECT FROM governance_person WHERE service_id IN (SELECT id FROM gone))
       OR TG_TABLE_NAME = 'governance_organisation'
       AND EXISTS (SELECT FROM governance_person WHERE pseudonym_issuer_id IN (SELECT id FROM gone))
    THEN
        RAISE EXCEPTION 'people belong to what was to be deleted' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER service_of_nobody AFTER DELETE ON governance_service
       REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
       EXECUTE FUNCTION governance_person_still_points_somewhere();
CREATE TRIGGER issuer_of_nobody AFTER DELETE ON governance_organisation
       REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
       EXECUTE FUNCTION governance_person_still_points_somewhere();

-- Only the owner may put these triggers on a table; those that are there fire for everybody.
REVOKE EXECUTE ON FUNCTION governance_person_points_somewhere() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION governance_person_still_points_somewhere() FROM PUBLIC;
"""
NO_FUNCTIONS = """
DROP TRIGGER service_of_nobody ON governance_service;
DROP TRIGGER issuer_of_nobody ON governance_organisation;
DROP TRIGGER person_added_points_somewhere ON governance_person;
DROP TRIGGER person_changed_points_somewhere ON governance_person;
DROP FUNCTION governance_person_still_points_somewhere();
DROP FUNCTION governance_person_points_somewhere();
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial")]
    replaces = [
        ("governance", "0009_people_checked_by_statement"),
    ]

    operations = [migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS)]
