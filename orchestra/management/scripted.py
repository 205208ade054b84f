"""Plays scripted customers: an AI agent over REST, and people through the services.

A script is data: the customer's first words and the moves that follow, each with who makes
it. What the AI agent does goes through the public API as an agent's developer would call it;
what a person does goes through the services that the pages call.
"""

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from cases.assist import selectors as assist
from cases.assist import services as assisting
from cases.assist.types import SuggestionState
from cases.handoff.models import Handoff
from cases.journeys import services as journeys
from cases.memory.models import Case
from cases.memory.types import Speaker
from governance.access.models import User
from orchestra.core import clock
from orchestra.management.client import OrchestraClient
from orchestra.management.player import TERMINAL
from orchestra.management.votes import approve_as

Json = Any
FOLDER: Final = Path(__file__).with_name("customers")
AI, CUSTOMER = "ai", "customer"
#: The states in which a call waits for people instead of a worker.
_WITH_PEOPLE = frozenset({"awaiting_approval", "awaiting_verification"})


@dataclass(frozen=True, slots=True)
class Script:
    """One scripted customer.

    Attributes:
        key: The cue sheet that is played.
        moves: Each with ``who`` (``customer``, ``ai`` or a login) and one act; the acts are
            the methods of ``ScriptPlayer`` whose names begin with ``_do_``.
        ends: State of every proposed call, in order.
    """

    key: str
    channel: str
    words: str
    moves: tuple[Mapping[str, Json], ...]
    ends: tuple[str, ...]


@lru_cache(maxsize=1)
def load_scripts() -> tuple[Script, ...]:
    """Return the scripts that ship, in the order of their names."""
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        document = yaml.safe_load(path.read_text("utf-8"))
        document["moves"] = tuple(document["moves"])
        document["ends"] = tuple(document["ends"])
        found.append(Script(key=path.stem, **document))
    return tuple(found)


