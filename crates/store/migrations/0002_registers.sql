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

-- matter

-- Clips gain the time in their name.
DROP TABLE clip;
CREATE TABLE clip (
    seq INTEGER PRIMARY KEY,
    session INTEGER NOT NULL,
    line INTEGER NOT NULL,
    raw TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    chunk_root TEXT NOT NULL,
    sm3 TEXT,
    mtime_ms INTEGER,
    named_time TEXT,
    recorded TEXT,
    recorder TEXT,
    officer TEXT,
    recorder_claim TEXT NOT NULL,
    media TEXT NOT NULL,
    marked INTEGER NOT NULL,
    copies TEXT NOT NULL,
    stored TEXT NOT NULL,
    sshsig TEXT NOT NULL,
    evidence_epoch INTEGER NOT NULL,
    described TEXT,
    described_seq INTEGER,
    assigned_seq INTEGER
) STRICT;
CREATE INDEX clip_by_recorder ON clip (recorder);
CREATE INDEX clip_by_officer ON clip (officer);
CREATE INDEX clip_by_sha256 ON clip (sha256);
CREATE INDEX clip_by_session ON clip (session);
CREATE INDEX clip_by_recorder_claim_raw ON clip (recorder_claim, raw);
CREATE INDEX clip_by_marked ON clip (marked);

-- Every adopted list of what must be recorded; the one in force is the last.
CREATE TABLE step_list (
    seq INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;

-- Matters. Parties stand one on a line, officers apart by a blank.
CREATE TABLE matter (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    parties TEXT NOT NULL,
    officers TEXT NOT NULL,
    department TEXT,
    case_file TEXT,
    opened TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    record_seq INTEGER NOT NULL,
    state TEXT NOT NULL,
    ended TEXT,
    due TEXT,
    closed_seq INTEGER,
    warned_seq INTEGER,
    missed_seq INTEGER,
    filed TEXT,
    late INTEGER,
    late_reason TEXT,
    archive TEXT,
    filed_seq INTEGER
) STRICT;
CREATE INDEX matter_by_state ON matter (state);
CREATE INDEX matter_by_case_file ON matter (case_file);

-- Enforcement steps of matters, as they were declared.
CREATE TABLE step (
    seq INTEGER PRIMARY KEY,
    matter INTEGER NOT NULL,
    item TEXT NOT NULL,
    name TEXT NOT NULL,
    must INTEGER NOT NULL,
    cite TEXT NOT NULL,
    manner TEXT NOT NULL,
    reason TEXT,
    place TEXT NOT NULL,
    officers TEXT NOT NULL,
    declared TEXT NOT NULL,
    began TEXT,
    ended TEXT,
    closed_seq INTEGER
) STRICT;
CREATE INDEX step_by_matter ON step (matter);

-- Which clip belongs to which step; `step` is null: to the matter as a whole.
CREATE TABLE binding (
    seq INTEGER PRIMARY KEY,
    clip INTEGER NOT NULL,
    matter INTEGER NOT NULL,
    step INTEGER,
    bound_by TEXT NOT NULL,
    unbound_seq INTEGER
) STRICT;
CREATE INDEX binding_by_clip ON binding (clip);
CREATE INDEX binding_by_matter ON binding (matter);
CREATE INDEX binding_by_step ON binding (step);

-- Marks by people; those of devices stand in `clip`.
CREATE TABLE mark (
    seq INTEGER PRIMARY KEY,
    clip INTEGER NOT NULL,
    marked_by TEXT NOT NULL,
    at TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX mark_by_clip ON mark (clip);

-- Interruptions, the explanation of each and what the department head said to it.
CREATE TABLE interruption (
    seq INTEGER PRIMARY KEY,
    matter INTEGER NOT NULL,
    step INTEGER NOT NULL,
    kind TEXT NOT NULL,
    recorder TEXT,
    before INTEGER,
    after INTEGER,
    since TEXT,
    until TEXT,
    numbers TEXT NOT NULL,
    detail TEXT NOT NULL,
    state TEXT NOT NULL,
    cause TEXT,
    explanation TEXT,
    voice_clip INTEGER,
    voice_at_ms INTEGER,
    told TEXT,
    explained_by TEXT,
    explained_seq INTEGER,
    note TEXT,
    noted_by TEXT,
    noted_seq INTEGER
) STRICT;
CREATE INDEX interruption_by_state ON interruption (state);
CREATE INDEX interruption_by_step ON interruption (step);
CREATE INDEX interruption_by_matter ON interruption (matter);

-- report

-- Entries by the person who answers for them; `how` is `person` or `shift`.
CREATE TABLE act (
    seq INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    how TEXT NOT NULL
) STRICT;
CREATE INDEX act_by_person ON act (person);
