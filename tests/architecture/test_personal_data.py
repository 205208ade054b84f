"""Every column of free text is some holder's of personal data, or exempt for a reason."""

from collections.abc import Iterator

from django.apps import apps
from django.db import models

from governance.privacy.registry import holders
from orchestra.core.fields import CodeField

_ACTOR = "who acted: staff, an AI agent or the system, kept for accountability"
_LINK = "an id, a digest or a code that the product made"
_GOVERNED = "a document of the centre under review, or words about it; about no customer"
_STAFF = "about the centre's own staff, agents and settings"
_HOLD = "a legal hold: its label is no name, its reference is the matter's"

#: Column names that mean the same on every table.
_EVERYWHERE = {
    "actor_kind": _ACTOR,
    "actor_id": _ACTOR,
    "actor_label": _ACTOR,
    "asker_id": _ACTOR,
    "author_id": _ACTOR,
    "author_label": _ACTOR,
    "by_id": _ACTOR,
    "by_label": _ACTOR,
    "chosen_by_label": _ACTOR,
    "editor_id": _ACTOR,
    "editor_label": _ACTOR,
    "edited_by_id": _ACTOR,
    "edited_by_label": _ACTOR,
    "explained_by_id": _ACTOR,
    "explained_by_label": _ACTOR,
    "from_id": _ACTOR,
    "from_label": _ACTOR,
    "given_by": _ACTOR,
    "given_by_id": _ACTOR,
    "given_by_kind": _ACTOR,
    "opened_by_id": _ACTOR,
    "opened_by_label": _ACTOR,
    "requester_id": _ACTOR,
    "requester_label": _ACTOR,
    "calibrator": _LINK,
    "case_public_id": _LINK,
    "currency": _LINK,
    "stream": _LINK,
    "subject_id": _LINK,
}
#: Whole tables; django-simple-history's tables go with the table they are the history of.
_TABLES = {
    "admin.LogEntry": _STAFF,
    "auth.Group": _STAFF,
    "auth.Permission": _STAFF,
    "contenttypes.ContentType": _STAFF,
    "guardian.GroupObjectPermission": _STAFF,
    "guardian.UserObjectPermission": _STAFF,
    "axes.AccessAttempt": _STAFF,
    "axes.AccessFailureLog": _STAFF,
    "axes.AccessLog": _STAFF,
    "account.EmailAddress": _STAFF,
    "account.EmailConfirmation": _STAFF,
    "mfa.Authenticator": _STAFF,
    "socialaccount.SocialAccount": _STAFF,
    "socialaccount.SocialApp": _STAFF,
    "socialaccount.SocialToken": _STAFF,
    "sessions.Session": "not used: sessions have a table of their own",
    "cases.ChannelEarly": "a digest of a conversation's id; the words lie sealed for a day at most",
    "cases.ChannelMessage": "a digest of a message's id, so that it is taken in once",
    "cases.ChannelThread": "a digest of a conversation's id, which names nobody",
    "cases.ClassifierTraining": _STAFF,
    "cases.ClassifierVersion": _GOVERNED,
    "cases.ClassifierWeights": "learnt numbers, and pieces of words of examples that are masked",
    "cases.Connection": _STAFF,
    "cases.ConnectionSlot": "which calls run at this moment; names nobody",
    "cases.CueSheet": _GOVERNED,
    "cases.JourneySum": "counts by codes of cues",
    "cases.CueSheetGroupGrant": _STAFF,
    "cases.CueSheetUserGrant": _STAFF,
    "cases.CueSheetVersion": _GOVERNED,
    "cases.InboundChannel": _STAFF,
    "cases.IntakeClassifier": _GOVERNED,
    "cases.Intent": _GOVERNED,
    "cases.PriorityTable": _GOVERNED,
    "cases.PriorityTableVersion": _GOVERNED,
    "cases.ToolDefinition": _GOVERNED,
    "cases.ToolVersion": _GOVERNED,
    "governance.AccessReview": _STAFF,
    "governance.AccessReviewItem": _STAFF,
    "governance.AgentIdentity": _STAFF,
    "governance.AgentQueueGrant": _STAFF,
    "governance.AgentVersion": _STAFF,
    "governance.ApiCredential": _STAFF,
    "governance.Article": _GOVERNED,
    "governance.ArticleInForce": _GOVERNED,
    "governance.ArticleVersion": _GOVERNED,
    "governance.ChangeRequest": _GOVERNED,
    "governance.Checkpoint": _LINK,
    "governance.Delegation": _STAFF,
    "governance.EntryFacet": "ids and codes that an entry is found by; made again at will",
    "governance.EntryIndex": _LINK,
    "governance.Erasure": "names its subject by a label such as Customer 4; a reference",
    "governance.ExportedStream": _LINK,
    "governance.KindGroupGrant": _STAFF,
    "governance.KindUserGrant": _STAFF,
    "governance.LedgerEntry": "the leaf: ids, codes and a commitment whose salt is erased",
    "governance.LedgerNode": _LINK,
    "governance.LedgerReader": _LINK,
    "governance.LedgerStatement": _LINK,
    "governance.LedgerStream": _LINK,
    "governance.LegalHold": _HOLD,
    "governance.LimitCounter": "counts per public id of a customer, which names nobody",
    "governance.Notice": "names its subject by a label such as AP-12, by design",
    "governance.NoticePreference": _STAFF,
    "governance.Policy": _GOVERNED,
    "governance.PolicyGroupGrant": _STAFF,
    "governance.PolicyUserGrant": _STAFF,
    "governance.PolicyVersion": _GOVERNED,
    "governance.Queue": _STAFF,
    "governance.QueueGroupGrant": _STAFF,
    "governance.QueueUserGrant": _STAFF,
    "governance.Rehearsal": "counts, rows of policies and ids of decisions; no facts",
    "governance.RehearsedDecision": "names of rows and of facts; no values of facts",
    "governance.RetentionPeriod": "why a period was set, which is nobody's case",
    "governance.ReportRun": "counts, and references such as C-12 of what lacks something",
    "governance.RetentionRun": "counts by class of record",
    "governance.Review": _GOVERNED,
    "governance.ReviewComment": _GOVERNED,
    "governance.RoleHolding": _STAFF,
    "governance.QueueSkill": _STAFF,
    "governance.Skill": _STAFF,
    "governance.SkillHolding": _STAFF,
    "governance.Stop": _STAFF,
    "governance.SubjectExport": "label and reference of a request; the file is a holder's",
    "governance.User": _STAFF,
    "governance.VigilanceSwitch": _STAFF,
    "governance.WebhookDelivery": _LINK,
    "governance.WebhookEndpoint": _STAFF,
    "governance.WebhookSecret": "a sealed signing key, which names nobody",
    "governance.VigilanceTest": "what was planted, from the template; the request made is erased",
    "governance.BreakerSign": "names of our own processes",
    "governance.WorkerSign": "names of our own processes",
    "qa.CheckCursor": _LINK,
    "qa.CheckLicence": _LINK,
    "qa.CheckSum": "counts by codes of checks and names of versions",
    "qa.CalibrationSession": _STAFF,
    "qa.CalendarVersion": _STAFF,
    "qa.DrawnUnit": _LINK,
    "qa.FrameSum": "counts by codes of checks and names of strata",
    "qa.FrameUnit": _LINK,
    "qa.MeasuredMix": "codes and ids of agents that rows are told apart by; made again at will",
    "qa.MeasuredWord": "codes of reasons and of kinds of record",
    "qa.MetricCell": "counts and shares of many cases",
    "qa.MetricDefinition": _GOVERNED,
    "qa.MetricVersion": _GOVERNED,
    "qa.OutcomeAlert": "words of staff about counts of many cases",
    "qa.OutcomeTarget": _GOVERNED,
    "qa.OutcomeTargetVersion": _GOVERNED,
    "qa.PastLog": _STAFF,
    "qa.PastLogCase": "ids of cases and names of groups of another system; nothing was said",
    "qa.PastLogEvent": "statuses, groups and staff of another system; nothing was said",
    "qa.PopulationReader": "the name of a part of the system",
    "qa.SamplePeriod": _LINK,
    "qa.SamplingPlan": _GOVERNED,
    "qa.SamplingPlanVersion": _GOVERNED,
    "qa.SamplingUnit": "ids, codes and labels such as C-12 of what was worked, and by whom",
    "qa.Scorecard": _GOVERNED,
    "qa.ScorecardVersion": _GOVERNED,
    "qa.UnitCheck": _LINK,
    "qa.UnitVerdict": _LINK,
}
#: Columns of tables that a holder answers for in others.
_COLUMNS = {
    "cases.Case.risk_flags": "flags are codes of a fixed list",
    "cases.CaseFact.source_id": _LINK,
    "cases.CaseMerge.paused": _LINK,
    "cases.ClassificationRecord.risk_flags": "flags are codes of a fixed list",
    "cases.Evidence.media_type": "one of the kinds of files that are kept",
    "cases.Handoff.missing_parts": "names of the bundle's seven parts",
    "cases.Handoff.refused_by": "public ids of people who did not take it",
    "cases.Handoff.said_missing": "names of the bundle's seven parts",
    "cases.StepRun.title": _GOVERNED,
    "cases.SuggestionRecord.drafted_by": "the name of a model that the installation chose",
    "cases.StepRun.tools": _GOVERNED,
    "cases.ToolCall.approval_id_text": _LINK,
    "cases.ToolCall.decided_under": _LINK,
    "cases.ToolCall.request_key": "a digest of caller, route and key; of nothing that was said",
    "cases.ToolCall.step_id": _LINK,
    "cases.ToolCall.tool_digest": _LINK,
    "cases.ToolCall.traceparent": _LINK,
    "cases.Verification.evidence": _LINK,
    "cases.Verification.tool_call_id_text": _LINK,
    "governance.ApprovalRequest.barred": _STAFF,
    "governance.ApprovalRequest.case_label": "such as C-12",
    "governance.ApprovalRequest.escalated_roles": _STAFF,
    "governance.ApprovalRequest.journey": _GOVERNED,
    "governance.ApprovalRequest.money_direction": _LINK,
    "governance.ApprovalRequest.nonce": _LINK,
    "governance.ApprovalRequest.roles": _STAFF,
    "governance.ApprovalRequest.rule": _GOVERNED,
    "governance.ApprovalRequest.tool": _GOVERNED,
    "governance.ApprovalVote.roles": _STAFF,
    "governance.EvidenceExport.checkpoint_root": _LINK,
    "governance.EvidenceExport.counts": _LINK,
    "governance.EvidenceExport.file_name": "made of the kind of scope and the date",
    "governance.EvidenceExport.file_sha256": _LINK,
    "governance.EvidenceExport.leave_out": _LINK,
    "governance.EvidenceExport.marks": _LINK,
    "governance.EvidenceExport.problem": "words of the product about a building that failed",
    "governance.EvidenceExport.scope_digest": _LINK,
    "governance.EvidenceExport.stream_cursor": _LINK,
    "governance.EvidenceExport.verifier_said": "words of the verifier about hashes and counts",
    "governance.PersonSession.device": _STAFF,
    "governance.PersonSession.session_key": _LINK,
    "orchestra.IdempotencyRecord.fingerprint": "a digest; kept for seven days",
    "orchestra.IdempotencyRecord.headers": "content type and an address made of ids",
    "orchestra.IdempotencyRecord.scope": "a digest of caller, route and key",
    "governance.ArticleUse.stream": _LINK,
    "qa.Dispute.asked": "public ids of leads whose turn it was",
    "qa.Dispute.value": "one of the answers of a question",
    "qa.Finding.against": "kind, id and name of a tool or an article",
    "qa.Finding.detail": _LINK,
    "qa.Finding.spans": "places in messages that stay where they were said",
    "qa.GoldItem.answers": "answers by key, of fixed lists",
    "qa.Review.answers": "answers by key and places in messages; nothing writes it yet",
    "qa.Review.asked_why": _STAFF,
    "qa.Review.comment": "of a reviewer; nothing writes it yet",
    "qa.Review.failed": _LINK,
    "qa.Review.percent": _LINK,
}

