-- Who was proposed as unit head where none signed any more; the entry is `seq`.
CREATE TABLE head_proposal (
    seq INTEGER NOT NULL,
    person TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    wall INTEGER NOT NULL,
    unseen_ms INTEGER NOT NULL,
    seconded_seq INTEGER,
    PRIMARY KEY (seq)
) STRICT, WITHOUT ROWID;
