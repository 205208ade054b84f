"""What every capability is in plain words, in the groups a reader looks for."""

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.access.types import Capability
from orchestra.core import words

Group = tuple[Promise, Mapping[Capability, Promise]]

GROUPS: tuple[Group, ...] = (
    (
        _("Work"),
        {
            Capability.CASE_OPEN: _("Open a case"),
            Capability.CASE_READ: _("Read a customer's case"),
            Capability.CASE_WORK: _("Work a case"),
            Capability.TOOL_PROPOSE: _("Propose a tool call"),
            Capability.CUSTOMER_VERIFY: _("Verify a customer"),
            Capability.HANDOFF_OFFER: _("Hand a case over"),
            Capability.HANDOFF_ACCEPT: _("Take over a handoff"),
            Capability.APPROVAL_READ: _("Read an approval"),
            Capability.APPROVAL_VOTE: _("Vote on an approval"),
            Capability.APPROVAL_OVERSEE: _("See how approvals are decided"),
            Capability.CASE_CLOSE: _("Close a case"),
        },
    ),
    (
        _("Change"),
        {
            Capability.POLICY_READ: _("Read a policy"),
            Capability.POLICY_EDIT: _("Draft a policy"),
            Capability.CUE_SHEET_READ: _("Read a cue sheet"),
            Capability.CUE_SHEET_EDIT: _("Draft a cue sheet"),
            Capability.KNOWLEDGE_READ: _("Read an article"),
            Capability.KNOWLEDGE_EDIT: _("Draft an article"),
            Capability.TOOL_READ: _("Read a tool's declaration"),
            Capability.TOOL_EDIT: _("Draft a tool's declaration"),
            Capability.CHANGE_READ: _("Read a change request"),
            Capability.CHANGE_REVIEW: _("Vote on a change request"),
            Capability.CHANGE_PUBLISH: _("Publish a voted change"),
        },
    ),
    (
        _("Prove"),
        {
            Capability.LEDGER_READ: _("Read the ledger"),
            Capability.LEDGER_VERIFY: _("Verify the ledger"),
            Capability.DECISION_READ: _("Read a decision"),
            Capability.DECISION_REPLAY: _("Replay a decision"),
            Capability.ACCESS_READ: _("Read who may do what"),
            Capability.ACCESS_REVIEW: _("Confirm or revoke in an access review"),
            Capability.PRIVACY_MANAGE: _("Set how long records are kept, tell people what is held"),
        },
    ),
    (
        _("Run"),
        {
            Capability.ACCESS_MANAGE: _("Give and take access, make agents and tokens"),
            Capability.VIGILANCE_SWITCH: _("Agree to tests of attention"),
            Capability.STOP_USE: _("Stop agents, tools, cue sheets or everything, and lift stops"),
            Capability.PACK_LOAD: _("Load a pack"),
        },
    ),
    (
        _("Quality"),
        {
            Capability.SCORECARD_READ: _("Read a scorecard"),
            Capability.SCORECARD_EDIT: _("Draft a scorecard"),
            Capability.SAMPLING_READ: _("Read a sampling plan"),
            Capability.SAMPLING_EDIT: _("Draft a sampling plan"),
            Capability.QUALITY_READ: _("See samples, findings and estimates"),
            Capability.QUALITY_REVIEW: _("Review work against a scorecard"),
            Capability.QUALITY_LEAD: _("Release reviews, decide disputes, run calibrations"),
            Capability.QUALITY_ANSWER: _("See and dispute reviews of one's own work"),
            Capability.METRIC_READ: _("Read a metric's definition"),
            Capability.METRIC_EDIT: _("Draft a metric's definition"),
        },
    ),
)


def words_of(capability: Capability) -> str:
    """Return a capability in plain words; one without words reads as its code, never hidden."""
    for _title, group in GROUPS:
        if capability in group:
            return str(group[capability])
    return words.plain(capability.value)


def list_groups() -> Iterable[tuple[str, list[Capability]]]:
    """Yield each group's title and its capabilities; what has no words comes last."""
    named = set[Capability]()
    for title, group in GROUPS:
        named |= set(group)
        yield str(title), list(group)
    rest = [one for one in Capability if one not in named]
    if rest:
        yield str(_("Other")), rest
