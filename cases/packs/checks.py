"""Whether the items of a pack are sound, each by itself and together; pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cases.journeys.parsing import parse_cue_sheet
from cases.journeys.types import CueSheetSpec
from cases.packs.types import Item, ItemKind, Known, Pack
from cases.tools.connecting import parse_connection
from cases.tools.parsing import parse_tool
from cases.tools.references import functions_named, reads_named
from cases.tools.types import Effect, ToolSpec
from cases.tools.undoing import reversal_errors
from governance.knowledge.parsing import parse_article
from governance.policies.catalogue import Catalogue
from governance.policies.parsing import parse_policy
from governance.policies.types import PolicyTable
from orchestra.core import canonical
from orchestra.core.errors import FieldError, InvalidInputError

Json = Any
Place = tuple[ItemKind, str]
Findings = Iterator[tuple[Place, FieldError]]

_FIELDS: Mapping[ItemKind, frozenset[str]] = {
    ItemKind.QUEUE: frozenset({"key", "title", "next_roles", "first_reply_minutes", "is_default"}),
    ItemKind.INTENT: frozenset({"key", "title", "cue_sheet", "queue", "examples"}),
}


def check_items(*, pack: Pack, known: Known) -> Findings:
    """Yield every finding with the kind and key of the item it is about."""
    checker = _Checker(pack, known)
    yield from checker.run()


class _Checker:
    """Holds what the pack declares while its items are checked against each other."""

    def __init__(self, pack: Pack, known: Known) -> None:
        self._pack = pack
        self._known = known
        self._keys = {kind: {item.key for item in pack.of(kind)} for kind in ItemKind}
        self._tools: dict[str, ToolSpec] = {}
        self._tables: list[PolicyTable] = []

    def run(self) -> Findings:
        """Yield the findings, the simple kinds first."""
        yield from self._queues()
        yield from self._connections()
        yield from self._read(ItemKind.TOOL, self._tool)
        yield from self._read(ItemKind.POLICY, self._policy)
        yield from self._read(ItemKind.CUE_SHEET, self._cue_sheet)
        yield from self._read(ItemKind.ARTICLE, self._article)
        yield from self._intents()
        if len(self._tools) == len(self._pack.of(ItemKind.TOOL)):
            yield from self._tool_references()

    def _read(self, kind: ItemKind, parse: Callable[[Item], None]) -> Findings:
        for item in self._pack.of(kind):
            try:
                parse(item)
            except InvalidInputError as error:
                for finding in error.errors or (FieldError("", "invalid", error.message),):
                    yield (kind, item.key), finding

    def _tool(self, item: Item) -> None:
        # A database may keep keys in an order of its own; what is stored is read in canonical
        # order, so a read must not go into one that comes later in the alphabet.
        stored = canonical.loads_strict(canonical.canonical_bytes(dict(item.document)))
        spec = parse_tool(document=stored)
        self._tools[spec.name] = spec

    def _policy(self, item: Item) -> None:
        catalogue = Catalogue(facts=self._known.facts, tools=frozenset(self._keys[ItemKind.TOOL]))
        table = parse_policy(document=item.document, version=1, digest="", catalogue=catalogue)
        self._tables.append(table)
        errors = [
            *self._names(table.scope.queues, ItemKind.QUEUE, "scope.queues"),
            *self._names(table.scope.cue_sheets, ItemKind.CUE_SHEET, "scope.cue_sheets"),
        ]
        if errors:
            raise InvalidInputError("the policy names what is not there", errors=errors)

    def _cue_sheet(self, item: Item) -> None:
        effects = {name: str(spec.effect) for name, spec in self._tools.items()}
        spec: CueSheetSpec = parse_cue_sheet(
            document=item.document, tool_effects=effects, roles=self._known.roles
        )
        errors = [
            *self._names((spec.queue,), ItemKind.QUEUE, "queue"),
            *self._names(spec.intents, ItemKind.INTENT, "intents"),
        ]
        if errors:
            raise InvalidInputError("the cue sheet names what is not there", errors=errors)

    def _article(self, item: Item) -> None:
        parse_article(document=item.document)

    def _names(self, named: tuple[str, ...], kind: ItemKind, path: str) -> Iterator[FieldError]:
        for index, name in enumerate(named):
            if name not in self._keys[kind]:
                at = path if len(named) == 1 else f"{path}[{index}]"
                message = f"there is no {kind.replace('_', ' ')} {name!r} in the pack"
                yield FieldError(at, "unknown", message)

    def _unknown_fields(self, item: Item) -> Findings:
        for key in item.document:
            if key not in _FIELDS[item.kind]:
                finding = FieldError(key, "unknown_field", f"is no part of a {item.kind}")
                yield (item.kind, item.key), finding

    def _queues(self) -> Findings:
        defaults = [
            item for item in self._pack.of(ItemKind.QUEUE) if item.document.get("is_default")
        ]
        for item in defaults[1:]:
            message = "only one queue is the default"
            yield (item.kind, item.key), FieldError("is_default", "twice", message)
        for item in self._pack.of(ItemKind.QUEUE):
            yield from self._unknown_fields(item)
            roles = item.document.get("next_roles", [])
            for index, role in enumerate(roles if isinstance(roles, list) else [roles]):
                if role not in self._known.roles:
                    finding = FieldError(
                        f"next_roles[{index}]", "unknown_role", f"there is no role {role!r}"
                    )
                    yield (item.kind, item.key), finding

    def _connections(self) -> Findings:
        for item in self._pack.of(ItemKind.CONNECTION):
            try:
                parse_connection(document=item.document)
            except InvalidInputError as error:
                for finding in error.errors:
                    yield (item.kind, item.key), finding

    def _intents(self) -> Findings:
        for item in self._pack.of(ItemKind.INTENT):
            yield from self._unknown_fields(item)
            sheet, queue = item.document.get("cue_sheet"), item.document.get("queue")
            named = [
                *self._names((str(sheet),) if sheet else (), ItemKind.CUE_SHEET, "cue_sheet"),
                *self._names((str(queue),) if queue else (), ItemKind.QUEUE, "queue"),
            ]
            for finding in named:
                yield (item.kind, item.key), finding

    def _tool_references(self) -> Findings:
        for spec in self._tools.values():
            for finding in self._tool_findings(spec):
                yield (ItemKind.TOOL, spec.name), finding

    def _tool_findings(self, spec: ToolSpec) -> Iterator[FieldError]:
        yield from self._names((spec.connection,), ItemKind.CONNECTION, "connection")
        queue = (spec.hands_off or {}).get("queue")
        yield from self._names((queue,) if queue else (), ItemKind.QUEUE, "hands_off.queue")
        for at, name in reads_named(spec):
            other = self._tools.get(name)
            if other is None or other.effect is not Effect.READ:
                yield FieldError(at, "unknown_tool", f"there is no tool {name!r} that only reads")
        if spec.reversed_by:
            yield from self._names((spec.reversed_by,), ItemKind.TOOL, "reversed_by")
            if (reversing := self._tools.get(spec.reversed_by)) is not None:
                yield from reversal_errors(spec, reversing)
        yield from self._governed(spec)

    def _governed(self, spec: ToolSpec) -> Iterator[FieldError]:
        for at, name in functions_named(spec):
            if name not in self._known.functions:
                yield FieldError(at, "unknown_function", f"no function {name!r} is registered")
        if not spec.risk:
            message = "a tool without a risk level is denied; declare one"
            yield FieldError("risk", "missing", message)
        if not any(
            not table.scope.tools or spec.name in table.scope.tools for table in self._tables
        ):
            message = "no policy has this tool in its scope, so every call of it would be denied"
            yield FieldError("name", "no_policy", message)
