"""Checkpoints and keys: what was signed, by which key, and what is kept outside."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.seal import describe_seal
from governance.admin.visit import Crumb, Visit, page, render
from governance.ledger import selectors, services
from governance.ledger.consistency import find_consistency
from governance.ledger.models import Checkpoint
from governance.ledger.statements import Epoch, KeySpan, Standing
from governance.ledger.types import ConsistencyProof, DamagedLedgerError, OutsideCopy
from orchestra.core import words
from orchestra.core.clock import parse_rfc3339
from orchestra.core.errors import NotFoundError
from orchestra.core.together import Reading, all_of, answer, read

PAGE_SIZE = 20
#: A number of more digits fits no column.
_MOST_DIGITS = 18


@page("ledger/checkpoints/", name="ledger_checkpoints", capability=Capability.LEDGER_READ)
def checkpoints(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the checkpoints and the keys; looking at them is itself recorded."""
    services.record_read(actor=visit.actor, now=visit.now, what=_("the checkpoints and keys"))
    before = _number(request.GET.get("before", ""))
    rows = selectors.list_checkpoints(before_size=before)[: PAGE_SIZE + 1]
    parts: dict[str, Reading[Any]] = {
        "found": read(rows),
        "seal": describe_seal(visit),
        "keys": _reading_keys(visit),
    }
    told = answer(all_of(parts))
    found, seal = told["found"], told["seal"]
    shown = found[:PAGE_SIZE]
    newest = seal["checkpoint"]
    address = reverse("admin:ledger_checkpoints")
    return render(
        request,
        "governance/checkpoints.html",
        {
            "title": _("Checkpoints and keys"),
            "crumbs": [
                Crumb(_("Prove")),
                Crumb(_("Ledger"), reverse("admin:ledger")),
                Crumb(_("Checkpoints and keys")),
            ],
            "seal": {**seal, "here": True},
            "newest": newest,
            "newest_age": words.length(visit.now - newest.at) if newest else "",
            "rows": shown,
            "older_link": f"{address}?before={shown[-1].size}" if len(found) > PAGE_SIZE else "",
            "newest_link": address if before is not None else "",
            "outside": _outside(),
            "compared": _compare(request, newest),
            "from": request.GET.get("from", "")[:20],
            "to": request.GET.get("to", "")[:20],
            **told["keys"],
        },
    )


def _reading_keys(visit: Visit) -> Reading[dict[str, Any]]:
    try:
        standing = yield from services.reading_standing()
    except DamagedLedgerError as error:
        return {"keys": [], "keys_trouble": error.message, "epochs": []}
    return {
        "keys": [_key(span, standing, visit) for span in reversed(standing.spans)],
        "further_keys": [key.text() for key in standing.extra],
        "origin": standing.origin,
        "epochs": [_epoch(epoch) for epoch in reversed(standing.epochs)],
    }


def _key(span: KeySpan, standing: Standing, visit: Visit) -> dict[str, Any]:
    until = parse_rfc3339(span.both_until) if span.both_until else None
    return {
        "vkey": span.key.text(),
        "key_id": span.key.key_id.hex(),
        "in_force": span.key == standing.key,
        "after": max(span.after_size, 0),
        "up_to": span.up_to_size,
        "both_until": until if until and until > visit.now else None,
    }


def _epoch(epoch: Epoch) -> dict[str, Any]:
    return {
        "number": epoch.number,
        "size": epoch.size,
        "agreed": epoch.agreed_size,
        "lost": epoch.lost_size,
        "root": epoch.lost_root.hex(),
    }


def _outside() -> dict[str, Any]:
    try:
        found = services.look_outside()
    except DamagedLedgerError as error:
        return {"sign": "is-bad", "text": error.message}
    texts = {
        OutsideCopy.AGREES: ("is-ok", _("Its last note is one that this ledger continues.")),
        OutsideCopy.DIFFERS: ("is-bad", _("It cannot be read, or this ledger contradicts it.")),
        OutsideCopy.MISSING: ("is-q", _("It holds no checkpoint yet, or it is gone.")),
        OutsideCopy.NOT_KEPT: ("is-q", _("None is kept. A cut-off end may then go unseen.")),
    }
    sign, text = texts[found.state]
    if found.acknowledged:
        text = _("Its last note counts entries whose loss an operator stated; see the epochs.")
    return {"sign": sign, "text": text, "found": found}


def _compare(request: HttpRequest, newest: Checkpoint | None) -> dict[str, Any] | None:
    """Return whether one chosen checkpoint's entries still begin those of another, in words."""
    if "from" not in request.GET or newest is None:
        return None
    size1 = _number(request.GET["from"])
    size2 = _number(request.GET.get("to", "")) or newest.size
    if size1 is None:
        return {"sign": "is-q", "text": _("Write the size of a checkpoint, a whole number.")}
    signed = selectors.signed_roots(sizes=(size1, size2))
    for size in (size1, size2):
        if size not in signed:
            text = _("There is no checkpoint of %(size)s entries; choose two of the list.")
            return {"sign": "is-q", "text": text % {"size": size}}
    try:
        proof = find_consistency(size1=size1, size2=size2)
    except NotFoundError:
        return {"sign": "is-q", "text": _("The first must not be larger than the second.")}
    except DamagedLedgerError as error:
        return {"sign": "is-bad", "text": error.message}
    return _compared(proof, signed)


def _compared(proof: ConsistencyProof, signed: Mapping[int, str]) -> dict[str, Any]:
    for size, root in {proof.size1: proof.root1, proof.size2: proof.root2}.items():
        if signed[size] != root.hex():
            text = _("The first %(size)s entries no longer have the root that was signed.")
            return {"sign": "is-bad", "text": text % {"size": size}}
    text = _(
        "Nothing of the first %(size1)s entries was changed, removed or put in another order: "
        "they are the beginning of the %(size2)s. %(count)s hashes prove it."
    )
    values = {"size1": proof.size1, "size2": proof.size2, "count": len(proof.hashes)}
    return {
        "sign": "is-ok",
        "text": text % values,
        "link": reverse("admin:ledger_consistency_file", args=[proof.size1, proof.size2]),
    }


def _number(text: str) -> int | None:
    """Return a whole number that a database can hold, or None."""
    digits = text.strip().replace(",", "")
    is_whole = digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS
    return int(digits) if is_whole else None
