-- What is remembered of tracked work. All of it can be read anew from the tracker.
-- kind: coverage (one row, key ''), item (key: item id), error (key: Sentry issue id), examples (one row, key '').
CREATE TABLE ledger_backlog (
    host TEXT NOT NULL,
    org TEXT NOT NULL,
    team TEXT NOT NULL, -- team of the backlog; items of further teams belong to it as well
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    content TEXT NOT NULL, -- JSON
    PRIMARY KEY (host, org, team, kind, key)
);
