"""Runs docs/examples/openai_agents_agent.py with a scripted model."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from agents import Model, ModelResponse, Usage, set_tracing_disabled
from openai.types.responses import (
    ResponseFunctionToolCall,
    ResponseOutputMessage,
    ResponseOutputText,
)
from script import WORDS, only_loopback, read, until_handed_off

only_loopback()

from openai_agents_agent import answer  # noqa: E402  found once the examples are on the path

set_tracing_disabled(True)


class Scripted(Model):
    async def get_response(
        self,
        system_instructions: str | None,
        input: Any,  # noqa: A002  the framework names it so
        model_settings: Any,
        tools: list[Any],
        *rest: Any,
        **more: Any,
    ) -> ModelResponse:
        del system_instructions, model_settings, rest, more
        items = [] if isinstance(input, str) else input
        found = [item for item in items if item.get("type") == "function_call_output"]
        move = until_handed_off([read(item["output"]) for item in found])
        if isinstance(move, str):
            text = ResponseOutputText(text=move, type="output_text", annotations=[])
            said = ResponseOutputMessage(
                id="said", content=[text], role="assistant", status="completed", type="message"
            )
            return ModelResponse(output=[said], usage=Usage(), response_id=None)
        name, arguments = move
        assert name in {tool.name for tool in tools}, tools
        called = ResponseFunctionToolCall(
            arguments=json.dumps(arguments),
            call_id=f"call-{len(found)}",
            name=name,
            type="function_call",
        )
        return ModelResponse(output=[called], usage=Usage(), response_id=None)

    def stream_response(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        raise NotImplementedError


print(asyncio.run(answer(Scripted(), WORDS)))
