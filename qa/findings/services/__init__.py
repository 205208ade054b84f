"""Run the checks, and settle what they found."""

from qa.findings.services.running import Ran, check_again, run_due, run_next

__all__ = ["Ran", "check_again", "run_due", "run_next"]
