"""What a proposal cites: words and evidence of its case, and versions of articles."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from cases.memory.models import Case
from cases.memory.rules import is_uuid
from cases.tools.gather import Cited, cite
from cases.tools.models import ToolCall
from cases.tools.services.settling import SUBJECT
from governance.access.types import Authority
from governance.knowledge.selectors import list_citable
from governance.knowledge.services import record_use
from governance.knowledge.types import UseDraft, UseWay
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError

_MAX_EVIDENCE = 50


def find_cited(
    *, authority: Authority, now: datetime, case: Case, evidence: Sequence[str]
) -> tuple[Cited, list[FieldError]]:
    """Return what is cited, and what is wrong with it.

    Args:
        authority: Who proposes.
        now: When.
        case: The case of the proposal.
        evidence: Public ids of messages and evidence of the case, and of versions of articles
            that the requester is given or that were read for this case.
    """
    if len(evidence) > _MAX_EVIDENCE:
        message = f"names more than {_MAX_EVIDENCE} pieces"
        return Cited(), [FieldError("evidence", "too_long", message)]
    errors = [
        FieldError(f"evidence[{index}]", "id", "is no id of a message, evidence or an article")
        for index, text in enumerate(evidence)
        if not is_uuid(text)
    ]
    if errors:
        return Cited(), errors
    cited = cite(case=case, evidence=evidence)
    others = {UUID(text) for text in evidence} - cited.ids
    if others:
        articles = list_citable(
            authority=authority,
            now=now,
            version_ids=[str(one) for one in others],
            stream=f"case:{case.public_id}",
        )
        cited = replace(cited, articles=tuple(articles))
    known = cited.ids
    return cited, [
        FieldError(f"evidence[{index}]", "unknown", "names nothing in this case")
        for index, text in enumerate(evidence)
        if UUID(text) not in known
    ]


def record_citations(*, actor: Actor, now: datetime, call: ToolCall, cited: Cited) -> None:
    """Record which versions of articles a call leans on, in the transaction that makes it."""
    for version in cited.articles:
        use = UseDraft(
            way=UseWay.CITED,
            subject_kind=SUBJECT,
            subject_id=str(call.public_id),
            stream=f"case:{call.case.public_id}",
        )
        record_use(actor=actor, now=now, version=version, use=use)
