"""What a request asks of the editor: the document after a button, all that is found, the marks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from governance.admin.table_acts import MAX_OPEN, Document
from governance.admin.table_findings import check_document
from governance.admin.table_forms import find_errors, opened_in, read_editor
from governance.admin.table_rows import changed_refs
from governance.admin.tables import describe_editor, describe_reading, describe_sentences
from governance.policies.catalogue import Catalogue
from governance.policies.checking.findings import Finding, Severity
from governance.policies.registry import present_catalogue
from governance.policies.selectors import has_eligible_voter
from orchestra.core.errors import FieldError

Context = dict[str, Any]
#: Errors after which there is no document to save.
_UNREAD = frozenset({"base", "yaml"})


@dataclass(frozen=True, slots=True)
class Edit:
    """A document in the editor.

    Attributes:
        document: What the form states after the button that was pressed.
        errors: What cannot be read of it.
        checks: What checks find in what can be read.
        opened: Rows that stand open.
        against: The text it is compared with; None for none.
        number: Number of the version that text is.
    """

    document: Document
    errors: Sequence[FieldError]
    checks: Sequence[Finding]
    opened: Sequence[str]
    against: Document | None
    number: int
    catalogue: Catalogue

    @property
    def can_be_saved(self) -> bool:
        """Whether there is a document; whatever is wrong in its rows does not matter."""
        return not any({each.code, each.field} & _UNREAD for each in self.errors)

    @property
    def blocks(self) -> bool:
        """Whether something keeps it from being submitted."""
        return bool(self.errors) or any(each.severity is Severity.ERROR for each in self.checks)

    def describe(self) -> Context:
        """Return what the editor's template places."""
        return describe_editor(
            self.document,
            [*self.errors, *self.checks],
            opened=self.opened,
            against=self.against,
            number=self.number,
            catalogue=self.catalogue,
        )

    def describe_sentences(self) -> Context:
        """Return the table as who may not edit it reads it."""
        return describe_sentences(
            self.document,
            [*self.errors, *self.checks],
            against=self.against,
            number=self.number,
        )

    def read(self) -> Context:
        """Return how the open rows read, for a page that asks again as one types."""
        return describe_reading(
            self.document,
            [*self.errors, *self.checks],
            opened=self.opened,
            against=self.against,
            number=self.number,
        )


def edit_of(
    request: HttpRequest, stored: Document, *, against: Document | None, number: int
) -> Edit:
    """Return what a request makes of a stored document.

    Args:
        request: Its form, if it sends one, holds the document instead of the stored one.
        stored: The document as it is stored.
        against: The text it is compared with; None for none.
        number: Number of the version that text is.
    """
    catalogue = present_catalogue()
    if request.method == "POST":
        document, errors = read_editor(request.POST, catalogue=catalogue, against=against)
        opened = opened_in(request.POST, against=against)
    else:
        document, errors = stored, find_errors(stored, catalogue=catalogue)
        opened = changed_refs(document, against)[:MAX_OPEN]
    checks = check_document(document, errors, catalogue=catalogue, has_eligible=has_eligible_voter)
    return Edit(document, errors, checks, opened, against, number, catalogue)
