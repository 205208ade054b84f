"""The page of capacity, and the warning that other pages fetch."""

from datetime import timedelta

from governance.access.models import User
from governance.approvals.models import ApprovalRequest
from orchestra.core import clock
from tests.cases.admin.conftest import Browser, browser
from tests.flows.conftest import World, retail
from tests.flows.helpers import waiting_return

__all__ = ["browser", "retail"]

PAGE = "/admin/approvals/capacity/"


def test_the_page_says_what_waits_and_who_could_decide(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    client = browser("supervisor")
    text = client.get(PAGE).content.decode()
    assert "Who can decide what waits" in text
    assert "Nothing was decided in this span." in text
    now = clock.now()
    ApprovalRequest.objects.update(
        state="rejected", created_at=now - timedelta(minutes=9), decided_at=now
    )
    for query in ({}, {"days": "30"}, {"queue": "returns"}, {"queue": "nonsense"}):
        text = client.get(PAGE, query).content.decode()
        assert 'class="capacity-bars"' in text
        assert "9 min" in text
    assert "Nothing was decided" in client.get(PAGE, {"queue": "orders"}).content.decode()


def test_the_warning_comes_once_nobody_is_left(retail: World, browser: Browser) -> None:
    waiting_return(retail)
    client = browser("operator")
    before = client.get(f"{PAGE}unmet/").content.decode()
    User.objects.exclude(username="operator").update(is_active=False)
    after = client.get(f"{PAGE}unmet/").content.decode()
    assert "that nobody can give right now" in after
    assert before != after
    assert "nobody in" in client.get(PAGE).content.decode()
    for path in ("/admin/", "/admin/approvals/"):
        assert f'data-part="{PAGE}unmet/"' in client.get(path).content.decode()


def test_who_may_not_read_approvals_finds_nothing(retail: World, browser: Browser) -> None:
    del retail
    for path in (PAGE, f"{PAGE}unmet/"):
        assert browser("policy").get(path).status_code == 404
