"""Adds the index that entries are found by; it is filled from the ledger in the background."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("governance", "0025_ledger_searches"),
    ]

    operations = [
        migrations.CreateModel(
            name='EntryHour',
            fields=[
                ('hour', models.DateTimeField(primary_key=True, serialize=False)),
                ('first', models.BigIntegerField()),
                ('last', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='EntryIndex',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('next_index', models.BigIntegerField(default=0)),
                ('key_id', models.CharField(blank=True, default='', max_length=16)),
            ],
        ),
        migrations.CreateModel(
            name='EntryFacet',
            fields=[
                ('pk', models.CompositePrimaryKey('entry_id', 'name', 'value', blank=True, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=20)),
                ('value', models.CharField(max_length=100)),
                ('entry', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='facets', to='governance.ledgerentry')),
            ],
            options={
                'indexes': [models.Index(fields=['name', 'value', '-entry'], name='ledger_facet_entry')],
            },
        ),
        migrations.CreateModel(
            name='EntryWord',
            fields=[
                ('pk', models.CompositePrimaryKey('payload_id', 'digest', blank=True, editable=False, primary_key=True, serialize=False)),
                ('digest', models.BigIntegerField()),
                ('payload', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='words', to='governance.entrypayload')),
            ],
            options={
                'indexes': [models.Index(fields=['digest', '-payload'], name='ledger_word_entry')],
            },
        ),
    ]
