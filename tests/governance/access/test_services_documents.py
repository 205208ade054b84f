"""Policies and cue sheets are granted by name or all at once, to a person or to a role."""

from datetime import datetime

import pytest
from django.contrib.auth.models import Group

from cases.journeys.models import CueSheet, CueSheetGroupGrant, CueSheetUserGrant
from governance.access import rules, services
from governance.access.models import KindGroupGrant, KindUserGrant, User
from governance.access.registry import document_grants
from governance.access.selectors import authority_of
from governance.access.services import Of
from governance.access.types import Capability, Role
from governance.ledger.models import LedgerEntry
from governance.policies.models import Policy, PolicyGroupGrant, PolicyUserGrant
from orchestra.core.actors import Actor
from orchestra.core.errors import InvalidInputError, NotFoundError, NotPermittedError
from orchestra.core.history import save_as
from tests.factories.access import FACTORY, hold_role, make_person

pytestmark = pytest.mark.django_db

RETURNS = {"policy": Of("policy", "returns"), "cue_sheet": Of("cue_sheet", "returns")}
EDIT = {"policy": Capability.POLICY_EDIT, "cue_sheet": Capability.CUE_SHEET_EDIT}
BY_PERSON = {"policy": PolicyUserGrant, "cue_sheet": CueSheetUserGrant}
BY_ROLE = {"policy": PolicyGroupGrant, "cue_sheet": CueSheetGroupGrant}


@pytest.fixture(autouse=True)
def _documents(db: None) -> None:
    del db
    for model in (Policy, CueSheet):
        for key in ("returns", "claims"):
            save_as(model(key=key, title=key.title()), actor=FACTORY)


@pytest.fixture
def petra(administrator: User) -> Actor:
    return administrator.as_actor()


@pytest.fixture
def owner(petra: Actor, now: datetime) -> User:
    """A policy owner whose role is bound to documents by name."""
    person = make_person("tomasz", roles=[Role.POLICY_OWNER])
    for kind in rules.BOUND_KINDS:
        act = {"actor": petra, "now": now, "holder": Role.POLICY_OWNER, "of": Of(kind)}
        assert services.revoke_document(**act, reason="each their own")
    return person


def keys(person: User, kind: str) -> list[str]:
    """Which of the two documents the person may edit."""
    authority = authority_of(person.as_actor())
    return [key for key in ("claims", "returns") if rules.may_on(authority, EDIT[kind], kind, key)]


def test_the_kinds_of_the_rule_are_the_ones_that_can_be_granted() -> None:
    assert set(document_grants) == rules.BOUND_KINDS


def test_a_role_holds_every_document_until_the_centre_binds_it(petra: Actor, now: datetime) -> None:
    services.ensure_roles(actor=petra, now=now)
    holders = set(KindGroupGrant.objects.values_list("group__name", "kind"))
    roles = ("supervisor", "compliance_officer", "policy_owner", "qa_lead")
    assert holders == {(role, kind) for role in roles for kind in rules.BOUND_KINDS}
    person = make_person(roles=[Role.POLICY_OWNER])
    assert [keys(person, kind) for kind in ("policy", "cue_sheet")] == [["claims", "returns"]] * 2


@pytest.mark.parametrize("kind", ["policy", "cue_sheet"])
def test_one_document_comes_and_goes_by_name(
    petra: Actor, owner: User, now: datetime, kind: str
) -> None:
    assert keys(owner, kind) == []
    act = {"actor": petra, "now": now, "holder": owner, "of": RETURNS[kind]}
    before = LedgerEntry.objects.count()
    assert services.grant_document(**act, reason="their field")
    assert not services.grant_document(**act, reason="their field")
    assert keys(owner, kind) == ["returns"]
    # Of the other kind nothing, and what the role does not carry neither.
    other = "cue_sheet" if kind == "policy" else "policy"
    assert keys(owner, other) == []
    authority = authority_of(owner.as_actor())
    assert not rules.may_on(authority, Capability.SCORECARD_EDIT, kind, "returns")
    row = BY_PERSON[kind].objects.get()
    assert (row.user, row.content_object.key, row.reason) == (owner, "returns", "their field")
    assert services.revoke_document(**act)
    assert not services.revoke_document(**act)
    assert keys(owner, kind) == []
    kinds = LedgerEntry.objects.order_by("pk").values_list("kind", flat=True)[before:]
    assert list(kinds) == ["document.granted", "document.revoked"]
    history = BY_PERSON[kind].history.order_by("history_id")
    assert [one.history_type for one in history] == ["+", "-"]


@pytest.mark.parametrize("kind", ["policy", "cue_sheet"])
def test_a_role_is_granted_one_or_every_document(
    petra: Actor, owner: User, now: datetime, kind: str
) -> None:
    act = {"actor": petra, "now": now, "holder": Role.POLICY_OWNER, "reason": "as agreed"}
    assert services.grant_document(**act, of=RETURNS[kind])
    assert keys(owner, kind) == ["returns"]
    assert BY_ROLE[kind].objects.get().group == Group.objects.get(name="policy_owner")
    assert services.grant_document(**act, of=Of(kind))
    assert keys(owner, kind) == ["claims", "returns"]


def test_a_person_is_granted_every_document_while_the_role_is_bound(
    petra: Actor, owner: User, now: datetime
) -> None:
    services.grant_document(
        actor=petra, now=now, holder=owner, of=Of("policy"), reason="looks after all"
    )
    assert keys(owner, "policy") == ["claims", "returns"]
    assert rules.may_on(authority_of(owner.as_actor()), Capability.POLICY_EDIT, "policy", "new")
    assert keys(make_person(roles=[Role.POLICY_OWNER]), "policy") == []
    assert KindUserGrant.objects.get().user == owner


def test_a_grant_without_the_role_carries_nothing(petra: Actor, now: datetime) -> None:
    person = make_person(roles=[Role.HUMAN_AGENT])
    of = RETURNS["policy"]
    services.grant_document(actor=petra, now=now, holder=person, of=of, reason="by mistake")
    assert keys(person, "policy") == []


def test_nobody_grants_a_document_to_themselves(
    administrator: User, owner: User, now: datetime
) -> None:
    hold_role(administrator, Role.POLICY_OWNER)
    before = LedgerEntry.objects.count()
    for holder in (administrator, Role.POLICY_OWNER):
        for of in (RETURNS["policy"], Of("policy")):
            with pytest.raises(NotPermittedError) as refused:
                services.grant_document(
                    actor=administrator.as_actor(), now=now, holder=holder, of=of, reason="mine"
                )
            assert refused.value.error_code == "access.own_authority"
    assert LedgerEntry.objects.count() == before
    assert keys(administrator, "policy") == keys(owner, "policy") == []


def test_what_is_not_there_or_not_said_is_refused(petra: Actor, owner: User, now: datetime) -> None:
    act = {"actor": petra, "now": now, "holder": owner}
    for of in (Of("policy", "nothing"), Of("article", "returns"), Of("article")):
        with pytest.raises(NotFoundError):
            services.grant_document(**act, of=of, reason="x")
    with pytest.raises(InvalidInputError):
        services.grant_document(**act, of=RETURNS["policy"], reason=" ")
    with pytest.raises(NotPermittedError):
        services.grant_document(
            actor=owner.as_actor(), now=now, holder=owner, of=RETURNS["policy"], reason="x"
        )
    assert not PolicyUserGrant.objects.exists()