@dataclass(slots=True)
class ScriptPlayer:
    """Plays one script, one move after another.

    Attributes:
        people: The demonstration's logins.
        wait: Seconds that one look at a waiting call may hold; 0 to look and move on.
        longest: Seconds after which what does not come is given up.
        case: Public id of the case, once it is open.
        ended: Tool and state of each proposed call, as it was left.
        differences: What is not as scripted; empty when all is.
    """

    client: OrchestraClient
    script: Script
    people: Mapping[str, User]
    external_ref: str
    wait: float = 0.0
    longest: float = 120.0
    case: str = ""
    ended: list[tuple[str, str]] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    _call: dict[str, Json] = field(default_factory=dict)
    _known: dict[str, Json] = field(default_factory=dict)
    _said: list[str] = field(default_factory=list)

    def play(self) -> "ScriptPlayer":
        """Play the whole script."""
        for _ in self.moves():
            pass
        return self

    def moves(self) -> Iterator[str]:
        """Play move by move, so that a caller may set the pace; ``waiting`` asks for patience."""
        opened = self.client.post(
            "cases/",
            {
                "channel": self.script.channel,
                "text": self.script.words,
                "external_ref": self.external_ref,
            },
        )
        self.case = str(opened["id"])
        for text in self.client.get(f"cases/{self.case}/disclosures/")["texts"][:1]:
            self.client.say(self.case, AI, text["text"])
        self.client.confirm_need(opened)
        yield "opened"
        for move in self.script.moves:
            yield from self._make(move)
            yield "moved"
        self._compare()
        yield "finished"

    def _make(self, move: Mapping[str, Json]) -> Iterator[str]:
        who = str(move["who"])
        if "says" in move:
            self._say(who, move["says"])
        for act in _ACTS:
            if act in move:
                yield from _ACTS[act](self, who, move)

    def _say(self, who: str, text: str) -> None:
        if who in {AI, CUSTOMER}:
            said = self.client.say(self.case, who, text)
        else:
            message = journeys.add_message(
                **self._person(who), case=self._row(), speaker=Speaker.HUMAN, text=text
            )
            said = str(message.public_id)
        self._said.append(said)

    def _do_propose(self, who: str, move: Mapping[str, Json]) -> Iterator[str]:
        arguments = {name: self._filled(value) for name, value in move["arguments"].items()}
        cited = self._said[-2:] if move.get("agreed") else []
        because = move.get("because", "")
        if who == AI:
            self._call = self.client.propose(
                self.case, move["proposes"], arguments, evidence=cited, rationale=because
            )
        else:
            request = journeys.ProposalRequest(
                tool=move["proposes"],
                arguments=arguments,
                evidence=tuple(cited),
                rationale=because,
            )
            actor = self.people[who].as_actor()
            made = journeys.propose_tool_call(actor=actor, case=self._row(), request=request)
            self._call = self.client.call(str(made.public_id))
        yield from self._settle()

    def _do_vote(self, who: str, move: Mapping[str, Json]) -> Iterator[str]:
        del move
        self.ended.pop()
        approve_as(self.people[who], self._call)
        self._call = self.client.call(str(self._call["id"]))
        yield from self._settle()

    def _settle(self) -> Generator[str, None, None]:
        """Wait for a worker, not for people, and remember what the answer told."""
        ends = time.monotonic() + self.longest
        while self._call["state"] not in TERMINAL | _WITH_PEOPLE and time.monotonic() < ends:
            yield "waiting"
            self._call = self.client.call(str(self._call["id"]), wait=self.wait)
        result = self._call.get("result")
        if isinstance(result, Mapping):
            self._known.update(result)
        self.ended.append((str(self._call["tool"]), str(self._call["state"])))

    def _do_complete(self, who: str, move: Mapping[str, Json]) -> Iterator[str]:
        evidence = self._said[-1:] if "says" in move else []
        note = str(move.get("note", ""))
        if who == AI:
            step = next(
                step
                for step in self.client.steps(self.case)
                if step["key"] == move["completes"] and step["journey"] == self.script.key
            )
            self.client.post(
                f"cases/{self.case}/steps/{step['id']}/complete/",
                {"evidence": evidence, "note": note},
            )
        else:
            journeys.complete_step(
                **self._person(who),
                case=self._row(),
                step=move["completes"],
                evidence=evidence,
                note=note,
            )
        yield from ()

    def _do_take_over(self, who: str, move: Mapping[str, Json]) -> Iterator[str]:
        del move
        offered = Handoff.objects.filter(case=self._row()).latest("pk")
        journeys.accept_handoff(**self._person(who), handoff_id=offered.public_id)
        yield from ()

    def _do_finish(self, who: str, move: Mapping[str, Json]) -> Iterator[str]:
        del move
        taken = Handoff.objects.filter(case=self._row()).latest("pk")
        journeys.complete_handoff(**self._person(who), handoff_id=taken.public_id)
        yield from ()

    def _do_look_up(self, who: str, move: Mapping[str, Json]) -> Iterator[str]:
        del who
        best = self.client.get("knowledge/", q=move["looks_up"])["results"][0]
        self.client.get(f"knowledge/{best['key']}/", case=self.case)
        self._known["article"] = best["title"]
        yield from ()

    def _do_use(self, who: str, move: Mapping[str, Json]) -> Iterator[str]:
        """Use the best suggestion of a kind to the last words, once live assist has made it."""
        ends = time.monotonic() + self.longest
        rows = assist.list_suggestions(case=self._row()).filter(
            kind=move["uses"], state=SuggestionState.OFFERED
        )
        while not rows.exists() and time.monotonic() < ends:
            yield "waiting"
        found = rows.first()
        if found is None:
            self.differences.append(f"live assist suggested no {move['uses']}")
            return
        assisting.react(
            **self._person(who), case=self._row(), suggestion_id=found.public_id, useful=True
        )

    def _do_resolve(self, who: str, move: Mapping[str, Json]) -> Iterator[str]:
        if who == AI:
            body = {"outcome": move["resolves"], "confirmed": True}
            self.client.post(f"cases/{self.case}/resolve/", body)
        else:
            journeys.resolve(
                **self._person(who), case=self._row(), outcome=move["resolves"], confirmed=True
            )
        yield from ()

    def _filled(self, value: str) -> Json:
        """Return a value, or for ``$name`` what an earlier answer gave under the name."""
        return self._known[value[1:]] if value.startswith("$") else value

    def _person(self, login: str) -> dict[str, Any]:
        return {"actor": self.people[login].as_actor(), "now": clock.now()}

    def _row(self) -> Case:
        return Case.objects.get(public_id=self.case)

    def _compare(self) -> None:
        found = tuple(state for _, state in self.ended)
        if found != self.script.ends:
            said = ", ".join(f"{tool} {state}" for tool, state in self.ended)
            self.differences.append(f"calls ended otherwise than scripted: {said}")


_Act = Callable[[ScriptPlayer, str, Mapping[str, Json]], Iterator[str]]
#: What a move may do besides speaking, in the order in which one move does several.
_ACTS: Final[Mapping[str, _Act]] = {
    "looks_up": ScriptPlayer._do_look_up,  # noqa: SLF001  its own methods
    "uses": ScriptPlayer._do_use,  # noqa: SLF001
    "proposes": ScriptPlayer._do_propose,  # noqa: SLF001
    "votes": ScriptPlayer._do_vote,  # noqa: SLF001
    "takes_over": ScriptPlayer._do_take_over,  # noqa: SLF001
    "completes": ScriptPlayer._do_complete,  # noqa: SLF001
    "finishes": ScriptPlayer._do_finish,  # noqa: SLF001
    "resolves": ScriptPlayer._do_resolve,  # noqa: SLF001
}
