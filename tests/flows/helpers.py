"""Moves that several flows share."""

from typing import Any

from tests.flows.conftest import World

RETURN = {
    "order_id": "#W2378156",
    "item_ids": ["4602305039", "4202497723", "9408160950"],
    "payment_method_id": "credit_card_9513926",
}
WORDS = "I want to return the vacuum cleaner, the headphones and the smart watch I received."


def open_case(world: World, text: str = WORDS, **more: Any) -> str:
    answer = world.api.post("cases/", {"channel": "chat", "text": text, **more})
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def identify(world: World, case: str) -> dict[str, Any]:
    answer = world.api.post(
        f"cases/{case}/tool-calls/",
        {
            "tool": "find_user_id_by_name_zip",
            "arguments": {"first_name": "Yusuf", "last_name": "Rossi", "zip": "19122"},
            "confidence": 0.99,
            "margin": 0.9,
        },
    )
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def say(world: World, case: str, speaker: str, text: str) -> str:
    answer = world.api.post(f"cases/{case}/messages/", {"speaker": speaker, "text": text})
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def agree(world: World, case: str) -> list[str]:
    listed = say(world, case, "ai", "I would return three items for $1,285.12. Shall I?")
    return [listed, say(world, case, "customer", "Yes, please.")]


def propose_return(world: World, case: str, **more: Any) -> Any:
    body = {
        "tool": "return_delivered_order_items",
        "arguments": RETURN,
        "confidence": 0.99,
        "margin": 0.9,
        "rationale": "Asked for, delivered, original payment.",
        "customer_paragraph": "I have requested the return.",
        **more,
    }
    key = body.pop("key", None)
    return world.api.post(f"cases/{case}/tool-calls/", body, key=key)


def waiting_return(world: World) -> tuple[str, dict[str, Any]]:
    """Return a case and its return that waits for a supervisor."""
    case = open_case(world)
    identify(world, case)
    answer = propose_return(world, case, evidence=agree(world, case))
    assert answer.status_code == 202, answer.content
    call = dict(answer.json())
    assert call["state"] == "awaiting_approval"
    return case, call


def waiting_address(world: World, number: int = 0, **more: Any) -> str:
    """Ask for a change of medium risk that one single row sends to a person; the request's id."""
    answer = propose_address(world, *agreed_address(world, number), number=number, **more)
    assert answer.status_code == 202, answer.content
    return str(answer.json()["approval"]["id"])


def agreed_address(world: World, number: int = 0) -> tuple[str, list[str]]:
    """Open a case whose known customer agrees to another address; the case and its evidence."""
    text = "I moved. Please change my default address."
    case = open_case(world, text, external_ref=f"moved-{number}")
    identify(world, case)
    listed = say(world, case, "ai", "I would change your address. Shall I?")
    return case, [listed, say(world, case, "customer", "Yes, please.")]


def propose_address(
    world: World, case: str, evidence: list[str], *, number: int = 0, **more: Any
) -> Any:
    arguments = {
        "user_id": "yusuf_rossi_9620",
        "address1": f"{number} New Road",
        "address2": "",
        "city": "Philadelphia",
        "state": "PA",
        "country": "USA",
        "zip": "19122",
    }
    body = {
        "tool": "modify_user_address",
        "arguments": arguments,
        "confidence": 0.5,
        "margin": 0.9,
        "rationale": "Asked for.",
        "evidence": evidence,
        "customer_paragraph": "I have asked for the change.",
        **more,
    }
    return world.api.post(f"cases/{case}/tool-calls/", body)
