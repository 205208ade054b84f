"""The kinds of documents that go through review; filled by the rooms above at start-up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from governance.access.types import Capability
from governance.reviews.types import Change, Quorum, RiskLevel
from governance.reviews.version_rows import VersionRows
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError
from orchestra.core.registry import Registry

Json = Any
Document = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is known of a document that nobody has written yet.

    Attributes:
        key: Its key.
        title: Its title.
        author: Name of who begins it.
        day: Today, where they are.
    """

    key: str
    title: str
    author: str
    day: date


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """What the workflow asks of the room that owns a kind of document.

    Attributes:
        title: What it is called, ``policy``; usually lazily translated.
        drafting: What somebody needs to open, edit and submit a change of it.
        quorum: Risk of the change to whose approvals it takes.
        validate: Every error of a document at once; none for one that may be published.
        describe: What differs, in words; ``None`` stands for no version in force.
        rows: How its documents and their versions are read, locked and named.
        risk: How much harm the document can do; called on valid documents only.
        publish: Puts a document in force in place of the present one; returns its number.
        retire: Takes the version in force under a key out of force; returns its number.
        can_rehearse: Whether there is anything recorded to rehearse a change on, which then
            has to be done before the vote; None for a kind that is never rehearsed.
        blank: The smallest draft of a new document, with what is to be filled in; it may have
            errors, which the page of its change names. None where none can be begun.
        page: Name of the admin's page of one document, which takes its key; empty for none.
        editor: Name of the admin's page where a draft of it is written, which takes the id of
            its change; empty where it is written as text.
        consequence: What happens at the moment a change of it comes into force, told before
            the vote; empty where nothing does but that.
    """

    title: object
    drafting: Capability
    quorum: Mapping[RiskLevel, Quorum]
    validate: Callable[[Document], tuple[FieldError, ...]]
    describe: Callable[[Document | None, Document], tuple[Change, ...]]
    rows: VersionRows
    risk: Callable[[Document], RiskLevel]
    publish: Callable[[Actor, datetime, Document], int]
    retire: Callable[[Actor, datetime, str], int]
    can_rehearse: Callable[[], bool] | None = None
    blank: Callable[[Beginning], Document] | None = None
    page: str = ""
    editor: str = ""
    consequence: object = ""


documents: Registry[DocumentKind] = Registry("kind of governed document")
