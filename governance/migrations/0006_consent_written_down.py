"""When a decision was written down, beside when it was made. Of those that are there only the day is known."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("governance", "0005_storage_of_notes_and_people")]

    operations = [
        migrations.AddField(
            model_name="consent",
            name="recorded_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.RunSQL("UPDATE governance_consent SET recorded_at = decided_at", migrations.RunSQL.noop),
    ]
