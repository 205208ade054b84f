"""A case that asks for a skill goes to who has it, and says plainly when nobody has."""

import pytest

from cases.handoff import selectors
from cases.handoff.models import Handoff
from cases.handoff.skilled import skilled_among, unmet_of
from cases.handoff.telling import tell_queue
from cases.journeys import services
from cases.journeys.models import CueSheetVersion
from cases.memory.models import Case
from governance.access.models import Queue
from governance.access.selectors import authority_of
from governance.notifications.types import Happened
from governance.skills.models import Skill
from governance.skills.services import give_skill
from governance.skills.types import SkillKind
from orchestra.core.errors import InvalidInputError, NotPermittedError
from tests.cases.journeys.conftest import case, centre, journal
from tests.factories.retail import Centre
from tests.factories.skills import make_skill

__all__ = ["case", "centre", "journal"]


def offer(centre: Centre, case: Case, **changes: object) -> Handoff:
    given = {"reason_code": "customer_request", "queue_key": "care", **changes}
    services.offer_handoff(
        actor=centre.agent,
        now=centre.clock(),
        case=case,
        offer=services.HandoffOffer(**given),
    )
    return Handoff.objects.get(case=case)


def accept(centre: Centre, found: Handoff, name: str) -> None:
    services.accept_handoff(
        actor=centre.people[name].as_actor(), now=centre.clock(), handoff_id=found.public_id
    )


def told(centre: Centre, found: Handoff) -> set[str]:
    happened = Happened(
        index=0,
        event_id="event",
        kind="handoff.offered",
        at=centre.clock(),
        actor_id="journey",
        stream="",
        subject_kind="handoff",
        subject_id=str(found.public_id),
    )
    telling = tell_queue(happened, centre.clock())
    assert telling is not None
    by_id = {str(user.public_id): name for name, user in centre.people.items()}
    return {by_id[one.person_id] for one in telling.people}


def waiting(centre: Centre, name: str) -> int:
    authority = authority_of(centre.people[name].as_actor())
    return selectors.list_waiting(authority=authority).count()


def test_only_who_has_it_is_asked_and_may_take_it(centre: Centre, case: Case) -> None:
    skill = make_skill("spanish", queue=Queue.objects.get(key="care"))
    found = offer(centre, case)
    assert list(found.skills.all()) == [skill]
    assert unmet_of(handoff=found) == ["Spanish"]
    # Nobody has it: that is told to supervisors, who may stand in.
    assert told(centre, found) == {"maren", "dario"}
    assert waiting(centre, "lena") == 0
    assert waiting(centre, "maren") == 1
    with pytest.raises(NotPermittedError) as caught:
        accept(centre, found, "lena")
    assert caught.value.error_code == "not_permitted.skill"
    found.refresh_from_db()
    assert found.state == "offered"

    make_skill("french", centre.people["lena"])
    give(centre, skill, "lena")
    assert unmet_of(handoff=found) == []
    assert told(centre, found) == {"lena"}
    assert waiting(centre, "lena") == 1
    lena = str(centre.people["lena"].public_id)
    assert skilled_among(handoff=found, people=[lena, str(centre.people["maren"].public_id)]) == {
        lena
    }
    accept(centre, found, "lena")


def give(centre: Centre, skill: Skill, name: str) -> None:
    give_skill(
        actor=centre.people["petra"].as_actor(),
        now=centre.clock(),
        user=centre.people[name],
        skill=skill,
        reason="Noted.",
    )


def test_a_supervisor_stands_in(centre: Centre, case: Case) -> None:
    make_skill("spanish", queue=Queue.objects.get(key="care"))
    found = offer(centre, case)
    accept(centre, found, "maren")
    found.refresh_from_db()
    assert found.state == "accepted"


def test_the_cue_sheet_the_sender_and_the_risk_ask(centre: Centre) -> None:
    make_skill("phones", kind=SkillKind.PRODUCT)
    make_skill("french")
    present = CueSheetVersion.objects.get(cue_sheet__key="cancel_order", state="published")
    services.publish_cue_sheet(
        actor=centre.people["petra"].as_actor(),
        now=centre.clock(),
        document={**present.document, "skills": ["phones"]},
    )
    found = offer(centre, centre.open().case, skills=("french",))
    assert {skill.key for skill in found.skills.all()} == {"phones", "french"}


def test_a_risk_asks_for_its_level(centre: Centre, case: Case) -> None:
    make_skill("senior", kind=SkillKind.LEVEL, from_risk="low")
    centre.identify(case)
    centre.propose(case, "transfer_to_human_agents", {"summary": "The customer asks for it."})
    centre.work()
    found = Handoff.objects.get(case=case)
    assert [skill.key for skill in found.skills.all()] == ["senior"]


def test_a_skill_that_is_on_no_list_is_refused(centre: Centre, case: Case) -> None:
    with pytest.raises(InvalidInputError) as caught:
        offer(centre, case, skills=("zulu",))
    assert [error.field for error in caught.value.errors] == ["to.skills"]
    assert not Handoff.objects.exists()
    present = CueSheetVersion.objects.get(cue_sheet__key="cancel_order", state="published")
    errors = services.find_errors({**present.document, "skills": ["zulu"]})
    assert [(error.field, error.code) for error in errors] == [("skills[0]", "unknown_skill")]


def test_one_person_asked_for_has_what_is_needed(centre: Centre, case: Case) -> None:
    make_skill("spanish", queue=Queue.objects.get(key="care"))
    with pytest.raises(InvalidInputError) as caught:
        offer(centre, case, person_id=str(centre.people["lena"].public_id))
    assert [(error.field, error.code) for error in caught.value.errors] == [
        ("to.person", "unskilled")
    ]


def test_without_skills_nothing_is_asked(centre: Centre, case: Case) -> None:
    found = offer(centre, case)
    assert unmet_of(handoff=found) == []
    assert told(centre, found) == {"lena", "maren", "dario"}
    accept(centre, found, "lena")
