"""Ask for evidence, explain its gaps, call it off."""

from governance.evidence.services.requesting import (
    LEFT_OUT_BY_DEFAULT,
    cancel_export,
    explain_gap,
    request_export,
)
from governance.evidence.services.shared import BUILD_TASK, BUILDER

__all__ = [
    "BUILDER",
    "BUILD_TASK",
    "LEFT_OUT_BY_DEFAULT",
    "cancel_export",
    "explain_gap",
    "request_export",
]
