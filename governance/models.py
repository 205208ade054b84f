"""Re-exports the rooms' models for Django; imported by nobody."""

from governance.access.models import (
    AgentIdentity,
    AgentQueueGrant,
    AgentVersion,
    ApiCredential,
    Delegation,
    KindGroupGrant,
    KindUserGrant,
    PersonSession,
    Queue,
    QueueGroupGrant,
    QueueUserGrant,
    RoleHolding,
    User,
)
from governance.access_reviews.models import AccessReview, AccessReviewItem
from governance.approvals.models import (
    ApprovalRequest,
    ApprovalVote,
    InboxView,
    VigilanceSwitch,
    VigilanceTest,
)
from governance.controls.models import ReportRun
from governance.evidence.models import EvidenceExport, ExportedStream
from governance.knowledge.models import Article, ArticleInForce, ArticleUse, ArticleVersion
from governance.ledger.models import (
    Checkpoint,
    EntryFacet,
    EntryHour,
    EntryIndex,
    EntryPayload,
    EntryWord,
    LedgerEntry,
    LedgerNode,
    LedgerStatement,
    LedgerStream,
    SavedSearch,
)
from governance.liveness.models import BreakerSign, WorkerSign
from governance.notifications.models import (
    LedgerReader,
    Notice,
    NoticeDelivery,
    NoticePreference,
)
from governance.policies.models import (
    DecisionRecord,
    LimitCounter,
    LimitUse,
    Policy,
    PolicyGroupGrant,
    PolicyUserGrant,
    PolicyVersion,
    Rehearsal,
    RehearsedDecision,
)
from governance.privacy.models import Erasure, LegalHold
from governance.retention.models import RetentionPeriod, RetentionRun
from governance.reviews.models import ChangeRequest, Review, ReviewComment
from governance.skills.models import QueueSkill, Skill, SkillHolding
from governance.subject_access.models import SubjectExport
from governance.switches.models import Stop
from governance.webhooks.models import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookSecret,
)

__all__ = [
    "AccessReview",
    "AccessReviewItem",
    "AgentIdentity",
    "AgentQueueGrant",
    "AgentVersion",
    "ApiCredential",
    "ApprovalRequest",
    "ApprovalVote",
    "Article",
    "ArticleInForce",
    "ArticleUse",
    "ArticleVersion",
    "BreakerSign",
    "ChangeRequest",
    "Checkpoint",
    "DecisionRecord",
    "Delegation",
    "EntryFacet",
    "EntryHour",
    "EntryIndex",
    "EntryPayload",
    "EntryWord",
    "Erasure",
    "EvidenceExport",
    "ExportedStream",
    "InboxView",
    "KindGroupGrant",
    "KindUserGrant",
    "LedgerEntry",
    "LedgerNode",
    "LedgerReader",
    "LedgerStatement",
    "LedgerStream",
    "LegalHold",
    "LimitCounter",
    "LimitUse",
    "Notice",
    "NoticeDelivery",
    "NoticePreference",
    "PersonSession",
    "Policy",
    "PolicyGroupGrant",
    "PolicyUserGrant",
    "PolicyVersion",
    "Queue",
    "QueueGroupGrant",
    "QueueSkill",
    "QueueUserGrant",
    "Rehearsal",
    "RehearsedDecision",
    "ReportRun",
    "RetentionPeriod",
    "RetentionRun",
    "Review",
    "ReviewComment",
    "RoleHolding",
    "SavedSearch",
    "Skill",
    "SkillHolding",
    "Stop",
    "SubjectExport",
    "User",
    "VigilanceSwitch",
    "VigilanceTest",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookSecret",
    "WorkerSign",
]
