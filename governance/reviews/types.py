"""The states of a governed document."""

from enum import StrEnum


class DocumentState(StrEnum):
    """Where one version of a governed document stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETIRED = "retired"
