"""What tool calls hold of a customer: arguments, facts, reasons, and what systems answered."""

from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases.tools.models import ToolAttempt, ToolCall
from cases.tools.types import TERMINAL_STATES
from governance.privacy.rows import Rows, of_cases
from governance.privacy.types import Subject

#: A digest of arguments could be guessed; what tells calls apart is their own id from then on.
_EFFECT_KEY = Concat(Value("erased:"), Cast("pk", CharField()))

HOLDERS = (
    Rows(
        code="tool_calls",
        title=_("Tool calls: what was asked of systems, why, and what they answered"),
        model=ToolCall,
        reach=of_cases(),
        blank={
            "arguments": {},
            "arguments_bytes": b"{}",
            "arguments_digest": "",
            "action_digest": "",
            "proposed_digest": "",
            "effect_key": _EFFECT_KEY,
            "rationale": "",
            "evidence": [],
            "customer_paragraph": "",
            "facts": {},
            "effect_text": "",
            "state_reason": "",
            "result": None,
            "result_bytes": None,
            "edit_reason": "",
        },
        at="created_at",
        told=("tool__title", "state", "amount_minor", "currency"),
        untold=(
            "arguments_bytes",
            "arguments_digest",
            "action_digest",
            "proposed_digest",
            "effect_key",
            "result_bytes",
        ),
    ),
    Rows(
        code="tool_attempts",
        title=_("Attempts at systems of record, and the answers as received"),
        model=ToolAttempt,
        reach=of_cases("call__case__public_id"),
        blank={"detail": "", "body": None},
        at="started_at",
        untold=("body",),
    ),
)


def unsettled(subject: Subject) -> list[str]:
    """Return a sentence for every case of which a tool call has not ended."""
    rows = ToolCall.objects.filter(case__public_id__in=subject.case_ids)
    cases = rows.exclude(state__in=TERMINAL_STATES).values_list("case_id", flat=True)
    return [
        _now("A tool call of C-%(case)s has not ended.") % {"case": case}
        for case in cases.order_by("case_id").distinct()
    ]
