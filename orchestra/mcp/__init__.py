"""The MCP endpoint: one more door for AI agents, to the same services as REST."""
