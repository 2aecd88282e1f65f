import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('evaluation', '0001_unit_costs_reports'),
        ('evaluation', '0002_area_profiles'),
    ]

    initial = True

    dependencies = [
        ('cohorts', '0001_initial'),
        ('governance', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AreaProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quarter', models.CharField(max_length=7)),
                ('snapshot', models.JSONField()),
                ('sha256', models.CharField(max_length=64)),
                ('frozen_at', models.DateTimeField()),
                ('cohort_list', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cohorts.cohortlist')),
                ('frozen_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='area_profiles', to='governance.service')),
            ],
            options={
                'ordering': ['-quarter'],
                'constraints': [models.UniqueConstraint(fields=('service', 'quarter'), name='area_profile_once_per_quarter')],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quarter', models.CharField(max_length=7)),
                ('snapshot', models.JSONField()),
                ('sha256', models.CharField(max_length=64)),
                ('frozen_at', models.DateTimeField()),
                ('frozen_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='governance.service')),
            ],
            options={
                'ordering': ['-quarter', '-frozen_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('quarter__regex', '^\\d{4}-Q[1-4]$')), name='report_quarter_format', violation_error_message='Write the quarter as in 2026-Q3.'), models.UniqueConstraint(fields=('service', 'quarter'), name='report_once_per_quarter')],
            },
        ),
        migrations.CreateModel(
            name='UnitCost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('measure', models.CharField(choices=[('ae', 'A&E attendances'), ('nel', 'Emergency admissions'), ('conveyance', 'Ambulance conveyances'), ('call_999', '999 calls'), ('outpatient', 'Outpatient appointments')], max_length=12)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=9, verbose_name='pounds for each')),
                ('price_year', models.CharField(help_text='For example 2023/24.', max_length=7, validators=[django.core.validators.RegexValidator('^\\d{4}/\\d{2}$', 'Write the price year as in 2023/24.')])),
                ('source', models.CharField(help_text='What a reader can look up, with its date.', max_length=300)),
                ('valid_from', models.DateField(help_text='Reports on quarters that end on or after this day use it.')),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='unit_costs', to='governance.service')),
            ],
            options={
                'ordering': ['measure', '-valid_from'],
                'constraints': [models.UniqueConstraint(fields=('service', 'measure', 'valid_from'), name='unit_cost_once'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='unit_cost_positive')],
            },
        ),
    ]
