"""What REST shows of a case's personal data: as recorded to whose work needs it, else masked."""

from typing import Any, ClassVar

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.memory import rules
from governance.api.permissions import authority_of
from orchestra.core.redaction import mask_value

#: Addresses of other pages of a list: they hold a cursor and nobody's data.
_LINKS = ("next", "previous")


class MaskedReads(APIView):
    """Base of views that read a case: the same rule as for pages decides who sees its words.

    AI agents and people who work cases read them as recorded. ``masked_methods`` are those
    whose answers read; the answers to other methods are about what the caller just sent.
    """

    masked_methods: ClassVar[frozenset[str]] = frozenset({"GET"})

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Return the answer, masked for a caller whose roles do not include personal data."""
        if (
            request.method in self.masked_methods
            and isinstance(response, Response)
            and response.status_code == status.HTTP_200_OK
            and not rules.may_see_unmasked(authority_of(request).roles)
        ):
            links = {
                name: response.data[name]
                for name in _LINKS
                if isinstance(response.data, dict) and name in response.data
            }
            masked = mask_value(response.data)
            response.data = {**masked, **links} if links else masked
        return super().finalize_response(request, response, *args, **kwargs)
