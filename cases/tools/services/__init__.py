"""Propose, execute, settle: every act on a tool call; publish and retire the tools."""

from cases.tools.services.cancelling import cancel_call
from cases.tools.services.connecting import record_test, save_connection
from cases.tools.services.deciding import approval_decided, lock_for_approval
from cases.tools.services.editing import EditDraft, Preview, check_may_edit, edit, preview_edit
from cases.tools.services.executing import DOORBELL_TIME, execute_call, execute_due
from cases.tools.services.importing import Came, Imported, ImportedTool, import_tools
from cases.tools.services.looking import Look, look_now
from cases.tools.services.opening import record_request_opened
from cases.tools.services.outdating import void_outdated
from cases.tools.services.preparing import Proposal, StepContext
from cases.tools.services.proposing import propose
from cases.tools.services.publishing import publish_tool, retire_tool
from cases.tools.services.reaffirming import (
    Reaffirmed,
    policy_published,
    reaffirm_after_publishing,
    reaffirm_pending,
)
from cases.tools.services.reconciling import check_may_reconcile, reconcile_call, retry_unknown
from cases.tools.services.resuming import resume_verified
from cases.tools.services.sending import ask_back
from cases.tools.services.sweeping import Swept, sweep
from cases.tools.services.watching import Watched, watch_upstreams

__all__ = [
    "DOORBELL_TIME",
    "Came",
    "EditDraft",
    "Imported",
    "ImportedTool",
    "Look",
    "Preview",
    "Proposal",
    "Reaffirmed",
    "StepContext",
    "Swept",
    "Watched",
    "approval_decided",
    "ask_back",
    "cancel_call",
    "check_may_edit",
    "check_may_reconcile",
    "edit",
    "execute_call",
    "execute_due",
    "import_tools",
    "lock_for_approval",
    "look_now",
    "policy_published",
    "preview_edit",
    "propose",
    "publish_tool",
    "reaffirm_after_publishing",
    "reaffirm_pending",
    "reconcile_call",
    "record_request_opened",
    "record_test",
    "resume_verified",
    "retire_tool",
    "retry_unknown",
    "save_connection",
    "sweep",
    "void_outdated",
    "watch_upstreams",
]
