"""Read the ledger: entries, checkpoint, proofs."""

import base64
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.types import Capability
from governance.api.pages import PAGE_PARAMETERS, answer_page, page_of
from governance.ledger import selectors
from orchestra.core.canonical import check_text
from orchestra.core.errors import NotFoundError

#: Query parameter to the column it narrows.
FILTERS = {"kind": "kind", "actor": "actor_id", "subject": "subject_id", "stream": "stream"}


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


class EntriesView(LedgerView):
    """Entries."""

    @extend_schema(
        operation_id="ledger_entries",
        parameters=[
            *(OpenApiParameter(name, str) for name in FILTERS),
            *PAGE_PARAMETERS,
        ],
        responses=page_of(EntryOut),
    )
    def get(self, request: Request) -> Response:
        """List entries, newest first.

        Raises:
            InvalidInputError: A filter holds what no text may hold.
        """
        for name in FILTERS:
            check_text(request.query_params.get(name, ""), name)
        wanted = {
            field: request.query_params[name]
            for name, field in FILTERS.items()
            if request.query_params.get(name)
        }
        found = selectors.list_entries().filter(**wanted)
        return answer_page(self, request, found, EntryOut)


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
