"""What whoever takes a case needs comes from its queue, its risk and what is named."""

import pytest

from governance.access.types import Role
from governance.skills import selectors
from governance.skills.types import SkillKind
from tests.factories.access import make_person, make_queue
from tests.factories.skills import make_skill

pytestmark = pytest.mark.django_db


def test_what_is_needed_comes_from_queue_risk_and_name() -> None:
    care, other = make_queue("care"), make_queue("other")
    make_skill("spanish", queue=care)
    make_skill("senior", kind=SkillKind.LEVEL, from_risk="high")
    make_skill("phones", kind=SkillKind.PRODUCT)

    def needed(**asked: object) -> set[str]:
        return {skill.key for skill in selectors.skills_needed(**asked)}

    assert needed(queue=other) == set()
    assert needed(queue=care) == {"spanish"}
    assert needed(queue=other, risk="medium") == set()
    assert needed(queue=care, risk="critical", named={"phones", "unknown"}) == {
        "spanish",
        "senior",
        "phones",
    }


def test_names_that_stand_on_no_list_are_told_in_their_order() -> None:
    make_skill()
    assert selectors.unknown_skills(["zulu", "spanish", "basque", "zulu"]) == ("zulu", "basque")
    assert selectors.unknown_skills([]) == ()


def test_everybody_asked_for_is_answered() -> None:
    lena = make_person("lena", roles=[Role.HUMAN_AGENT])
    dario = make_person("dario", roles=[Role.SUPERVISOR])
    make_skill("spanish", lena)
    ids = [str(lena.public_id), str(dario.public_id)]
    assert selectors.keys_by_person(person_ids=ids) == {ids[0]: {"spanish"}, ids[1]: set()}
