"""Ask for evidence, explain its gaps, build it in turns, hand it out, delete it."""

from governance.evidence.services.clearing import clear_leftovers
from governance.evidence.services.handing_out import delete_files, forget_files, open_file
from governance.evidence.services.requesting import (
    LEFT_OUT_BY_DEFAULT,
    cancel_export,
    explain_gap,
    request_export,
)
from governance.evidence.services.running import run_due_exports, run_export
from governance.evidence.services.shared import BUILD_TASK, BUILDER

__all__ = [
    "BUILDER",
    "BUILD_TASK",
    "LEFT_OUT_BY_DEFAULT",
    "cancel_export",
    "clear_leftovers",
    "delete_files",
    "explain_gap",
    "forget_files",
    "open_file",
    "request_export",
    "run_due_exports",
    "run_export",
]
