"""The access page of a person: roles, documents, and letting somebody in or not."""

import json

from django.test import Client

from governance.access.models import KindGroupGrant, RoleHolding, User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.policies.models import PolicyGroupGrant, PolicyUserGrant
from tests.factories.access import hold_role, make_person
from tests.flows.conftest import World
from tests.governance.admin.conftest import Browser

WHY = {"reason": "as agreed"}


def _page(person: User) -> str:
    return f"/admin/access/people/{person.public_id}/"


def _text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def _holds(person: User, role: Role) -> bool:
    return RoleHolding.objects.filter(user=person, group__name=role.value).exists()


def test_a_role_is_given_with_reason_and_end_and_taken(retail: World, browser: Browser) -> None:
    person, client = retail.people["agent"], browser("operator")
    page = _page(person)
    given = {"act": "give", "role": "specialist", "until_at": "2199-03-01T09:00", **WHY}
    answer = client.post(f"{page}roles/", given, follow=True).content.decode()
    assert "Given to Lena Fischer: the role Specialist." in answer
    for words in ("as agreed", "by Petra Novak", "until 1 Mar 2199, 09:00"):
        assert words in answer
    again = client.post(f"{page}roles/", given, follow=True)
    assert b"it stood so already" in again.content
    taken = client.post(f"{page}roles/", {"act": "take", "role": "specialist"}, follow=True)
    assert b"Taken from Lena Fischer: the role Specialist." in taken.content
    assert not _holds(person, Role.SPECIALIST)
    assert client.post(f"{page}roles/", {"act": "give", "role": "king"}).status_code == 404


def test_what_is_missing_is_said_and_nothing_is_given(retail: World, browser: Browser) -> None:
    person, client = retail.people["agent"], browser("operator")
    for wrong, said in (
        ({"reason": ""}, "Say why."),
        ({"until_at": "2020-01-01T00:00"}, "It has to end in the future."),
        ({"until_at": "soon"}, "Write the end as a date and a time."),
    ):
        given = {"act": "give", "role": "specialist", **WHY, **wrong}
        answer = client.post(f"{_page(person)}roles/", given, follow=True)
        assert said in answer.content.decode()
    assert not _holds(person, Role.SPECIALIST)


def test_nobody_gives_themselves_a_role(retail: World, browser: Browser) -> None:
    own, client = _page(retail.people["operator"]), browser("operator")
    assert "Give a role" not in _text(client, own)
    given = {"act": "give", "role": "supervisor", **WHY}
    answer = client.post(f"{own}roles/", given, follow=True)
    assert b"alert is-danger" in answer.content
    given = {"act": "take", "role": "administrator"}
    answer = client.post(f"{own}roles/", given, follow=True)
    assert b"Nobody else manages access without an end." in answer.content
    assert _holds(retail.people["operator"], Role.ADMINISTRATOR)
    assert not _holds(retail.people["operator"], Role.SUPERVISOR)
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 2


def test_a_disabled_person_is_out_at_the_next_request(retail: World, browser: Browser) -> None:
    person, client = retail.people["supervisor"], browser("operator")
    theirs = browser("supervisor")
    assert theirs.get("/admin/").status_code == 200
    assert theirs.get("/api/v1/approvals/").status_code == 200
    wrong = client.post(f"{_page(person)}standing/", {"act": "disable"}, follow=True)
    assert b"Say why." in wrong.content
    assert theirs.get("/admin/").status_code == 200
    answer = client.post(f"{_page(person)}standing/", {"act": "disable", **WHY}, follow=True)
    text = answer.content.decode()
    assert "Maren Osei is disabled: signed out" in text
    assert "by Petra Novak: as agreed" in text
    refused = theirs.get("/admin/")
    assert refused.status_code == 302
    assert "/login/" in refused["Location"]
    assert theirs.get("/api/v1/approvals/").status_code in {401, 403}
    act = theirs.post(
        "/api/v1/change-requests/",
        json.dumps({}),
        content_type="application/json",
        headers={"Idempotency-Key": "late"},
    )
    assert act.status_code in {401, 403}
    answer = client.post(f"{_page(person)}standing/", {"act": "enable", **WHY}, follow=True)
    assert b"may sign in again" in answer.content
    # The sign-in that was ended does not come back with the person.
    assert theirs.get("/admin/").status_code == 302
    assert browser("supervisor").get("/admin/").status_code == 200


def test_the_last_administrator_is_not_disabled(retail: World, browser: Browser) -> None:
    own, client = _page(retail.people["operator"]), browser("operator")
    answer = client.post(f"{own}standing/", {"act": "disable", **WHY}, follow=True)
    assert b"Nobody else manages access without an end." in answer.content
    assert client.get("/admin/").status_code == 200
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1


def test_a_role_is_bound_and_a_person_granted_a_policy_by_name(
    retail: World, browser: Browser
) -> None:
    person, client = retail.people["policy"], browser("operator")
    role = "/admin/access/roles/policy_owner/"
    assert "through the role" in _text(client, _page(person))
    client.post(f"{role}documents/", {"act": "take", "document": "policy:"})
    assert not KindGroupGrant.objects.filter(group__name="policy_owner", kind="policy").exists()
    assert "No policy is granted here." in _text(client, _page(person))
    given = {"act": "give", "document": "policy:retail_returns", **WHY}
    answer = client.post(f"{_page(person)}documents/", given, follow=True)
    assert b"Given." in answer.content
    row = PolicyUserGrant.objects.select_related("content_object").get(user=person)
    assert str(row.content_object) in answer.content.decode()
    again = client.post(f"{_page(person)}documents/", given, follow=True)
    assert b"it stood so already" in again.content
    client.post(f"{_page(person)}documents/", {**given, "act": "take"})
    assert not PolicyUserGrant.objects.exists()
    client.post(f"{role}documents/", given)
    assert PolicyGroupGrant.objects.get().group.name == "policy_owner"
    wrong = {**given, "document": "policy:nothing"}
    assert client.post(f"{role}documents/", wrong).status_code == 404
    assert client.post("/admin/access/roles/king/documents/", given).status_code == 404


def test_who_only_reads_access_finds_the_page_and_no_act(retail: World, browser: Browser) -> None:
    person, client = retail.people["agent"], browser("compliance")
    text = _text(client, _page(person))
    assert "Human agent" in text
    for act, body in (
        ("roles", {"act": "give", "role": "specialist", **WHY}),
        ("standing", {"act": "disable", **WHY}),
        ("documents", {"act": "give", "document": "policy:", **WHY}),
    ):
        assert f"{act}/" not in text
        assert client.post(f"{_page(person)}{act}/", body).status_code == 404
    assert User.objects.get(pk=person.pk).is_active
    role = "/admin/access/roles/policy_owner/"
    assert client.post(f"{role}documents/", {"document": "policy:"}).status_code == 404


def test_one_who_holds_a_role_does_not_widen_it(retail: World, browser: Browser) -> None:
    hold_role(retail.people["operator"], Role.SPECIALIST)
    client, page = browser("operator"), "/admin/access/roles/specialist/"
    assert "You hold this role" in _text(client, page)
    given = {"act": "give", "grant": "vote_queue", "queue": "returns", **WHY}
    answer = client.post(f"{page}grants/", given, follow=True)
    assert b"You hold this role" in answer.content
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1


def test_a_disabled_person_is_shown_as_such(retail: World, browser: Browser) -> None:
    del retail
    person = make_person("gone", is_active=False)
    text = _text(browser("operator"), _page(person))
    for words in ("access is disabled", "Enable this person", "No role, so nothing may be done"):
        assert words in text
