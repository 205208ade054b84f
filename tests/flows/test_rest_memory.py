"""When words were said, and what shows that a customer was verified, over REST."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from cases.memory.models import Message, Verification
from governance.ledger.models import LedgerEntry
from governance.ledger.selectors import payload_of
from orchestra.core import clock
from tests.flows.conftest import World
from tests.flows.helpers import agree, identify, open_case, propose_return, say
from tests.flows.test_bad_input import fields, problem, refusals


def entry_of(subject: str) -> tuple[LedgerEntry, dict[str, Any]]:
    entry = LedgerEntry.objects.get(subject_id=subject)
    return entry, dict(payload_of(entry=entry) or {})


class TestWhenItWasSaid:
    def test_the_ledger_keeps_both_times(self, retail: World) -> None:
        case = open_case(retail)
        answer = retail.api.post(
            f"cases/{case}/messages/",
            {"speaker": "customer", "text": "On the phone.", "at": "2026-01-05T10:00:00+01:00"},
        )
        assert answer.status_code == 201, answer.content
        assert answer.json()["at"] == "2026-01-05T09:00:00Z"
        entry, payload = entry_of(answer.json()["id"])
        assert payload["said_at"] == "2026-01-05T09:00:00.000000Z"
        assert clock.now() - entry.at < timedelta(minutes=5)

    def test_words_without_a_time_were_said_when_recorded(self, retail: World) -> None:
        entry, payload = entry_of(say(retail, open_case(retail), "ai", "Hello."))
        assert payload["said_at"] == clock.rfc3339(entry.at)

    def test_a_clock_a_little_ahead_dates_no_words_after_their_record(self, retail: World) -> None:
        ahead = clock.rfc3339(clock.now() + timedelta(seconds=20))
        answer = retail.api.post(
            f"cases/{open_case(retail)}/messages/", {"speaker": "ai", "text": "Hi", "at": ahead}
        )
        entry, payload = entry_of(answer.json()["id"])
        assert payload["said_at"] == clock.rfc3339(entry.at)

    @pytest.mark.parametrize(
        "at",
        [
            "2099-01-01T00:00:00Z",
            "yesterday",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "0001-01-01T00:00:00+23:59",
            7,
            None,
            [],
        ],
    )
    def test_a_time_that_is_none(self, retail: World, at: Any) -> None:
        case = open_case(retail)
        before, said = refusals(), Message.objects.count()
        answer = retail.api.post(
            f"cases/{case}/messages/", {"speaker": "customer", "text": "x", "at": at}
        )
        assert fields(problem(answer, 422, answer.json()["code"])) == {"at"}
        assert (refusals(), Message.objects.count()) == (before, said)

    def test_an_earlier_yes_agrees_to_nothing_said_later(self, retail: World) -> None:
        case = open_case(retail)
        identify(retail, case)
        listed, _ = agree(retail, case)
        early = retail.api.post(
            f"cases/{case}/messages/",
            {"speaker": "customer", "text": "Yes", "at": "2026-01-05T10:00:00Z"},
        ).json()["id"]
        call = propose_return(retail, case, evidence=[listed, early]).json()
        assert call["state"] == "denied"
        assert any("yes" in reason for reason in call["decision"]["reasons"])


class TestVerificationEvidence:
    def claim(self, world: World, case: str, evidence: Any) -> Any:
        return world.api.post(
            f"cases/{case}/verification/",
            {"level": "basic", "method": "order number", "evidence": evidence},
        )

    def test_it_is_kept_with_the_verification(self, retail: World) -> None:
        case = open_case(retail)
        said = say(retail, case, "customer", "My zip code is 19122.")
        photo = retail.api.post(
            f"cases/{case}/evidence/",
            {"kind": "photo", "title": "Receipt", "proves": "the order", "reference": "r-1"},
        ).json()["id"]
        answer = self.claim(retail, case, [said, photo, said.upper()])
        assert answer.status_code == 201, answer.content
        assert answer.json()["evidence"] == [said, photo]
        assert Verification.objects.get().evidence == [said, photo]
        _, payload = entry_of(answer.json()["id"])
        assert payload["evidence"] == [said, photo]

    def test_without_evidence(self, retail: World) -> None:
        answer = retail.api.post(
            f"cases/{open_case(retail)}/verification/", {"level": "basic", "method": "order number"}
        )
        assert answer.json()["evidence"] == []

    def test_what_is_not_of_this_case(self, retail: World) -> None:
        other = open_case(retail, "Where is my parcel?")
        foreign = say(retail, other, "customer", "Mine.")
        case = open_case(retail)
        own = say(retail, case, "customer", "My zip code is 19122.")
        before, entries = refusals(), LedgerEntry.objects.count()
        answer = self.claim(retail, case, [own, foreign, str(uuid.uuid4()), "x" * 36])
        found = fields(problem(answer, 422, "invalid_input"))
        assert found == {"evidence[1]", "evidence[2]", "evidence[3]"}
        assert Verification.objects.count() == 0
        assert (refusals(), LedgerEntry.objects.count()) == (before, entries)

    def test_too_much_of_it(self, retail: World) -> None:
        answer = self.claim(retail, open_case(retail), ["x"] * 51)
        assert fields(problem(answer, 422, "invalid_input")) == {"evidence"}


def test_a_step_is_not_shown_by_what_is_no_id(retail: World) -> None:
    case = open_case(retail)
    identify(retail, case)
    [journey] = retail.api.get(f"cases/{case}/steps/").json()["journeys"]
    step = next(
        one["id"] for one in journey["steps"] if one["state"] == "ready" and not one["tools"]
    )
    answer = retail.api.post(f"cases/{case}/steps/{step}/complete/", {"evidence": ["x" * 36]})
    assert fields(problem(answer, 422, "invalid_input")) == {"evidence[0]"}
    named = "x" * 8 + "-xxxx-xxxx-xxxx-" + "x" * 12
    problem(retail.api.post(f"cases/{case}/steps/{named}/complete/"), 404, "not_found.step")
