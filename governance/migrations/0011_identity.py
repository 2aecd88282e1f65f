"""Two records of one person become one, and two again; and the words that people are found by.

The application's role cannot change rows of history. `governance_move` runs as the tables' owner and gives
rows of one table to another person, if prepare_database put the column on the list and both people belong to
the service of the session. The list, governance_movable, is written by governance/database from merging.py.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


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

    dependencies = [
        ('governance', '0010_safeguarding_lead_age_group'),
    ]

    operations = [
        migrations.CreateModel(
            name='FilledDetail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('field', models.CharField(max_length=30)),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='MovedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.CharField(max_length=60)),
                ('column', models.CharField(max_length=60)),
                ('row', models.CharField(max_length=40, verbose_name='id of the row')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='PersonMerge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='PersonSeparation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='SearchKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word', models.CharField(max_length=100)),
                ('sound', models.CharField(blank=True, max_length=100)),
                ('is_former', models.BooleanField(default=False, verbose_name='of a name they had before')),
                ('made_from', models.UUIDField()),
            ],
            options={
                'ordering': ['pk'],
                'verbose_name': 'word to be found by',
                'verbose_name_plural': 'words to be found by',
            },
        ),
        migrations.AddField(
            model_name='person',
            name='merged_into',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='governance.person'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='person_merged_into'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', models.F('pk')), _negated=True), name='person_not_merged_into_self'),
        ),
        migrations.AddField(
            model_name='filleddetail',
            name='service',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='filled_details', to='governance.service'),
        ),
        migrations.AddField(
            model_name='movedrow',
            name='service',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moved_rows', to='governance.service'),
        ),
        migrations.AddField(
            model_name='personmerge',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='personmerge',
            name='merged',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges_away', to='governance.person'),
        ),
        migrations.AddField(
            model_name='personmerge',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges', to='governance.person'),
        ),
        migrations.AddField(
            model_name='personmerge',
            name='service',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='person_merges', to='governance.service'),
        ),
        migrations.AddField(
            model_name='movedrow',
            name='merge',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='governance.personmerge'),
        ),
        migrations.AddField(
            model_name='filleddetail',
            name='merge',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='filled', to='governance.personmerge'),
        ),
        migrations.AddField(
            model_name='personseparation',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='personseparation',
            name='merge',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='separation', to='governance.personmerge'),
        ),
        migrations.AddField(
            model_name='personseparation',
            name='service',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='person_separations', to='governance.service'),
        ),
        migrations.AddField(
            model_name='searchkey',
            name='person',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='search_keys', to='governance.person'),
        ),
        migrations.AddField(
            model_name='searchkey',
            name='service',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='search_keys', to='governance.service'),
        ),
        migrations.AddConstraint(
            model_name='movedrow',
            constraint=models.UniqueConstraint(fields=('merge', 'table', 'column', 'row'), name='moved_row_once'),
        ),
        migrations.AddConstraint(
            model_name='filleddetail',
            constraint=models.UniqueConstraint(fields=('merge', 'field'), name='filled_detail_once'),
        ),
        migrations.AddIndex(
            model_name='searchkey',
            index=models.Index(fields=['service', 'word'], include=('person',), name='search_key_word'),
        ),
        migrations.AddIndex(
            model_name='searchkey',
            index=models.Index(fields=['service', 'sound'], include=('person',), name='search_key_sound'),
        ),
        migrations.AddConstraint(
            model_name='searchkey',
            constraint=models.UniqueConstraint(fields=('person', 'word'), name='search_key_once'),
        ),
        migrations.RunSQL(MOVE, NO_MOVE),
    ]
