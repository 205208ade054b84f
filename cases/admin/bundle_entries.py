"""Which entry of the ledger shows each claim of a bundle: its number in the case's stream."""

from collections.abc import Iterable, Mapping
from typing import Any

from cases.handoff.entries import HANDOFF_OFFERED
from cases.handoff.models import Handoff
from cases.handoff.types import BundlePart
from cases.intake.entries import CASE_CLASSIFIED
from cases.memory.entries import VERIFICATION_RECORDED
from cases.memory.types import TimelineItem
from governance.policies.entries import DECISION_RECORDED

Json = Any


class Entries:
    """The entries of a case up to the offer, found by what they are about."""

    def __init__(self, handoff: Handoff, items: Iterable[TimelineItem]) -> None:
        self._of_kind: dict[str, int] = {}
        self._last: dict[str, int] = {}
        self._decided: dict[str, int] = {}
        for item in items:
            if item.at > handoff.offered_at:
                break
            self._of_kind[item.kind] = item.seq
            self._last[item.subject_id] = item.seq
            if item.kind == DECISION_RECORDED:
                self._decided[item.subject_id] = item.seq

    def of_part(self, part: BundlePart, content: Json) -> list[int | None]:
        """Return the entry behind each line of a part, in the lines' order; None where none is."""
        match part:
            case BundlePart.INTENT:
                return [self._of_kind.get(CASE_CLASSIFIED)]
            case BundlePart.ENTITIES:
                return [self._of_entity(entity) for entity in content]
            case BundlePart.COMPLETED_STEPS:
                return [self._last.get(step.get("call_id") or "-") for step in content["steps"]]
            case BundlePart.POLICY_CHECKS:
                return [self._of_check(check) for check in content["checks"]]
            case BundlePart.RISK_AND_VERIFICATION:
                flags = [self._of_kind.get(CASE_CLASSIFIED)] * len(content["risk_flags"])
                return [self._of_kind.get(VERIFICATION_RECORDED), *flags]
            case _:
                return [self._of_kind.get(HANDOFF_OFFERED)]

    def _of_entity(self, entity: Mapping[str, Json]) -> int | None:
        if entity.get("call_id"):
            return self._last.get(str(entity["call_id"]))
        if entity.get("kind") == "customer":
            return self._of_kind.get(VERIFICATION_RECORDED)
        return self._of_kind.get(CASE_CLASSIFIED)

    def _of_check(self, check: Mapping[str, Json]) -> int | None:
        call = str(check.get("call_id") or "-")
        return self._decided.get(call, self._last.get(call))
