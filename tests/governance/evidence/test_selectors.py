"""Who sees which export, and when there is a file."""

import pytest

from governance.access.selectors import authority_of
from governance.evidence import selectors, stored
from governance.evidence.models import EvidenceExport
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, NotFoundError, NotPermittedError
from tests.factories.access import make_person
from tests.factories.evidence import case_scope, make_export, span_scope
from tests.factories.ledger import make_entries

pytestmark = pytest.mark.django_db


def test_whoever_reads_every_queue_sees_every_export(officer: Actor, supervisor: Actor) -> None:
    make_entries(3)
    theirs = make_export(officer)
    own = make_export(supervisor, span_scope())
    seen = selectors.list_exports(authority=authority_of(officer))
    assert list(seen) == [own, theirs]
    assert list(selectors.list_exports(authority=authority_of(supervisor))) == [own]
    with pytest.raises(NotFoundError):
        selectors.get_export(authority=authority_of(supervisor), export_id=theirs.public_id)
    with pytest.raises(NotPermittedError):
        selectors.list_exports(authority=authority_of(make_person().as_actor()))


def test_a_file_is_given_out_only_when_it_is_done(officer: Actor) -> None:
    make_entries(3)
    export = make_export(officer)
    stored.file_path(export.public_id).write_bytes(b"half")
    with pytest.raises(ConflictError):
        selectors.find_file(export)
    EvidenceExport.objects.update(state="done")
    export.refresh_from_db()
    assert selectors.find_file(export).read_bytes() == b"half"
    assert stored.remove_file(export.public_id)
    with pytest.raises(ConflictError):
        selectors.find_file(export)


def test_the_last_export_of_the_same_comes_before_any_other(
    officer: Actor, supervisor: Actor
) -> None:
    make_entries(3)
    first = make_export(officer)
    make_export(supervisor, span_scope())
    EvidenceExport.objects.update(state="done", checkpoint_size=3)
    now = make_export(officer)
    other = make_export(officer, case_scope("c-2"))
    assert selectors.last_finished(export=now) == first
    found = selectors.last_finished(export=other)
    assert found is not None
    assert found.by_id == supervisor.id
    assert selectors.last_finished(export=first) is None
