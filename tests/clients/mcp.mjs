// The official MCP server over stdio: asks it to run tools, one after the other, and prints what each answered.
//
// Environment: CLIENTS (folder with node_modules), SENTRY_TOKEN, SENTRY_HOST (127.0.0.1:PORT).
// Standard input: [{"tool": "find_projects", "arguments": {..}}, ..]; standard output: [{"tool", "isError", "text"}, ..].
// A tool that begins with "/" is a path of the web API, read as it is.
import path from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const { CLIENTS, SENTRY_TOKEN, SENTRY_HOST } = process.env;
const modules = path.join(CLIENTS, "node_modules");
const load = (file) => import(pathToFileURL(path.join(modules, file)).href);
const { Client } = await load("@modelcontextprotocol/sdk/dist/esm/client/index.js");
const { StdioClientTransport } = await load("@modelcontextprotocol/sdk/dist/esm/client/stdio.js");

const calls = JSON.parse(await text(process.stdin));
const transport = new StdioClientTransport({
  command: process.execPath,
  args: [
    path.join(modules, "@sentry/mcp-server/dist/index.js"),
    `--access-token=${SENTRY_TOKEN}`,
    `--host=${SENTRY_HOST}`,
    "--insecure-http",
    "--sentry-dsn=",
  ],
  env: { PATH: process.env.PATH, HOME: process.env.HOME },
  stderr: "ignore",
});
const client = new Client({ name: "orderly-tests", version: "1.0.0" });
await client.connect(transport);

// Few tools are offered directly; the others are run by the one that runs tools of the catalogue.
const { tools } = await client.listTools();
const direct = new Set(tools.map((tool) => tool.name));
const answers = [];
for (const { tool, arguments: given } of calls) {
  if (tool.startsWith("/")) {
    const headers = { authorization: `Bearer ${SENTRY_TOKEN}` };
    const response = await fetch(`http://${SENTRY_HOST}/api/0${tool}`, { headers });
    answers.push({ tool, isError: !response.ok, text: await response.text() });
    continue;
  }
  const call = direct.has(tool)
    ? { name: tool, arguments: given }
    : { name: "execute_sentry_tool", arguments: { name: tool, arguments: given } };
  const answer = await client.callTool(call);
  const said = (answer.content ?? []).filter((part) => part.type === "text").map((part) => part.text);
  answers.push({ tool, isError: answer.isError === true, text: said.join("\n") });
}
await client.close();
console.log(JSON.stringify(answers));
