-- People and duties. The registers are filled from the chain after this step.
DROP TABLE person;
CREATE TABLE person (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    pin_commitment TEXT,
    enrolled_seq INTEGER NOT NULL,
    pin_seq INTEGER,
    department TEXT,
    certificate TEXT,
    phone TEXT,
    joined TEXT,
    described_seq INTEGER,
    retired_seq INTEGER,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE department (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    added_seq INTEGER NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- A role over a department or the whole unit, from, until, as whose deputy.
CREATE TABLE duty (
    seq INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    role TEXT NOT NULL,
    department TEXT,
    since TEXT,
    until TEXT,
    acting_for TEXT,
    given_by TEXT NOT NULL,
    ended_seq INTEGER
) STRICT;
CREATE INDEX duty_by_person ON duty (person);
CREATE INDEX duty_by_role ON duty (role);

-- Wrong PINs, and the locks that follow.
CREATE TABLE pin_refusal (
    seq INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX pin_refusal_by_person ON pin_refusal (person);

CREATE TABLE person_lock (
    seq INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    released_seq INTEGER
) STRICT;
CREATE INDEX person_lock_by_person ON person_lock (person);

-- access
-- Requests to view or copy, and what became of them.
CREATE TABLE access (
    seq INTEGER PRIMARY KEY,
    who TEXT NOT NULL,
    purpose TEXT NOT NULL,
    person TEXT,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    phone TEXT,
    letter TEXT,
    wanted TEXT NOT NULL,
    matter TEXT NOT NULL,
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked TEXT NOT NULL,
    state TEXT NOT NULL,
    decided_by TEXT,
    decided TEXT,
    decided_seq INTEGER,
    decision_reason TEXT,
    expires TEXT,
    times INTEGER,
    revoked_by TEXT,
    revoked_seq INTEGER,
    revoked_reason TEXT
) STRICT;
CREATE INDEX access_by_state ON access (state);
CREATE INDEX access_by_person ON access (person);

-- Clips that an approval names, frozen.
CREATE TABLE access_clip (
    access INTEGER NOT NULL,
    clip INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (access, clip)
) STRICT, WITHOUT ROWID;
CREATE INDEX access_clip_by_clip ON access_clip (clip);

-- Secrecy levels that were set; the last of a clip is in force.
CREATE TABLE secrecy (
    seq INTEGER PRIMARY KEY,
    clip INTEGER NOT NULL,
    level TEXT NOT NULL,
    reason TEXT NOT NULL,
    set_by TEXT NOT NULL,
    set_at TEXT NOT NULL
) STRICT;
CREATE INDEX secrecy_by_clip ON secrecy (clip);

-- Viewings, one row per clip that was opened.
CREATE TABLE viewing (
    seq INTEGER PRIMARY KEY,
    clip INTEGER NOT NULL,
    ground TEXT NOT NULL,
    access INTEGER,
    number INTEGER,
    duty INTEGER,
    viewer TEXT,
    visitor TEXT,
    visitor_unit TEXT,
    opened_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    matter TEXT,
    opened TEXT NOT NULL
) STRICT;
CREATE INDEX viewing_by_clip ON viewing (clip);
CREATE INDEX viewing_by_access_clip ON viewing (access, clip);
CREATE INDEX viewing_by_viewer ON viewing (viewer);

-- Copies handed out. Without completed_seq a copy is unfinished and void.
CREATE TABLE copy_out (
    seq INTEGER PRIMARY KEY,
    access INTEGER NOT NULL,
    number INTEGER NOT NULL,
    place TEXT NOT NULL,
    carried_by TEXT NOT NULL,
    begun TEXT NOT NULL,
    files INTEGER,
    completed_seq INTEGER
) STRICT;
CREATE INDEX copy_out_by_access ON copy_out (access);
