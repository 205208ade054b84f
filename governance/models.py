"""Re-exports the rooms' models for Django; imported by nobody."""

from governance.access.models import (
    AgentIdentity,
    AgentQueueGrant,
    ApiCredential,
    Delegation,
    PersonSession,
    Queue,
    QueueGroupGrant,
    QueueUserGrant,
    User,
)
from governance.access_reviews.models import AccessReview, AccessReviewItem
from governance.approvals.models import (
    ApprovalRequest,
    ApprovalVote,
    VigilanceSwitch,
    VigilanceTest,
)
from governance.knowledge.models import Article, ArticleInForce, ArticleUse, ArticleVersion
from governance.ledger.models import (
    Checkpoint,
    EntryPayload,
    LedgerEntry,
    LedgerNode,
    LedgerStream,
)
from governance.policies.models import (
    DecisionRecord,
    LimitCounter,
    LimitUse,
    Policy,
    PolicyVersion,
    Rehearsal,
    RehearsedDecision,
)
from governance.reviews.models import ChangeRequest, Review, ReviewComment

__all__ = [
    "AccessReview",
    "AccessReviewItem",
    "AgentIdentity",
    "AgentQueueGrant",
    "ApiCredential",
    "ApprovalRequest",
    "ApprovalVote",
    "Article",
    "ArticleInForce",
    "ArticleUse",
    "ArticleVersion",
    "ChangeRequest",
    "Checkpoint",
    "DecisionRecord",
    "Delegation",
    "EntryPayload",
    "LedgerEntry",
    "LedgerNode",
    "LedgerStream",
    "LimitCounter",
    "LimitUse",
    "PersonSession",
    "Policy",
    "PolicyVersion",
    "Queue",
    "QueueGroupGrant",
    "QueueUserGrant",
    "Rehearsal",
    "RehearsedDecision",
    "Review",
    "ReviewComment",
    "User",
    "VigilanceSwitch",
    "VigilanceTest",
]
