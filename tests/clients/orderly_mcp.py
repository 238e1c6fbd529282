"""Drives `orderly mcp` with the official Python SDK, and prints what it saw as one JSON document.

Environment: ORDERLY (the binary), or MCP_URL and MCP_TOKEN (a server that runs already); ANSWER (what a person says when
asked: accept, decline, or nobody when the client cannot ask). Input: a JSON list of {tool, arguments}, or {run, in} for a program.
"""

import asyncio
import json
import os
import subprocess
import sys
from contextlib import asynccontextmanager

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import ElicitResult

ANSWER = os.environ["ANSWER"]
asked = []
answers = []


@asynccontextmanager
async def reached():
    if url := os.environ.get("MCP_URL"):
        import httpx2
        from mcp.client.streamable_http import streamable_http_client

        headers = {"Authorization": f"Bearer {os.environ['MCP_TOKEN']}"}
        async with httpx2.AsyncClient(headers=headers) as http, streamable_http_client(url, http_client=http) as streams:
            yield streams[:2]
    else:
        server = StdioServerParameters(command=os.environ["ORDERLY"], args=["mcp", "--quiet"], env=dict(os.environ))
        async with stdio_client(server) as streams:
            yield streams


async def person(_context, params) -> ElicitResult:
    asked.append(params.message)
    return ElicitResult(action=ANSWER, content={})


def value(given):
    """A value may be taken from an answer before: {"from": [0, "tool", "plan_digest"]}."""
    if not isinstance(given, dict) or "from" not in given:
        return given
    answer, *path = given["from"]
    at = answers[answer]["structured"]
    for key in path:
        at = at[int(key)] if isinstance(at, list) else at[key]
    return at


async def called(session: ClientSession, call) -> dict:
    if "run" in call:
        # What an agent does with its own means.
        program = [value(word) for word in call["run"]]
        subprocess.run(program, cwd=value(call["in"]), check=True, capture_output=True)
        return {"run": call["run"][0]}
    result = await session.call_tool(call["tool"], {name: value(one) for name, one in call["arguments"].items()})
    told = result.model_dump(mode="json", by_alias=True)
    return {
        "tool": call["tool"],
        "isError": told.get("isError") or False,
        "text": "\n".join(block["text"] for block in told["content"]),
        "structured": told.get("structuredContent"),
    }


async def main() -> None:
    asks = {} if ANSWER == "nobody" else {"elicitation_callback": person}
    async with reached() as (read, write), ClientSession(read, write, **asks) as session:
        await session.initialize()
        tools = (await session.list_tools()).tools
        for call in json.load(sys.stdin):
            answers.append(await called(session, call))
        prompts = (await session.list_prompts()).prompts
        resources = (await session.list_resources()).resources
    print(json.dumps({
        "tools": [tool.model_dump(mode="json", by_alias=True) for tool in tools],
        "prompts": [{"name": prompt.name} for prompt in prompts],
        "resources": [{"uri": str(resource.uri)} for resource in resources],
        "asked": asked,
        "answers": answers,
    }))


asyncio.run(main())
