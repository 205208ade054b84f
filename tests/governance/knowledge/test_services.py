"""Articles go in and out of force, and their uses are recorded once."""

from datetime import timedelta

import pytest

from governance.access.types import Authority
from governance.knowledge.loading import read_article
from governance.knowledge.models import Article, ArticleInForce, ArticleUse, ArticleVersion
from governance.knowledge.services import (
    open_article,
    publish_article,
    record_use,
    retire_article,
)
from governance.knowledge.types import UseDraft, UseWay
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from governance.reviews.types import DocumentState
from orchestra.core.actors import system
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from tests.factories.articles import NOW, make_document, put_in_force
from tests.governance.knowledge.conftest import CASE, HIDDEN

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def kinds() -> list[str]:
    return list(LedgerEntry.objects.order_by("pk").values_list("kind", flat=True))


def test_a_version_takes_the_place_of_the_one_before() -> None:
    first = put_in_force()
    second = put_in_force(title="Returns", now=LATER)
    first.refresh_from_db()
    assert (first.state, first.retired_at) == (DocumentState.RETIRED, LATER)
    assert (second.state, second.number) == (DocumentState.PUBLISHED, 2)
    row = ArticleInForce.objects.get()
    assert (row.version, row.title, row.for_ai, row.for_customer) == (
        second,
        "Returns",
        True,
        False,
    )
    assert Article.objects.get().title == "Returns"
    assert kinds() == ["article.published", "article.published"]
    assert Article.history.count() == 2
    assert ArticleVersion.history.count() == 3


def test_the_same_text_again_changes_nothing() -> None:
    assert put_in_force() == put_in_force(now=LATER)
    assert kinds() == ["article.published"]


def test_a_wrong_text_or_an_agent_publishes_nothing(ai: Authority) -> None:
    with pytest.raises(InvalidInputError):
        put_in_force(owner="")
    with pytest.raises(NotPermittedError):
        publish_article(actor=ai.actor, now=NOW, document=make_document())
    assert kinds() == []
    assert not Article.objects.exists()


def test_what_is_retired_is_out_of_force(ai: Authority) -> None:
    version = put_in_force()
    with pytest.raises(NotPermittedError):
        retire_article(actor=ai.actor, now=LATER, key="returns")
    assert retire_article(actor=system("test"), now=LATER, key="returns") == version
    assert not ArticleInForce.objects.exists()
    with pytest.raises(ConflictError):
        retire_article(actor=system("test"), now=LATER, key="returns")
    assert put_in_force(now=LATER).number == 2
    assert kinds() == ["article.published", "article.retired", "article.published"]


def test_an_altered_text_is_not_read() -> None:
    version = put_in_force()
    assert read_article(version).title == "Taking goods back"
    version.document = {**version.document, "body": "Pay everybody."}
    with pytest.raises(ConflictError, match="not the one that was published"):
        read_article(version)


def test_reading_for_a_case_is_recorded_once_for_each_reader(
    ai: Authority, person: Authority
) -> None:
    version = put_in_force()
    for authority in (ai, ai, person):
        found = open_article(authority=authority, now=NOW, key="returns", subject=("case", CASE))
        assert found == version
    uses = list(ArticleUse.objects.order_by("pk").values_list("way", "by_kind", "stream"))
    assert uses == [
        (UseWay.READ_BY_AI, "agent", f"case:{CASE}"),
        (UseWay.OPENED, "human", f"case:{CASE}"),
    ]
    entry = LedgerEntry.objects.filter(kind="article.used").first()
    assert entry is not None
    assert entry.stream == f"case:{CASE}"
    assert entry.subject_id == str(version.public_id)
    payload = payload_of(entry=entry)
    assert payload is not None
    assert payload["number"] == 1
    assert payload["digest"] == version.digest
    assert payload["for"] == {"kind": "case", "id": CASE}
    assert kinds().count("article.used") == 2


@pytest.mark.parametrize("subject", [("case", HIDDEN), ("case", "x"), ("order", CASE)])
def test_what_the_reader_may_not_see_is_not_there(ai: Authority, subject: tuple[str, str]) -> None:
    put_in_force()
    with pytest.raises(NotFoundError):
        open_article(authority=ai, now=NOW, key="returns", subject=subject)
    assert not ArticleUse.objects.exists()
    assert kinds() == ["article.published"]


def test_each_version_and_way_is_a_use_of_its_own(ai: Authority) -> None:
    first, second = put_in_force(), put_in_force(title="Returns", now=LATER)
    for version in (first, second):
        for way in (UseWay.READ_BY_AI, UseWay.CITED):
            draft = UseDraft(way, "case", CASE, f"case:{CASE}")
            for _again in range(2):
                record_use(actor=ai.actor, now=NOW, version=version, use=draft)
    assert ArticleUse.objects.count() == 4
