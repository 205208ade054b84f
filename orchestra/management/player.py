"""Plays a recorded task as an AI agent: opens the case, proposes each recorded call.

The player is a client of the public API and knows nothing else of the product. Votes are
cast by whoever it is given; in the demonstration that is partly the person at the screen.
"""

import json
import re
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cases.tools.adapters.retail.dataset import GoldStep, Task
from orchestra.management.client import CallFailedError, OrchestraClient

Json = Any
TERMINAL = frozenset(
    [
        "succeeded",
        "failed",
        "denied",
        "rejected",
        "expired",
        "voided",
        "handed_off",
        "cancelled",
        "compensated",
    ]
)
WRITES_TO_CUE_SHEETS = {
    "cancel_pending_order": "cancel_order",
    "modify_pending_order_items": "modify_order",
    "modify_pending_order_payment": "change_payment",
    "modify_pending_order_address": "change_address",
    "modify_user_address": "change_address",
    "return_delivered_order_items": "return_items",
    "exchange_delivered_order_items": "exchange_items",
    "transfer_to_human_agents": "transfer_to_human",
}
IDENTIFIES = ("find_user_id_by_email", "find_user_id_by_name_zip")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+\w")
_ZIP = re.compile(r"\b\d{5}\b")
_NAME = re.compile(r"(?:name is|You are)\s+([A-Z][a-z]+)\s+([A-Z][a-z]+)")

Ask = Callable[[Mapping[str, Json]], None]
Settle = Callable[[str], None]


@dataclass(slots=True)
class Played:
    """What became of one task.

    Attributes:
        differences: What is not as recorded; empty when all is.
        notes: What is as recorded in effect and worth naming, such as a policy denial
            where the recorded system refused.
    """

    task: str
    case: str = ""
    label: str = ""
    calls: int = 0
    writes: int = 0
    approvals: int = 0
    refusals: int = 0
    seconds: float = 0.0
    state_hash: str = ""
    differences: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def customers_words(task: Task) -> str:
    """Return the customer's first words, said in the first person."""
    text = task.reason_for_call.strip().lstrip(".")
    for second, first in (
        (r"\bYou are\b", "I am"), (r"\byou are\b", "I am"), (r"\bYou're\b", "I'm"),
        (r"\byou're\b", "I'm"), (r"\bYou'd\b", "I'd"), (r"\byou'd\b", "I'd"),
        (r"\bYour\b", "My"), (r"\byour\b", "my"), (r"\bYou\b", "I"), (r"\byou\b", "I"),
        (r"\bto I\b", "to me"),
    ):  # fmt: skip
        text = re.sub(second, first, text)
    return text


def identification(task: Task, database: Mapping[str, Json]) -> tuple[str, dict[str, str]] | None:
    """Return the call that identifies the customer, where the recording has none.

    From what the customer knows; otherwise from the owner of the first order or profile
    that the recorded calls name.
    """
    known = task.known_info or ""
    email = _EMAIL.search(known)
    name, zip_code = _NAME.search(known), _ZIP.search(known)
    if email:
        return "find_user_id_by_email", {"email": email[0].rstrip(".")}
    if name and zip_code:
        return "find_user_id_by_name_zip", {
            "first_name": name[1], "last_name": name[2], "zip": zip_code[0],
        }  # fmt: skip
    owner = owner_of(task, database)
    if owner is None:
        return None
    return "find_user_id_by_email", {"email": database["users"][owner]["email"]}


def owner_of(task: Task, database: Mapping[str, Json]) -> str | None:
    """Return the user id of the customer whose orders the recorded calls touch."""
    for step in task.steps:
        order = database["orders"].get(step.arguments.get("order_id", ""))
        user = order["user_id"] if order else step.arguments.get("user_id")
        if user in database["users"]:
            return str(user)
    known = task.known_info or ""
    for user_id, user in database["users"].items():
        if user_id in known or user["email"] in known:
            return str(user_id)
    return None


