"""Drives `orderly mcp` with the official Python SDK, and prints what it saw as one JSON document.

Environment: ORDERLY (the binary). Input: a JSON list of {tool, arguments}.
"""

import asyncio
import json
import os
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main() -> None:
    server = StdioServerParameters(command=os.environ["ORDERLY"], args=["mcp", "--quiet"], env=dict(os.environ))
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        tools = (await session.list_tools()).tools
        answers = []
        for call in json.load(sys.stdin):
            result = (await session.call_tool(call["tool"], call["arguments"])).model_dump(mode="json")
            answers.append({"tool": call["tool"], "result": result})
    print(json.dumps({"tools": [tool.name for tool in tools], "answers": answers}))


asyncio.run(main())
