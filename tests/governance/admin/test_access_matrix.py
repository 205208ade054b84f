"""The matrix page: every capability in words, how far each role carries it, who holds it."""

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.access.types import Capability, Role
from governance.admin.access_matrix import COLUMNS, describe_matrix
from governance.admin.capability_words import GROUPS, list_groups, words_of
from tests.factories.access import make_agent, make_person
from tests.governance.admin.test_changes import sign_in, text_of

PATH = "/admin/access/matrix/"
PAGE_QUERIES = 5


def test_every_capability_has_words_in_one_group() -> None:
    named = [one for _title, group in GROUPS for one in group]
    assert sorted(named) == sorted(Capability)
    words = [words_of(one) for one in Capability]
    assert len(set(words)) == len(words)
    assert [title for title, _group in list_groups()] == [
        "Work",
        "Change",
        "Prove",
        "Run",
        "Quality",
    ]


def test_every_role_has_a_column() -> None:
    assert sorted(COLUMNS) == sorted(Role)
    shown = describe_matrix()
    assert all(len(row["cells"]) == len(Role) for group in shown["groups"] for row in group["rows"])


@pytest.mark.django_db
def test_the_page_shows_the_rules_and_who_holds_each_role() -> None:
    ilse = make_person("ilse", roles=[Role.COMPLIANCE_OFFICER])
    make_person("gone", roles=[Role.SUPERVISOR], is_active=False)
    make_agent(owner=ilse)
    page = text_of(sign_in(ilse), PATH)
    assert "Vote on an approval" in page
    assert "Confirm or revoke in an access review" in page
    assert '<a class="cap-held" href="/admin/access/roles/compliance_officer/">1 person</a>' in page
    assert '<a class="cap-held" href="/admin/access/roles/supervisor/">0 people</a>' in page
    assert '<a class="cap-held" href="/admin/agents/">1 agent</a>' in page
    assert "access.review" not in page


@pytest.mark.django_db
def test_a_narrow_screen_shows_the_own_role_or_the_one_asked_for() -> None:
    client = sign_in(make_person("ilse", roles=[Role.COMPLIANCE_OFFICER]))
    assert 'aria-current="true" href="/admin/access/matrix/?role=compliance_officer"' in text_of(
        client, PATH
    )
    assert 'aria-current="true" href="/admin/access/matrix/?role=qa_lead"' in text_of(
        client, f"{PATH}?role=qa_lead"
    )
    assert text_of(client, f"{PATH}?role=king").count('aria-current="true"') == 1


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.HUMAN_AGENT, Role.POLICY_OWNER, Role.QA_ANALYST])
def test_who_may_not_read_access_finds_no_page(role: Role) -> None:
    assert sign_in(make_person("hugo", roles=[role])).get(PATH).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("more", [0, 5])
def test_the_page_asks_as_often_for_more_people(
    more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = sign_in(make_person("ilse", roles=[Role.COMPLIANCE_OFFICER]))
    text_of(client, PATH)
    for number in range(more):
        make_person(f"p{number}", roles=[Role.SUPERVISOR])
    with django_assert_num_queries(PAGE_QUERIES):
        text_of(client, PATH)
