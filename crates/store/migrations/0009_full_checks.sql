-- Full checks that were entered. Filled from the chain.
CREATE TABLE full_check (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    by TEXT NOT NULL,
    deep INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    clips INTEGER NOT NULL,
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    findings INTEGER NOT NULL
) STRICT;
CREATE INDEX full_check_by_deep ON full_check (deep);
