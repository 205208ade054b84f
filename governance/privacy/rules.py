"""Whom a legal hold covers, and whose turn it is to decide; pure."""

from governance.privacy.types import Holds, Span, Subject, SubjectCase, SubjectKind


def is_held(subject: Subject, holds: Holds) -> bool:
    """Return whether a subject, or one of its cases, is under legal hold.

    Args:
        subject: Whose data it is.
        holds: All that is under hold.
    """
    if subject.kind is SubjectKind.CUSTOMER and subject.id in holds.customers:
        return True
    return any(is_case_held(case, holds) for case in subject.cases)


def is_case_held(case: SubjectCase, holds: Holds) -> bool:
    """Return whether a case is under hold by name, or was open in a span under hold."""
    return case.id in holds.cases or any(was_open(case, span) for span in holds.spans)


def was_open(case: SubjectCase, span: Span) -> bool:
    """Return whether a case was open at some moment of a span."""
    return case.opened_at <= span.ends_at and (
        case.closed_at is None or case.closed_at >= span.begins_at
    )


def may_decide(*, asked_by: int, person: int) -> bool:
    """Return whether a person may decide what somebody asked for: only another one may."""
    return asked_by != person
