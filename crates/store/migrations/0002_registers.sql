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

-- desk
-- Recorders as fixed assets: what is written about each, where it is, who has it.
CREATE TABLE asset (
    recorder TEXT NOT NULL,
    state TEXT NOT NULL,
    state_seq INTEGER NOT NULL,
    holder TEXT,
    use_seq INTEGER,
    fault_seq INTEGER,
    asset_number TEXT,
    acquired TEXT,
    department TEXT,
    clerk TEXT,
    cabinet TEXT,
    described_seq INTEGER,
    checked_seq INTEGER,
    checked TEXT,
    PRIMARY KEY (recorder)
) STRICT, WITHOUT ROWID;
CREATE INDEX asset_by_state ON asset (state);
CREATE INDEX asset_by_holder ON asset (holder);

-- Everything that happened to a recorder at the desk: what, when, by whom, why.
CREATE TABLE asset_change (
    seq INTEGER PRIMARY KEY,
    recorder TEXT NOT NULL,
    at TEXT NOT NULL,
    what TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT
) STRICT;
CREATE INDEX asset_change_by_recorder ON asset_change (recorder);

-- To whom a recorder may be issued.
CREATE TABLE designation (
    seq INTEGER PRIMARY KEY,
    recorder TEXT NOT NULL,
    officer TEXT NOT NULL,
    ended_seq INTEGER
) STRICT;
CREATE INDEX designation_by_recorder ON designation (recorder);
CREATE INDEX designation_by_officer ON designation (officer);

-- One row per use, from the request to the docking.
CREATE TABLE usage (
    seq INTEGER PRIMARY KEY,
    recorder TEXT NOT NULL,
    officer TEXT NOT NULL,
    department TEXT,
    purpose TEXT NOT NULL,
    until TEXT NOT NULL,
    state TEXT NOT NULL,
    breach INTEGER NOT NULL,
    approver TEXT,
    decided TEXT,
    decided_seq INTEGER,
    decision_reason TEXT,
    check_seq INTEGER,
    check_passed INTEGER,
    checked TEXT,
    issued TEXT,
    issued_by TEXT,
    issued_seq INTEGER,
    returned TEXT,
    returned_by TEXT,
    returned_seq INTEGER,
    return_reason TEXT,
    late INTEGER,
    docked_session INTEGER,
    other_session INTEGER,
    other_officer TEXT,
    warned_seq INTEGER,
    overdue_seq INTEGER,
    dock_warned_seq INTEGER,
    dock_overdue_seq INTEGER,
    late_reason TEXT,
    late_reason_by TEXT,
    late_reason_seq INTEGER,
    alarms TEXT,
    seen_by TEXT,
    seen_seq INTEGER
) STRICT;
CREATE INDEX usage_by_recorder ON usage (recorder);
CREATE INDEX usage_by_officer ON usage (officer);
CREATE INDEX usage_by_state ON usage (state);

-- Checks before a use and periodic ones.
CREATE TABLE recorder_check (
    seq INTEGER PRIMARY KEY,
    recorder TEXT NOT NULL,
    use_seq INTEGER,
    at TEXT NOT NULL,
    checked_by TEXT NOT NULL,
    works INTEGER NOT NULL,
    battery_percent INTEGER NOT NULL,
    free_mib INTEGER NOT NULL,
    clock TEXT NOT NULL,
    emptied_session INTEGER,
    offset_ms INTEGER,
    passed INTEGER NOT NULL,
    findings TEXT NOT NULL,
    remark TEXT
) STRICT;
CREATE INDEX recorder_check_by_recorder ON recorder_check (recorder);
CREATE INDEX recorder_check_by_use_seq ON recorder_check (use_seq);
