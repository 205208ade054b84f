"""Downloads that prove something of the ledger without our software."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.visit import Visit, page
from governance.ledger import notes, selectors, services
from governance.ledger.consistency import find_consistency
from governance.ledger.proof_files import consistency_text
from orchestra.core.errors import NotFoundError


@page(
    "ledger/entries/<int:index>/proof/", name="ledger_proof_file", capability=Capability.LEDGER_READ
)
def proof_file(_request: HttpRequest, visit: Visit, index: int) -> HttpResponse:
    """Hand out the proof that an entry is under the newest checkpoint, as a tlog-proof.

    Raises:
        NotFoundError: The entry is not under a checkpoint yet.
    """
    last = selectors.latest_checkpoint()
    if last is None or index >= last.size:
        raise NotFoundError(_("This entry is not under a checkpoint yet."))
    proof = selectors.inclusion_proof(index=index, size=last.size)
    text = notes.OfflineProof(index=index, hashes=proof.hashes, note=last.note).text()
    _record(visit, _("the proof of entry %(index)s") % {"index": index})
    return as_file(text, f"entry-{index}.tlog-proof")


@page(
    "ledger/checkpoints/<int:size>/",
    name="ledger_checkpoint_file",
    capability=Capability.LEDGER_READ,
)
def checkpoint_file(_request: HttpRequest, visit: Visit, size: int) -> HttpResponse:
    """Hand out one checkpoint as the note that was signed.

    Raises:
        NotFoundError: No checkpoint has this size.
    """
    found = selectors.find_checkpoint(size=size)
    if found is None:
        raise NotFoundError(_("No checkpoint has this size."))
    _record(visit, _("checkpoint %(size)s") % {"size": size})
    return as_file(found.note, f"checkpoint-{size}.txt")


@page(
    "ledger/consistency/<int:size1>/<int:size2>/",
    name="ledger_consistency_file",
    capability=Capability.LEDGER_READ,
)
def consistency_file(_request: HttpRequest, visit: Visit, size1: int, size2: int) -> HttpResponse:
    """Hand out the proof that one checkpoint's tree is the beginning of another's.

    Raises:
        NotFoundError: No checkpoint has one of the sizes, or they are in the wrong order.
    """
    earlier = selectors.find_checkpoint(size=size1)
    later = selectors.find_checkpoint(size=size2)
    if earlier is None or later is None:
        raise NotFoundError(_("No checkpoint has this size."))
    found = find_consistency(size1=size1, size2=size2)
    text = consistency_text(earlier=earlier.note, later=later.note, hashes=found.hashes)
    what = _("the proof from checkpoint %(size1)s to %(size2)s") % {"size1": size1, "size2": size2}
    _record(visit, what)
    return as_file(text, f"consistency-{size1}-{size2}.txt")


def as_file(text: str, name: str) -> HttpResponse:
    """Return a text as a file to keep."""
    answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _record(visit: Visit, what: str) -> None:
    services.record_read(actor=visit.actor, now=visit.now, what=what)
