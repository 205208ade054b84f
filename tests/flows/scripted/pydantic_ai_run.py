"""Runs docs/examples/pydantic_ai_agent.py with a scripted model."""

from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from script import WORDS, only_loopback, read, until_decided

only_loopback()

from pydantic_ai_agent import make_agent  # noqa: E402  found once the examples are on the path


async def scripted(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    offered = {tool.name for tool in info.function_tools}
    parts = [part for message in messages for part in message.parts]
    answers = [read(part.content) for part in parts if isinstance(part, ToolReturnPart)]
    move = until_decided(answers)
    if isinstance(move, str):
        return ModelResponse(parts=[TextPart(move)])
    name, arguments = move
    assert name in offered, offered
    return ModelResponse(parts=[ToolCallPart(name, arguments)])


print(make_agent(FunctionModel(scripted)).run_sync(WORDS).output)
