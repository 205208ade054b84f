"""Every control the centre may be asked about, with the reports and entries that give evidence.

A control that nothing here gives evidence of says so. The words are ours, in short: the text of
a standard is its publisher's. Source of the numbers: Regulation (EU) 2024/1689; NIST AI 100-1;
ISO/IEC 42001:2023, Annex A; AICPA Trust Services Criteria (2017, revised 2022); PCI DSS 4.0.1;
Regulation (EU) 2016/679.
"""

from dataclasses import dataclass
from enum import StrEnum

from orchestra.core.said import said


class Framework(StrEnum):
    """Whose numbers a control bears."""

    AI_ACT = "ai_act"
    NIST_AI_RMF = "nist_ai_rmf"
    ISO_42001 = "iso_42001"
    SOC_2 = "soc_2"
    PCI_DSS = "pci_dss"
    GDPR = "gdpr"


TITLES = {
    Framework.AI_ACT: "EU AI Act",
    Framework.NIST_AI_RMF: "NIST AI RMF",
    Framework.ISO_42001: "ISO/IEC 42001",
    Framework.SOC_2: "SOC 2",
    Framework.PCI_DSS: "PCI DSS",
    Framework.GDPR: "GDPR",
}


@dataclass(frozen=True, slots=True)
class Mapped:
    """One control and what gives evidence of it.

    Attributes:
        number: As its framework numbers it.
        title: What it is about, in short.
        reports: Codes of standing reports.
        kinds: Beginnings or kinds of further entries.
    """

    framework: Framework
    number: str
    title: str
    reports: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Framework and number, such as ``SOC 2 CC8.1``."""
        return f"{TITLES[self.framework]} {self.number}"

    @property
    def is_recorded(self) -> bool:
        """Whether anything here gives evidence of it."""
        return bool(self.reports or self.kinds)


#: Number, title, codes of reports, further kinds of entries.
Row = tuple[str, str, tuple[str, ...], tuple[str, ...]]

_AI_ACT: tuple[Row, ...] = (
    ("4", said("AI literacy of people who use it"), (), ()),
    ("5(1)(f)", said("No inference of emotions of employees"), (), ("scorecard.",)),
    ("12(1)", said("Events are recorded over the lifetime"), ("recording",), ()),
    ("12(2)", said("Risk situations and changes can be traced"), ("incidents", "changes"), ()),
    ("12(3)", said("Fields of each use, for biometric systems"), (), ("verification.",)),
    ("14(4)", said("People can understand, interpret and override"), ("oversight",), ()),
    ("14(4)(e)", said("People can stop it"), ("incidents",), ("agent.stopped", "stop.begun")),
    ("14(5)", said("Two people, where it is asked for"), ("oversight",), ("approval.voted",)),
    ("19(1)", said("Logs are kept at least six months"), ("retention", "recording"), ()),
    ("26(1)", said("Used as its instructions say"), ("changes",), ("article.used",)),
    ("26(2)", said("Oversight by people who are able to"), ("oversight", "access"), ()),
    ("26(5)", said("Operation is monitored, incidents told"), ("incidents",), ("replay.",)),
    ("26(6)", said("Deployer keeps logs at least six months"), ("retention", "recording"), ()),
    ("26(7)", said("Workers are told"), (), ()),
    ("26(11)", said("Persons are told that a decision is made with AI"), ("disclosure",), ()),
    ("50(1)", said("Persons are told that they talk to an AI"), ("disclosure",), ()),
    ("50(5)", said("Told clearly, at the first contact"), ("disclosure",), ()),
    ("Annex III 4(b)", said("Evaluation of workers is high-risk"), (), ("scorecard.",)),
)


_NIST: tuple[Row, ...] = (
    ("GOVERN 1.4", said("Policies and outcomes are transparent"), ("changes",), ("policy.",)),
    ("GOVERN 1.5", said("Monitoring and review are planned"), ("recording",), ("replay.",)),
    ("GOVERN 1.6", said("AI systems are inventoried"), (), ("agent.", "tool.")),
    ("GOVERN 1.7", said("AI systems are retired safely"), (), ("agent.disabled", "tool.retired")),
    ("GOVERN 2.1", said("Roles and lines of communication"), ("access",), ()),
    ("GOVERN 3.2", said("Roles of humans and AI are told apart"), ("oversight",), ("cue_sheet.",)),
    ("GOVERN 4.3", said("Testing, incidents and sharing"), ("incidents",), ("rehearsal.",)),
    ("GOVERN 6.1", said("Risks of third parties"), (), ("pack.loaded", "tool.published")),
    ("GOVERN 6.2", said("Failures of third parties"), ("incidents",), ("tool_call.unknown",)),
    ("MAP 1.5", said("Risk tolerances are set"), (), ("policy.published",)),
    ("MAP 2.2", said("Limits and oversight are told"), (), ("cue_sheet.published",)),
    ("MAP 3.3", said("Scope of use"), (), ("cue_sheet.published", "agent.granted")),
    ("MAP 3.5", said("Oversight is defined"), ("oversight",), ()),
    ("MAP 4.2", said("Controls of components"), (), ("tool.published", "policy.published")),
    ("MAP 5.1", said("Likelihood and size of impacts"), (), ()),
    ("MEASURE 1.1", said("Metrics are chosen"), (), ("metric_definition.",)),
    ("MEASURE 1.2", said("Metrics are assessed again"), (), ("metric_definition.",)),
    ("MEASURE 2.3", said("Performance is measured"), (), ("rehearsal.", "shadow.")),
    ("MEASURE 2.4", said("Behaviour in operation is monitored"), ("recording",), ("replay.",)),
    ("MEASURE 2.6", said("Safety is evaluated"), ("incidents",), ()),
    ("MEASURE 2.7", said("Security and resilience"), ("events", "incidents"), ()),
    ("MEASURE 2.8", said("Transparency and accountability"), ("recording", "log_access"), ()),
    ("MEASURE 2.10", said("Privacy"), ("retention",), ("subject.", "legal_hold.")),
    ("MEASURE 2.13", said("Metrics work as intended"), (), ("vigilance.",)),
    ("MEASURE 3.1", said("Risks are tracked over time"), ("incidents",), ()),
    ("MEASURE 3.3", said("Users can report and appeal"), (), ("handoff.", "case.reopened")),
    ("MEASURE 4.3", said("Change is measured"), ("changes",), ("shadow.ended",)),
    ("MANAGE 1.3", said("Responses to risks"), ("incidents",), ()),
    ("MANAGE 2.3", said("Response to unknown risks"), ("incidents",), ("tool_call.compensated",)),
    (
        "MANAGE 2.4",
        said("Superseding and deactivating"),
        ("incidents",),
        ("agent.stopped", "stop.begun"),
    ),
    ("MANAGE 3.1", said("Third parties are monitored"), (), ("ledger.reconciled",)),
    ("MANAGE 4.1", said("Monitoring after deployment"), ("oversight", "incidents"), ()),
    ("MANAGE 4.2", said("Continual improvement"), ("changes",), ()),
    ("MANAGE 4.3", said("Incidents are told"), (), ()),
    ("AI 600-1", said("Risks of generative AI, tagged on each event"), (), ()),
)


_ISO: tuple[Row, ...] = (
    ("A.2.2", said("AI policy"), (), ()),
    ("A.2.3", said("Alignment with other policies"), (), ()),
    ("A.2.4", said("Review of the AI policy"), (), ()),
    ("A.3.2", said("Roles and responsibilities"), ("access",), ()),
    ("A.3.3", said("Reporting of concerns"), (), ()),
    ("A.4.2", said("Documentation of resources"), (), ("tool.", "agent.")),
    ("A.4.3", said("Data resources"), (), ()),
    ("A.4.4", said("Tooling resources"), (), ("tool.",)),
    ("A.4.5", said("System and computing resources"), (), ()),
    ("A.4.6", said("Human resources"), ("access",), ()),
    ("A.5.2", said("Process of impact assessment"), (), ()),
    ("A.5.3", said("Documentation of impact assessments"), (), ()),
    ("A.5.4", said("Impact on individuals and groups"), (), ()),
    ("A.5.5", said("Impact on society"), (), ()),
    ("A.6.1.2", said("Objectives of responsible development"), (), ()),
    ("A.6.1.3", said("Processes of responsible development"), (), ("change.",)),
    ("A.6.2.2", said("Requirements and specification"), (), ("cue_sheet.", "policy.")),
    ("A.6.2.3", said("Documentation of design"), (), ("cue_sheet.",)),
    ("A.6.2.4", said("Verification and validation"), ("changes",), ("rehearsal.", "shadow.")),
    ("A.6.2.5", said("Deployment"), ("changes",), ()),
    ("A.6.2.6", said("Operation and monitoring"), ("incidents", "oversight"), ("replay.",)),
    ("A.6.2.7", said("Technical documentation"), (), ()),
    ("A.6.2.8", said("Recording of event logs"), ("recording", "retention"), ()),
    ("A.7.2", said("Data for development"), (), ()),
    ("A.7.3", said("Acquisition of data"), (), ()),
    ("A.7.4", said("Quality of data"), (), ()),
    ("A.7.5", said("Provenance of data"), (), ("article.used", "evidence.attached")),
    ("A.7.6", said("Preparation of data"), (), ()),
    ("A.8.2", said("Information for users"), ("disclosure",), ("article.",)),
    ("A.8.3", said("External reporting"), (), ()),
    ("A.8.4", said("Communication of incidents"), (), ()),
    ("A.8.5", said("Information for interested parties"), (), ("evidence.",)),
    ("A.9.2", said("Processes of responsible use"), ("oversight",), ()),
    ("A.9.3", said("Objectives of responsible use"), (), ("metric_definition.",)),
    ("A.9.4", said("Intended use"), (), ("cue_sheet.", "agent.granted")),
    ("A.10.2", said("Sharing out responsibilities"), ("access",), ("agent.created",)),
    ("A.10.3", said("Suppliers"), (), ("pack.loaded",)),
    ("A.10.4", said("Customers"), ("disclosure",), ()),
)


_SOC: tuple[Row, ...] = (
    ("CC6.1", said("Logical access"), ("access", "events"), ()),
    ("CC6.2", said("Joining and leaving"), ("access",), ()),
    ("CC6.3", said("Least privilege and duties kept apart"), ("access",), ()),
    ("CC6.6", said("Boundary"), (), ()),
    ("CC6.7", said("Data on its way"), (), ("evidence.downloaded",)),
    ("CC6.8", said("Unauthorised software"), (), ("pack.loaded", "tool.")),
    ("CC7.1", said("Detecting changes"), ("recording",), ("ledger.verified",)),
    ("CC7.2", said("Monitoring"), ("incidents",), ()),
    ("CC7.3", said("Evaluating events"), ("incidents",), ()),
    ("CC7.4", said("Responding to incidents"), ("incidents",), ()),
    ("CC7.5", said("Recovering"), (), ("ledger.epoch_begun",)),
    ("CC8.1", said("Changes are authorised, tested, approved"), ("changes",), ()),
)


_PCI: tuple[Row, ...] = (
    ("10.2.1.1", said("Access to data of cardholders"), ("events",), ()),
    ("10.2.1.2", said("Acts with administrative access"), ("events",), ()),
    ("10.2.1.3", said("Access to the logs"), ("events", "log_access"), ()),
    ("10.2.1.4", said("Access refused"), ("events",), ()),
    ("10.2.1.5", said("Changes of credentials"), ("events", "access"), ()),
    ("10.2.1.6", said("Starting and stopping of the logs"), ("events",), ()),
    ("10.2.1.7", said("Creating and deleting of system objects"), ("events",), ()),
    ("10.2.2", said("Six fields of each event"), ("events",), ()),
    ("10.3.1", said("Who may read the logs"), ("log_access", "access"), ()),
    ("10.3.2", said("Logs cannot be changed"), ("recording",), ("ledger.verified",)),
    ("10.3.3", said("Logs are copied promptly"), (), ("checkpoint.published",)),
    ("10.3.4", said("Changes of logs are found"), ("recording",), ("ledger.verified",)),
    ("10.4.1", said("Logs are reviewed daily"), ("log_access",), ("ledger.verified", "replay.")),
    ("10.4.1.1", said("Reviewed by automation"), (), ("ledger.verified", "replay.sampled")),
    ("10.5.1", said("Twelve months kept, three at hand"), ("retention",), ()),
    ("10.6", said("Clocks are in step"), (), ()),
    ("10.7", said("Failures of controls are found"), ("incidents",), ("ledger.signing_stopped",)),
)


_GDPR: tuple[Row, ...] = (
    ("15", said("Access of the person"), (), ("subject.",)),
    ("17", said("Erasure"), ("retention",), ("subject.erased",)),
    ("22", said("Decisions by automation alone"), ("oversight",), ("decision.", "handoff.")),
    ("30", said("Records of processing"), ("recording",), ()),
    ("32", said("Security of processing"), ("access", "events"), ()),
)


CONTROLS: tuple[Mapped, ...] = tuple(
    Mapped(framework, *row)
    for framework, rows in (
        (Framework.AI_ACT, _AI_ACT),
        (Framework.NIST_AI_RMF, _NIST),
        (Framework.ISO_42001, _ISO),
        (Framework.SOC_2, _SOC),
        (Framework.PCI_DSS, _PCI),
        (Framework.GDPR, _GDPR),
    )
    for row in rows
)


def of(framework: str = "") -> list[Mapped]:
    """Return the controls of one framework, or of all, in their order."""
    return [one for one in CONTROLS if framework in ("", one.framework)]
