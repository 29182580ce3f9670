-- The schema as it is now, for reading: the sum of `migrations/`, and a test holds it to them.

-- The log: bytes exactly as they were signed, and the leaf hash over them (RFC 6962).
CREATE TABLE entry (
    seq INTEGER PRIMARY KEY,
    leaf BLOB NOT NULL CHECK (length(leaf) = 32),
    bytes BLOB NOT NULL
) STRICT;

-- Heads of perfect subtrees, only at levels 8, 16, 24 …; those between follow from at most 256 below.
CREATE TABLE node (
    level INTEGER NOT NULL CHECK (level > 0 AND level % 8 = 0),
    idx INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;

-- The right edge of the tree: one hash of 32 bytes for each 1 bit of size, left to right.
CREATE TABLE frontier (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    size INTEGER NOT NULL,
    nodes BLOB NOT NULL
) STRICT;
INSERT INTO frontier (id, size, nodes) VALUES (1, 0, x'');

-- Heads that were handed out. The newest may still be in the file `head` only.
CREATE TABLE head (
    size INTEGER PRIMARY KEY,
    note TEXT NOT NULL
) STRICT;

-- Which record this is.
CREATE TABLE station (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    origin TEXT NOT NULL
) STRICT;

-- Salted PIN hashes and the like: beside the chain, never exported.
CREATE TABLE secret (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER entry_without_gap BEFORE INSERT ON entry
WHEN new.seq IS NOT (SELECT coalesce(max(seq) + 1, 0) FROM entry)
BEGIN SELECT raise(ABORT, 'the log has no gaps and no second entry of a number'); END;
CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry
BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry
BEGIN SELECT raise(ABORT, 'the log is append-only'); END;

CREATE TRIGGER node_once BEFORE INSERT ON node
WHEN EXISTS (SELECT 1 FROM node WHERE level = new.level AND idx = new.idx)
BEGIN SELECT raise(ABORT, 'a tree node never changes'); END;
CREATE TRIGGER node_no_update BEFORE UPDATE ON node
BEGIN SELECT raise(ABORT, 'a tree node never changes'); END;
CREATE TRIGGER node_no_delete BEFORE DELETE ON node
BEGIN SELECT raise(ABORT, 'a tree node never changes'); END;

CREATE TRIGGER head_once BEFORE INSERT ON head
WHEN new.size <= (SELECT max(size) FROM head)
BEGIN SELECT raise(ABORT, 'heads only grow'); END;
CREATE TRIGGER head_no_update BEFORE UPDATE ON head
BEGIN SELECT raise(ABORT, 'a head that was handed out never changes'); END;
CREATE TRIGGER head_no_delete BEFORE DELETE ON head
BEGIN SELECT raise(ABORT, 'a head that was handed out never changes'); END;

CREATE TRIGGER frontier_grows BEFORE UPDATE ON frontier WHEN new.size < old.size
BEGIN SELECT raise(ABORT, 'the log never shrinks'); END;
CREATE TRIGGER frontier_no_delete BEFORE DELETE ON frontier
BEGIN SELECT raise(ABORT, 'the log never shrinks'); END;

CREATE TRIGGER station_no_update BEFORE UPDATE ON station
BEGIN SELECT raise(ABORT, 'the origin of a record never changes'); END;
CREATE TRIGGER station_no_delete BEFORE DELETE ON station
BEGIN SELECT raise(ABORT, 'the origin of a record never changes'); END;

-- People of the unit. The PIN itself never enters the chain, only a commitment to its hash.
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

-- Recorders as fixed assets; `device_id` is the number the recorder itself writes into names.
CREATE TABLE recorder (
    id TEXT NOT NULL,
    device_id TEXT,
    model TEXT,
    enrolled_seq INTEGER NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX recorder_by_device_id ON recorder (device_id);

CREATE TABLE bay (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    path TEXT NOT NULL,
    added_seq INTEGER NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- Clerk's shifts under the docking policy clerk-shift.
CREATE TABLE shift (
    seq INTEGER PRIMARY KEY,
    clerk TEXT NOT NULL,
    opened TEXT NOT NULL,
    open INTEGER NOT NULL,
    closed TEXT,
    closed_seq INTEGER
) STRICT;
CREATE INDEX shift_by_open ON shift (open);

-- Every policy ever adopted; the one in force is the last.
CREATE TABLE policy (
    seq INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL,
    adopted TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;

-- Where copies go: `mirror` with its place, or `single-accepted` as a signed risk.
CREATE TABLE copies (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    place TEXT
) STRICT;

-- Key epochs: an entry is valid only under the key of its epoch.
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
    lost_last INTEGER,
    pins_lost INTEGER NOT NULL
) STRICT;

-- Dock sessions.
CREATE TABLE session (
    seq INTEGER PRIMARY KEY,
    bay TEXT NOT NULL,
    recorder_claim TEXT NOT NULL,
    recorder TEXT,
    officer_claim TEXT,
    officer TEXT,
    binding TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    opened TEXT NOT NULL,
    listing TEXT,
    lines INTEGER,
    bytes INTEGER,
    clock_offset_ms INTEGER,
    conflict TEXT,
    state TEXT NOT NULL,
    verdict TEXT,
    summary TEXT,
    closed TEXT,
    closed_seq INTEGER
) STRICT;
CREATE INDEX session_by_state ON session (state);
CREATE INDEX session_by_recorder ON session (recorder);
CREATE INDEX session_by_recorder_claim ON session (recorder_claim);

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

-- Clips in custody: one row per stored content of a recorder's file.
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
CREATE INDEX clip_by_recorded_stored ON clip (recorded, stored);

-- Whose a clip is, as it was said after its docking.
CREATE TABLE assignment (
    seq INTEGER PRIMARY KEY,
    clip INTEGER NOT NULL,
    recorder TEXT NOT NULL,
    officer TEXT NOT NULL,
    corrects INTEGER
) STRICT;
CREATE INDEX assignment_by_clip ON assignment (clip);

-- Every line of every listing that is accounted for by a stored clip: first seen or seen again.
CREATE TABLE sighting (
    session INTEGER NOT NULL,
    line INTEGER NOT NULL,
    clip INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (session, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX sighting_by_clip ON sighting (clip);

-- Lines (or whole sessions: line is null) that stand aside, why, and what was decided.
CREATE TABLE aside (
    seq INTEGER PRIMARY KEY,
    session INTEGER NOT NULL,
    line INTEGER,
    raw TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime_ms INTEGER,
    recorder_claim TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    object TEXT,
    state TEXT NOT NULL,
    decision TEXT,
    decision_reason TEXT,
    decided_by TEXT,
    decided_seq INTEGER
) STRICT;
CREATE INDEX aside_by_state ON aside (state);
CREATE INDEX aside_by_session ON aside (session);
CREATE INDEX aside_by_recorder_claim_raw ON aside (recorder_claim, raw);

-- Wipes, one row per line of a session: intended, wiped, failed or unknown.
CREATE TABLE wipe (
    session INTEGER NOT NULL,
    line INTEGER NOT NULL,
    clip INTEGER NOT NULL,
    raw TEXT NOT NULL,
    recorder_claim TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    intended_seq INTEGER NOT NULL,
    result_seq INTEGER,
    PRIMARY KEY (session, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX wipe_by_state ON wipe (state);
CREATE INDEX wipe_by_clip ON wipe (clip);
CREATE INDEX wipe_by_recorder_claim_state ON wipe (recorder_claim, state);

-- Why a stored line was not wiped, one row per line of a session.
CREATE TABLE wipe_refusal (
    session INTEGER NOT NULL,
    line INTEGER NOT NULL,
    clip INTEGER NOT NULL,
    reasons TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (session, line)
) STRICT, WITHOUT ROWID;

-- Standing orders by a clerk: wipe what is proven stored of this session's recorder.
CREATE TABLE wipe_order (
    seq INTEGER PRIMARY KEY,
    session INTEGER NOT NULL,
    recorder_claim TEXT NOT NULL,
    ordered_by TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX wipe_order_by_session ON wipe_order (session);
CREATE INDEX wipe_order_by_recorder_claim ON wipe_order (recorder_claim);

-- Deadlines that were missed, and the reason given.
CREATE TABLE deadline (
    clip INTEGER NOT NULL,
    clock TEXT NOT NULL,
    due TEXT NOT NULL,
    stored TEXT NOT NULL,
    alarm INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    reason TEXT,
    reason_by TEXT,
    reason_seq INTEGER,
    PRIMARY KEY (clip, clock)
) STRICT, WITHOUT ROWID;
CREATE INDEX deadline_by_alarm ON deadline (alarm);

-- Departments of the unit.
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
CREATE INDEX viewing_by_opened ON viewing (opened);

-- What of an opened clip was shown: a row for each stretch before it was; `shown` is played, thumbnails or ended.
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
CREATE INDEX copy_out_by_begun ON copy_out (begun);
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

-- The officers that each record of a matter named; the entry of the record is `seq`.
CREATE TABLE matter_officer (
    seq INTEGER NOT NULL,
    officer TEXT NOT NULL,
    matter INTEGER NOT NULL,
    PRIMARY KEY (seq, officer)
) STRICT, WITHOUT ROWID;
CREATE INDEX matter_officer_by_matter ON matter_officer (matter);

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
CREATE INDEX usage_by_issued ON usage (issued);

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
CREATE INDEX recorder_check_by_at ON recorder_check (at);

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

-- Drills; `state` is begun, whole, findings or failed. A copy of the footage lies at `place_left` until `removed_seq`.
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
-- Full checks that were entered (全面核对).
CREATE TABLE full_check (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    by TEXT NOT NULL,
    deep INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    clips INTEGER NOT NULL,
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    findings INTEGER NOT NULL
) STRICT;
CREATE INDEX full_check_by_deep ON full_check (deep);

-- Keys of authenticators that are shown instead of a PIN; the entry that added one is `seq`. Filled from the chain.
CREATE TABLE passkey (
    seq INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    label TEXT NOT NULL,
    party TEXT NOT NULL,
    credential TEXT NOT NULL,
    public TEXT NOT NULL,
    synced INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    pin_seq INTEGER NOT NULL,
    added TEXT NOT NULL,
    used TEXT,
    cloned INTEGER NOT NULL,
    ended_seq INTEGER
) STRICT;
CREATE INDEX passkey_by_person ON passkey (person);
CREATE INDEX passkey_by_credential ON passkey (credential);
