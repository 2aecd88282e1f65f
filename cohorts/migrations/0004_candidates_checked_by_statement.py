"""Candidates are checked a list at a time, and keep only the indexes that are read.

A foreign key is checked row by row: three of them took as long as finding the people. One look for each
statement refuses the same mistakes, and a candidate of another service besides.
"""

import django.db.models.deletion
from django.db import migrations, models

FUNCTION = """
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
NO_FUNCTION = """
DROP TRIGGER candidate_added_points_somewhere ON cohorts_candidate;
DROP TRIGGER candidate_changed_points_somewhere ON cohorts_candidate;
DROP FUNCTION cohorts_candidate_points_somewhere();
"""


def _unchecked(to: str, on_delete: object, related_name: str) -> models.ForeignKey:
    return models.ForeignKey(
        to, on_delete=on_delete, related_name=related_name, db_constraint=False, db_index=False
    )


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0003_first_load")]

    operations = [
        migrations.RemoveConstraint("candidate", "candidate_once_per_list"),
        migrations.AlterField(
            "candidate",
            "service",
            _unchecked("governance.service", django.db.models.deletion.PROTECT, "candidates"),
        ),
        migrations.AlterField(
            "candidate",
            "cohort_list",
            _unchecked("cohorts.cohortlist", django.db.models.deletion.CASCADE, "candidates"),
        ),
        migrations.AlterField(
            "candidate",
            "person",
            _unchecked("governance.person", django.db.models.deletion.PROTECT, "candidacies"),
        ),
        migrations.AddConstraint(
            "candidate",
            models.UniqueConstraint(fields=["person", "cohort_list"], name="candidate_once_per_list"),
        ),
        migrations.RunSQL(FUNCTION, NO_FUNCTION),
    ]
