-- One text for SQLite and PostgreSQL. Times are microseconds since 1970 (UTC). Ids are text, also numeric ones. Columns
-- that may hold text from outside are JSON strings, because a PostgreSQL TEXT cannot hold U+0000.

-- Who is at work on a backlog. The row stays when the lease is given back (holder is NULL), so that epoch only rises.
CREATE TABLE ledger_leases (
    host TEXT NOT NULL,
    org TEXT NOT NULL,
    team TEXT NOT NULL,
    holder TEXT,
    epoch BIGINT NOT NULL,
    until_us BIGINT NOT NULL,
    PRIMARY KEY (host, org, team)
);

-- What is to be written in the tracker, and how far it is. The key is the one an item may exist for once.
CREATE TABLE ledger_journal (
    host TEXT NOT NULL,
    org TEXT NOT NULL,
    team TEXT NOT NULL,
    issue TEXT NOT NULL,
    generation BIGINT NOT NULL,
    backlog_team TEXT NOT NULL, -- team of the lease it was recorded under; work may be mapped to another team's key
    run TEXT NOT NULL,
    is_open SMALLINT NOT NULL CHECK (is_open IN (0, 1)),
    stage TEXT NOT NULL,
    failure TEXT,
    failure_detail TEXT, -- JSON string
    attempts BIGINT NOT NULL,
    work TEXT NOT NULL, -- JSON: exactly what is sent
    work_digest TEXT NOT NULL, -- SHA-256 of the bytes of work
    item TEXT, -- JSON
    link_back TEXT NOT NULL,
    link_back_detail TEXT, -- JSON string
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    PRIMARY KEY (host, org, team, issue, generation)
);

CREATE INDEX ledger_journal_open ON ledger_journal (host, org, backlog_team, is_open);

-- Every run that ever worked on an entry.
CREATE TABLE ledger_touches (
    run TEXT NOT NULL,
    host TEXT NOT NULL,
    org TEXT NOT NULL,
    team TEXT NOT NULL,
    issue TEXT NOT NULL,
    generation BIGINT NOT NULL,
    touched_us BIGINT NOT NULL,
    PRIMARY KEY (run, host, org, team, issue, generation)
);

-- When an issue was last part of an applied run, and with which evidence.
CREATE TABLE ledger_reports (
    host TEXT NOT NULL,
    org TEXT NOT NULL,
    issue TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (host, org, issue)
);

CREATE TABLE ledger_runs (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    started_us BIGINT NOT NULL,
    ended_us BIGINT,
    plan TEXT,
    report TEXT -- JSON
);

CREATE INDEX ledger_runs_started ON ledger_runs (started_us);
