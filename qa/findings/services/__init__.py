"""Run the checks, and settle what they found."""

from qa.findings.services.judging import judge_next
from qa.findings.services.licensing import update_licences
from qa.findings.services.running import Ran, check_again, run_due, run_next
from qa.findings.services.settling import reopen_finding, settle_finding

__all__ = [
    "Ran",
    "check_again",
    "judge_next",
    "reopen_finding",
    "run_due",
    "run_next",
    "settle_finding",
    "update_licences",
]
