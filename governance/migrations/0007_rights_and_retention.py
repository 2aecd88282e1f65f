"""People's rights over what is held on them, the retention schedule, and the one way to delete history.

The application's role cannot delete rows of history. `governance_erase` runs as the tables' owner and deletes
given rows of one table, if prepare_database put the table on the list and every row belongs to the service
of the session. The list, governance_erasable, is written by governance/database.py from the models.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

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

    dependencies = [
        ('governance', '0006_need_to_know'),
    ]

    operations = [
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('field', models.CharField(choices=[('first_name', 'First name'), ('last_name', 'Last name'), ('birth_date', 'Date of birth'), ('sex', 'Sex'), ('ethnicity', 'Ethnicity'), ('address', 'Address'), ('postcode', 'Postcode'), ('phone', 'Phone'), ('gp_practice', 'GP practice'), ('communication_needs', 'Communication needs'), ('died_on', 'Died on'), ('moved_on', 'Moved out of the area on')], max_length=30, verbose_name='what was wrong')),
                ('before', models.CharField(blank=True, max_length=300, verbose_name='as it was')),
                ('after', models.CharField(blank=True, max_length=300, verbose_name='as it is now')),
                ('reason', models.CharField(max_length=300, verbose_name='why it was changed')),
                ('told', models.CharField(blank=True, max_length=300, verbose_name='who was told')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='governance.person')),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='governance.service')),
            ],
            options={
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='PurgeRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_class', models.CharField(max_length=30)),
                ('due', models.PositiveIntegerField()),
                ('purged', models.PositiveIntegerField()),
                ('held', models.PositiveIntegerField()),
                ('people', models.PositiveIntegerField(default=0)),
                ('columns_searched', models.PositiveIntegerField(default=0)),
                ('files_searched', models.PositiveIntegerField(default=0)),
                ('found', models.JSONField(blank=True, default=dict)),
                ('in_files', models.PositiveIntegerField(default=0, verbose_name='files still kept that name them')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='purge_runs', to='governance.service')),
            ],
            options={
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='SubjectRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('received_on', models.DateField()),
                ('identity', models.CharField(max_length=300, verbose_name='how identity was checked')),
                ('due_on', models.DateField(verbose_name='to be answered by')),
                ('extended_to', models.DateField(blank=True, null=True)),
                ('extension_reason', models.CharField(blank=True, max_length=300)),
                ('opened_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('extended_at', models.DateTimeField(blank=True, null=True)),
                ('seconded_at', models.DateTimeField(blank=True, null=True)),
                ('released_at', models.DateTimeField(blank=True, null=True)),
                ('extended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subject_requests', to='governance.person')),
                ('released_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('seconded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subject_requests', to='governance.service')),
            ],
            options={
                'ordering': ['-received_on', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='FreeText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row_model', models.CharField(max_length=60)),
                ('row_id', models.CharField(max_length=40)),
                ('row_field', models.CharField(max_length=60)),
                ('digest', models.CharField(max_length=64)),
                ('decision', models.CharField(blank=True, choices=[('keep', 'Give it out as it is'), ('cut', 'Take some words out'), ('whole', 'Leave the whole text out'), ('ask', 'Ask somebody first')], max_length=10)),
                ('cuts', models.JSONField(blank=True, default=list)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='free_texts', to='governance.service')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='texts', to='governance.subjectrequest')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='KeepingTime',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_class', models.CharField(max_length=30)),
                ('number', models.PositiveIntegerField(verbose_name='how long')),
                ('reason', models.CharField(max_length=300)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='keeping_times', to='governance.service')),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='keeping_time_not_zero')],
            },
        ),
        migrations.CreateModel(
            name='LegalHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_class', models.CharField(blank=True, max_length=30)),
                ('reason', models.CharField(max_length=300)),
                ('held_from', models.DateField()),
                ('placed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('lift_reason', models.CharField(blank=True, max_length=300, verbose_name='why it was lifted')),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('lifted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='legal_holds', to='governance.person')),
                ('placed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='legal_holds', to='governance.service')),
            ],
            options={
                'ordering': ['-placed_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('person__isnull', False), ('record_class', '')), models.Q(('person', None), models.Q(('record_class', ''), _negated=True)), _connector='OR'), name='legal_hold_person_or_class'), models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('service', 'person', 'record_class'), name='legal_hold_once', nulls_distinct=False, violation_error_message='There is a hold already. Lift that one first.'), models.CheckConstraint(condition=models.Q(models.Q(('lift_reason', ''), ('lifted_at', None), ('lifted_by', None)), models.Q(('lifted_at__isnull', False), ('lifted_by__isnull', False), models.Q(('lift_reason', ''), _negated=True)), _connector='OR'), name='legal_hold_lifted_pair')],
            },
        ),
        migrations.CreateModel(
            name='Objection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(choices=[('processing', 'Any use of their data'), ('evaluation', 'Use of their data in evaluation'), ('contact', 'Being contacted')], max_length=12)),
                ('decision', models.CharField(choices=[('pending', 'We are looking at it, and have stopped meanwhile'), ('upheld', 'We have stopped'), ('declined', 'We go on, and have told them why'), ('withdrawn', 'They took it back')], max_length=10)),
                ('words', models.CharField(blank=True, max_length=500, verbose_name='what the person said')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='why we decided so')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='objections', to='governance.person')),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='objections', to='governance.service')),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(fields=['service', 'person', 'scope', '-at'], name='objection_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('decision', 'declined'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='objection_declined_has_reason', violation_error_message='Say why we go on.')],
            },
        ),
        migrations.CreateModel(
            name='OptOut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('opted_out', models.BooleanField()),
                ('source', models.CharField(choices=[('mesh', 'Checked against the national list (MESH)'), ('spine', 'Looked up on the Spine'), ('told', 'The person told us')], max_length=10)),
                ('checked_on', models.DateField()),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opt_outs', to='governance.person')),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opt_outs', to='governance.service')),
            ],
            options={
                'verbose_name': 'national data opt-out',
                'ordering': ['-checked_on', '-pk'],
                'indexes': [models.Index(fields=['service', 'person', '-checked_on'], name='opt_out_latest')],
            },
        ),
        migrations.AddConstraint(
            model_name='subjectrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('released_at', None)), fields=('service', 'person'), name='subject_request_one_open', violation_error_message='This person already has a request that is not answered yet.'),
        ),
        migrations.AddConstraint(
            model_name='subjectrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('extended_at', None), ('extended_by', None)), models.Q(('extended_at__isnull', False), ('extended_by__isnull', False)), _connector='OR'), name='subject_request_extended_pair'),
        ),
        migrations.AddConstraint(
            model_name='subjectrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('seconded_at', None), ('seconded_by', None)), models.Q(('seconded_at__isnull', False), ('seconded_by__isnull', False)), _connector='OR'), name='subject_request_seconded_pair'),
        ),
        migrations.AddConstraint(
            model_name='subjectrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('released_at', None), ('released_by', None)), models.Q(('released_at__isnull', False), ('released_by__isnull', False)), _connector='OR'), name='subject_request_released_pair'),
        ),
        migrations.AddConstraint(
            model_name='freetext',
            constraint=models.UniqueConstraint(fields=('request', 'row_model', 'row_id', 'row_field', 'digest'), name='free_text_once'),
        ),
        migrations.AddConstraint(
            model_name='freetext',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None)), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='free_text_decided_pair'),
        ),
        migrations.AddConstraint(
            model_name='freetext',
            constraint=models.CheckConstraint(condition=models.Q(('decision__in', ['', 'keep']), models.Q(('reason', ''), _negated=True), _connector='OR'), name='free_text_reason', violation_error_message='Say why.'),
        ),
        migrations.RunSQL(ERASE, NO_ERASE),
    ]
