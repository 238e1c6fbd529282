// Drives the official Linear SDK, as a program of a team would, and prints what it saw as one JSON document.
//
// Environment: CLIENTS (folder with node_modules), LINEAR_URL (GraphQL endpoint), LINEAR_API_KEY.
import path from "node:path";
import { pathToFileURL } from "node:url";

const { CLIENTS, LINEAR_URL, LINEAR_API_KEY } = process.env;
const entry = path.join(CLIENTS, "node_modules/@linear/sdk/dist/index.mjs");
const { LinearClient } = await import(pathToFileURL(entry).href);

const ID = "5d6c1f0e-7a8b-4c9d-8e0f-1a2b3c4d5e6f";
const PERMALINK = "https://sentry.example/organizations/acme/issues/4711/";

const client = new LinearClient({ apiKey: LINEAR_API_KEY, apiUrl: LINEAR_URL });

/** How a call failed, as the SDK classifies it. */
async function failure(call) {
  try {
    await call();
    return null;
  } catch (error) {
    return { class: error.constructor.name, type: error.type, message: error.message, first: error.errors?.[0]?.message };
  }
}

const keys = async (connection) => (await connection).nodes.map((node) => node.identifier);

async function workspace() {
  const viewer = await client.viewer;
  const organization = await client.organization;
  const teams = await client.teams({ first: 5, filter: { key: { eq: "PLAT" } } });
  const team = await client.team(teams.nodes[0].id);
  const [states, labels, members, triage, issues, cycles, projects] = await Promise.all([
    team.states(), team.labels(), team.members(), team.triageIssueState, team.issues(), team.cycles(), team.projects(),
  ]);
  const limits = await client.rateLimitStatus;
  return {
    viewer: { isMe: viewer.isMe, teams: (await viewer.teams()).nodes.length, organization: (await viewer.organization).urlKey },
    organization: { urlKey: organization.urlKey, projectStatuses: organization.projectStatuses.length },
    team: { key: team.key, triageEnabled: team.triageEnabled, createdAt: team.createdAt instanceof Date },
    states: states.nodes.map((state) => state.type).sort(),
    labels: labels.nodes.map((label) => label.name).sort(),
    members: members.nodes.length,
    triage: triage.name,
    empty: [issues.nodes.length, cycles.nodes.length, projects.nodes.length],
    limits: limits.limits.map((limit) => limit.type).sort(),
    lists: {
      workflowStates: (await client.workflowStates()).nodes.length,
      issueLabels: (await client.issueLabels({ filter: { name: { eq: "bug" } } })).nodes.length,
      users: (await client.users()).nodes.length,
    },
  };
}

async function creating(team, label) {
  const input = { id: ID, teamId: team.id, title: "TypeError: x", description: "[e](https://x/1)", priority: 2, labelIds: [label.id] };
  const payload = await client.createIssue(input);
  const issue = await payload.issue;
  return {
    success: payload.success,
    issue: { id: issue.id, identifier: issue.identifier, number: issue.number, title: issue.title, description: issue.description,
      priority: issue.priority, priorityLabel: issue.priorityLabel, url: issue.url, labelIds: issue.labelIds.length,
      createdAt: issue.createdAt instanceof Date, completedAt: issue.completedAt ?? null, reactions: issue.reactions.length },
    state: (await issue.state).type,
    team: (await issue.team).key,
    creator: (await issue.creator).isMe,
    assignee: (await issue.assignee) ?? null,
    labels: (await issue.labels()).nodes.map((found) => found.name),
    history: (await issue.history()).nodes.length,
    again: await failure(() => client.createIssue(input)),
    byIdentifier: (await client.issue("PLAT-1")).id,
  };
}

async function linking() {
  const first = await client.createAttachment({ issueId: ID, url: PERMALINK, title: "API-7", metadata: { events: 3 } });
  const attachment = await first.attachment;
  const second = await client.createAttachment({ issueId: ID, url: PERMALINK, title: "API-7 again", subtitle: "more" });
  const changed = await second.attachment;
  const linked = await client.attachmentLinkURL(ID, "https://x/2", { title: "plain" });
  const found = await client.attachmentsForURL(PERMALINK);
  const issue = await client.issue(ID);
  return {
    metadata: attachment.metadata,
    sameId: attachment.id === changed.id,
    changed: { title: changed.title, subtitle: changed.subtitle, metadata: changed.metadata },
    linked: (await linked.attachment).title,
    found: await Promise.all(found.nodes.map(async (node) => (await node.issue).identifier)),
    ofIssue: (await issue.attachments()).nodes.length,
    filtered: (await client.attachments({ filter: { url: { contains: "/issues/4711" } } })).nodes.length,
  };
}

