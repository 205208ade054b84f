"""A first governed call over the Model Context Protocol, with the official client."""

import asyncio
import os

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

URL = os.environ.get("ORCHESTRA_URL", "http://127.0.0.1:8000") + "/mcp"
TOKEN = os.environ["ORCHESTRA_TOKEN"]
WORDS = "I want to return the vacuum cleaner, the headphones and the smart watch I received."


async def use(client, name, **arguments):
    """Call a tool and return what it says; a refusal is an answer too."""
    return (await client.call_tool(name, arguments)).structured_content


async def work(client):
    """Open a case, find the customer, propose a return and wait for its end."""
    print("tools:", len((await client.list_tools()).tools))
    case = (await use(client, "orchestra_open_case", channel="chat", text=WORDS))["id"]
    customer = {"first_name": "Yusuf", "last_name": "Rossi", "zip": "19122"}
    sure = {"confidence": 0.99, "margin": 0.9}
    found = await use(client, "find_user_id_by_name_zip", case_id=case, arguments=customer, **sure)
    print("customer:", found["outcome"], found["result"])
    evidence = []
    for speaker, text in (("ai", "Three items for $1,285.12?"), ("customer", "Yes, please.")):
        said = await use(client, "orchestra_add_message", case_id=case, speaker=speaker, text=text)
        evidence.append(said["id"])
    proposed = await use(
        client,
        "return_delivered_order_items",
        case_id=case,
        arguments={
            "order_id": "#W2378156",
            "item_ids": ["4602305039", "4202497723", "9408160950"],
            "payment_method_id": "credit_card_9513926",
        },
        rationale="The customer asked for it and agreed; it was delivered.",
        evidence=evidence,
        **sure,
    )
    print("return:", proposed["outcome"])
    while proposed["outcome"] in {"running", "pending_approval"}:
        call_id = proposed["tool_call_id"]
        proposed = await use(client, "orchestra_call_status", tool_call_id=call_id, wait_seconds=25)
    print("ended:", proposed["outcome"])
    print(proposed["message"])


async def main():
    """Connect with the token."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
        async with Client(streamable_http_client(URL, http_client=http)) as client:
            await work(client)


asyncio.run(main())
