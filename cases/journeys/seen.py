"""What of the cases a reader may see, for the rooms below that name them as text."""

from collections.abc import Collection, Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.memory.models import Case
from cases.memory.rules import is_uuid
from cases.tools.models import ToolCall
from cases.tools.services.settling import SUBJECT
from governance.access.selectors import readable_queue_ids
from governance.access.types import Authority, Capability
from governance.knowledge.registry import UseSubject
from governance.knowledge.types import Seen, SeenSubject
from orchestra.core import words

CASE: Final = "case"


def see_cases(authority: Authority, case_ids: Collection[str]) -> Seen:
    """Return the cases that a reader may see, by public id: one query."""
    rows = Case.objects.filter(public_id__in=[one for one in case_ids if is_uuid(one)])
    queues = readable_queue_ids(authority, Capability.CASE_READ)
    if queues is not None:
        rows = rows.filter(queue_id__in=queues)
    return {str(case.public_id): _seen(case, case.label) for case in rows}


def see_calls(authority: Authority, call_ids: Collection[str]) -> Seen:
    """Return the tool calls whose case a reader may see, by public id: one query."""
    rows = ToolCall.objects.filter(public_id__in=[one for one in call_ids if is_uuid(one)])
    queues = readable_queue_ids(authority, Capability.CASE_READ)
    if queues is not None:
        rows = rows.filter(case__queue_id__in=queues)
    calls = rows.select_related("case", "tool").defer("tool__document")
    return {str(call.public_id): _seen(call.case, _label(call)) for call in calls}


def _label(call: ToolCall) -> str:
    return _("%(case)s: %(tool)s") % {
        "case": call.case.label,
        "tool": call.tool.title or words.plain(call.tool.name),
    }


def _seen(case: Case, label: str) -> SeenSubject:
    case_id = str(case.public_id)
    return SeenSubject(label=label, stream=f"case:{case_id}", page="case", page_id=case_id)


SUBJECTS: Final[Mapping[str, UseSubject]] = {
    CASE: UseSubject(title=gettext_lazy("case"), see=see_cases),
    SUBJECT: UseSubject(title=gettext_lazy("tool call"), see=see_calls),
}