async function talking() {
  const payload = await client.createComment({ issueId: ID, body: "new evidence" });
  const comment = await payload.comment;
  const updated = await client.updateComment(comment.id, { body: "newer evidence" });
  const issue = await client.issue(ID);
  return {
    body: comment.body,
    updated: (await updated.comment).body,
    user: (await comment.user).isMe,
    issue: (await comment.issue).identifier,
    ofIssue: (await issue.comments()).nodes.map((node) => node.body),
  };
}

async function moving(team) {
  const done = (await team.states({ filter: { type: { eq: "completed" } } })).nodes[0];
  const payload = await client.updateIssue(ID, { stateId: done.id, title: "changed" });
  const issue = await payload.issue;
  // The SDK fetches what a payload names when it is asked for it.
  const archived = await (await client.archiveIssue(ID)).entity;
  const hidden = await keys(client.issues());
  const shown = await keys(client.issues({ includeArchived: true }));
  const restored = await client.unarchiveIssue(ID);
  const history = (await issue.history()).nodes;
  return {
    title: issue.title,
    state: (await issue.state).type,
    completed: issue.completedAt instanceof Date,
    archived: archived.archivedAt instanceof Date,
    hidden,
    shown,
    restored: (await restored.entity).archivedAt ?? null,
    history: history.some((line) => line.fromTitle === "TypeError: x" && line.toTitle === "changed"),
  };
}

async function relating(team) {
  const duplicate = await (await client.createIssue({ teamId: team.id, title: "the same again" })).issue;
  await client.createAttachment({ issueId: duplicate.id, url: "https://x/moves", title: "moves" });
  const payload = await client.createIssueRelation({ issueId: duplicate.id, relatedIssueId: ID, type: "duplicate" });
  const relation = await payload.issueRelation;
  const closed = await client.issue(duplicate.id);
  const canonical = await client.issue(ID);
  return {
    type: relation.type,
    ends: [(await relation.issue).identifier, (await relation.relatedIssue).identifier],
    state: (await closed.state).type,
    relations: (await closed.relations()).nodes.length,
    inverse: (await canonical.inverseRelations()).nodes.length,
    moved: (await canonical.attachments()).nodes.some((node) => node.url === "https://x/moves"),
    former: (await closed.formerAttachments()).nodes.length,
  };
}

async function finding(team) {
  for (let number = 0; number < 5; number += 1) {
    await client.createIssue({ teamId: team.id, title: `kaleidoscope ${number}` });
  }
  const filter = { title: { containsIgnoreCase: "KALEIDOSCOPE" } };
  const page = await client.issues({ first: 2, filter });
  const pages = [page.nodes.length];
  while (page.pageInfo.hasNextPage) {
    await page.fetchNext();
    pages.push(page.nodes.length);
  }
  const search = await client.searchIssues("kaleidoscope", { first: 3 });
  const semantic = await client.semanticSearch("kaleidoscopes", { maxResults: 2 });
  return {
    pages,
    titles: page.nodes.map((node) => node.title),
    search: { total: search.totalCount, shown: search.nodes.length, more: search.pageInfo.hasNextPage },
    semantic: await Promise.all(semantic.results.map(async (result) => (await result.issue).title.split(" ")[0])),
    byIds: await keys(client.issues({ filter: { id: { in: [ID] } }, includeArchived: true })),
    nothing: await keys(client.issues({ filter: { id: { in: ["00000000-0000-4000-8000-000000000000"] } } })),
  };
}

async function failing() {
  const stranger = new LinearClient({ apiKey: "lin_api_wrong", apiUrl: LINEAR_URL });
  return {
    missing: await failure(() => client.issue("PLAT-999")),
    pageTooLarge: await failure(() => client.issues({ first: 251 })),
    badFilter: await failure(() => client.issues({ filter: { colour: { eq: "red" } } })),
    stranger: await failure(() => stranger.viewer),
  };
}

/** Uses the searches of a minute up. */
async function exhausting() {
  for (let count = 0; count < 40; count += 1) {
    const failed = await failure(() => client.searchIssues("x", { first: 1 }));
    if (failed) {
      return failed;
    }
  }
  return null;
}

const team = (await client.teams()).nodes[0];
const label = (await client.issueLabels({ filter: { name: { eq: "bug" } } })).nodes[0];
const seen = {
  workspace: await workspace(),
  creating: await creating(team, label),
  linking: await linking(),
  talking: await talking(),
  moving: await moving(team),
  relating: await relating(team),
  finding: await finding(team),
  failing: await failing(),
  exhausting: await exhausting(),
};
console.log(JSON.stringify(seen));
