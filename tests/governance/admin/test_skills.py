"""Skills as a page: the list, who has what, and what may be changed by whom."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.access.types import Role
from governance.skills.models import QueueSkill, Skill, SkillHolding
from tests.factories.access import make_person, make_queue
from tests.factories.skills import make_skill
from tests.governance.admin.test_changes import sign_in

pytestmark = pytest.mark.django_db
PAGE = "/admin/skills/"


def post(client: Client, act: str, **typed: str) -> tuple[int, str]:
    answer = client.post(f"{PAGE}{act}/", {"reason": "Asked for.", **typed}, follow=True)
    return answer.status_code, " ".join(answer.content.decode().split())


def test_an_administrator_keeps_the_list_and_notes_who_has_what() -> None:
    client = sign_in(make_person("oda", roles=[Role.ADMINISTRATOR]))
    lena = make_person("lena", roles=[Role.HUMAN_AGENT], first_name="Lena")
    make_queue("care", title="Care")
    assert "No skill is on the list." in client.get(PAGE).content.decode()
    status, text = post(client, "list", key="spanish", title="Spanish", kind="language")
    assert status == 200
    assert "Nobody has it." in text
    person = str(lena.public_id)
    _, text = post(client, "give", skill="spanish", person=person)
    assert "Nobody has it." not in text
    assert SkillHolding.objects.get().user == lena
    _, text = post(client, "give", skill="spanish", person=person)
    assert "it stood so already" in text
    _, text = post(client, "ask", skill="spanish", queue="care")
    assert "Asked for by Care." in text
    post(client, "drop", skill="spanish", queue="care")
    post(client, "take", skill="spanish", person=person)
    assert not QueueSkill.objects.exists()
    assert not SkillHolding.objects.exists()
    post(client, "retire", skill="spanish")
    assert "No skill is on the list." in client.get(PAGE).content.decode()


def test_what_is_wrong_keeps_what_was_typed() -> None:
    client = sign_in(make_person("oda", roles=[Role.ADMINISTRATOR]))
    status, text = post(client, "list", key="NOT ONE", title="Spanish", kind="language")
    assert status == 422
    assert 'value="NOT ONE"' in text
    assert not Skill.objects.exists()
    for typed in ({"skill": "none"}, {"skill": "", "person": "x"}):
        assert post(client, "give", **typed)[0] == 422
    assert client.post(f"{PAGE}sell/").status_code == 404


def test_a_supervisor_reads_it_and_changes_nothing() -> None:
    make_skill()
    client = sign_in(make_person("maren", roles=[Role.SUPERVISOR]))
    text = client.get(PAGE).content.decode()
    assert "Spanish" in text
    assert "<form" not in text.split('id="skill-spanish"')[1].split("</section>")[0]
    assert client.post(f"{PAGE}retire/", {"skill": "spanish", "reason": "x"}).status_code == 404
    assert Skill.objects.get().retired_at is None


def test_the_number_of_queries_does_not_grow_with_the_list() -> None:
    client = sign_in(make_person("maren", roles=[Role.SUPERVISOR]))
    lena = make_person("lena", roles=[Role.HUMAN_AGENT])
    make_skill("spanish", lena, queue=make_queue("care"))
    client.get(PAGE)
    counts = []
    for key in ("french", "basque"):
        with CaptureQueriesContext(connection) as seen:
            client.get(PAGE)
        counts.append(len(seen))
        make_skill(key, lena, queue=make_queue(key))
    assert counts[0] == counts[1]
