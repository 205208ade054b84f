"""Record that a version of an article was used, and for what."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from governance.access.types import Authority
from governance.knowledge import entries, rules
from governance.knowledge.models import ArticleUse, ArticleVersion
from governance.knowledge.selectors import find_subject, get_version
from governance.knowledge.types import UseDraft, UseWay
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.errors import NotFoundError

#: How a use is told in the ledger, which keeps the words of its time.
HOW: Mapping[UseWay, str] = {
    UseWay.READ_BY_AI: "read by AI",
    UseWay.OPENED: "opened by a person",
    UseWay.CITED: "cited in a proposal",
    UseWay.NOTED: "noted in a finding",
}


@one_act()
def open_article(
    *,
    authority: Authority,
    now: datetime,
    key: str,
    subject: tuple[str, str],
    number: int | None = None,
) -> ArticleVersion:
    """Return a version of an article, and record that it was read for something.

    Args:
        authority: What the reader holds.
        now: When, UTC.
        key: Key of the article.
        subject: Kind and public id of what it is read for.
        number: Number of the version; None for the one in force.

    Raises:
        NotFoundError: There is no such article or subject, or the reader may not see it.
    """
    version = get_version(authority=authority, now=now, key=key, number=number)
    kind, subject_id = subject
    seen = find_subject(authority=authority, kind=kind, subject_id=subject_id).get(subject_id)
    if seen is None:
        raise NotFoundError(
            _("There is no such %(kind)s, or you may not see it.") % {"kind": kind},
            code="article.no_subject",
        )
    draft = UseDraft(
        way=rules.way_of_reading(authority.actor),
        subject_kind=kind,
        subject_id=subject_id,
        stream=seen.stream,
    )
    record_use(actor=authority.actor, now=now, version=version, use=draft)
    return version


@one_act()
def record_use(
    *, actor: Actor, now: datetime, version: ArticleVersion, use: UseDraft
) -> ArticleUse:
    """Record that a version was used; the same use by the same actor is recorded once.

    Args:
        actor: Who used it.
        now: When, UTC.
        version: Which version, with its article.
        use: How and for what; whether the actor may see that is the caller's question.
    """
    found, made = ArticleUse.objects.get_or_create(
        version=version,
        way=use.way,
        subject_kind=use.subject_kind,
        subject_id=use.subject_id,
        by_kind=actor.kind,
        by_id=actor.id,
        defaults={"stream": use.stream, "by_label": actor.label, "at": now},
    )
    if made:
        _append(actor, now, found)
    return found


def _append(actor: Actor, now: datetime, use: ArticleUse) -> None:
    version = use.version
    draft = EntryDraft(
        stream=use.stream,
        kind=entries.ARTICLE_USED,
        payload={
            "article": version.article.key,
            "title": version.article.title,
            "number": version.number,
            "digest": version.digest,
            "way": str(use.way),
            "how": HOW[UseWay(use.way)],
            "for": {"kind": use.subject_kind, "id": use.subject_id},
        },
        subject_kind="article_version",
        subject_id=str(version.public_id),
    )
    append_entry(actor=actor, now=now, draft=draft)
