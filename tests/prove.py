"""Runs one heavy proof and leaves a JSON report: in full, or for so many minutes.

On PostgreSQL, or on what ``DATABASE_URL`` names, such as ``sqlite:///proof.sqlite3``.
"""

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

PROOFS = {
    "kill": [
        "tests/cases/tools/test_services_crash.py",
        "tests/cases/tools/test_services_crash_voting.py",
    ],
    "broker": ["tests/governance/liveness/test_workers.py"],
    "faults": ["tests/cases/tools/test_services_faults.py"],
    "races": ["-m", "postgresql or race", "tests"],
    "machines": [
        "tests/governance/approvals/test_machine.py",
        "tests/cases/tools/test_services_machine.py",
    ],
    "ledger-kill": ["tests/governance/ledger/test_services_append_kills.py"],
    "ledger-mutations": ["tests/governance/ledger/test_services_mutations.py"],
    "ledger-rewrites": ["tests/governance/ledger/test_services_rewrites.py"],
    "record": ["tests/cases/journeys/test_record.py"],
    "rerun": ["tests/cases/playback/test_rerun_of_plays.py"],
    "twins": ["tests/flows/test_twin_installations.py"],
    "tree": ["tests/governance/ledger"],
    "document": ["tests/flows/test_document_holds.py"],
    "browser": ["tests/browser"],
    "soak": ["tests/flows/test_soak.py"],
    "erasure": [
        "tests/flows/test_erasure.py",
        "tests/governance/privacy/test_services_racing.py",
    ],
    "evidence-mutations": [
        "tests/governance/evidence/test_verifier_mutations.py",
        "tests/governance/evidence/test_verifier_files.py",
        "tests/governance/evidence/test_verifier_keys.py",
    ],
}
RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"


class Figures:
    """Gathers what the tests of a proof counted, added up by name."""

    def __init__(self) -> None:
        self.found: dict[str, int] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add what one test recorded."""
        if report.when == "call":
            for name, count in report.user_properties:
                self.found[name] = self.found.get(name, 0) + int(str(count))


def main() -> int:
    """Run the proof named on the command line."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in PROOFS:
        print(f"make prove PROOF=<name>, one of: {', '.join(sorted(PROOFS))}", file=sys.stderr)
        return 2
    arguments = argparse.ArgumentParser(prog=f"make prove PROOF={name}")
    arguments.add_argument("--minutes", help="how long a proof works that ends by the clock")
    minutes = arguments.parse_args(sys.argv[2:]).minutes
    if minutes:
        os.environ["ORCHESTRA_PROOF_MINUTES"] = minutes
    os.environ["ORCHESTRA_PROOF"] = name
    os.environ.setdefault("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/orchestra")
    os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:6379/9")
    started = time.monotonic()
    figures = Figures()
    code = int(pytest.main(["-q", *PROOFS[name]], plugins=[figures]))
    database = os.environ["DATABASE_URL"].partition(":")[0]
    RESULTS.mkdir(parents=True, exist_ok=True)
    report = {
        "proof": name,
        "database": database,
        "at": datetime.now(UTC).isoformat(),
        "exit_code": code,
        "seconds": round(time.monotonic() - started, 1),
        **figures.found,
    }
    kept = name if database.startswith("postgres") else f"{name}-{database}"
    (RESULTS / f"{kept}.json").write_text(json.dumps(report) + "\n", encoding="utf-8")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
