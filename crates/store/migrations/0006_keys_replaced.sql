-- Key epochs: why one began without a rotation, and since when the key before was in other hands. Filled from
-- the chain.
DROP TABLE key_epoch;
CREATE TABLE key_epoch (
    kind TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    public TEXT NOT NULL,
    since_seq INTEGER NOT NULL,
    cause TEXT,
    stolen_since TEXT,
    PRIMARY KEY (kind, epoch)
) STRICT, WITHOUT ROWID;
-- Times that the record was put back from a copy.
CREATE TABLE restored (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    size INTEGER NOT NULL,
    root TEXT NOT NULL,
    place TEXT NOT NULL,
    heads INTEGER NOT NULL,
    lost_first INTEGER,
    lost_last INTEGER
) STRICT;
