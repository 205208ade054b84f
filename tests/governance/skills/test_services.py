"""Skills are listed, noted of people and asked for by queues, each with a reason in the ledger."""

import pytest

from governance.access.models import User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.skills import selectors, services
from governance.skills.models import QueueSkill, SkillHolding
from governance.skills.types import NewSkill, SkillKind
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from tests.factories.access import MADE_AT, make_person, make_queue
from tests.factories.skills import make_skill

pytestmark = pytest.mark.django_db
NEW = NewSkill(key="spanish", title="Spanish", kind=SkillKind.LANGUAGE)


@pytest.fixture
def oda() -> User:
    return make_person("oda", roles=[Role.ADMINISTRATOR])


@pytest.fixture
def lena() -> User:
    return make_person("lena", roles=[Role.HUMAN_AGENT])


def kinds() -> list[str]:
    rows = LedgerEntry.objects.filter(kind__startswith="skill.").order_by("id")
    return list(rows.values_list("kind", flat=True))


def test_a_person_is_noted_for_a_skill_once_and_no_longer(oda: User, lena: User) -> None:
    actor = oda.as_actor()
    said = {"actor": actor, "now": MADE_AT, "reason": "Speaks it at home."}
    skill = services.list_skill(actor=actor, now=MADE_AT, new=NEW, reason="Many ask.")
    assert services.give_skill(user=lena, skill=skill, **said)
    assert not services.give_skill(user=lena, skill=skill, **said)
    assert selectors.keys_of(person_id=str(lena.public_id)) == {"spanish"}
    [held] = selectors.skills_of(user=lena)
    assert (held.reason, held.given_by_id) == ("Speaks it at home.", actor.id)
    assert services.take_skill(user=lena, skill=skill, **said)
    assert not services.take_skill(user=lena, skill=skill, **said)
    assert selectors.keys_of(person_id=str(lena.public_id)) == frozenset()
    assert kinds() == ["skill.listed", "skill.given", "skill.taken"]


def test_a_queue_asks_for_a_skill_and_no_longer(oda: User) -> None:
    skill, queue = make_skill(), make_queue("care")
    said = {"actor": oda.as_actor(), "now": MADE_AT, "reason": "All write in Spanish."}
    assert services.ask_for_skill(queue=queue, skill=skill, **said)
    assert not services.ask_for_skill(queue=queue, skill=skill, **said)
    assert selectors.skills_needed(queue=queue) == [skill]
    assert services.stop_asking(queue=queue, skill=skill, **said)
    assert selectors.skills_needed(queue=queue) == []
    assert kinds()[1:] == ["skill.asked", "skill.not_asked"]


def test_a_skill_off_the_list_counts_for_nothing(oda: User, lena: User) -> None:
    queue = make_queue("care")
    skill = make_skill("spanish", lena, queue=queue)
    said = {"actor": oda.as_actor(), "now": MADE_AT, "reason": "We sold the shop there."}
    services.retire_skill(skill=skill, **said)
    assert selectors.keys_of(person_id=str(lena.public_id)) == frozenset()
    assert selectors.skills_needed(queue=queue, named={"spanish"}) == []
    with pytest.raises(ConflictError):
        services.retire_skill(skill=skill, **said)
    with pytest.raises(ConflictError):
        services.give_skill(user=lena, skill=skill, **said)
    with pytest.raises(InvalidInputError):
        selectors.get_skill(key="spanish")


def test_only_who_manages_access_and_never_for_oneself(oda: User, lena: User) -> None:
    skill, queue = make_skill(), make_queue("care")
    before = LedgerEntry.objects.count()
    said = {"now": MADE_AT, "reason": "Me too."}
    with pytest.raises(NotPermittedError):
        services.give_skill(actor=oda.as_actor(), user=oda, skill=skill, **said)
    refused = {"actor": lena.as_actor(), **said}
    with pytest.raises(NotPermittedError):
        services.list_skill(new=NEW, **refused)
    for act, more in (
        (services.give_skill, {"user": oda}),
        (services.take_skill, {"user": oda}),
        (services.ask_for_skill, {"queue": queue}),
        (services.stop_asking, {"queue": queue}),
        (services.retire_skill, {}),
    ):
        with pytest.raises(NotPermittedError):
            act(skill=skill, **more, **refused)
    assert LedgerEntry.objects.count() == before
    assert not SkillHolding.objects.exists()
    assert not QueueSkill.objects.exists()


def test_without_a_reason_nothing_is_changed(oda: User, lena: User) -> None:
    skill = make_skill()
    with pytest.raises(InvalidInputError) as caught:
        services.give_skill(actor=oda.as_actor(), now=MADE_AT, user=lena, skill=skill, reason=" ")
    assert [error.field for error in caught.value.errors] == ["reason"]
    assert not SkillHolding.objects.exists()
