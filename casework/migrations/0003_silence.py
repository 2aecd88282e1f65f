"""Until when a case is not silent, kept on the case; those that are there get theirs as the rule stands today."""

from django.conf import settings
from django.db import migrations, models

FILL = """
UPDATE casework_case SET silent_after = least(
    (coalesce(last_contact_at, opened_at) AT TIME ZONE 'Europe/London')::date + coalesce(2 * (
        SELECT rhythm_days FROM casework_boundaries agreed WHERE agreed.case_id = casework_case.id
         ORDER BY at DESC, id DESC LIMIT 1), 21),
    CASE WHEN stage = 'active' THEN (coalesce((
        SELECT max(happened_at) FROM casework_contact contact
         WHERE contact.case_id = casework_case.id AND kind IN ('home', 'elsewhere', 'ward', 'accompanied')
           AND outcome = 'reached'
           AND NOT EXISTS (SELECT FROM casework_contacttakenback WHERE contact_id = contact.id)
    ), opened_at) AT TIME ZONE 'Europe/London')::date + 42 END)
WHERE stage IN ('offered', 'engaging', 'active', 'tapering', 'light_touch')
"""


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0002_goals_before_they_are_rated'),
        ('cohorts', '0004_keep_replaced'),
        ('governance', '0004_move'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='silent_after',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('silent_after__isnull', False)), fields=['service', 'silent_after'], name='case_silent_after'),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
