"""Prove over REST that the ledger only grew, and by which keys it is signed."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.ledger import LedgerView
from governance.ledger import services
from governance.ledger.consistency import find_consistency
from orchestra.core.errors import FieldError, InvalidInputError

_MOST_DIGITS = 18


class ConsistencyOut(serializers.Serializer[object]):
    """A consistency proof of RFC 6962 between two sizes, hashes in lower-case hex."""

    size_from = serializers.IntegerField()
    root_from = serializers.CharField()
    size_to = serializers.IntegerField()
    root_to = serializers.CharField()
    hashes = serializers.ListField(child=serializers.CharField())


class KeyOut(serializers.Serializer[object]):
    """A verifier key and the checkpoints that need its signature."""

    vkey = serializers.CharField()
    after_size = serializers.IntegerField()
    up_to_size = serializers.IntegerField(allow_null=True)
    both_until = serializers.CharField()


class KeysOut(serializers.Serializer[object]):
    """The name of the ledger, and its keys, the one in force last."""

    origin = serializers.CharField()
    keys = KeyOut(many=True)


class ConsistencyView(LedgerView):
    """Consistency proofs."""

    @extend_schema(
        operation_id="ledger_consistency",
        parameters=[
            OpenApiParameter("from", int, required=True, description="the smaller size"),
            OpenApiParameter("to", int, description="the larger size; the newest checkpoint's"),
        ],
        responses=ConsistencyOut,
    )
    def get(self, request: Request) -> Response:
        """Prove that the ledger of one size is the beginning of that of another.

        Raises:
            InvalidInputError: A size is no whole number.
            NotFoundError: No proof leads from the one to the other.
        """
        size1 = _size(request, "from")
        size2 = _size(request, "to") if request.query_params.get("to") else None
        found = find_consistency(size1=size1, size2=size2)
        return Response(
            {
                "size_from": found.size1,
                "root_from": found.root1.hex(),
                "size_to": found.size2,
                "root_to": found.root2.hex(),
                "hashes": [item.hex() for item in found.hashes],
            }
        )


class KeysView(LedgerView):
    """The keys that sign and signed."""

    @extend_schema(operation_id="ledger_keys", responses=KeysOut)
    def get(self, request: Request) -> Response:
        """Return the verifier keys with the checkpoints each covers."""
        del request
        standing = services.current_standing()
        keys = [
            {
                "vkey": span.key.text(),
                "after_size": max(span.after_size, 0),
                "up_to_size": span.up_to_size,
                "both_until": span.both_until,
            }
            for span in standing.spans
        ]
        return Response({"origin": standing.origin, "keys": keys})


def _size(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    if not (text.isascii() and text.isdigit()) or len(text) > _MOST_DIGITS:
        message = "Write a number of entries, a whole number."
        raise InvalidInputError(
            "The sizes are not acceptable.", errors=[FieldError(name, "not_a_size", message)]
        )
    return int(text)
