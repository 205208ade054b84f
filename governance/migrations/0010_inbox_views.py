"""Adds a person's own filters, and what a row of the inbox shows, to requests for approval."""


import django.db.models.deletion
import orchestra.core.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("governance", "0009_approvals_handed_on"),
    ]

    operations = [
        migrations.CreateModel(
            name='InboxView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', orchestra.core.fields.PublicIdField(default=orchestra.core.fields.uuid7, editable=False, unique=True)),
                ('name', models.CharField(max_length=60)),
                ('criteria', models.CharField(max_length=1000)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.AddField(
            model_name='approvalrequest',
            name='headline',
            field=models.CharField(max_length=500, null=True),
        ),
        migrations.AddField(
            model_name='approvalrequest',
            name='journey',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='approvalrequest',
            name='money_direction',
            field=models.CharField(max_length=20, null=True),
        ),
        migrations.AddField(
            model_name='approvalrequest',
            name='risk_rank',
            field=models.GeneratedField(db_persist=True, expression=models.Case(models.When(risk='low', then=0), models.When(risk='medium', then=1), models.When(risk='high', then=2), models.When(risk='critical', then=3), default=4), output_field=models.PositiveSmallIntegerField()),
        ),
        migrations.AddIndex(
            model_name='approvalrequest',
            index=models.Index(condition=models.Q(('state', 'pending')), fields=['-risk_rank', 'deadline_at', 'id'], name='approval_pending_risk'),
        ),
        migrations.AddIndex(
            model_name='approvalrequest',
            index=models.Index(condition=models.Q(('state', 'pending')), fields=['queue', 'deadline_at', 'id'], name='approval_pending_queue'),
        ),
        migrations.AddIndex(
            model_name='approvalrequest',
            index=models.Index(condition=models.Q(('state', 'pending')), fields=['claimed_by'], name='approval_pending_claimed'),
        ),
        migrations.AddIndex(
            model_name='approvalrequest',
            index=models.Index(condition=models.Q(('decided_at__isnull', False)), fields=['queue', 'decided_at'], name='approval_queue_decided'),
        ),
        migrations.AddField(
            model_name='inboxview',
            name='owner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='inbox_views', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='inboxview',
            constraint=models.UniqueConstraint(fields=('owner', 'name'), name='inbox_view_once'),
        ),
    ]