@dataclass(slots=True)
class TaskPlayer:
    """Plays one task, one call after another.

    Attributes:
        ask: Called once with a tool call that waits for votes.
        wait: Seconds that one look at a waiting call may hold; 0 to look and move on.
        longest: Seconds after which a call that has not settled is given up.
        stops_at_refusal: Whether a person's or a policy's no ends the task, as it would with
            a real customer; the recorded runs go on.
        settle: Called with the id of a case whose need a person has to say.
    """

    client: OrchestraClient
    task: Task
    database: Mapping[str, Json]
    external_ref: str
    ask: Ask
    wait: float = 20.0
    longest: float = 120.0
    stops_at_refusal: bool = False
    settle: Settle | None = None
    played: Played = field(init=False)

    def __post_init__(self) -> None:
        self.played = Played(task=self.task.id)

    def play(self) -> Played:
        """Play the whole task and return what became of it."""
        started = time.monotonic()
        for _ in self.moves():
            pass
        self.played.seconds = time.monotonic() - started
        return self.played

    def moves(self) -> Iterator[str]:
        """Play the task move by move, so that a caller may set the pace."""
        case = self.client.open_case(
            text=customers_words(self.task), external_ref=self.external_ref
        )
        self.played.case, self.played.label = case["id"], case["name"]
        self._tell_of_the_ai()
        self._make_sure(case)
        yield "opened"
        first = self.task.steps[0].name if self.task.steps else ""
        if first not in IDENTIFIES and not any(s.name in IDENTIFIES for s in self.task.steps):
            yield from self._identify()
        for step in self.task.steps:
            yield from self._step(step)
            if self.stops_at_refusal and self.played.differences:
                break
        self._farewell()
        yield "finished"

    def _make_sure(self, case: Mapping[str, Json]) -> None:
        """Have the need confirmed by the customer, or where it is not clear by a person."""
        if case["intent_hold"] == "person" and self.settle is not None:
            self.settle(self.played.case)
        else:
            self.client.confirm_need(case)

    def _tell_of_the_ai(self) -> None:
        """Say the reviewed text that an AI speaks, where there is one, before anything else."""
        for one in self.client.get(f"cases/{self.played.case}/disclosures/")["texts"][:1]:
            self.client.say(self.played.case, "ai", one["text"])

    def _identify(self) -> Iterator[str]:
        found = identification(self.task, self.database)
        if found is None:
            self.played.notes.append("nobody to identify")
            return
        self._introduce(found[1])
        call = self.client.propose(self.played.case, found[0], found[1])
        call = yield from self._settled(call)
        if call["refused"]:
            owner = owner_of(self.task, self.database)
            if owner is not None:
                email = {"email": self.database["users"][owner]["email"]}
                self.client.propose(self.played.case, "find_user_id_by_email", email)
        yield "identified"

    def _introduce(self, arguments: Mapping[str, str]) -> None:
        self.client.say(
            self.played.case, "customer", f"You can find me by {', '.join(arguments.values())}."
        )

    def _step(self, step: GoldStep) -> Iterator[str]:
        self.played.calls += 1
        writes = step.name in WRITES_TO_CUE_SHEETS
        more: dict[str, Json] = {}
        if step.name in IDENTIFIES:
            self._introduce(step.arguments)
        if writes:
            self.played.writes += 1
            self._make_ready(step.name)
            more = self._confirmation(step)
            yield "confirmed"
        call = self.client.propose(self.played.case, step.name, step.arguments, **more)
        if call["state"] == "awaiting_approval":
            self.played.approvals += 1
            self.ask(call)
        call = yield from self._settled(call)
        self._compare(step, call)
        yield "called"

    def _make_ready(self, tool: str) -> None:
        steps = self.client.steps(self.played.case)
        if not any(step["state"] == "ready" and tool in step["tools"] for step in steps):
            self.client.post(
                f"cases/{self.played.case}/journeys/", {"cue_sheet": WRITES_TO_CUE_SHEETS[tool]}
            )
        for step in self.client.steps(self.played.case):
            if step["state"] == "ready" and step["key"] == "agree":
                self._complete(step)

    def _complete(self, step: Mapping[str, Json]) -> None:
        self.client.post(f"cases/{self.played.case}/steps/{step['id']}/complete/", {})

    def _confirmation(self, step: GoldStep) -> dict[str, Json]:
        if step.name == "transfer_to_human_agents":
            return {"rationale": "The customer's wish is beyond what I may do."}
        details = ", ".join(
            f"{name.replace('_', ' ')} {', '.join(value) if isinstance(value, list) else value}"
            for name, value in step.arguments.items()
        )
        listed = self.client.say(
            self.played.case,
            "ai",
            f"I would {step.name.replace('_', ' ')}: {details}. Shall I go ahead?",
        )
        yes = self.client.say(self.played.case, "customer", "Yes, please go ahead.")
        return {
            "evidence": [listed, yes],
            "rationale": "The customer asked for it and said yes to the listed details.",
            "customer_paragraph": "Done as you asked; you will get an e-mail that says so.",
        }

    def _settled(self, call: dict[str, Json]) -> Generator[str, None, dict[str, Json]]:
        ends = time.monotonic() + self.longest
        while call["state"] not in TERMINAL and time.monotonic() < ends:
            yield "waiting"
            call = self.client.call(str(call["id"]), wait=self.wait)
        return call

    def _compare(self, step: GoldStep, call: Mapping[str, Json]) -> None:
        name, state = step.name, call["state"]
        if step.ok and state == "succeeded":
            if not same_result(step.result, call["result"]):
                self.played.differences.append(f"{name}: another result than recorded")
        elif not step.ok and state == "failed" and call["refused"]:
            self.played.refusals += 1
            if call["state_reason"] != step.refusal:
                self.played.notes.append(f"{name}: refused with {call['state_reason']!r}")
        elif not step.ok and state == "denied":
            self.played.refusals += 1
            reason = "; ".join(call["decision"]["reasons"])
            self.played.notes.append(
                f"{name}: denied by policy ({reason}); recorded refusal: {step.refusal}"
            )
        else:
            self.played.differences.append(
                f"{name}: {state} ({call['state_reason']}), recorded "
                f"{'success' if step.ok else 'refusal'}"
            )

    def _farewell(self) -> None:
        words = (
            "I could not do that; a colleague's decision stands. Is there anything else?"
            if self.stops_at_refusal and self.played.differences
            else "That is everything done. Is there anything else?"
        )
        try:
            told = self.client.say(self.played.case, "ai", words)
            self._end_steps(told)
        except CallFailedError as error:
            self.played.notes.append(str(error))

    def _end_steps(self, told: str) -> None:
        """Finish what tells the customer and what closes a journey, as far as it is ready."""
        for key in ("tell", "close"):
            for step in self.client.steps(self.played.case):
                if step["state"] == "ready" and step["key"] == key and step["owner"] == "ai":
                    self.client.post(
                        f"cases/{self.played.case}/steps/{step['id']}/complete/",
                        {"evidence": [told]},
                    )


def same_result(recorded: str, value: Json) -> bool:
    """Whether an answer equals the recorded text: as plain text, or as JSON."""
    if recorded == value:
        return True
    try:
        return bool(json.loads(recorded) == value)
    except ValueError:
        return False
