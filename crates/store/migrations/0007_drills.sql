-- Restores by which every PIN was lost, and drills with the copies of the footage that they left. Filled from the chain.
DROP TABLE restored;
CREATE TABLE restored (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    size INTEGER NOT NULL,
    root TEXT NOT NULL,
    place TEXT NOT NULL,
    heads INTEGER NOT NULL,
    lost_first INTEGER,
    lost_last INTEGER,
    pins_lost INTEGER NOT NULL
) STRICT;
CREATE TABLE drill (
    seq INTEGER PRIMARY KEY,
    begun TEXT NOT NULL,
    begun_by TEXT NOT NULL,
    place TEXT NOT NULL,
    fs TEXT NOT NULL,
    disk TEXT NOT NULL,
    without_database INTEGER NOT NULL,
    keep INTEGER NOT NULL,
    state TEXT NOT NULL,
    entries INTEGER,
    clips INTEGER,
    findings INTEGER,
    place_left TEXT,
    completed_seq INTEGER,
    removed_by TEXT,
    removed_seq INTEGER
) STRICT;
CREATE INDEX drill_by_removed_seq ON drill (removed_seq);
