"""Controls to cut evidence by, and exports as rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from governance.evidence.models import EvidenceExport
from governance.evidence.services import request_export
from governance.evidence.types import ExportScope, Gap, ScopeKind
from governance.ledger.selection import EntrySelection
from orchestra.core.actors import Actor
from tests.factories.ledger import AT


@dataclass(frozen=True)
class FakeControl:
    """A control whose gaps are given."""

    code: str = "changes"
    title: str = "Changes are authorised, tested and approved"
    requirements: tuple[str, ...] = ("SOC 2 CC8.1",)
    kinds: tuple[str, ...] = ("act.refused",)
    lines: tuple[Gap, ...] = field(default=(Gap("proposed", "Proposed by a named person", 23, 23),))

    def select(self, *, since: datetime, until: datetime) -> EntrySelection:
        return EntrySelection(kinds=self.kinds, since=since, until=until)

    def gaps(self, *, since: datetime, until: datetime) -> Sequence[Gap]:
        del since, until
        return self.lines


UNOPENED = Gap("opened", "Voter opened the difference", 44, 46, ("CR-091", "CR-097"))


def case_scope(case: str = "c-1") -> ExportScope:
    return ExportScope(kind=ScopeKind.CASE, key=case)


def span_scope(kind: ScopeKind = ScopeKind.SPAN, key: str = "", days: int = 1) -> ExportScope:
    return ExportScope(
        kind=kind, key=key, since=AT - timedelta(days=days), until=AT + timedelta(days=days)
    )


def make_export(actor: Actor, scope: ExportScope | None = None, **more: Any) -> EvidenceExport:
    more.setdefault("now", AT + timedelta(days=2))
    return request_export(actor=actor, scope=scope or case_scope(), **more)
