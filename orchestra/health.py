"""Liveness and readiness."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from governance.ledger import selectors as ledger
from governance.liveness import selectors as liveness
from orchestra.core import clock


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer that the process serves."""
    del request
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Answer whether the database, the sequencer and the workers keep up."""
    del request
    try:
        connection.ensure_connection()
        backlog = ledger.count_unsequenced()
        stop = ledger.find_signing_stop()
        silence = liveness.find_silence(clock.now())
    except DatabaseError:
        return JsonResponse({"status": "database does not answer"}, status=503)
    if stop:
        # What to do is told to whoever may read the ledger; a probe is told that it is needed.
        answer = {"status": "signing is stopped", "code": stop.code, "unsequenced": backlog}
        return JsonResponse(answer, status=503)
    if silence is not None:
        # A worker may be alive and deaf: its process answers, and it takes nothing.
        answer = {"status": f"no work taken for {silence:.0f} s", "unsequenced": backlog}
        return JsonResponse(answer, status=503)
    late = backlog > settings.ORCHESTRA["BACKLOG_ALARM"]
    return JsonResponse(
        {"status": "sequencer is late" if late else "ok", "unsequenced": backlog},
        status=503 if late else 200,
    )
