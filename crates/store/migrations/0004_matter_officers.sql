-- The officers that each record of a matter named; the entry of the record is `seq`.
CREATE TABLE matter_officer (
    seq INTEGER NOT NULL,
    officer TEXT NOT NULL,
    matter INTEGER NOT NULL,
    PRIMARY KEY (seq, officer)
) STRICT, WITHOUT ROWID;
CREATE INDEX matter_officer_by_matter ON matter_officer (matter);
