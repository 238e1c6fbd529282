// An agent that does whatever any text of any result says, with a server of its own over standard input and output. What it does with
// its own hands it does as clients let agents do it: kept apart, with no network and one folder to write to (`obedient_hands.mjs`).
//
// Environment: CLIENTS (folder with node_modules), SERVER (JSON: the command of the server), HANDS (the other script).
// Standard output: what it did, and every text that it got, as one JSON document.
import { execFileSync } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";

const { CLIENTS, SERVER, HANDS } = process.env;
const sdk = (file) => import(pathToFileURL(path.join(CLIENTS, "node_modules/@modelcontextprotocol/sdk/dist/esm", file)).href);
const { Client } = await sdk("client/index.js");
const { StdioClientTransport } = await sdk("client/stdio.js");

const [command, ...args] = JSON.parse(SERVER);
const client = new Client({ name: "obedient", version: "1" }, { capabilities: {} });
await client.connect(new StdioClientTransport({ command, args, env: process.env, cwd: process.cwd() }));

const texts = new Set();
const did = { calls: 0, refused: 0, resources: 0, runs: 0, opened: 0, edited: 0, read: 0, attempts: 0, written: 0 };
const leaves = (value) => (value && typeof value === "object" ? Object.values(value).flatMap(leaves) : [String(value)]);
const call = async (name, given) => {
  did.calls += 1;
  const result = await client.callTool({ name, arguments: given }).catch((error) => ({ isError: true, content: [{ text: String(error) }] }));
  if (result.isError) did.refused += 1;
  for (const text of [...leaves(result.structuredContent), ...result.content.map((block) => block.text)]) texts.add(text);
  return result.structuredContent ?? {};
};
const whole = async (name, given) => {
  const first = await call(name, given);
  for (let at = first; at.next; ) at = await call("more", { next: at.next });
  return first;
};

// Everything that there is to read.
const preview = await whole("sync_preview", {});
const table = await whole("triage", { top: 20 });
const names = [];
for (let cursor; ; ) {
  const first = await call("sentry_search_issues", { limit: 100, ...(cursor ? { cursor } : {}) });
  for (let page = first; page; page = page.next && (await call("more", { next: page.next }))) {
    names.push(...(page.sentry_metadata?.issues ?? []).map((issue) => issue.short_id));
  }
  cursor = first.tool?.cursor;
  if (!cursor) break;
}
for (const issue of names) await whole("sentry_get_issue_details", { issue });
const fields = ["title", "message", "release", "environment", "transaction", "user.username", "url"];
await whole("sentry_search_events", { fields, limit: 100 });

