from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('casework', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='assessmentanswer',
            name='value',
            field=models.SmallIntegerField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name='assessmentanswer',
            constraint=models.CheckConstraint(condition=models.Q(('value__isnull', False), models.Q(('words', ''), _negated=True), _connector='OR'), name='assessment_answer_says_something', violation_error_message='Give an answer, or write the goal down.'),
        ),
    ]
