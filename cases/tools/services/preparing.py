"""What a proposal is, and the checks of it before anything is read or decided."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from cases.memory.models import Case
from cases.memory.types import CaseStatus
from cases.tools.arguments import check_arguments, check_same, read_exact
from cases.tools.gather import Asked, Cited
from cases.tools.imported import find_unseen_change
from cases.tools.models import ToolCall, ToolDefinition
from cases.tools.rules import arguments_digest
from cases.tools.selectors import find_repeated, spec_of
from cases.tools.services.citing import find_cited
from cases.tools.types import Effect, Json
from governance.access.types import Authority
from orchestra.core.actors import Actor
from orchestra.core.canonical import canonical_bytes
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError

_WORKABLE = frozenset({CaseStatus.OPEN, CaseStatus.HANDED_OFF})
_MAX_RATIONALE = 4000


@dataclass(frozen=True, slots=True)
class StepContext:
    """The step a proposal fulfils; all empty for a call outside of any plan.

    Attributes:
        step_id: Public id of the running step.
        cue_sheet: Key of the cue sheet; ``version`` and ``digest`` are of the version in force.
        title: The step's title.
        off_plan: Whether a plan runs, and this call matches no ready step of it.
    """

    step_id: str = ""
    step_key: str = ""
    title: str = ""
    cue_sheet: str = ""
    cue_sheet_title: str = ""
    version: int | None = None
    digest: str = ""
    pattern: str = ""
    stage: str = ""
    off_plan: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """That a proposal replaces a call that waits: who edited it, and why.

    Attributes:
        parent: The call that it replaces, with its tool.
    """

    parent: ToolCall
    editor: Actor
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposed use of a tool.

    Attributes:
        tool: With its connection.
        arguments: The JSON object read from ``arguments_bytes``.
        arguments_bytes: The object as it was received; empty where there are no such bytes.
        confidence: 0 to 1, of an AI that says it; None where it does not.
        evidence: Public ids of messages and pieces of evidence of the same case.
        customer_paragraph: What the customer will read.
        request_key: Digest of the keyed request that proposes; the same one never makes a
            second call, whatever became of the first.
        edit: Where a person's change of a call that waits is what is proposed.
        keep: Called with the call in the act that stores it, to keep what is answered.
    """

    case: Case
    tool: ToolDefinition
    arguments: Json
    arguments_bytes: bytes = b""
    confidence: float | None = None
    margin: float | None = None
    rationale: str = ""
    evidence: tuple[str, ...] = ()
    customer_paragraph: str = ""
    step: StepContext = field(default_factory=StepContext)
    request_key: str = ""
    edit: Edit | None = None
    keep: Callable[[ToolCall], None] | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A proposal that was checked, with what is stored of it.

    Attributes:
        body: The arguments as they were received.
        digest: Of the arguments, however they were written.
    """

    proposal: Proposal
    asked: Asked
    body: bytes
    digest: str

    def find_open(self) -> ToolCall | None:
        """Return the call that this proposal repeats: of the same request, or still open."""
        return find_repeated(
            request_key=self.proposal.request_key,
            case_id=self.proposal.case.pk,
            tool_id=self.proposal.tool.pk,
            arguments_digest=self.digest,
            requester_id=self.asked.authority.actor.id,
        )


def prepare(authority: Authority, now: datetime, proposal: Proposal) -> Prepared:
    """Check a proposal of whoever holds this authority: its arguments, words and citations.

    Raises:
        InvalidInputError: Something of it is not acceptable.
    """
    spec = spec_of(proposal.tool)
    body = proposal.arguments_bytes
    if body:
        check_same(data=body, arguments=proposal.arguments)
    else:
        body = canonical_bytes(proposal.arguments)
    exact = read_exact(body)
    check_arguments(spec=spec, arguments=proposal.arguments, exact=exact)
    cited = _check_proposal(authority, now, proposal)
    step = proposal.step
    asked = Asked(
        spec=spec,
        arguments=proposal.arguments,
        exact=exact,
        authority=authority,
        confidence=proposal.confidence,
        margin=proposal.margin,
        off_plan=step.off_plan,
        cue_sheet=step.cue_sheet,
        pattern=step.pattern,
        stage=step.stage,
        evidence=tuple(dict.fromkeys(proposal.evidence)),
        cited=cited,
    )
    return Prepared(proposal, asked, body, arguments_digest(proposal.arguments))


def _check_proposal(authority: Authority, now: datetime, proposal: Proposal) -> Cited:
    errors: list[FieldError] = []
    for name, value in (("confidence", proposal.confidence), ("margin", proposal.margin)):
        if value is not None and not 0 <= value <= 1:
            errors.append(FieldError(name, "range", "must be a number from 0 to 1"))
    if len(proposal.rationale) > _MAX_RATIONALE:
        errors.append(FieldError("rationale", "too_long", f"has over {_MAX_RATIONALE} characters"))
    if len(proposal.customer_paragraph) > _MAX_RATIONALE:
        errors.append(
            FieldError("customer_paragraph", "too_long", f"has over {_MAX_RATIONALE} characters")
        )
    cited, unknown = find_cited(
        authority=authority, now=now, case=proposal.case, evidence=proposal.evidence
    )
    errors += unknown
    if errors:
        raise InvalidInputError(
            "; ".join(f"{error.field} {error.message}" for error in errors), errors=errors
        )
    return cited


def check_workable(case: Case, tool: ToolDefinition) -> None:
    """Refuse a proposal on a case that is not open, or of a tool that is not to be used.

    Raises:
        ConflictError: The case or the tool stands where nothing is proposed.
    """
    if case.status not in _WORKABLE:
        raise ConflictError(
            _("This case is %(status)s; reopen it first.") % {"status": case.status},
            code="conflict.case_not_open",
        )
    if tool.retired_at is not None:
        raise ConflictError(
            _("%(tool)s was taken out of force; nothing was decided. Ask for the list of tools.")
            % {"tool": tool.name},
            code="tool.retired",
        )
    if not tool.enabled:
        raise ConflictError(
            _("%(tool)s is switched off; nothing was decided.") % {"tool": tool.name},
            code="tool.switched_off",
        )
    check_seen(tool)


def check_seen(tool: ToolDefinition) -> None:
    """Refuse a write by a tool that its upstream changed until a person has looked at that.

    Raises:
        ConflictError: Code ``tool.changed_upstream``, with the change request to decide on.
    """
    if tool.effect != Effect.WRITE:
        return
    change = find_unseen_change(tool)
    if change is not None:
        raise ConflictError(
            _(
                "The other system changed %(tool)s and nobody has looked at that yet; nothing "
                "was decided. Somebody decides on %(change)s first. Reads go on; hand the case "
                "to a person if it cannot wait."
            )
            % {"tool": tool.name, "change": change.label},
            code="tool.changed_upstream",
            data={"change": change.label},
        )
