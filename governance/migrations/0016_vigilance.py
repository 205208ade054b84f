"""Adds tests of attention, which are voted on and never granted, and what requests are like."""

import django.db.models.deletion
import orchestra.core.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("governance", "0015_notifications"),
    ]

    operations = [
        migrations.CreateModel(
            name='VigilanceSwitch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('per_thousand', models.PositiveSmallIntegerField()),
                ('seed', models.CharField(max_length=64)),
                ('cursor', models.BigIntegerField(default=0)),
                ('reason', models.CharField(max_length=500)),
                ('asked_at', models.DateTimeField()),
                ('agreed_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='VigilanceTest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', orchestra.core.fields.PublicIdField(default=orchestra.core.fields.uuid7, editable=False, unique=True)),
                ('template', orchestra.core.fields.CodeField(max_length=100)),
                ('drawn_after', models.CharField(max_length=100)),
                ('seed', models.CharField(max_length=64)),
                ('salt', models.CharField(max_length=64)),
                ('commitment', models.CharField(max_length=64)),
                ('sign', models.CharField(max_length=500)),
                ('planted_at', models.DateTimeField()),
                ('place_at', models.DateTimeField()),
                ('result', models.CharField(choices=[('open', 'Open'), ('caught', 'Caught'), ('missed', 'Missed'), ('expired', 'Expired')], default='open', max_length=20)),
                ('judged_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='approvalrequest',
            name='likeness',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AddConstraint(
            model_name='approvalrequest',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['granted', 'used']), ('subject_kind', 'vigilance'), _negated=True), name='approval_test_never_granted'),
        ),
        migrations.AddField(
            model_name='vigilanceswitch',
            name='agreed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='vigilanceswitch',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='vigilanceswitch',
            name='queue',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='vigilance', to='governance.queue'),
        ),
        migrations.AddField(
            model_name='vigilancetest',
            name='judged_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='vigilancetest',
            name='model',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='governance.approvalrequest'),
        ),
        migrations.AddField(
            model_name='vigilancetest',
            name='queue',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='governance.queue'),
        ),
        migrations.AddField(
            model_name='vigilancetest',
            name='request',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='vigilance', to='governance.approvalrequest'),
        ),
        migrations.AddConstraint(
            model_name='vigilanceswitch',
            constraint=models.CheckConstraint(condition=models.Q(('agreed_by', models.F('asked_by')), _negated=True), name='vigilance_two_people'),
        ),
        migrations.AddConstraint(
            model_name='vigilanceswitch',
            constraint=models.CheckConstraint(condition=models.Q(('per_thousand__gte', 1), ('per_thousand__lte', 50)), name='vigilance_rate_in_bounds'),
        ),
        migrations.AddIndex(
            model_name='vigilancetest',
            index=models.Index(condition=models.Q(('request__isnull', True), ('result', 'open')), fields=['place_at'], name='vigilance_to_place'),
        ),
    ]
