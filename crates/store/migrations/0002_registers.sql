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

-- custody
-- What recorders said of themselves when they were unlocked.
CREATE TABLE recorder_told (
    seq INTEGER PRIMARY KEY,
    session INTEGER NOT NULL,
    at TEXT NOT NULL,
    device TEXT,
    officer TEXT,
    battery_percent INTEGER,
    firmware TEXT,
    source TEXT NOT NULL
) STRICT;
CREATE INDEX recorder_told_by_session ON recorder_told (session);

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

-- keep
-- Every clip in custody as far as keeping goes; `state` is kept, leaving or disposed. `page` is the
-- entry number in thousands: the archive is walked page by page.
CREATE TABLE kept (
    seq INTEGER PRIMARY KEY,
    page INTEGER NOT NULL,
    boot TEXT NOT NULL,
    stored TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    class TEXT,
    class_seq INTEGER,
    classed_by TEXT,
    state TEXT NOT NULL,
    disposed_seq INTEGER
) STRICT;
CREATE INDEX kept_by_page ON kept (page);
CREATE INDEX kept_by_sha256 ON kept (sha256);

-- Every class ever given.
CREATE TABLE classing (
    seq INTEGER PRIMARY KEY,
    clip INTEGER NOT NULL,
    class TEXT NOT NULL,
    given_by TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX classing_by_clip ON classing (clip);
CREATE INDEX classing_by_class ON classing (class);

-- Holds (S15); `state` is requested, approved, refused, release-requested or released.
CREATE TABLE hold (
    seq INTEGER PRIMARY KEY,
    ground TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    requested TEXT NOT NULL,
    approved_by TEXT,
    approved_seq INTEGER,
    release_by TEXT,
    release_reason TEXT,
    answered_by TEXT,
    answer TEXT,
    answered_seq INTEGER
) STRICT;
CREATE INDEX hold_by_state ON hold (state);

CREATE TABLE hold_clip (
    hold INTEGER NOT NULL,
    clip INTEGER NOT NULL,
    PRIMARY KEY (hold, clip)
) STRICT, WITHOUT ROWID;
CREATE INDEX hold_clip_by_clip ON hold_clip (clip);

-- Plans of disposal; `state` is planned or approved.
CREATE TABLE disposal_plan (
    seq INTEGER PRIMARY KEY,
    object TEXT NOT NULL,
    clips INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    planned_by TEXT NOT NULL,
    planned TEXT NOT NULL,
    state TEXT NOT NULL,
    approved TEXT,
    approved_by TEXT,
    approved_seq INTEGER
) STRICT;
CREATE INDEX disposal_plan_by_state ON disposal_plan (state);

-- Clips of a plan; `state` is pending, leaving, disposed or withdrawn.
CREATE TABLE disposal_line (
    plan INTEGER NOT NULL,
    clip INTEGER NOT NULL,
    state TEXT NOT NULL,
    why TEXT,
    result_seq INTEGER,
    PRIMARY KEY (plan, clip)
) STRICT, WITHOUT ROWID;
CREATE INDEX disposal_line_by_clip ON disposal_line (clip);

-- Runs: what the brake let go.
CREATE TABLE disposal_run (
    seq INTEGER PRIMARY KEY,
    plan INTEGER NOT NULL,
    begun TEXT NOT NULL,
    begun_by TEXT NOT NULL,
    archive_clips INTEGER NOT NULL,
    archive_bytes INTEGER NOT NULL,
    used_clips INTEGER NOT NULL,
    used_bytes INTEGER NOT NULL,
    clips INTEGER NOT NULL,
    bytes INTEGER NOT NULL
) STRICT;

-- Intents to remove; `state` is intended, kept or disposed.
CREATE TABLE disposal (
    seq INTEGER PRIMARY KEY,
    plan INTEGER NOT NULL,
    run INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    clips INTEGER NOT NULL,
    copies TEXT NOT NULL,
    intended TEXT NOT NULL,
    run_clips INTEGER NOT NULL,
    run_bytes INTEGER NOT NULL,
    state TEXT NOT NULL,
    places TEXT,
    reason TEXT,
    settled_seq INTEGER
) STRICT;
CREATE INDEX disposal_by_sha256 ON disposal (sha256);
CREATE INDEX disposal_by_state ON disposal (state);
CREATE INDEX disposal_by_run ON disposal (run);

-- Spot and playback checks (S16); `state` is announced, drawn or closed.
CREATE TABLE spotcheck (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    from_seq INTEGER NOT NULL,
    to_seq INTEGER NOT NULL,
    class TEXT,
    wanted INTEGER NOT NULL,
    at_size INTEGER NOT NULL,
    announced TEXT NOT NULL,
    announced_by TEXT NOT NULL,
    state TEXT NOT NULL,
    root TEXT,
    drawn_seq INTEGER,
    appraisal TEXT,
    closed_seq INTEGER
) STRICT;
CREATE INDEX spotcheck_by_state ON spotcheck (state);

-- The clips a check fell on, and what the auditor saw.
CREATE TABLE spotcheck_clip (
    spotcheck INTEGER NOT NULL,
    clip INTEGER NOT NULL,
    place INTEGER NOT NULL,
    answers TEXT,
    finding TEXT,
    answered_by TEXT,
    answered_seq INTEGER,
    correction TEXT,
    corrected_by TEXT,
    corrected_seq INTEGER,
    PRIMARY KEY (spotcheck, clip)
) STRICT, WITHOUT ROWID;
CREATE INDEX spotcheck_clip_by_clip ON spotcheck_clip (clip);

-- Discs and media burnt for long-term keeping (S15).
CREATE TABLE medium (
    seq INTEGER PRIMARY KEY,
    label TEXT NOT NULL,
    kind TEXT NOT NULL,
    place TEXT NOT NULL,
    digest TEXT NOT NULL,
    hold INTEGER,
    burnt TEXT NOT NULL,
    burnt_by TEXT NOT NULL,
    read_back TEXT,
    read_equal INTEGER,
    read_by TEXT,
    read_seq INTEGER
) STRICT;
CREATE INDEX medium_by_label ON medium (label);

CREATE TABLE medium_clip (
    medium INTEGER NOT NULL,
    clip INTEGER NOT NULL,
    PRIMARY KEY (medium, clip)
) STRICT, WITHOUT ROWID;
CREATE INDEX medium_clip_by_clip ON medium_clip (clip);

-- One row per boot of the machine: its first entry and time, its latest time, and the smallest and
-- largest distance (`lead`) of the wall clock from the time since boot, milliseconds.
CREATE TABLE clock (
    boot TEXT NOT NULL,
    first_seq INTEGER NOT NULL,
    first_wall INTEGER NOT NULL,
    wall_most INTEGER NOT NULL,
    lead_least INTEGER NOT NULL,
    lead_most INTEGER NOT NULL,
    PRIMARY KEY (boot)
) STRICT, WITHOUT ROWID;

-- Who said when that the clock is right.
CREATE TABLE clock_trust (
    seq INTEGER PRIMARY KEY,
    boot TEXT NOT NULL,
    wall INTEGER NOT NULL,
    by TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;

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
