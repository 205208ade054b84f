"""Start a review of who can do what, decide line by line, and finish it."""

from governance.access_reviews.services.deciding import confirm_grant, revoke_grant
from governance.access_reviews.services.exporting import record_export
from governance.access_reviews.services.finishing import finish_review
from governance.access_reviews.services.starting import name_reviewer, start_review

__all__ = [
    "confirm_grant",
    "finish_review",
    "name_reviewer",
    "record_export",
    "revoke_grant",
    "start_review",
]
