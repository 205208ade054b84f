"""An agent made with Pydantic AI, with Orchestra's tools over MCP."""

import os
import sys

from pydantic_ai import Agent
from pydantic_ai.mcp import MCPToolset

INSTRUCTIONS = """
You serve customers of a shop. Open a case with the customer's words before anything else.
An outcome that waits is not done: ask orchestra_call_status until it is over. Tell the customer
that something was done only where the outcome is succeeded. Where you may not go on, hand off.
"""


def make_agent(model):
    """Return an agent that works with Orchestra's tools and no other."""
    orchestra = MCPToolset(
        os.environ.get("ORCHESTRA_URL", "http://127.0.0.1:8000") + "/mcp",
        headers={"Authorization": f"Bearer {os.environ['ORCHESTRA_TOKEN']}"},
        # A refusal is an answer for the model to read, so it must not end the run.
        tool_error_behavior="failed",
        read_timeout=60,
    )
    return Agent(model, instructions=INSTRUCTIONS, toolsets=[orchestra])


if __name__ == "__main__":
    print(make_agent(os.environ["MODEL"]).run_sync(sys.argv[1]).output)
