"""``replay`` counts, names what differs, and says so by its exit status."""

import json
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.policies.models import DecisionRecord, PolicyVersion
from governance.policies.records import record_digest
from tests.governance.policies.test_services_deciding import decide, publish

pytestmark = pytest.mark.django_db


def run(*arguments: str, name: str = "replay") -> tuple[int, str]:
    out = StringIO()
    try:
        call_command(name, *arguments, stdout=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def test_all_agree(now: datetime) -> None:
    publish(now)
    for minutes in range(3):
        decide(now + timedelta(minutes=minutes))
    assert run() == (0, "replayed=3 agree=3 differ=0 lacking=0\n")
    assert run(name="replay_decisions") == run()


def test_span_and_case_narrow_it(now: datetime) -> None:
    publish(now)
    decide(now)
    decide(now + timedelta(hours=1))
    since = (now + timedelta(minutes=1)).isoformat()
    assert run("--since", since)[1].startswith("replayed=1 ")
    assert run("--until", since)[1].startswith("replayed=1 ")
    assert run("--case", "c-1")[1].startswith("replayed=2 ")
    assert run("--case", "c-2")[1].startswith("replayed=0 ")
    with pytest.raises(CommandError, match="RFC 3339"):
        run("--since", "yesterday")


def test_a_difference_is_named_and_fails(now: datetime) -> None:
    publish(now)
    record = decide(now).record
    body = bytes(record.body).replace(b'"outcome":"allow"', b'"outcome":"deny"')
    DecisionRecord.objects.filter(pk=record.pk).update(body=body, digest=record_digest(body))
    status, out = run("--json")
    assert status == 1
    answer = json.loads(out)
    assert (answer["replayed"], answer["agree"], answer["differ"]) == (1, 0, 1)
    assert answer["findings"] == [
        f'decision {record.public_id}: outcome: recorded "deny", now "allow"'
    ]


def test_bytes_that_no_longer_have_their_digest_differ(now: datetime) -> None:
    """A record that was rewritten so that it replays is still not the one that was made."""
    publish(now)
    first, other = decide(now).record, decide(now + timedelta(hours=1)).record
    DecisionRecord.objects.filter(pk=first.pk).update(body=bytes(other.body))
    status, out = run()
    assert status == 1
    assert "replayed=2 agree=1 differ=1 lacking=0" in out
    assert f"decision {first.public_id}: the record no longer has its digest" in out


def test_what_is_lacking_is_named_and_fails(now: datetime) -> None:
    version = publish(now)
    record = decide(now).record
    PolicyVersion.objects.filter(pk=version.pk).update(document={"key": "refunds"})
    status, out = run()
    assert status == 1
    assert "replayed=1 agree=0 differ=0 lacking=1" in out
    assert f"decision {record.public_id}: version 1 of the policy refunds" in out


def test_tables_are_read_once_for_all_records(now: datetime) -> None:
    publish(now)
    for minutes in range(5):
        decide(now + timedelta(minutes=minutes))
    with CaptureQueriesContext(connection) as captured:
        run()
    assert len(captured) == 2
