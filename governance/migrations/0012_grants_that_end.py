"""Says of every grant who gave it, why, since when and until when; grants on policies.

The rows of a person's groups become the model of a held role: same table, further columns.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
import orchestra.core.fields
import orchestra.core.history
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ("governance", "0011_sign_in"),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalKindGroupGrant',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('actor_kind', models.CharField(default=orchestra.core.history.actor_kind, editable=False, max_length=20)),
                ('actor_id', models.CharField(default=orchestra.core.history.actor_id, editable=False, max_length=100)),
                ('actor_label', models.CharField(default=orchestra.core.history.actor_label, editable=False, max_length=200)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('given_by_kind', models.CharField(blank=True, default='', max_length=20)),
                ('given_by_id', models.CharField(blank=True, default='', max_length=100)),
                ('given_by', models.CharField(blank=True, default='', max_length=200)),
                ('since_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('until_at', models.DateTimeField(blank=True, null=True)),
                ('kind', orchestra.core.fields.CodeField(max_length=100)),
                ('history_user_id', models.BigIntegerField(editable=False, null=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical kind group grant',
                'verbose_name_plural': 'historical kind group grants',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalKindUserGrant',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('actor_kind', models.CharField(default=orchestra.core.history.actor_kind, editable=False, max_length=20)),
                ('actor_id', models.CharField(default=orchestra.core.history.actor_id, editable=False, max_length=100)),
                ('actor_label', models.CharField(default=orchestra.core.history.actor_label, editable=False, max_length=200)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('given_by_kind', models.CharField(blank=True, default='', max_length=20)),
                ('given_by_id', models.CharField(blank=True, default='', max_length=100)),
                ('given_by', models.CharField(blank=True, default='', max_length=200)),
                ('since_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('until_at', models.DateTimeField(blank=True, null=True)),
                ('kind', orchestra.core.fields.CodeField(max_length=100)),
                ('history_user_id', models.BigIntegerField(editable=False, null=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical kind user grant',
                'verbose_name_plural': 'historical kind user grants',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalPolicyGroupGrant',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('actor_kind', models.CharField(default=orchestra.core.history.actor_kind, editable=False, max_length=20)),
                ('actor_id', models.CharField(default=orchestra.core.history.actor_id, editable=False, max_length=100)),
                ('actor_label', models.CharField(default=orchestra.core.history.actor_label, editable=False, max_length=200)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('given_by_kind', models.CharField(blank=True, default='', max_length=20)),
                ('given_by_id', models.CharField(blank=True, default='', max_length=100)),
                ('given_by', models.CharField(blank=True, default='', max_length=200)),
                ('since_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('until_at', models.DateTimeField(blank=True, null=True)),
                ('history_user_id', models.BigIntegerField(editable=False, null=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical policy group grant',
                'verbose_name_plural': 'historical policy group grants',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalPolicyUserGrant',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('actor_kind', models.CharField(default=orchestra.core.history.actor_kind, editable=False, max_length=20)),
                ('actor_id', models.CharField(default=orchestra.core.history.actor_id, editable=False, max_length=100)),
                ('actor_label', models.CharField(default=orchestra.core.history.actor_label, editable=False, max_length=200)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('given_by_kind', models.CharField(blank=True, default='', max_length=20)),
                ('given_by_id', models.CharField(blank=True, default='', max_length=100)),
                ('given_by', models.CharField(blank=True, default='', max_length=200)),
                ('since_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('until_at', models.DateTimeField(blank=True, null=True)),
                ('history_user_id', models.BigIntegerField(editable=False, null=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical policy user grant',
                'verbose_name_plural': 'historical policy user grants',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalRoleHolding',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('actor_kind', models.CharField(default=orchestra.core.history.actor_kind, editable=False, max_length=20)),
                ('actor_id', models.CharField(default=orchestra.core.history.actor_id, editable=False, max_length=100)),
                ('actor_label', models.CharField(default=orchestra.core.history.actor_label, editable=False, max_length=200)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('given_by_kind', models.CharField(blank=True, default='', max_length=20)),
                ('given_by_id', models.CharField(blank=True, default='', max_length=100)),
                ('given_by', models.CharField(blank=True, default='', max_length=200)),
                ('since_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('until_at', models.DateTimeField(blank=True, null=True)),
                ('history_user_id', models.BigIntegerField(editable=False, null=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical role holding',
                'verbose_name_plural': 'historical role holdings',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='KindGroupGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('given_by_kind', models.CharField(blank=True, default='', max_length=20)),
                ('given_by_id', models.CharField(blank=True, default='', max_length=100)),
                ('given_by', models.CharField(blank=True, default='', max_length=200)),
                ('since_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('until_at', models.DateTimeField(blank=True, null=True)),
                ('kind', orchestra.core.fields.CodeField(max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name='KindUserGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('given_by_kind', models.CharField(blank=True, default='', max_length=20)),
                ('given_by_id', models.CharField(blank=True, default='', max_length=100)),
                ('given_by', models.CharField(blank=True, default='', max_length=200)),
                ('since_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('until_at', models.DateTimeField(blank=True, null=True)),
                ('kind', orchestra.core.fields.CodeField(max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name='PolicyGroupGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('given_by_kind', models.CharField(blank=True, default='', max_length=20)),
                ('given_by_id', models.CharField(blank=True, default='', max_length=100)),
                ('given_by', models.CharField(blank=True, default='', max_length=200)),
                ('since_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('until_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='PolicyUserGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('given_by_kind', models.CharField(blank=True, default='', max_length=20)),
                ('given_by_id', models.CharField(blank=True, default='', max_length=100)),
                ('given_by', models.CharField(blank=True, default='', max_length=200)),
                ('since_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('until_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='RoleHolding',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='role_holdings', to=settings.AUTH_USER_MODEL)),
                        ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='role_holdings', to='auth.group')),
                    ],
                    options={
                        'db_table': 'governance_user_groups',
                        'unique_together': {('user', 'group')},
                    },
                ),
                migrations.AlterField(
                    model_name='user',
                    name='groups',
                    field=models.ManyToManyField(blank=True, related_name='user_set', related_query_name='user', through='governance.RoleHolding', to='auth.group'),
                ),
            ],
        ),
        migrations.AddField(
            model_name='roleholding',
            name='reason',
            field=models.CharField(blank=True, default='', max_length=500),
        ),
        migrations.AddField(
            model_name='roleholding',
            name='given_by_kind',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AddField(
            model_name='roleholding',
            name='given_by_id',
            field=models.CharField(blank=True, default='', max_length=100),
        ),
        migrations.AddField(
            model_name='roleholding',
            name='given_by',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='roleholding',
            name='since_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddField(
            model_name='roleholding',
            name='until_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='approvalvote',
            name='discounted_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='approvalvote',
            name='discounted_reason',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AlterModelOptions(
            name='policy',
            options={'ordering': ['title'], 'permissions': [('govern_policy', 'May change this policy as their role allows')], 'verbose_name_plural': 'policies'},
        ),
        migrations.AddField(
            model_name='agentqueuegrant',
            name='given_by',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='agentqueuegrant',
            name='given_by_id',
            field=models.CharField(blank=True, default='', max_length=100),
        ),
        migrations.AddField(
            model_name='agentqueuegrant',
            name='given_by_kind',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AddField(
            model_name='agentqueuegrant',
            name='reason',
            field=models.CharField(blank=True, default='', max_length=500),
        ),
        migrations.AddField(
            model_name='agentqueuegrant',
            name='since_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddField(
            model_name='agentqueuegrant',
            name='until_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='historicalagentqueuegrant',
            name='given_by',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='historicalagentqueuegrant',
            name='given_by_id',
            field=models.CharField(blank=True, default='', max_length=100),
        ),
        migrations.AddField(
            model_name='historicalagentqueuegrant',
            name='given_by_kind',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AddField(
            model_name='historicalagentqueuegrant',
            name='reason',
            field=models.CharField(blank=True, default='', max_length=500),
        ),
        migrations.AddField(
            model_name='historicalagentqueuegrant',
            name='since_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddField(
            model_name='historicalagentqueuegrant',
            name='until_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='historicalqueuegroupgrant',
            name='given_by',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='historicalqueuegroupgrant',
            name='given_by_id',
            field=models.CharField(blank=True, default='', max_length=100),
        ),
        migrations.AddField(
            model_name='historicalqueuegroupgrant',
            name='given_by_kind',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AddField(
            model_name='historicalqueuegroupgrant',
            name='reason',
            field=models.CharField(blank=True, default='', max_length=500),
        ),
        migrations.AddField(
            model_name='historicalqueuegroupgrant',
            name='since_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddField(
            model_name='historicalqueuegroupgrant',
            name='until_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='historicalqueueusergrant',
            name='given_by',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='historicalqueueusergrant',
            name='given_by_id',
            field=models.CharField(blank=True, default='', max_length=100),
        ),
        migrations.AddField(
            model_name='historicalqueueusergrant',
            name='given_by_kind',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AddField(
            model_name='historicalqueueusergrant',
            name='reason',
            field=models.CharField(blank=True, default='', max_length=500),
        ),
        migrations.AddField(
            model_name='historicalqueueusergrant',
            name='since_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddField(
            model_name='historicalqueueusergrant',
            name='until_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='queuegroupgrant',
            name='given_by',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='queuegroupgrant',
            name='given_by_id',
            field=models.CharField(blank=True, default='', max_length=100),
        ),
        migrations.AddField(
            model_name='queuegroupgrant',
            name='given_by_kind',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AddField(
            model_name='queuegroupgrant',
            name='reason',
            field=models.CharField(blank=True, default='', max_length=500),
        ),
        migrations.AddField(
            model_name='queuegroupgrant',
            name='since_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddField(
            model_name='queuegroupgrant',
            name='until_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='queueusergrant',
            name='given_by',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='queueusergrant',
            name='given_by_id',
            field=models.CharField(blank=True, default='', max_length=100),
        ),
        migrations.AddField(
            model_name='queueusergrant',
            name='given_by_kind',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AddField(
            model_name='queueusergrant',
            name='reason',
            field=models.CharField(blank=True, default='', max_length=500),
        ),
        migrations.AddField(
            model_name='queueusergrant',
            name='since_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddField(
            model_name='queueusergrant',
            name='until_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='user',
            name='disabled_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='user',
            name='disabled_by',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='user',
            name='disabled_reason',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddConstraint(
            model_name='agentqueuegrant',
            constraint=models.CheckConstraint(condition=models.Q(('until_at__isnull', True), ('until_at__gt', models.F('since_at')), _connector='OR'), name='agent_queue_grant_ends_later'),
        ),
        migrations.AddConstraint(
            model_name='queuegroupgrant',
            constraint=models.CheckConstraint(condition=models.Q(('until_at__isnull', True), ('until_at__gt', models.F('since_at')), _connector='OR'), name='queue_group_grant_ends_later'),
        ),
        migrations.AddConstraint(
            model_name='queueusergrant',
            constraint=models.CheckConstraint(condition=models.Q(('until_at__isnull', True), ('until_at__gt', models.F('since_at')), _connector='OR'), name='queue_user_grant_ends_later'),
        ),
        migrations.AddField(
            model_name='historicalkindgroupgrant',
            name='group',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='auth.group'),
        ),
        migrations.AddField(
            model_name='historicalkindusergrant',
            name='user',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalpolicygroupgrant',
            name='content_object',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='governance.policy'),
        ),
        migrations.AddField(
            model_name='historicalpolicygroupgrant',
            name='group',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='auth.group'),
        ),
        migrations.AddField(
            model_name='historicalpolicygroupgrant',
            name='permission',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='auth.permission'),
        ),
        migrations.AddField(
            model_name='historicalpolicyusergrant',
            name='content_object',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='governance.policy'),
        ),
        migrations.AddField(
            model_name='historicalpolicyusergrant',
            name='permission',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='auth.permission'),
        ),
        migrations.AddField(
            model_name='historicalpolicyusergrant',
            name='user',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalroleholding',
            name='group',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='auth.group'),
        ),
        migrations.AddField(
            model_name='historicalroleholding',
            name='user',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='kindgroupgrant',
            name='group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='kind_grants', to='auth.group'),
        ),
        migrations.AddField(
            model_name='kindusergrant',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='kind_grants', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='policygroupgrant',
            name='content_object',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='governance.policy'),
        ),
        migrations.AddField(
            model_name='policygroupgrant',
            name='group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.group'),
        ),
        migrations.AddField(
            model_name='policygroupgrant',
            name='permission',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission'),
        ),
        migrations.AddField(
            model_name='policyusergrant',
            name='content_object',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='governance.policy'),
        ),
        migrations.AddField(
            model_name='policyusergrant',
            name='permission',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission'),
        ),
        migrations.AddField(
            model_name='policyusergrant',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='kindgroupgrant',
            constraint=models.UniqueConstraint(fields=('group', 'kind'), name='kind_group_grant_once'),
        ),
        migrations.AddConstraint(
            model_name='kindgroupgrant',
            constraint=models.CheckConstraint(condition=models.Q(('until_at__isnull', True), ('until_at__gt', models.F('since_at')), _connector='OR'), name='kind_group_grant_ends_later'),
        ),
        migrations.AddConstraint(
            model_name='kindusergrant',
            constraint=models.UniqueConstraint(fields=('user', 'kind'), name='kind_user_grant_once'),
        ),
        migrations.AddConstraint(
            model_name='kindusergrant',
            constraint=models.CheckConstraint(condition=models.Q(('until_at__isnull', True), ('until_at__gt', models.F('since_at')), _connector='OR'), name='kind_user_grant_ends_later'),
        ),
        migrations.AddConstraint(
            model_name='policygroupgrant',
            constraint=models.CheckConstraint(condition=models.Q(('until_at__isnull', True), ('until_at__gt', models.F('since_at')), _connector='OR'), name='policy_group_grant_ends_later'),
        ),
        migrations.AlterUniqueTogether(
            name='policygroupgrant',
            unique_together={('group', 'permission', 'content_object')},
        ),
        migrations.AddConstraint(
            model_name='policyusergrant',
            constraint=models.CheckConstraint(condition=models.Q(('until_at__isnull', True), ('until_at__gt', models.F('since_at')), _connector='OR'), name='policy_user_grant_ends_later'),
        ),
        migrations.AlterUniqueTogether(
            name='policyusergrant',
            unique_together={('user', 'permission', 'content_object')},
        ),
        migrations.AddConstraint(
            model_name='roleholding',
            constraint=models.CheckConstraint(condition=models.Q(('until_at__isnull', True), ('until_at__gt', models.F('since_at')), _connector='OR'), name='role_holding_ends_later'),
        ),
    ]
