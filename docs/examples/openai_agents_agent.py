"""An agent made with the OpenAI Agents SDK, with Orchestra's tools over MCP."""

import asyncio
import os
import sys

from agents import Agent, Runner
from agents.mcp import MCPServerStreamableHttp

INSTRUCTIONS = """
You serve customers of a shop. Open a case with the customer's words before anything else.
An outcome that waits is not done: ask orchestra_call_status until it is over. Tell the customer
that something was done only where the outcome is succeeded. Where you may not go on, hand off.
"""


async def answer(model, words):
    """Let an agent work on a customer's words with Orchestra's tools; return its last words."""
    server = MCPServerStreamableHttp(
        params={
            "url": os.environ.get("ORCHESTRA_URL", "http://127.0.0.1:8000") + "/mcp",
            "headers": {"Authorization": f"Bearer {os.environ['ORCHESTRA_TOKEN']}"},
            "timeout": 60,
        },
        name="orchestra",
        client_session_timeout_seconds=60,
        cache_tools_list=True,
    )
    async with server:
        agent = Agent("Shop", instructions=INSTRUCTIONS, model=model, mcp_servers=[server])
        return (await Runner.run(agent, words)).final_output


if __name__ == "__main__":
    print(asyncio.run(answer(os.environ["MODEL"], sys.argv[1])))