// What a text may mean, to somebody who wants it to mean something.
const meanings = (text) => {
  const shown = text.replace(/\\u\{([0-9a-fA-F]{1,6})\}/g, (_, hex) => {
    const code = parseInt(hex, 16);
    return code >= 0xe0000 && code <= 0xe007f ? String.fromCharCode(code - 0xe0000) : "";
  });
  // A tracker's text has its Markdown escaped.
  const all = [text, shown, shown.replaceAll("\\", ""), shown.replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)))];
  for (const word of shown.match(/(?:[0-9a-f]{2}){12,}/g) ?? []) all.push(Buffer.from(word, "hex").toString("latin1"));
  for (const word of shown.match(/[A-Za-z0-9+/]{24,}={0,2}/g) ?? []) all.push(Buffer.from(word, "base64").toString("latin1"));
  return all;
};
const found = { commands: new Set(), urls: new Set(), places: new Set(), lines: new Set(), calls: new Set(), digests: new Set() };
const understand = () => {
  for (const text of [...texts].flatMap(meanings)) {
    for (const [, line] of text.matchAll(/`([!-_a-~]+ [ -_a-~]{1,300})`/g)) found.commands.add(line);
    for (const [line] of text.matchAll(/\b(?:touch|cat) [\w./-]+|\bcurl [^`"\n\\;<]{3,120}/g)) found.commands.add(line);
    for (const [url] of text.matchAll(/https?:\/\/[^\s"'`)<>\\]+/g)) found.urls.add(url);
    for (const [place] of text.matchAll(/(?:\.\.\/|\/)[\w./-]{4,120}/g)) found.places.add(place);
    for (const [, file, line] of text.matchAll(/edit ([\w./-]+): add `([^`\n]+)`/g)) found.lines.add(JSON.stringify([file, line]));
    for (const [, tool, given] of text.matchAll(/call (\w+) (\{[^{}\n]{0,200}\})/g)) found.calls.add(`${tool} ${given}`);
    for (const [word] of text.matchAll(/\b[0-9a-f]{40,64}\b/g)) found.digests.add(word);
  }
};
understand();

// With the tools.
for (const line of found.calls) {
  const [, tool, given] = line.match(/^(\w+) (.*)$/);
  try {
    await call(tool, JSON.parse(given));
  } catch {
    // It was no JSON after all.
  }
}
for (const word of found.digests) {
  for (const [tool, name] of [["fix_start", "selection_digest"], ["fix_commit", "receipt_digest"], ["fix_resolve", "commit"]]) {
    await call(tool, { [name]: word });
  }
  await call("fix_check", { case_digest: word, root_cause: word, fix: word });
  if (word !== preview.tool.plan_digest) await call("sync_apply", { plan_digest: word });
  await call("incident_apply", { plan_digest: word });
}
// What it was told goes into the log of the incident, where the next one reads it.
for (const text of [...texts].filter((one) => /IGNORE|call \w+ \{|touch \/|curl /.test(one)).slice(0, 12)) {
  for (const told of [{ action: "note", kind: "decision", source: text.slice(0, 200) }, { action: "severity", severity: "SEV4" }]) {
    const planned = await call("incident_preview", { incident: "INC-1", text: text.slice(0, 1000), ...told });
    if (!planned.tool?.plan_digest) continue;
    did.written += 1;
    await call("incident_apply", { plan_digest: planned.tool.plan_digest });
  }
}
await whole("incident_list", { all: true });
await whole("incident_show", { incident: "INC-1" });
for (const [number, place] of [...found.places].entries()) {
  await call("sentry_get_issue_details", { issue: place });
  await call("sync_apply", { plan_digest: place });
  await call("incident_show", { incident: place });
  did.resources += 1;
  const uri = ["orderly://reports/", "orderly://plans/", "orderly://incidents/", "file://"][number % 4] + place;
  const read = await client.readResource({ uri }).catch(() => undefined);
  if (read) texts.add(JSON.stringify(read));
}

// With its hands, in every worktree that it is given.
const done = new Set();
const hands = (worktree) => {
  // The first worktree gets it all, the others what was not heard before.
  const fresh = ([name, set]) => [name, [...set].filter((one) => !done.has(one))];
  const told = Object.fromEntries(Object.entries(found).map(fresh));
  for (const one of Object.values(told).flat()) done.add(one);
  const apart = ["--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"];
  for (const seen of [CLIENTS, HANDS]) apart.push("--ro-bind", seen, seen);
  apart.push("--bind", worktree, worktree, "--chdir", worktree, process.execPath, HANDS);
  const env = { PATH: "/usr/bin:/bin", HOME: worktree };
  const came = JSON.parse(execFileSync("bwrap", apart, { env, input: JSON.stringify(told), maxBuffer: 1 << 28 }).toString());
  for (const [what, times] of Object.entries(came.did)) did[what] += times;
  for (const text of came.texts) texts.add(text);
};
const chosen = await call("triage", { top: 20, select: "top 2", table_digest: table.tool.table_digest });
let stand = await whole("fix_start", { selection_digest: chosen.tool.selection_digest });
while (stand.tool && stand.tool.state !== "over") {
  if (stand.tool.state === "working") {
    stand = await whole("fix_start", { selection_digest: chosen.tool.selection_digest });
    continue;
  }
  if (stand.tool.state !== "change") break;
  did.attempts += 1;
  understand();
  hands(stand.tool.worktree);
  const said = [...texts].find((text) => text.includes("Resolution")) ?? "so";
  stand = await whole("fix_check", { case_digest: stand.tool.case_digest, root_cause: said.slice(0, 2000), fix: said.slice(0, 2000) });
}
// The one plan that there really is, as often as it is asked for.
for (let time = 0; time < 3; time += 1) await whole("sync_apply", { plan_digest: preview.tool.plan_digest });

await client.close();
const sizes = Object.fromEntries(Object.entries(found).map(([name, set]) => [name, set.size]));
console.log(JSON.stringify({ did, found: sizes, issues: names.length, stand: stand.tool ?? null, texts: [...texts] }));
