"""From the page of a thing back to the ledger's entries about it."""

from urllib.parse import urlencode

from django.urls import reverse

from governance.access.types import Capability
from governance.admin.visit import Visit


def in_ledger(visit: Visit, *, subject: object = "", stream: str = "") -> str:
    """Return the address of the ledger's entries about something.

    Args:
        visit: Who looks.
        subject: Public id of what they are about.
        stream: Name of the stream that is its own, such as ``agent:<uuid>``; in place of it.

    Returns:
        The address; empty where the reader may not read the ledger.
    """
    if not visit.may(Capability.LEDGER_READ):
        return ""
    query = {"stream": stream} if stream else {"subject": str(subject)}
    return f"{reverse('admin:ledger')}?{urlencode(query, safe=':')}"
