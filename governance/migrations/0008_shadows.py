"""Lets a draft run beside the version in force, over decisions as they are made."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('governance', '0007_knowledge'),
    ]

    operations = [
        migrations.AddField(
            model_name='rehearsal',
            name='ended_by',
            field=models.CharField(blank=True, choices=[('time', 'Time'), ('stopped', 'Stopped'), ('edited', 'Edited'), ('moved', 'Moved'), ('closed', 'Closed')], max_length=20),
        ),
        migrations.AddField(
            model_name='rehearsal',
            name='live',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='rehearsal',
            name='read_at',
            field=models.DateTimeField(null=True),
        ),
    ]
