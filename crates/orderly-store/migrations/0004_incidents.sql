-- The logs of incidents: one row an entry. Rows are only ever added.
CREATE TABLE ledger_incidents (
    host TEXT NOT NULL,
    org TEXT NOT NULL,
    incident BIGINT NOT NULL CHECK (incident > 0),
    sequence BIGINT NOT NULL CHECK (sequence > 0),
    digest TEXT NOT NULL, -- over this entry and those before
    content TEXT NOT NULL, -- JSON: the entry
    recorded_us BIGINT NOT NULL,
    PRIMARY KEY (host, org, incident, sequence)
);
