from datetime import timedelta

from governance.access.models import AgentIdentity, ApiCredential, QueueUserGrant, User
from governance.access.types import QueueGrant
from orchestra.core import clock
from orchestra.core.actors import system
from orchestra.core.history import acting
from tests.flows.conftest import World
from tests.governance.admin.conftest import Browser


def test_an_administrator_reads_what_the_set_up_lacks(retail: World, browser: Browser) -> None:
    del retail
    client = browser("operator")
    text = client.get("/admin/").content.decode()
    assert "1 token ends within 14 days." in text
    ApiCredential.objects.update(expires_at=clock.now() + timedelta(days=30))
    text = client.get("/admin/").content.decode()
    assert "Every queue has people who can vote." in text
    assert "Every active AI agent has a token." in text
    assert "Mend it" not in text

    with acting(system("test")):
        QueueUserGrant.objects.filter(
            content_object__key="returns", permission__codename=QueueGrant.VOTE.value
        ).delete()
        ApiCredential.objects.all().delete()
        User.objects.create_user("new", first_name="Nora", last_name="Novak")
    text = client.get("/admin/").content.decode()
    assert "Nobody can vote on the approvals of: Returns." in text
    assert f"cannot connect: {AgentIdentity.objects.get().name}." in text
    assert "holds no role: Nora Novak." in text
    assert text.count("Mend it") == 3


def test_nobody_else_is_shown_the_set_up(retail: World, browser: Browser) -> None:
    del retail
    for login in ("compliance", "supervisor", "agent", "policy"):
        assert "Set-up" not in browser(login).get("/admin/").content.decode()
