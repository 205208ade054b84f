"""Shapes of change requests: what the API takes, and what it answers."""

from typing import Any

from rest_framework import serializers

from governance.api.inputs import Input, Rfc3339Field
from governance.reviews import rules, selectors, voting
from governance.reviews.models import ChangeRequest
from governance.reviews.services.commenting import MAX_COMMENT
from governance.reviews.services.drafting import MAX_TITLE
from governance.reviews.types import Change, ChangePurpose, ReviewChoice, Sign, VoidCause
from orchestra.core.enums import choices
from orchestra.core.errors import InvalidInputError

LONGEST = 20_000


class ChangeIn(Input):
    """A change of a governed document, to be opened."""

    kind = serializers.CharField(max_length=100, help_text="Such as policy or cue_sheet.")
    key = serializers.CharField(max_length=100)
    title = serializers.CharField(max_length=MAX_TITLE)
    summary = serializers.CharField(
        max_length=LONGEST, required=False, allow_blank=True, default=""
    )
    document = serializers.DictField(
        required=False, help_text="The draft; the text in force by default."
    )


class RollbackIn(Input):
    """An older version to go back to."""

    kind = serializers.CharField(max_length=100)
    key = serializers.CharField(max_length=100)
    number = serializers.IntegerField(min_value=1)
    summary = serializers.CharField(
        max_length=LONGEST, required=False, allow_blank=True, default=""
    )


class DraftIn(Input):
    """A new text; ``digest`` is of the text it was written from."""

    digest = serializers.RegexField(r"^[0-9a-f]{64}$")
    document = serializers.DictField()
    summary = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True)


class ReviewIn(Input):
    """A person's word on exactly one text; a word against it takes a reason."""

    review = serializers.ChoiceField(choices=choices(ReviewChoice))
    digest = serializers.RegexField(r"^[0-9a-f]{64}$")
    reason = serializers.CharField(max_length=2_000, required=False, allow_blank=True, default="")


class ScheduleIn(Input):
    """When it comes into force."""

    publish_at = Rfc3339Field()


class CommentIn(Input):
    """What is said, and about which part."""

    text = serializers.CharField(max_length=MAX_COMMENT)
    place = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="Such as Row 13."
    )


class ChangeOut(serializers.Serializer[object]):
    """A change request; ``name`` is what people call it, such as CR-12."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField(source="label")
    kind = serializers.CharField()
    key = serializers.CharField(source="document_key")
    purpose = serializers.ChoiceField(choices=choices(ChangePurpose))
    title = serializers.CharField()
    summary = serializers.CharField(allow_blank=True)
    state = serializers.CharField()
    risk = serializers.CharField()
    digest = serializers.CharField(help_text="Of the text; a review answers it.")
    base_version = serializers.IntegerField(source="base_number", help_text="0 for none in force.")
    rehearsal_digest = serializers.CharField(allow_blank=True)
    votes = serializers.SerializerMethodField()
    votes_needed = serializers.SerializerMethodField()
    author = serializers.CharField(source="author_label")
    last_editor = serializers.CharField(source="editor_label")
    created_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    publish_at = serializers.DateTimeField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    published_version = serializers.IntegerField(source="published_number", allow_null=True)
    held_reason = serializers.CharField(allow_blank=True)

    def get_votes(self, change: ChangeRequest) -> int:
        """Return how many of the votes needed stand."""
        return voting.count_votes(selectors.standing_of(change))

    def get_votes_needed(self, change: ChangeRequest) -> int:
        """Return how many votes it takes."""
        return selectors.standing_of(change).quorum.votes


class DifferenceOut(serializers.Serializer[object]):
    """One part that differs from the version it was opened on, in words."""

    sign = serializers.ChoiceField(choices=choices(Sign))
    place = serializers.CharField()
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    reason_before = serializers.CharField(allow_blank=True)


class FindingOut(serializers.Serializer[object]):
    """One error that keeps it from being submitted."""

    field = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    message = serializers.CharField()


class ReviewOut(serializers.Serializer[object]):
    """One review, also one that no longer counts."""

    reviewer = serializers.CharField(source="reviewer.label")
    review = serializers.CharField(source="choice")
    roles = serializers.ListField(child=serializers.CharField())
    reason = serializers.CharField(allow_blank=True)
    digest = serializers.CharField()
    at = serializers.DateTimeField()
    voided_at = serializers.DateTimeField(allow_null=True)
    void_cause = serializers.ChoiceField(choices=choices(VoidCause), allow_blank=True)


class CommentOut(serializers.Serializer[object]):
    """One comment, named by its number; ``digest`` is of the text it was made on."""

    number = serializers.IntegerField()
    author = serializers.CharField(source="comment.author.label")
    place = serializers.CharField(source="comment.place", allow_blank=True)
    text = serializers.CharField(source="comment.text")
    digest = serializers.CharField(source="comment.digest")
    at = serializers.DateTimeField(source="comment.at")
    resolved_at = serializers.DateTimeField(source="comment.resolved_at", allow_null=True)


class ChangeDetailOut(ChangeOut):
    """A change request with its text, what it changes, and what people said about it."""

    document = serializers.JSONField()
    differences = serializers.SerializerMethodField()
    findings = serializers.SerializerMethodField()
    reviews = serializers.SerializerMethodField()
    comments = serializers.SerializerMethodField()
    is_base_in_force = serializers.SerializerMethodField()

    def get_differences(self, change: ChangeRequest) -> list[dict[str, Any]]:
        """Return what differs; none where the text cannot be read."""
        return [dict(DifferenceOut(one).data) for one in _differences(change)]

    def get_findings(self, change: ChangeRequest) -> list[dict[str, Any]]:
        """Return every error of the text; none once it is past the draft."""
        is_judged = change.purpose != ChangePurpose.RETIREMENT and change.state in rules.OPEN
        found = selectors.kind_of(change).validate(change.document) if is_judged else ()
        return [dict(FindingOut(one).data) for one in found]

    def get_reviews(self, change: ChangeRequest) -> list[dict[str, Any]]:
        """Return every review, oldest first."""
        found = [*selectors.reviews_of(change), *selectors.list_void_reviews(change=change)]
        return [dict(ReviewOut(one).data) for one in sorted(found, key=lambda one: one.pk)]

    def get_comments(self, change: ChangeRequest) -> list[dict[str, Any]]:
        """Return the comments, oldest first."""
        found = enumerate(selectors.list_comments(change=change), 1)
        return [dict(CommentOut({"number": n, "comment": one}).data) for n, one in found]

    def get_is_base_in_force(self, change: ChangeRequest) -> bool:
        """Return whether the version it was opened on is in force."""
        return selectors.digest_in_force(change)[1] == change.base_digest


def _differences(change: ChangeRequest) -> tuple[Change, ...]:
    if change.purpose == ChangePurpose.RETIREMENT:
        return ()
    kind, number = selectors.kind_of(change), change.base_number
    try:
        before = kind.rows.version(change.document_key, number) if number else None
        return kind.describe(before, change.document)
    except InvalidInputError:
        # The findings say what keeps it from being read.
        return ()
