"""Read the ledger: entries, checkpoint, proofs."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.pagination import Cursor
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.types import Capability
from governance.api.pages import PAGE_PARAMETERS, page_of
from governance.ledger import selectors
from governance.ledger.searching import Place, search
from governance.ledger.selection import LONGEST_ID, EntrySelection
from governance.policies.types import Outcome, RiskLevel
from orchestra.core.errors import FieldError, InvalidInputError, NotFoundError

#: Query parameter to the field of a selection that it narrows, and what it is.
FILTERS = {
    "kind": ("kinds", "A kind, such as `approval.granted`; a beginning ends in a dot."),
    "actor": ("actor_ids", "Public id of who acted."),
    "actor_kind": ("actor_kinds", "`agent`, `human` or `system`."),
    "subject": ("subject_ids", "Public id of what was acted on."),
    "stream": ("streams", "Such as `case:<uuid>`."),
    "customer": ("customers", "Public id of a customer: entries about them and their cases."),
    "tool": ("tools", "Name of a tool."),
    "risk": ("risks", "Level of risk: `low`, `medium`, `high` or `critical`."),
    "outcome": ("outcomes", "Verdict of a decision, such as `deny`."),
    "policy": ("policies", "SHA-256 of the policy version that decided."),
    "text": ("text", "Words of the payload as it reads masked; `-word` leaves out."),
    "since": ("since", "Recorded at or after this RFC 3339 time."),
    "until": ("until", "Recorded before this RFC 3339 time."),
}
_PLAIN = ("text", "since", "until")
_CODES = {"risk": RiskLevel, "outcome": Outcome}


class EntryOut(serializers.Serializer[object]):
    """One entry; ``leaf`` is the exact bytes that are hashed, base64."""

    index = serializers.IntegerField(source="leaf_index", allow_null=True)
    stream = serializers.CharField()
    seq = serializers.IntegerField()
    kind = serializers.CharField()
    at = serializers.DateTimeField()
    actor_kind = serializers.CharField()
    actor_id = serializers.CharField()
    subject_kind = serializers.CharField()
    subject_id = serializers.CharField()
    leaf_hash = serializers.CharField()
    leaf = serializers.SerializerMethodField()

    def get_leaf(self, entry: Any) -> str:
        """Return the leaf's bytes."""
        return base64.b64encode(bytes(entry.leaf_bytes)).decode()


class CheckpointOut(serializers.Serializer[object]):
    """A signed checkpoint, as a C2SP signed note."""

    size = serializers.IntegerField()
    root_hash = serializers.CharField(source="root")
    note = serializers.CharField()
    at = serializers.DateTimeField()


class ProofOut(serializers.Serializer[object]):
    """An inclusion proof against the latest checkpoint."""

    index = serializers.IntegerField()
    size = serializers.IntegerField()
    leaf_hash = serializers.CharField()
    hashes = serializers.ListField(child=serializers.CharField())
    checkpoint = serializers.CharField()


class LedgerView(APIView):
    """Base of the ledger's views."""

    capability = Capability.LEDGER_READ
    act = "ledger.read"


def answer_found(view: APIView, request: Request, selection: EntrySelection) -> Response:
    """Return one page of what a search finds; its bounded work may end before the page is full.

    Raises:
        ValidationError: The cursor or the size of the page makes no sense.
    """
    pages = view.settings.DEFAULT_PAGINATION_CLASS()
    pages.base_url = request.build_absolute_uri()
    cursor = pages.decode_cursor(request)
    place = Place()
    if cursor is not None and cursor.position is not None:
        place = Place(int(cursor.position), is_newer=cursor.reverse)
    found = search(selection, place=place, size=pages.get_page_size(request))

    def link(key: int | None, *, is_newer: bool) -> str | None:
        if key is None:
            return None
        position: Any = str(key)  # the stubs say a number; DRF writes and reads a text
        return str(pages.encode_cursor(Cursor(offset=0, reverse=is_newer, position=position)))

    return Response(
        {
            "next": link(found.older, is_newer=False),
            "previous": link(found.newer, is_newer=True),
            "results": EntryOut(found.entries, many=True).data,
        }
    )


class EntriesView(LedgerView):
    """Entries."""

    @extend_schema(
        operation_id="ledger_entries",
        parameters=[
            *(OpenApiParameter(name, str, description=said) for name, (_, said) in FILTERS.items()),
            *PAGE_PARAMETERS,
        ],
        responses=page_of(EntryOut),
    )
    def get(self, request: Request) -> Response:
        """List entries, newest first.

        What is told by tool, risk, outcome, policy version and words is found as far as the
        index of the ledger has come, a few seconds behind. Where entries that match lie far
        apart, a page holds fewer than asked for and still leads on by `next`.

        Raises:
            InvalidInputError: A filter is not known, or holds no value of its kind.
        """
        return answer_found(self, request, selection_in(request.query_params))


def selection_in(params: Mapping[str, str]) -> EntrySelection:
    """Return the entries that the parameters of an address name.

    Raises:
        InvalidInputError: With every finding by its parameter.
    """
    paging = {str(one.name) for one in PAGE_PARAMETERS}
    errors = [
        FieldError(name[:LONGEST_ID], "unknown", "There is no such filter.")
        for name in params
        if name not in FILTERS and name not in paging
    ]
    value: dict[str, Any] = {}
    for name, (field, _said) in FILTERS.items():
        given = params.get(name, "")
        if given:
            value[field] = given if name in _PLAIN else [given]
        if given and given not in set(_CODES.get(name, (given,))):
            known = ", ".join(_CODES[name])
            errors.append(FieldError(name, "unknown", f"It is one of {known}."))
    try:
        selection = EntrySelection.from_json(value)
    except InvalidInputError as error:
        of_field = {f"selection.{field}": name for name, (field, _said) in FILTERS.items()}
        errors += [replace(one, field=of_field.get(one.field, one.field)) for one in error.errors]
    if errors:
        raise InvalidInputError("A filter makes no sense.", errors=errors)
    return selection


class CheckpointView(LedgerView):
    """The latest checkpoint."""

    @extend_schema(operation_id="ledger_checkpoint", responses=CheckpointOut)
    def get(self, request: Request) -> Response:
        """Return the latest signed checkpoint.

        Raises:
            NotFoundError: Nothing has been signed yet.
        """
        del request
        found = selectors.latest_checkpoint()
        if found is None:
            raise NotFoundError("No checkpoint has been signed yet; ask again in a second.")
        return Response(CheckpointOut(found).data)


class ProofView(LedgerView):
    """Inclusion proofs."""

    @extend_schema(operation_id="ledger_proof", responses=ProofOut)
    def get(self, request: Request, index: int) -> Response:
        """Prove that an entry is in the latest checkpoint.

        Raises:
            NotFoundError: The entry is not under a checkpoint yet.
        """
        del request
        checkpoint = selectors.latest_checkpoint()
        if checkpoint is None or index >= checkpoint.size:
            raise NotFoundError("This entry is not under a checkpoint yet; ask again shortly.")
        found = selectors.inclusion_proof(index=index, size=checkpoint.size)
        return Response(
            {
                "index": index,
                "size": checkpoint.size,
                "leaf_hash": found.leaf_hash.hex(),
                "hashes": [item.hex() for item in found.hashes],
                "checkpoint": checkpoint.note,
            }
        )
