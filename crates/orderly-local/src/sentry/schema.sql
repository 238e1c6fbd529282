-- Everything the embedded Sentry keeps.
--
-- Times are INTEGER microseconds since 1970 (UTC) and named `*_at`; `hour` is the first second of a
-- clock hour, in seconds since 1970. Flags are 0/1. Enumerations are the text of `sentry::model`.
-- Rows that clients remember by id and that can be deleted are AUTOINCREMENT: an id never comes back with another meaning.
-- Columns named `*_json` hold one JSON document as text. There is one organization per database.

-- ------------------------------------------------------------------ the organization

CREATE TABLE IF NOT EXISTS org (
    id         INTEGER PRIMARY KEY,
    slug       TEXT    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
);

-- A user and its membership of the organization are one row: `id` serves as user id and member id.
CREATE TABLE IF NOT EXISTS member (
    id         INTEGER PRIMARY KEY,
    email      TEXT    NOT NULL UNIQUE,
    username   TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    role       TEXT    NOT NULL DEFAULT 'member',   -- billing, member, admin, manager, owner
    created_at INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS team (
    id         INTEGER PRIMARY KEY,
    slug       TEXT    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS team_member (
    team_id   INTEGER NOT NULL REFERENCES team(id) ON DELETE CASCADE,
    member_id INTEGER NOT NULL REFERENCES member(id) ON DELETE CASCADE,
    PRIMARY KEY (team_id, member_id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS project (
    id                    INTEGER PRIMARY KEY,
    slug                  TEXT    NOT NULL UNIQUE,
    name                  TEXT    NOT NULL,
    platform              TEXT,
    created_at            INTEGER NOT NULL,
    first_event_at        INTEGER,
    last_short_id         INTEGER NOT NULL DEFAULT 0,  -- counter behind PROJECT-SLUG-<base32>
    new_issue_rate        REAL,                        -- 95th percentile of hourly event rates; NULL: never computed
    new_issue_rate_at     INTEGER                      -- when it was computed (kept for a day)
);

CREATE TABLE IF NOT EXISTS team_project (
    team_id    INTEGER NOT NULL REFERENCES team(id) ON DELETE CASCADE,
    project_id INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
    PRIMARY KEY (team_id, project_id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS project_key (
    id                INTEGER PRIMARY KEY,
    project_id        INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
    public_key        TEXT    NOT NULL UNIQUE,         -- 32 hex; also the key's id in the web API
    secret_key        TEXT    NOT NULL,
    label             TEXT    NOT NULL,
    is_active         INTEGER NOT NULL DEFAULT 1,
    rate_limit_count  INTEGER,                         -- events per window; NULL: unlimited
    rate_limit_window INTEGER,                         -- seconds
    created_at        INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS project_key_project ON project_key(project_id);

CREATE TABLE IF NOT EXISTS token (
    id              INTEGER PRIMARY KEY,
    secret_hash     TEXT    NOT NULL UNIQUE,           -- SHA-256 of the token, hex
    printed_secret  TEXT,                              -- the token itself, only of the one that the server prints at start
    name            TEXT    NOT NULL,
    member_id       INTEGER REFERENCES member(id) ON DELETE CASCADE,          -- NULL for an app's or org token
    installation_id INTEGER REFERENCES installation(id) ON DELETE CASCADE,    -- set for an app's own token
    scopes          TEXT    NOT NULL,                  -- space separated, for example 'org:read event:write'
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER
);

CREATE TABLE IF NOT EXISTS sentry_app (
    id         INTEGER PRIMARY KEY,
    uuid       TEXT    NOT NULL UNIQUE,
    slug       TEXT    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS installation (
    id         INTEGER PRIMARY KEY,
    uuid       TEXT    NOT NULL UNIQUE,
    app_id     INTEGER NOT NULL REFERENCES sentry_app(id) ON DELETE CASCADE,
    status     TEXT    NOT NULL DEFAULT 'installed',
    created_at INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS ownership (
    project_id           INTEGER PRIMARY KEY REFERENCES project(id) ON DELETE CASCADE,
    raw                  TEXT    NOT NULL DEFAULT '',
    fallthrough          INTEGER NOT NULL DEFAULT 1,
    is_active            INTEGER NOT NULL DEFAULT 1,
    auto_assignment      TEXT    NOT NULL DEFAULT 'Auto Assign to Issue Owner',
    codeowners_auto_sync INTEGER NOT NULL DEFAULT 1,
    created_at           INTEGER NOT NULL,
    updated_at           INTEGER NOT NULL
);

-- ------------------------------------------------------------------ environments, releases, commits, deploys

-- The environment of an event that names none is the row with the empty name.
CREATE TABLE IF NOT EXISTS environment (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS environment_project (
    environment_id INTEGER NOT NULL REFERENCES environment(id) ON DELETE CASCADE,
    project_id     INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
    is_hidden      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (environment_id, project_id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS release (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    version     TEXT    NOT NULL UNIQUE,
    status      TEXT    NOT NULL DEFAULT 'open',       -- open, archived
    ref         TEXT,
    url         TEXT,
    created_at  INTEGER NOT NULL,                      -- dateAdded / dateCreated
    started_at  INTEGER,
    released_at INTEGER
);

CREATE TABLE IF NOT EXISTS release_project (
    release_id     INTEGER NOT NULL REFERENCES release(id) ON DELETE CASCADE,
    project_id     INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
    new_groups     INTEGER NOT NULL DEFAULT 0,
    first_event_at INTEGER,
    last_event_at  INTEGER,
    PRIMARY KEY (release_id, project_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS release_project_project ON release_project(project_id);

CREATE TABLE IF NOT EXISTS release_environment (
    release_id     INTEGER NOT NULL REFERENCES release(id) ON DELETE CASCADE,
    project_id     INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
    environment_id INTEGER NOT NULL REFERENCES environment(id) ON DELETE CASCADE,
    first_event_at INTEGER NOT NULL,
    last_event_at  INTEGER NOT NULL,
    PRIMARY KEY (release_id, project_id, environment_id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS repo (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL UNIQUE,
    provider_id   TEXT    NOT NULL DEFAULT 'unknown',
    provider_name TEXT    NOT NULL DEFAULT 'Unknown Provider',
    url           TEXT,
    status        TEXT    NOT NULL DEFAULT 'active',
    created_at    INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS vcs_commit (
    id           INTEGER PRIMARY KEY,
    repo_id      INTEGER NOT NULL REFERENCES repo(id) ON DELETE CASCADE,
    sha          TEXT    NOT NULL,
    message      TEXT,
    author_name  TEXT,
    author_email TEXT,
    committed_at INTEGER NOT NULL,
    UNIQUE (repo_id, sha)
);

CREATE TABLE IF NOT EXISTS vcs_commit_file (
    commit_id INTEGER NOT NULL REFERENCES vcs_commit(id) ON DELETE CASCADE,
    path      TEXT    NOT NULL,
    change    TEXT    NOT NULL,                        -- A, M, D
    PRIMARY KEY (commit_id, path)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS release_commit (
    release_id INTEGER NOT NULL REFERENCES release(id) ON DELETE CASCADE,
    commit_id  INTEGER NOT NULL REFERENCES vcs_commit(id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,                       -- 0 is the newest
    PRIMARY KEY (release_id, commit_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS release_commit_commit ON release_commit(commit_id);

CREATE TABLE IF NOT EXISTS deploy (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    release_id     INTEGER NOT NULL REFERENCES release(id) ON DELETE CASCADE,
    environment_id INTEGER NOT NULL REFERENCES environment(id),
    name           TEXT,
    url            TEXT,
    started_at     INTEGER,
    finished_at    INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS deploy_release ON deploy(release_id);

CREATE TABLE IF NOT EXISTS deploy_project (
    deploy_id  INTEGER NOT NULL REFERENCES deploy(id) ON DELETE CASCADE,
    project_id INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
    PRIMARY KEY (deploy_id, project_id)
) WITHOUT ROWID;

-- ------------------------------------------------------------------ issues

-- `first_seen_at`, `last_seen_at`, `active_at` and the hourly counts follow the events' own timestamps, which may
-- lie in the past; `created_at`, `substatus_at`, `resolved_at` and `inbox_at` are the server's clock.
CREATE TABLE IF NOT EXISTS issue (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id         INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
    short_id           INTEGER NOT NULL,               -- the counter; text form by model::short_id
    kind               TEXT    NOT NULL,               -- error, default
    title              TEXT    NOT NULL,
    culprit            TEXT    NOT NULL DEFAULT '',
    message            TEXT    NOT NULL DEFAULT '',    -- searchable text: message, title, culprit
    location           TEXT,
    metadata_json      TEXT    NOT NULL,
    level              TEXT    NOT NULL,
    logger             TEXT,
    platform           TEXT,
    status             TEXT    NOT NULL,
    substatus          TEXT,
    substatus_at       INTEGER NOT NULL,               -- since when the substatus holds
    priority           TEXT,
    priority_locked_at INTEGER,                        -- set by hand: no automatic change any more
    initial_priority   TEXT,
    times_seen         INTEGER NOT NULL DEFAULT 0,
    user_count         INTEGER NOT NULL DEFAULT 0,
    first_seen_at      INTEGER NOT NULL,
    last_seen_at       INTEGER NOT NULL,
    created_at         INTEGER NOT NULL,
    active_at          INTEGER NOT NULL,               -- when it was last (re)opened
    resolved_at        INTEGER,
    first_release_id   INTEGER REFERENCES release(id) ON DELETE SET NULL,
    last_release_id    INTEGER REFERENCES release(id) ON DELETE SET NULL,
    is_unhandled       INTEGER NOT NULL DEFAULT 0,     -- of the newest event
    inbox_reason       TEXT,                           -- NULL: not for review
    inbox_at           INTEGER,
    inbox_details_json TEXT,
    is_public          INTEGER NOT NULL DEFAULT 0,
    share_id           TEXT,
    num_comments       INTEGER NOT NULL DEFAULT 0,
    UNIQUE (project_id, short_id)
);
CREATE INDEX IF NOT EXISTS issue_status ON issue(project_id, status, substatus);
CREATE INDEX IF NOT EXISTS issue_last_seen ON issue(last_seen_at);
CREATE INDEX IF NOT EXISTS issue_substatus ON issue(substatus, substatus_at);
CREATE INDEX IF NOT EXISTS issue_inbox ON issue(inbox_at) WHERE inbox_reason IS NOT NULL;

-- One row per grouping hash. A hash without an issue is discarded: its events are dropped.
CREATE TABLE IF NOT EXISTS issue_hash (
    project_id    INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
    hash          TEXT    NOT NULL,                    -- 32 hex
    issue_id      INTEGER REFERENCES issue(id) ON DELETE CASCADE,
    last_event_id TEXT,
    PRIMARY KEY (project_id, hash)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS issue_hash_issue ON issue_hash(issue_id);

-- Where a merged issue went; look-ups of the old id or short id follow it.
CREATE TABLE IF NOT EXISTS issue_redirect (
    issue_id   INTEGER PRIMARY KEY,
    project_id INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
    short_id   INTEGER NOT NULL,
    target_id  INTEGER NOT NULL REFERENCES issue(id) ON DELETE CASCADE,
    UNIQUE (project_id, short_id)
);

CREATE TABLE IF NOT EXISTS issue_hourly (
    issue_id       INTEGER NOT NULL REFERENCES issue(id) ON DELETE CASCADE,
    hour           INTEGER NOT NULL,
    environment_id INTEGER NOT NULL REFERENCES environment(id),
    events         INTEGER NOT NULL,
    PRIMARY KEY (issue_id, hour, environment_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS issue_hourly_hour ON issue_hourly(hour);

CREATE TABLE IF NOT EXISTS issue_environment (
    issue_id       INTEGER NOT NULL REFERENCES issue(id) ON DELETE CASCADE,
    environment_id INTEGER NOT NULL REFERENCES environment(id),
    times_seen     INTEGER NOT NULL,
    first_seen_at  INTEGER NOT NULL,
    last_seen_at   INTEGER NOT NULL,
    PRIMARY KEY (issue_id, environment_id)
) WITHOUT ROWID;

-- `user_key` is `id:..`, `username:..`, `email:..` or `ip:..` of the event's user, as in the `user` tag.
CREATE TABLE IF NOT EXISTS issue_user (
    issue_id       INTEGER NOT NULL REFERENCES issue(id) ON DELETE CASCADE,
    environment_id INTEGER NOT NULL REFERENCES environment(id),
    user_key       TEXT    NOT NULL,
    times_seen     INTEGER NOT NULL,
    first_seen_at  INTEGER NOT NULL,
    last_seen_at   INTEGER NOT NULL,
    PRIMARY KEY (issue_id, user_key, environment_id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS issue_release (
    issue_id       INTEGER NOT NULL REFERENCES issue(id) ON DELETE CASCADE,
    release_id     INTEGER NOT NULL REFERENCES release(id) ON DELETE CASCADE,
    environment_id INTEGER NOT NULL REFERENCES environment(id),
    times_seen     INTEGER NOT NULL,
    first_seen_at  INTEGER NOT NULL,
    last_seen_at   INTEGER NOT NULL,
    PRIMARY KEY (issue_id, release_id, environment_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS issue_release_release ON issue_release(release_id);

-- Counts per tag value. The tags of one event are `event.tags_json`.
CREATE TABLE IF NOT EXISTS issue_tag (
    issue_id      INTEGER NOT NULL REFERENCES issue(id) ON DELETE CASCADE,
    key           TEXT    NOT NULL,
    value         TEXT    NOT NULL,
    times_seen    INTEGER NOT NULL,
    first_seen_at INTEGER NOT NULL,
    last_seen_at  INTEGER NOT NULL,
    PRIMARY KEY (issue_id, key, value)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS issue_tag_value ON issue_tag(key, value);

-- ------------------------------------------------------------------ what people and the server did to an issue

-- How a resolved issue was resolved, when a release or commit was named. A plain resolve has no row.
CREATE TABLE IF NOT EXISTS resolution (
    issue_id                INTEGER PRIMARY KEY REFERENCES issue(id) ON DELETE CASCADE,
    kind                    TEXT    NOT NULL,          -- in_next_release, in_release, in_commit
    release_id              INTEGER REFERENCES release(id) ON DELETE CASCADE,
    current_release_version TEXT,                      -- in_next_release: the newest release at that moment
    commit_id               INTEGER REFERENCES vcs_commit(id) ON DELETE CASCADE,
    actor_id                INTEGER REFERENCES member(id) ON DELETE SET NULL,
    created_at              INTEGER NOT NULL
);

-- The condition that brings an archived_until_condition_met issue back.
CREATE TABLE IF NOT EXISTS snooze (
    issue_id         INTEGER PRIMARY KEY REFERENCES issue(id) ON DELETE CASCADE,
    until_at         INTEGER,                          -- ignoreDuration, made absolute
    event_count      INTEGER,                          -- ignoreCount
    event_window     INTEGER,                          -- ignoreWindow, minutes
    user_count       INTEGER,                          -- ignoreUserCount
    user_window      INTEGER,                          -- ignoreUserWindow, minutes
    start_times_seen INTEGER NOT NULL,                 -- issue.times_seen when it was archived
    start_user_count INTEGER NOT NULL,                 -- issue.user_count when it was archived
    actor_id         INTEGER REFERENCES member(id) ON DELETE SET NULL,
    created_at       INTEGER NOT NULL
);

-- The 14 daily limits of an archived_until_escalating issue, from the day it was archived or re-forecast.
CREATE TABLE IF NOT EXISTS forecast (
    issue_id    INTEGER PRIMARY KEY REFERENCES issue(id) ON DELETE CASCADE,
    computed_at INTEGER NOT NULL,
    limits_json TEXT    NOT NULL
);

-- Activities and notes: a note is an activity of kind `note` whose data is {"text": ..}.
CREATE TABLE IF NOT EXISTS activity (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    issue_id   INTEGER NOT NULL REFERENCES issue(id) ON DELETE CASCADE,
    kind       TEXT    NOT NULL,
    member_id  INTEGER REFERENCES member(id) ON DELETE SET NULL,        -- NULL: the server
    app_id     INTEGER REFERENCES sentry_app(id) ON DELETE SET NULL,
    data_json  TEXT    NOT NULL DEFAULT '{}',
    created_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS activity_issue ON activity(issue_id, created_at);

CREATE TABLE IF NOT EXISTS assignment (
    issue_id   INTEGER PRIMARY KEY REFERENCES issue(id) ON DELETE CASCADE,
    member_id  INTEGER REFERENCES member(id) ON DELETE CASCADE,
    team_id    INTEGER REFERENCES team(id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    CHECK ((member_id IS NULL) <> (team_id IS NULL))
);

CREATE TABLE IF NOT EXISTS issue_seen_by (
    issue_id  INTEGER NOT NULL REFERENCES issue(id) ON DELETE CASCADE,
    member_id INTEGER NOT NULL REFERENCES member(id) ON DELETE CASCADE,
    seen_at   INTEGER NOT NULL,
    PRIMARY KEY (issue_id, member_id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS issue_bookmark (
    issue_id  INTEGER NOT NULL REFERENCES issue(id) ON DELETE CASCADE,
    member_id INTEGER NOT NULL REFERENCES member(id) ON DELETE CASCADE,
    PRIMARY KEY (issue_id, member_id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS issue_subscription (
    issue_id  INTEGER NOT NULL REFERENCES issue(id) ON DELETE CASCADE,
    member_id INTEGER NOT NULL REFERENCES member(id) ON DELETE CASCADE,
    is_active INTEGER NOT NULL,
    PRIMARY KEY (issue_id, member_id)
) WITHOUT ROWID;

-- One link per issue and app.
CREATE TABLE IF NOT EXISTS external_issue (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    issue_id     INTEGER NOT NULL REFERENCES issue(id) ON DELETE CASCADE,
    app_id       INTEGER NOT NULL REFERENCES sentry_app(id) ON DELETE CASCADE,
    display_name TEXT    NOT NULL,                     -- `project#identifier`, HTML-escaped
    web_url      TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    UNIQUE (issue_id, app_id)
);

-- ------------------------------------------------------------------ events

CREATE TABLE IF NOT EXISTS event (
    id             INTEGER PRIMARY KEY,
    event_id       TEXT    NOT NULL,                   -- 32 lower-case hex
    project_id     INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
    issue_id       INTEGER NOT NULL REFERENCES issue(id) ON DELETE CASCADE,
    kind           TEXT    NOT NULL,                   -- error, default
    occurred_at    INTEGER NOT NULL,                   -- the event's own timestamp
    received_at    INTEGER NOT NULL,
    title          TEXT    NOT NULL,
    message        TEXT    NOT NULL DEFAULT '',
    culprit        TEXT    NOT NULL DEFAULT '',
    location       TEXT,
    level          TEXT    NOT NULL,
    platform       TEXT,
    environment_id INTEGER NOT NULL REFERENCES environment(id),
    release_id     INTEGER REFERENCES release(id) ON DELETE SET NULL,
    transaction_name TEXT,
    user_key       TEXT,
    handled        INTEGER,                            -- NULL: the mechanism does not say
    trace_id       TEXT,
    has_attachment INTEGER NOT NULL DEFAULT 0,
    metadata_json  TEXT    NOT NULL,
    tags_json      TEXT    NOT NULL,                   -- [["key","value"],..], sorted by key
    hashes_json    TEXT    NOT NULL,                   -- ["<32 hex>",..], the first one is the app hash
    size           INTEGER NOT NULL,                   -- bytes of the payload as sent, decompressed
    payload        BLOB    NOT NULL                    -- the SDK's event JSON, packed (see store::payloads)
);
-- Ids are random: each index over them costs every new event a page somewhere else.
DROP INDEX IF EXISTS event_by_id;
DROP INDEX IF EXISTS event_event_id;
CREATE UNIQUE INDEX IF NOT EXISTS event_id_project ON event(event_id, project_id);
CREATE INDEX IF NOT EXISTS event_issue ON event(issue_id, occurred_at, id);
CREATE INDEX IF NOT EXISTS event_project ON event(project_id, occurred_at, id);

CREATE TABLE IF NOT EXISTS attachment (
    id           INTEGER PRIMARY KEY,
    project_id   INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
    event_id     TEXT,
    name         TEXT    NOT NULL,
    content_type TEXT,
    size         INTEGER NOT NULL,                     -- bytes; the content itself is not kept
    created_at   INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS attachment_event ON attachment(project_id, event_id);

CREATE TABLE IF NOT EXISTS user_report (
    id         INTEGER PRIMARY KEY,
    project_id INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
    issue_id   INTEGER REFERENCES issue(id) ON DELETE CASCADE,
    event_id   TEXT    NOT NULL,
    name       TEXT    NOT NULL DEFAULT '',
    email      TEXT    NOT NULL DEFAULT '',
    comments   TEXT    NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    UNIQUE (project_id, event_id)
);

-- Release health: finished session counts per hour.
CREATE TABLE IF NOT EXISTS session_hourly (
    project_id     INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
    release_id     INTEGER NOT NULL REFERENCES release(id) ON DELETE CASCADE,
    environment_id INTEGER NOT NULL REFERENCES environment(id),
    hour           INTEGER NOT NULL,
    started        INTEGER NOT NULL DEFAULT 0,
    errored        INTEGER NOT NULL DEFAULT 0,
    crashed        INTEGER NOT NULL DEFAULT 0,
    abnormal       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (project_id, release_id, environment_id, hour)
) WITHOUT ROWID;

-- What happened to everything that was sent: the numbers behind `stats_v2`.
CREATE TABLE IF NOT EXISTS outcome_hourly (
    project_id INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
    hour       INTEGER NOT NULL,
    category   TEXT    NOT NULL,                       -- error, transaction, session, attachment, monitor, log_item, ...
    outcome    TEXT    NOT NULL,                       -- accepted, filtered, rate_limited, invalid, client_discard
    reason     TEXT    NOT NULL DEFAULT '',
    quantity   INTEGER NOT NULL,
    PRIMARY KEY (project_id, hour, category, outcome, reason)
) WITHOUT ROWID;

-- The distinct exceptions, frames and users seen in an issue: what `error.*`, `stack.*`, `user.*` and ownership rules
-- look at. Keys are those of search::query::TermKey.
CREATE TABLE IF NOT EXISTS issue_term (
    issue_id INTEGER NOT NULL REFERENCES issue(id) ON DELETE CASCADE,
    key      TEXT    NOT NULL,
    value    TEXT    NOT NULL,
    PRIMARY KEY (issue_id, key, value)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS issue_term_value ON issue_term(key, value);

-- The orders of the issue list.
CREATE INDEX IF NOT EXISTS issue_status_last_seen ON issue(status, last_seen_at);
CREATE INDEX IF NOT EXISTS issue_status_first_seen ON issue(status, first_seen_at);
CREATE INDEX IF NOT EXISTS issue_substatus_last_seen ON issue(substatus, last_seen_at);
CREATE INDEX IF NOT EXISTS issue_first_seen ON issue(first_seen_at);

-- ------------------------------------------------------------------ transactions and their spans

-- One row per span; `is_segment` marks the transaction itself. Columns that events have, too, are named alike, so that
-- one query text serves both.
CREATE TABLE IF NOT EXISTS span (
    id               INTEGER PRIMARY KEY,
    span_id          TEXT    NOT NULL,                 -- 16 hex
    parent_span_id   TEXT,
    segment_id       TEXT    NOT NULL,                 -- the span id of the transaction
    is_segment       INTEGER NOT NULL,
    event_id         TEXT    NOT NULL,                 -- of the transaction, 32 hex
    trace_id         TEXT,
    project_id       INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
    environment_id   INTEGER NOT NULL REFERENCES environment(id),
    release_id       INTEGER REFERENCES release(id) ON DELETE SET NULL,
    transaction_name TEXT    NOT NULL,
    op               TEXT    NOT NULL DEFAULT '',
    description      TEXT    NOT NULL DEFAULT '',
    status           TEXT    NOT NULL DEFAULT '',
    platform         TEXT,
    user_key         TEXT,
    started_at       INTEGER NOT NULL,
    occurred_at      INTEGER NOT NULL,                 -- when it ended
    duration         INTEGER NOT NULL,                 -- microseconds
    tags_json        TEXT    NOT NULL                  -- [["key","value"],..]: tags of the transaction, data of the span
);
CREATE UNIQUE INDEX IF NOT EXISTS span_transaction ON span(project_id, event_id) WHERE is_segment = 1;
CREATE INDEX IF NOT EXISTS span_segment ON span(occurred_at) WHERE is_segment = 1;
CREATE INDEX IF NOT EXISTS span_time ON span(occurred_at);
CREATE INDEX IF NOT EXISTS span_trace ON span(trace_id);

-- Feature flags that an event was evaluated under.
CREATE TABLE IF NOT EXISTS event_flag (
    event_row INTEGER NOT NULL REFERENCES event(id) ON DELETE CASCADE,
    flag      TEXT    NOT NULL,
    result    TEXT    NOT NULL,                        -- true, false or the variant's name
    PRIMARY KEY (event_row, flag)
) WITHOUT ROWID;

-- The users behind the sessions of an hour, by how their worst session ended.
CREATE TABLE IF NOT EXISTS session_user (
    project_id     INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
    release_id     INTEGER NOT NULL REFERENCES release(id) ON DELETE CASCADE,
    environment_id INTEGER NOT NULL REFERENCES environment(id),
    hour           INTEGER NOT NULL,
    user_key       TEXT    NOT NULL,
    errored        INTEGER NOT NULL DEFAULT 0,
    crashed        INTEGER NOT NULL DEFAULT 0,
    abnormal       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (project_id, release_id, environment_id, hour, user_key)
) WITHOUT ROWID;

-- ------------------------------------------------------------------ feature flags, and where source files are

-- Who changed a feature flag, as flag services report it.
CREATE TABLE IF NOT EXISTS flag_change (
    id              INTEGER PRIMARY KEY,
    provider        TEXT    NOT NULL,
    change_id       TEXT    NOT NULL,                  -- the provider's; a change that is told twice is kept once
    action          TEXT    NOT NULL,                  -- created, updated, deleted
    flag            TEXT    NOT NULL,
    created_by      TEXT,
    created_by_type TEXT,                              -- email, id, name
    tags_json       TEXT    NOT NULL DEFAULT '{}',
    created_at      INTEGER NOT NULL,
    UNIQUE (provider, change_id)
);
CREATE INDEX IF NOT EXISTS flag_change_time ON flag_change(created_at);

-- Where the files that stack frames name are in a repository.
CREATE TABLE IF NOT EXISTS code_mapping (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id     INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
    repo_id        INTEGER NOT NULL REFERENCES repo(id) ON DELETE CASCADE,
    stack_root     TEXT    NOT NULL,                   -- what paths in frames begin with
    source_root    TEXT    NOT NULL,                   -- what stands there in the repository
    default_branch TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    UNIQUE (project_id, stack_root, source_root)
);

-- ------------------------------------------------------------------ webhooks

-- Where an app is told of what happens. The secret signs what is sent.
CREATE TABLE IF NOT EXISTS webhook (
    app_id       INTEGER PRIMARY KEY REFERENCES sentry_app(id) ON DELETE CASCADE,
    url          TEXT    NOT NULL,
    secret       TEXT    NOT NULL,                     -- 64 hex
    events_json  TEXT    NOT NULL,                     -- ["issue","comment"]
    is_alertable INTEGER NOT NULL,                     -- told of alerts
    is_internal  INTEGER NOT NULL,                     -- internal integrations get no second attempt
    disabled_at  INTEGER                               -- when it had timed out too often
);

CREATE TABLE IF NOT EXISTS webhook_delivery (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    app_id        INTEGER NOT NULL REFERENCES sentry_app(id) ON DELETE CASCADE,
    request_id    TEXT    NOT NULL UNIQUE,             -- 32 hex; the same in every attempt
    resource      TEXT    NOT NULL,                    -- issue, event_alert, metric_alert, comment
    action        TEXT    NOT NULL,
    body          TEXT    NOT NULL,
    state         TEXT    NOT NULL,                    -- pending, delivered, failed
    attempts      INTEGER NOT NULL DEFAULT 0,
    timeouts      INTEGER NOT NULL DEFAULT 0,
    response_code INTEGER,                             -- of the last attempt; NULL: no answer
    error         TEXT,
    created_at    INTEGER NOT NULL,
    due_at        INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS webhook_delivery_due ON webhook_delivery(due_at) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS webhook_delivery_app ON webhook_delivery(app_id, id);

-- What payloads of events are packed against (see store::payloads). A row never changes.
CREATE TABLE IF NOT EXISTS payload_dictionary (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id  INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
    content     BLOB    NOT NULL                       -- parts of events, nothing that only one of them says of a person
);

-- How far the journal of ingest is filed (see ingest::journal). One row.
CREATE TABLE IF NOT EXISTS journal_position (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    segment INTEGER NOT NULL,                          -- number of the file
    bytes   INTEGER NOT NULL
);

-- How far a reader of the growing tables has come: the largest row ids that it has dealt with.
CREATE TABLE IF NOT EXISTS log_position (
    reader   TEXT    PRIMARY KEY,                      -- webhooks, workflows
    issue    INTEGER NOT NULL,
    activity INTEGER NOT NULL,
    event    INTEGER NOT NULL
) WITHOUT ROWID;

-- ------------------------------------------------------------------ alerts

-- What is watched: a metric, or the errors of a project.
CREATE TABLE IF NOT EXISTS detector (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id   INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
    kind         TEXT    NOT NULL,                     -- metric_issue, error
    name         TEXT    NOT NULL,
    rule_json    TEXT    NOT NULL,                     -- alerts::metric::MetricRule; {} of errors
    enabled      INTEGER NOT NULL,
    created_by   INTEGER REFERENCES member(id) ON DELETE SET NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    evaluated_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS detector_project ON detector(project_id);

-- The times a metric was past its threshold. At most one of a detector is open.
CREATE TABLE IF NOT EXISTS incident (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    detector_id INTEGER NOT NULL REFERENCES detector(id) ON DELETE CASCADE,
    alarm       TEXT    NOT NULL,                      -- warning, critical: the worst so far
    now_alarm   TEXT    NOT NULL,                      -- what it is, or was when it closed
    value       REAL    NOT NULL,                      -- the last measured one
    started_at  INTEGER NOT NULL,
    closed_at   INTEGER
);
CREATE INDEX IF NOT EXISTS incident_detector ON incident(detector_id, id);

-- Issue alerts.
CREATE TABLE IF NOT EXISTS workflow (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL,
    rule_json  TEXT    NOT NULL,                       -- alerts::rule::IssueRule
    enabled    INTEGER NOT NULL,
    created_by INTEGER REFERENCES member(id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS workflow_firing (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    workflow_id INTEGER NOT NULL REFERENCES workflow(id) ON DELETE CASCADE,
    issue_id    INTEGER NOT NULL REFERENCES issue(id) ON DELETE CASCADE,
    event_id    TEXT    NOT NULL,                      -- the event that set it off, 32 hex
    fired_at    INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS workflow_firing_issue ON workflow_firing(workflow_id, issue_id, fired_at);

-- ------------------------------------------------------------------ monitors of scheduled jobs

CREATE TABLE IF NOT EXISTS monitor (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    guid        TEXT    NOT NULL UNIQUE,
    project_id  INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
    slug        TEXT    NOT NULL UNIQUE,
    name        TEXT    NOT NULL,
    is_active   INTEGER NOT NULL DEFAULT 1,
    config_json TEXT    NOT NULL,                      -- monitors::schedule::Config
    created_at  INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS monitor_environment (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    monitor_id     INTEGER NOT NULL REFERENCES monitor(id) ON DELETE CASCADE,
    name           TEXT    NOT NULL,
    status         TEXT    NOT NULL,                   -- active, ok, error
    last_check_in  INTEGER,
    next_check_in  INTEGER,                            -- when the next one is expected
    next_latest    INTEGER,                            -- when it counts as missed
    failures       INTEGER NOT NULL DEFAULT 0,         -- in a row
    successes      INTEGER NOT NULL DEFAULT 0,         -- in a row
    incident_at    INTEGER,                            -- since when it is failing
    incident_event TEXT,                               -- the last event that told of it
    created_at     INTEGER NOT NULL,
    UNIQUE (monitor_id, name)
);
CREATE INDEX IF NOT EXISTS monitor_environment_next ON monitor_environment(next_latest);

CREATE TABLE IF NOT EXISTS check_in (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    guid           TEXT    NOT NULL,                   -- 32 hex
    environment_id INTEGER NOT NULL REFERENCES monitor_environment(id) ON DELETE CASCADE,
    status         TEXT    NOT NULL,                   -- in_progress, ok, error, missed, timeout
    duration       INTEGER,                            -- milliseconds
    expected_at    INTEGER,
    added_at       INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    timeout_at     INTEGER,
    UNIQUE (environment_id, guid)
);
CREATE INDEX IF NOT EXISTS check_in_timeout ON check_in(timeout_at) WHERE status = 'in_progress';

-- ------------------------------------------------------------------ who changed what

CREATE TABLE IF NOT EXISTS audit_log (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    event      TEXT    NOT NULL,                       -- project.create, sentry-app.edit, ...
    member_id  INTEGER REFERENCES member(id) ON DELETE SET NULL,
    target     TEXT,                                   -- id or name of what was changed
    note       TEXT    NOT NULL,
    data_json  TEXT    NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS audit_log_time ON audit_log(created_at);
