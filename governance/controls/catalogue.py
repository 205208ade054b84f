"""The standing reports, each with what it is evidence for and the entries it rests on.

A report says what the record holds and what it lacks. Whether a requirement is met, it never says.
"""

from django.utils.translation import gettext_lazy as _

from governance.controls import (
    access,
    changes,
    events,
    incidents,
    oversight,
    retention,
    selectors,
)
from governance.controls.registry import Report

REPORTS: tuple[Report, ...] = (
    Report(
        "changes",
        _("Changes are authorised, tested and approved"),
        _("Every published change: who proposed, text, rehearsal, votes, publishing, rollback."),
        ("SOC 2 CC8.1", "EU AI Act 12(2)", "ISO/IEC 42001 A.6.2.5", "NIST AI RMF GOVERN 1.4"),
        ("change.", "rehearsal.", "policy.", "cue_sheet.", "tool."),
        selectors.changes,
        _("Whether a voter opened the difference before voting: it is not recorded."),
        changes.tables,
    ),
    Report(
        "access",
        _("Who may do what, and it was reviewed"),
        _("Authority given and taken, people who left, access reviews."),
        ("SOC 2 CC6.1", "SOC 2 CC6.2", "SOC 2 CC6.3", "ISO/IEC 42001 A.3.2"),
        (
            "role.",
            "queue.",
            "grant.",
            "document.",
            "delegation.",
            "person.",
            "user.arrived",
            "agent.",
            "access_review.",
        ),
        selectors.access,
        _("What a role carried in an earlier release, and what happened outside of this product."),
        access.tables,
    ),
    Report(
        "oversight",
        _("A person can oversee, interrupt and override"),
        _("Who decided, how long it took, what was changed or undone, who may approve."),
        (
            "EU AI Act 14(4)",
            "EU AI Act 14(5)",
            "EU AI Act 26(2)",
            "NIST AI RMF MAP 3.5",
            "ISO/IEC 42001 A.9.2",
        ),
        ("approval.", "vigilance.", "tool_call.edited", "tool_call.rejected"),
        selectors.oversight,
        _("Training of people who oversee, and how well a decision was thought through."),
        oversight.tables,
        oversight.votes_between,
    ),
    Report(
        "incidents",
        _("Agents can be stopped, and findings are on record"),
        _("Stops, drills and the time to halt; unknown outcomes, differences, findings."),
        ("EU AI Act 14(4)(e)", "EU AI Act 26(5)", "SOC 2 CC7.2", "NIST AI RMF MANAGE 2.4"),
        (
            "agent.",
            *incidents.ALWAYS,
            *incidents.WHERE_FOUND,
            *incidents.HELD_BACK,
        ),
        selectors.incidents,
        _("What was reported to an authority or to customers: it happens outside."),
        incidents.tables,
    ),
    Report(
        "recording",
        _("Events are recorded over the lifetime"),
        _("Days with entries, kinds of entries, verification."),
        ("EU AI Act 12(1)", "EU AI Act 19(1)", "EU AI Act 26(6)", "ISO/IEC 42001 A.6.2.8"),
        (),
        selectors.recording,
        _("What was never recorded: a record proves what it holds."),
    ),
    Report(
        "log_access",
        _("Access to the logs themselves"),
        _("Who read or exported the ledger, and when."),
        ("PCI DSS 10.2.1.3", "PCI DSS 10.3.1"),
        ("ledger.read", "access.exported", "evidence."),
        selectors.log_access,
        _("From which address somebody read: entries do not hold it."),
    ),
    Report(
        "events",
        _("Events that PCI DSS 10.2.1 names"),
        _("Seven saved queries; each row with user, type, time, outcome, origin and resource."),
        (*(f"PCI DSS 10.2.1.{number}" for number in range(1, 8)), "PCI DSS 10.2.2"),
        tuple(dict.fromkeys(kind for query in events.QUERIES for kind in query.kinds)),
        events.lines,
        _(
            "From which address somebody acted before that was recorded, or where it was erased: "
            "the row says so."
        ),
        events.tables,
    ),
    Report(
        "retention",
        _("How long records are kept, and what was erased"),
        _("Schedule, runs, erasures and holds; how far back the ledger reaches."),
        ("EU AI Act 19(1)", "EU AI Act 26(6)", "PCI DSS 10.5.1", "GDPR 17"),
        ("retention.", retention.ERASED, "legal_hold."),
        retention.lines,
        _("Backups, and copies that left in exports."),
        retention.tables,
    ),
)
