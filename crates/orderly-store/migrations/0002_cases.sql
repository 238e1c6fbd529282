-- Repairs: one row a case, at most one open case an issue. Whoever works on a case is its holder.
CREATE TABLE ledger_cases (
    host TEXT NOT NULL,
    org TEXT NOT NULL,
    issue TEXT NOT NULL,
    run TEXT NOT NULL, -- the run that opened it
    is_open SMALLINT NOT NULL CHECK (is_open IN (0, 1)),
    is_fixed SMALLINT NOT NULL CHECK (is_fixed IN (0, 1)), -- ended with a commit
    stage TEXT NOT NULL,
    holder TEXT NOT NULL,
    until_us BIGINT NOT NULL,
    content TEXT NOT NULL, -- JSON: the whole case
    opened_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    PRIMARY KEY (host, org, issue, run)
);

CREATE UNIQUE INDEX ledger_cases_one_open ON ledger_cases (host, org, issue) WHERE is_open = 1;
