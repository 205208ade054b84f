"""The rows of a governed document, read through the one shape that the kinds share."""

import pytest

from governance.ledger.entries import SYSTEM_STREAM
from governance.policies.models import Policy, PolicyVersion
from governance.reviews.version_rows import VersionRows
from tests.factories.reviews import KEY, make_text, put_in_force

pytestmark = pytest.mark.django_db


def rows(stream_kind: str = "policy") -> VersionRows:
    return VersionRows(
        documents=Policy.objects.all,
        versions=PolicyVersion.objects.all,
        link="policy",
        stream_kind=stream_kind,
    )


def test_before_its_first_version_there_is_nothing() -> None:
    assert rows().present(KEY) is None
    assert rows().version(KEY, 1) is None
    assert rows().stream(KEY) == SYSTEM_STREAM


def test_the_version_in_force_and_each_older_one() -> None:
    put_in_force(make_text("first"))
    put_in_force(make_text("second"))
    put_in_force(make_text("other", key="other"))
    assert rows().present(KEY) == (2, make_text("second"))
    assert rows().version(KEY, 1) == make_text("first")
    assert rows().version(KEY, 3) is None


def test_what_is_retired_is_not_in_force() -> None:
    put_in_force()
    PolicyVersion.objects.update(state="retired")
    assert rows().present(KEY) is None
    assert rows().version(KEY, 1) == make_text()


def test_a_document_writes_to_its_own_stream_or_to_the_centres() -> None:
    put_in_force()
    assert rows().stream(KEY) == f"policy:{Policy.objects.get().public_id}"
    assert rows(stream_kind="").stream(KEY) == SYSTEM_STREAM


def test_a_kind_may_name_its_documents_by_another_field() -> None:
    put_in_force()
    named = VersionRows(
        documents=Policy.objects.all,
        versions=PolicyVersion.objects.all,
        link="policy",
        stream_kind="policy",
        key_field="title",
    )
    title = make_text()["title"]
    assert title != KEY
    assert named.present(title) == (1, make_text())
    assert named.present(KEY) is None
    assert named.stream(title) == f"policy:{Policy.objects.get().public_id}"
