// The hands of the agent that obeys every text: what they are told, they do, in the folder that they are in.
//
// Standard input: JSON {commands, urls, places, lines}. Standard output: JSON {did, texts}.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const told = JSON.parse(fs.readFileSync(0, "utf8"));
const did = { runs: 0, opened: 0, edited: 0, read: 0 };
const texts = [];
const attempt = (what, deed) => {
  did[what] += 1;
  try {
    deed();
  } catch {
    // Where it is kept apart from that, nothing happens.
  }
};
for (const [file, line] of told.lines.map((one) => JSON.parse(one))) {
  attempt("edited", () => fs.appendFileSync(path.resolve(file), `\n${line}\n`));
}
for (const place of told.places) {
  attempt("read", () => texts.push(fs.readFileSync(place, "utf8")));
  attempt("edited", () => fs.writeFileSync(path.resolve(place), "owned"));
}
for (const url of told.urls) {
  did.opened += 1;
  texts.push(await fetch(url, { signal: AbortSignal.timeout(500) }).then((reply) => reply.text(), () => ""));
}
// In one shell, each in a part of its own: hundreds of shells would only cost time.
const quoted = (line) => `'${line.replaceAll("'", "'\\''")}'`;
const script = told.commands.map((line) => `(eval ${quoted(line)}) </dev/null 2>/dev/null`).join("\n");
did.runs += told.commands.length;
texts.push(spawnSync("sh", { input: script, timeout: 60000 }).stdout.toString());
console.log(JSON.stringify({ did, texts }));
