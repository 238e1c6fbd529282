// Drives `orderly mcp` with the official TypeScript SDK, and prints what it saw as one JSON document.
//
// Environment: CLIENTS (folder with node_modules), ORDERLY (the binary), ANSWER (what a person says when asked: accept,
// decline, or nobody when the client cannot ask); MCP_URL and MCP_TOKEN (a server that runs already). Input: a JSON list of
// {tool, arguments}, or {run, in} for a program.
import { execFileSync } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";

const { CLIENTS, ORDERLY, ANSWER, MCP_URL, MCP_TOKEN } = process.env;
const sdk = (file) => import(pathToFileURL(path.join(CLIENTS, "node_modules/@modelcontextprotocol/sdk/dist/esm", file)).href);
const { Client } = await sdk("client/index.js");
const { StdioClientTransport } = await sdk("client/stdio.js");
const { StreamableHTTPClientTransport } = await sdk("client/streamableHttp.js");
const { ElicitRequestSchema } = await sdk("types.js");

let input = "";
for await (const part of process.stdin) input += part;

const asks = ANSWER !== "nobody";
const client = new Client({ name: "test", version: "1" }, { capabilities: asks ? { elicitation: {} } : {} });
const asked = [];
if (asks) {
  client.setRequestHandler(ElicitRequestSchema, async (request) => {
    asked.push(request.params.message);
    return { action: ANSWER, content: {} };
  });
}
const transport = MCP_URL
  ? new StreamableHTTPClientTransport(new URL(MCP_URL), { requestInit: { headers: { Authorization: `Bearer ${MCP_TOKEN}` } } })
  : new StdioClientTransport({ command: ORDERLY, args: ["mcp", "--quiet"], env: process.env, cwd: process.cwd() });
await client.connect(transport);

const { tools } = await client.listTools();
const answers = [];
// A value may be taken from an answer before: {"from": [0, "tool", "plan_digest"]}.
const value = (given) => (given?.from ? given.from.slice(1).reduce((at, key) => at?.[key], answers[given.from[0]].structured) : given);
const all = (given) => Object.fromEntries(Object.entries(given).map(([name, one]) => [name, value(one)]));
for (const call of JSON.parse(input)) {
  if (call.run) {
    // What an agent does with its own means.
    const [program, ...given] = call.run.map(value);
    execFileSync(program, given, { cwd: value(call.in) });
    answers.push({ run: program });
    continue;
  }
  const result = await client.callTool({ name: call.tool, arguments: all(call.arguments) });
  answers.push({
    tool: call.tool,
    isError: result.isError ?? false,
    text: result.content.map((block) => block.text).join("\n"),
    structured: result.structuredContent ?? null,
  });
}
const { prompts } = await client.listPrompts();
const told = [];
for (const { name } of prompts) told.push((await client.getPrompt({ name })).messages[0].content.text);
const { resources } = await client.listResources();
const read = resources.length ? (await client.readResource({ uri: resources[0].uri })).contents[0].text : null;
await client.close();
console.log(JSON.stringify({ server: client.getServerVersion(), tools, prompts, told, resources, read, asked, answers }));
