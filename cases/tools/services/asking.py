"""Ask people for an approval of a call: the view they see and who may not vote."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from cases.memory.models import Case, Evidence, Message
from cases.memory.selectors import read_messages, verification_of
from cases.memory.types import Speaker, Trust, VerificationLevel
from cases.tools.evidence import CLAIMED, CONFIRMED, UNKNOWN, EvidenceLine
from cases.tools.facts import change_of, effect_of, grounds_of
from cases.tools.gather import Asked, Cited
from cases.tools.models import ToolCall
from cases.tools.registry import Spoken
from cases.tools.rules import Action
from cases.tools.services.settling import SUBJECT
from cases.tools.types import Json, Reads
from cases.tools.view import Asking, EditLine, MessageLine, ViewInputs, Voting, build_view
from governance.access.types import Authority
from governance.approvals.models import ApprovalRequest
from governance.approvals.rules import (
    THE_AGENT_ACTS_FOR_YOU,
    YOU_ASKED,
    YOU_EDITED,
    YOU_OWN_THE_AGENT,
)
from governance.approvals.services import request_approval
from governance.approvals.types import ApprovalDraft
from governance.knowledge.models import ArticleVersion
from governance.policies.floors import FLOOR
from governance.policies.types import Decision, FactSet, RiskLevel
from orchestra.core.actors import Actor
from orchestra.core.canonical import loads_strict
from orchestra.core.prepared import Prepared

OUTDATED = "The customer has written since this was shown to the approver."
_QUOTED_LENGTH = 300
_AGREED_BEFORE = EvidenceLine(
    "Whether the customer agrees to it as it was edited",
    UNKNOWN,
    "the words cited were said before the edit",
)
_SPEAKING = {
    Speaker.AI: ("AI assistant", "listed"),
    Speaker.CUSTOMER: ("customer", "said"),
    Speaker.HUMAN: ("colleague", "said"),
}


@dataclass(frozen=True, slots=True)
class Decided:
    """An action that was decided: everything an approval of it rests on."""

    asked: Asked
    action: Action
    decision: Decision
    facts: FactSet
    reads: Reads
    step_title: str = ""
    cue_sheet_title: str = ""


def ask_approval(
    *, actor: Actor, now: datetime, call: ToolCall, case: Case, decided: Decided
) -> ApprovalRequest:
    """Ask for the votes that the decision on a call calls for; in the running transaction.

    Args:
        actor: Whose act it is: the requester's, or of the person who edited the action.
        now: When.
        call: The call.
        case: Its case, locked.
        decided: What was decided, with the authority of the requester.
    """
    authority = decided.asked.authority
    voting = _voting(decided.decision, decided.action.risk, now)
    spec, arguments, reads = decided.asked.spec, decided.asked.arguments, decided.reads
    messages = _message_lines(case)
    view = build_view(
        ViewInputs(
            case_label=case.label,
            channel=str(case.channel),
            queue=case.queue.title,
            action=decided.action,
            spec=spec,
            decision=decided.decision,
            facts=decided.facts,
            reads=reads,
            asking=Asking(
                actor=authority.actor,
                owner=authority.owner.label if authority.owner else "",
                acts_for=authority.acts_for.label if authority.acts_for else "",
                rationale=call.rationale,
                confidence=call.confidence,
                margin=call.margin,
            ),
            voting=voting,
            now=now,
            effect=effect_of(spec=spec, arguments=arguments, reads=reads),
            before_after=change_of(spec=spec, arguments=arguments, reads=reads),
            grounds=grounds_of(
                spec=spec, arguments=arguments, reads=reads, spoken=_spoken(messages)
            ),
            evidence=_evidence_lines(case, decided.asked.cited, call),
            messages=messages,
            customer_paragraph=call.customer_paragraph,
            off_plan=call.off_plan,
            step_title=decided.step_title,
            cue_sheet_title=decided.cue_sheet_title,
            amounts={"amount_minor": call.amount_minor, "currency": call.currency},
            edit=_edit_line(call),
        )
    )
    return request_approval(
        actor=actor,
        now=now,
        draft=ApprovalDraft(
            queue_id=case.queue_id,
            subject_kind=SUBJECT,
            subject_id=str(call.public_id),
            case_public_id=str(case.public_id),
            case_label=case.label,
            stream=case.stream,
            title=view["effect"]["sentence"][:500],
            detail=view["effect"]["detail"][:500],
            risk=RiskLevel(decided.action.risk),
            amount_minor=call.amount_minor,
            currency=call.currency,
            requester=authority.actor,
            barred=_barred(authority, call),
            action_digest=decided.action.digest,
            view=view,
            votes_needed=voting.votes,
            roles=voting.roles,
            distinct_roles=voting.distinct_roles,
            step_up=voting.step_up,
            deadline_at=voting.deadline_at,
            tool=decided.action.tool,
            rule=_only_rule(decided.decision),
            journey=decided.cue_sheet_title,
        ),
    )


def _only_rule(decision: Decision) -> str:
    """Return the one row of one version of a policy that asks for the votes, else nothing."""
    asking = [row for row in decision.fired if row.outcome is decision.outcome]
    if len(asking) != 1 or asking[0].policy == FLOOR:
        return ""
    [row] = asking
    return f"{row.policy}@{row.version}:{row.rule}"


def _voting(decision: Decision, risk: str, now: datetime) -> Voting:
    asked = decision.obligations
    minutes = asked.deadline_minutes or settings.ORCHESTRA["APPROVAL_DEADLINE_MINUTES"]
    return Voting(
        votes=max(1, asked.votes),
        roles=tuple(asked.roles),
        distinct_roles=asked.distinct_roles,
        # Source: actions.md, "Step-up": high and critical ask for the proof again.
        step_up=asked.step_up or risk in (RiskLevel.HIGH, RiskLevel.CRITICAL),
        deadline_at=now + timedelta(minutes=minutes),
        execute_within_minutes=settings.ORCHESTRA["EXECUTION_DEADLINE_MINUTES"],
    )


def _barred(authority: Authority, call: ToolCall) -> dict[str, str]:
    barred = {call.edited_by_id: YOU_EDITED} if call.edited_by_id else {}
    if authority.actor.is_human:
        barred[authority.actor.id] = YOU_ASKED
    if authority.acts_for is not None:
        barred[authority.acts_for.id] = THE_AGENT_ACTS_FOR_YOU
    if authority.owner is not None:
        barred[authority.owner.id] = YOU_OWN_THE_AGENT
    return barred


def _edit_line(call: ToolCall) -> EditLine | None:
    parent = call.edited_from
    if parent is None:
        return None
    return EditLine(
        editor=call.edited_by_label,
        editor_id=call.edited_by_id,
        at=call.created_at,
        reason=call.edit_reason,
        instead_of=parent.effect_text or parent.tool.title,
        arguments=parent.arguments,
        parent=str(parent.public_id),
    )


def _evidence_lines(case: Case, cited: Cited, call: ToolCall) -> tuple[EvidenceLine, ...]:
    agreed_before = call.edited_from_id is not None and any(
        message.speaker == Speaker.CUSTOMER for message in cited.messages
    )
    return (
        *((_AGREED_BEFORE,) if agreed_before else ()),
        _verification_line(case),
        *(_attached(piece) for piece in cited.pieces),
        *(_leaned_on(version) for version in cited.articles),
        *(_quoted(message) for message in cited.messages),
    )


def _verification_line(case: Case) -> EvidenceLine:
    standing = verification_of(case)
    if standing.level is VerificationLevel.NONE:
        return EvidenceLine(
            "Who the customer is; nobody has verified them", UNKNOWN, "no verification in this case"
        )
    claimed = standing.level is VerificationLevel.CLAIMED
    verb = "says who they are" if claimed else "was found"
    return EvidenceLine(
        text=f"The customer {verb} by {standing.method}",
        trust=CLAIMED if claimed else CONFIRMED,
        source=_verifying_tool(standing.tool_call_id) or standing.by_label or "verification",
        at=standing.at,
    )


def _verifying_tool(call_id: str) -> str:
    """Return the name of the tool that found the customer; empty where a person did."""
    if not call_id:
        return ""
    return _NAME_OF_TOOL.first(UUID(call_id)) or ""


_NAME_OF_TOOL = Prepared(
    lambda call_id: ToolCall.objects.filter(public_id=call_id).values_list("tool__name", flat=True)
)


def _attached(piece: Evidence) -> EvidenceLine:
    return EvidenceLine(
        text=f"{piece.title}: {piece.proves}",
        trust=CLAIMED if piece.trust == Trust.CLAIMED else CONFIRMED,
        source=piece.reference or piece.by_label,
        at=piece.at,
    )


def _leaned_on(version: ArticleVersion) -> EvidenceLine:
    # That the article says so is sure; that it fits this case is what the requester says.
    return EvidenceLine(
        text=f"The request leans on the article “{version.article}”",
        trust=CLAIMED,
        source=f"knowledge, version {version.number}",
        at=version.published_at,
    )


def _quoted(message: Message) -> EvidenceLine:
    words = message.text[:_QUOTED_LENGTH]
    who, verb = _SPEAKING.get(Speaker(message.speaker), (str(message.speaker), "said"))
    return EvidenceLine(
        text=f"The {who} {verb}: “{words}”",
        trust=CLAIMED,
        source=f"words of the {message.speaker}",
        at=message.at,
    )


def _spoken(messages: tuple[MessageLine, ...]) -> tuple[Spoken, ...]:
    return tuple(Spoken(speaker=line.speaker, text=line.text, at=line.at) for line in messages)


def _message_lines(case: Case) -> tuple[MessageLine, ...]:
    return tuple(
        MessageLine(
            id=str(message.public_id),
            speaker=str(message.speaker),
            author=message.author_label,
            text=message.text,
            at=message.at,
        )
        for message in read_messages(case=case)
    )


def has_later_words(*, case: Case, approval: ApprovalRequest) -> bool:
    """Return whether the customer has written something that the approval's view lacks."""
    view = loads_strict(bytes(approval.view))
    shown = {line["id"] for line in view["conversation"]}
    return any(str(said) not in shown for said in _SAID_BY_CUSTOMER.rows(case.pk))


_SAID_BY_CUSTOMER = Prepared(
    lambda case_id: Message.objects.filter(case_id=case_id, speaker=Speaker.CUSTOMER).values_list(
        "public_id", flat=True
    )
)


def amounts_of(facts: FactSet) -> tuple[int | None, str]:
    """Return amount and currency of an action, as its facts have them."""
    amount: Json = facts.values.get("amount_minor")
    currency: Json = facts.values.get("currency")
    return (
        amount if isinstance(amount, int) else None,
        currency if isinstance(currency, str) and len(currency) == 3 else "",  # noqa: PLR2004  ISO 4217
    )
