"""Re-exports the rooms' models for Django; imported by nobody."""

from cases.assist.models import AssistPause, SuggestionRecord
from cases.channels.models import ChannelEarly, ChannelMessage, ChannelThread, InboundChannel
from cases.handoff.models import Handoff, OpenQuestion
from cases.intake.models import (
    ClassificationRecord,
    Intent,
    PriorityTable,
    PriorityTableVersion,
)
from cases.journeys.models import (
    CueSheet,
    CueSheetGroupGrant,
    CueSheetUserGrant,
    CueSheetVersion,
    Journey,
    JourneyReader,
    JourneySum,
    StepRun,
)
from cases.memory.models import (
    Case,
    CaseFact,
    CaseMerge,
    Customer,
    Evidence,
    Interaction,
    Message,
    Verification,
)
from cases.readiness.models import GuidedPath
from cases.reconciliation.models import Difference, Reconciliation
from cases.tools.models import (
    Connection,
    ConnectionSlot,
    ToolAttempt,
    ToolCall,
    ToolDefinition,
    ToolVersion,
)

__all__ = [
    "AssistPause",
    "Case",
    "CaseFact",
    "CaseMerge",
    "ChannelEarly",
    "ChannelMessage",
    "ChannelThread",
    "ClassificationRecord",
    "Connection",
    "ConnectionSlot",
    "CueSheet",
    "CueSheetGroupGrant",
    "CueSheetUserGrant",
    "CueSheetVersion",
    "Customer",
    "Difference",
    "Evidence",
    "GuidedPath",
    "Handoff",
    "InboundChannel",
    "Intent",
    "Interaction",
    "Journey",
    "JourneyReader",
    "JourneySum",
    "Message",
    "OpenQuestion",
    "PriorityTable",
    "PriorityTableVersion",
    "Reconciliation",
    "StepRun",
    "SuggestionRecord",
    "ToolAttempt",
    "ToolCall",
    "ToolDefinition",
    "ToolVersion",
    "Verification",
]
