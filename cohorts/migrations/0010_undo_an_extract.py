"""What an extract replaces is kept while it is stored, so that it can be undone.

Triggers do it for whichever statement makes the change: the rows of before come with the statement, so
nothing is looked up a second time. They do nothing outside of a load, nor in a first load, which finds nothing
to replace (cohorts/pipeline/undo.py sets hiu.extract).
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


FUNCTION = """
CREATE FUNCTION cohorts_keep_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    storing CONSTANT text := coalesce(current_setting('hiu.extract', true), '');
BEGIN
    IF storing <> '' THEN
        EXECUTE format(
            'INSERT INTO cohorts_replacedrow (service_id, extract_id, person_id, "table", row, before) '
            'SELECT service_id, $1, %s, $2, id::text, before '
            '  FROM (SELECT went.*, (SELECT jsonb_object_agg(old.key, old.value) FROM jsonb_each(to_jsonb(went)) old '
            '                         WHERE old.value IS DISTINCT FROM to_jsonb(came) -> old.key) AS before '
            '          FROM went JOIN came ON came.id = went.id) changed '
            ' WHERE before IS NOT NULL ON CONFLICT DO NOTHING', TG_ARGV[0])
        USING storing::bigint, TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;
"""
NO_FUNCTION = "DROP FUNCTION cohorts_keep_replaced()"
# The table, and which column names the person a row is about.
KEPT = {
    "cohorts_activity": "person_id",
    "cohorts_activitycount": "person_id",
    "governance_person": "id",
    "cohorts_source": "NULL::bigint",
}
TRIGGER = """
CREATE TRIGGER keep_replaced AFTER UPDATE ON {table} REFERENCING OLD TABLE AS went NEW TABLE AS came
       FOR EACH STATEMENT EXECUTE FUNCTION cohorts_keep_replaced('{person}')
"""


class Migration(migrations.Migration):

    dependencies = [
        ('cohorts', '0009_rules_and_shortlists'),
        ('governance', '0008_incidents_and_presets'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReplacedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.CharField(max_length=40)),
                ('row', models.CharField(max_length=40, verbose_name='id of the row')),
                ('before', models.JSONField(verbose_name='the columns as they were')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.AddField(
            model_name='extract',
            name='changed_examples',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='extract',
            name='people_above',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='extract',
            name='people_up_to',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='extract',
            name='undone_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='extract',
            name='undone_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='extract',
            name='status',
            field=models.CharField(choices=[('received', 'Waiting to be checked'), ('checking', 'Being checked'), ('previewed', 'Ready for you to look at'), ('committing', 'Being stored'), ('committed', 'Stored'), ('refused', 'Refused'), ('withdrawn', 'Thrown away before storing'), ('undoing', 'Being undone'), ('undone', 'Stored and then undone')], default='received', max_length=12),
        ),
        migrations.AddConstraint(
            model_name='extract',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'undone'), _negated=True), ('undone_at__isnull', False), _connector='OR'), name='extract_undone_has_time'),
        ),
        migrations.AddField(
            model_name='replacedrow',
            name='extract',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='replaced_rows', to='cohorts.extract'),
        ),
        migrations.AddField(
            model_name='replacedrow',
            name='person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_rows', to='governance.person'),
        ),
        migrations.AddField(
            model_name='replacedrow',
            name='service',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='replaced_rows', to='governance.service'),
        ),
        migrations.AddConstraint(
            model_name='replacedrow',
            constraint=models.UniqueConstraint(fields=('extract', 'table', 'row'), name='replaced_row_once'),
        ),
        migrations.RunSQL(FUNCTION, NO_FUNCTION),
        *(
            migrations.RunSQL(
                TRIGGER.format(table=table, person=person), f"DROP TRIGGER keep_replaced ON {table}"
            )
            for table, person in KEPT.items()
        ),
    ]
