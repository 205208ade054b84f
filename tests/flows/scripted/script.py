"""What a scripted model does: the next call from the answers so far, and no network beyond.

These files run in the environment of the examples, which has nothing of Orchestra in it.
"""

import json
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
WORDS = "I want to return the vacuum cleaner, the headphones and the smart watch I received."
RETURN = {
    "order_id": "#W2378156",
    "item_ids": ["4602305039", "4202497723", "9408160950"],
    "payment_method_id": "credit_card_9513926",
}
CUSTOMER = {"first_name": "Yusuf", "last_name": "Rossi", "zip": "19122"}
SURE = {"confidence": 0.99, "margin": 0.9}
Answers = list[dict[str, Any]]
Move = tuple[str, dict[str, Any]]
Plan = Callable[[Answers], Move | str]


def only_loopback() -> None:
    """Refuse every connection that leaves the machine, and let the examples be imported."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise RuntimeError(f"an example tried to reach {address[0]}")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign]
    sys.path.insert(0, str(EXAMPLES))


def until_decided(answers: Answers) -> Move | str:
    """Find the customer, get the yes, propose, and ask until a person decided."""
    case = answers[0]["id"] if answers else ""
    said = {2: ("ai", "Three items for $1,285.12?"), 3: ("customer", "Yes, please.")}
    step = len(answers)
    if step == 0:
        return "orchestra_open_case", {"channel": "chat", "text": WORDS}
    if step == 1:
        found = {"case_id": case, "arguments": CUSTOMER, **SURE}
        return "find_user_id_by_name_zip", found
    if step in said:
        speaker, text = said[step]
        return "orchestra_add_message", {"case_id": case, "speaker": speaker, "text": text}
    if step == 4:
        evidence = [answer["id"] for answer in answers[2:4]]
        wanted = {"case_id": case, "arguments": RETURN, "evidence": evidence, **SURE}
        return "return_delivered_order_items", wanted
    last = answers[-1]
    if last["outcome"] in {"running", "pending_approval"}:
        asked = {"tool_call_id": last["tool_call_id"], "wait_seconds": 25}
        return "orchestra_call_status", asked
    return ", ".join(answer["outcome"] for answer in (answers[1], answers[4], last))


def until_handed_off(answers: Answers) -> Move | str:
    """Propose a return for nobody in particular, be refused, and hand the case to people."""
    case = answers[0]["id"] if answers else ""
    moves: list[Move] = [
        ("orchestra_open_case", {"channel": "chat", "text": WORDS}),
        ("return_delivered_order_items", {"case_id": case, "arguments": RETURN, **SURE}),
        (
            "orchestra_hand_off",
            {"case_id": case, "to": {"queue": "returns"}, "reason_code": "policy_denied"},
        ),
    ]
    if len(answers) < len(moves):
        return moves[len(answers)]
    return f"{answers[1]['outcome']}, {answers[2]['state']}"


def read(answer: Any) -> dict[str, Any]:
    """Return what a tool said, however a framework keeps it."""
    if isinstance(answer, str):
        answer = json.loads(answer)
    if isinstance(answer, list):
        [answer] = answer
    if "text" in answer and answer.get("type") in {"text", "input_text"}:
        return read(answer["text"])
    return dict(answer)
