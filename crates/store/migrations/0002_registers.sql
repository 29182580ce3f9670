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

-- desk: recorders as fixed assets, and the archive of their use.
-- Recorders as fixed assets: what is written about each, where it is, who has it. ASSET = "asset" ["recorder"] { ("recorder"), text("state"), int("state_seq"), text_null("holder"), int_null("use_seq"), null("fault_seq"), text_null("asset_number"), text_null("acquired"), _null("department"), text_null("clerk"), text_null("cabinet"), null("described_seq"), int_null("checked_seq"), text_null("checked"), okup [["state"], ["holder"]]  e!( Everything that happened to a recorder at the desk: what, when, by whom, why. ASSET_CHANGE = "asset_change" ["seq"] { "seq"), text("recorder"), text("at"), text("what"), text("actor"), text_null("reason"), okup [["recorder"]]  e!( To whom a recorder may be issued. DESIGNATION = "designation" ["seq"] { "seq"), text("recorder"), text("officer"), int_null("ended_seq"), okup [["recorder"], ["officer"]]  e!( One row per use, from the request to the docking. USAGE = "usage" ["seq"] { "seq"), text("recorder"), text("officer"), text_null("department"), text("purpose"), ("until"), text("state"), int("breach"), text_null("approver"), _null("decided"), int_null("decided_seq"), text_null("decision_reason"), null("check_seq"), int_null("check_passed"), text_null("checked"), _null("issued"), text_null("issued_by"), int_null("issued_seq"), _null("returned"), text_null("returned_by"), int_null("returned_seq"), _null("return_reason"), int_null("late"), int_null("docked_session"), null("other_session"), text_null("other_officer"), null("warned_seq"), int_null("overdue_seq"), int_null("dock_warned_seq"), null("dock_overdue_seq"), text_null("late_reason"), text_null("late_reason_by"), null("late_reason_seq"), text_null("alarms"), text_null("seen_by"), int_null("seen_seq"), okup [["recorder"], ["officer"], ["state"]]  e!( Checks before a use and periodic ones.
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
