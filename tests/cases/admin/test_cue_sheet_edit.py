"""A cue sheet's draft is edited in fields, drawn, checked, tried and handed in."""

import json
from typing import Any

from django.test import Client

from governance.access.types import Role
from governance.reviews import services
from governance.reviews.models import ChangeRequest
from orchestra.core import clock
from tests.cases.admin.conftest import Browser
from tests.cases.admin.test_cue_sheet_form import posted
from tests.factories.access import hold_role
from tests.flows.conftest import World


def open_change(retail: World, **changes: Any) -> tuple[ChangeRequest, str]:
    """Open a change of the returns by whoever may, and return it with their login."""
    login = "operator"
    hold_role(retail.people[login], Role.POLICY_OWNER)
    change = services.open_change(
        actor=retail.people[login].as_actor(),
        now=clock.now(),
        kind="cue_sheet",
        document_key="return_items",
        title="A longer window",
        **changes,
    )
    return change, login


def form(change: ChangeRequest, **changes: Any) -> dict[str, Any]:
    """Return what a browser sends, with what was changed in the form."""
    document = dict(change.document)
    return {
        **posted(document, **changes),
        "base": json.dumps(document),
        "digest": change.digest,
    }


def post(client: Client, change: ChangeRequest, do: str, **changes: Any) -> Any:
    link = f"/admin/change-requests/{change.public_id}/cue-sheet/"
    return client.post(link, {**form(change, **changes), "do": do})


def test_a_draft_is_shown_with_its_graph_and_saved(retail: World, browser: Browser) -> None:
    change, login = open_change(retail)
    client = browser(login)
    link = f"/admin/change-requests/{change.public_id}/cue-sheet/"
    text = client.get(link).content.decode()
    assert "<svg" in text
    assert (
        f'href="{link}"'
        in client.get(f"/admin/change-requests/{change.public_id}/").content.decode()
    )
    assert post(client, change, "save", recontact_window_hours="96").status_code == 302
    change.refresh_from_db()
    assert change.document["recontact_window_hours"] == 96


def test_the_graph_and_the_findings_follow_the_form_unsaved(
    retail: World, browser: Browser
) -> None:
    change, login = open_change(retail)
    client = browser(login)
    first, last = change.document["steps"][0]["key"], len(change.document["steps"]) - 1
    assert first
    cycle = {"steps-0-after": change.document["steps"][last]["key"], "steps-1-owner": "nobody"}
    answer = post(client, change, "live", **cycle)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "would have to wait for itself" in text
    assert "is-wrong" in text
    assert "<html" not in text
    added = post(client, change, "add").content.decode()
    assert f"steps-{last + 1}-title" in added
    change.refresh_from_db()
    assert len(change.document["steps"]) == last + 1


def test_what_has_findings_is_saved_and_not_handed_in(retail: World, browser: Browser) -> None:
    change, login = open_change(retail)
    answer = post(browser(login), change, "submit", **{"steps-0-owner": "nobody"})
    assert answer.status_code == 302
    change.refresh_from_db()
    assert (change.state, change.document["steps"][0]["owner"]) == ("draft", "nobody")


def test_a_stale_form_loses_nothing_and_says_who_saved(retail: World, browser: Browser) -> None:
    change, login = open_change(retail)
    client = browser(login)
    theirs = {**change.document, "recontact_window_hours": 12}
    services.save_draft(
        actor=retail.people[login].as_actor(),
        now=clock.now(),
        change_id=change.public_id,
        document=theirs,
        seen_digest=change.digest,
    )
    answer = post(client, change, "save", says="It came back.")
    assert answer.status_code == 409
    text = answer.content.decode()
    assert 'value="It came back."' in text
    change.refresh_from_db()
    assert change.document["recontact_window_hours"] == 12
    assert f'name="digest" value="{change.digest}"' in text


def test_a_draft_of_500_steps_is_opened_and_told(retail: World, browser: Browser) -> None:
    change, login = open_change(retail)
    step = change.document["steps"][0]
    many = [{**step, "key": f"s{number}", "after": []} for number in range(500)]
    ChangeRequest.objects.filter(pk=change.pk).update(document={**change.document, "steps": many})
    text = (
        browser(login).get(f"/admin/change-requests/{change.public_id}/cue-sheet/").content.decode()
    )
    assert "has 500 steps" in text
    assert "400 more steps are kept in the draft" in text


def test_a_draft_is_tried_on_written_and_past_cases(retail: World, browser: Browser) -> None:
    change, login = open_change(retail)
    link = f"/admin/change-requests/{change.public_id}/cue-sheet/trial/"
    client = browser(login)
    text = client.get(link).content.decode()
    assert "A written case" in text
    assert "the need is met" in text
    first = change.document["steps"][0]["key"]
    assert (
        "it waits"
        in client.get(link, {f"end-{first}": "open", "fact-verification": "none"}).content.decode()
    )
    broken = {**change.document, "steps": [{**change.document["steps"][0], "owner": ""}]}
    ChangeRequest.objects.filter(pk=change.pk).update(document=broken)
    assert "cannot be tried" in client.get(link).content.decode()