_FREE = (models.TextField, models.JSONField, models.BinaryField, models.FileField)


def _columns() -> Iterator[tuple[type[models.Model], str, str]]:
    """Yield every column that can hold what somebody typed: model, label, name."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            plain = isinstance(field, models.CharField) and not field.choices
            if isinstance(field, _FREE) or (plain and not isinstance(field, CodeField)):
                yield model, model._meta.label, field.name


def _table_of(model: type[models.Model]) -> str:
    """Return the label of a table, for a table of history the one it is the history of."""
    tracked = getattr(model, "instance_type", None)
    return (tracked or model)._meta.label


def _claimed() -> frozenset[str]:
    return frozenset().union(*(holders.get(code).fields for code in holders))


def _is_exempt(model: type[models.Model], name: str) -> bool:
    table = _table_of(model)
    return table in _TABLES or name in _EVERYWHERE or f"{table}.{name}" in _COLUMNS


def test_every_column_of_free_text_has_a_holder_or_a_reason() -> None:
    claimed = _claimed()
    missing = [
        f"{label}.{name}"
        for model, label, name in _columns()
        if f"{label}.{name}" not in claimed and not _is_exempt(model, name)
    ]
    assert missing == []


def test_the_lists_name_only_what_there_is() -> None:
    found = {f"{label}.{name}" for _model, label, name in _columns()}
    tables = {_table_of(model) for model, _label, _name in _columns()}
    assert set(_TABLES) <= tables
    assert set(_COLUMNS) <= found
    assert _claimed() - found == set()


def test_no_table_is_exempt_of_which_a_column_is_claimed() -> None:
    assert {column.rsplit(".", 1)[0] for column in _claimed()}.isdisjoint(_TABLES)
