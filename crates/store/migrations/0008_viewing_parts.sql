-- What of an opened clip was shown, from–to. Filled from the chain.
CREATE TABLE viewing_part (
    seq INTEGER PRIMARY KEY,
    viewing INTEGER NOT NULL,
    clip INTEGER NOT NULL,
    shown TEXT NOT NULL,
    from_ms INTEGER,
    to_ms INTEGER,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX viewing_part_by_viewing ON viewing_part (viewing);
CREATE INDEX viewing_part_by_clip ON viewing_part (clip);
