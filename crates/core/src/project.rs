//! An entry becomes row changes, here and nowhere else: the store executes them when it appends, and
//! `check` executes them again from entry 0 and compares.

use crate::actor::ActorRecord;
use crate::duty::rows as duty;
use crate::event::{
    AsideDecided, ClipDescribed, ClipSetAside, ClipStored, CopiesNamed, DeadlineMissed, Event,
    KeyKind, ListingSigned, PersonEnrolled, ReasonGiven, RecorderEnrolled, RecorderTold,
    SessionClosed, SessionOpened, StationFounded, StationRestored, WipeIntended, WipeOrdered,
    WipeRefused, WipeSettled,
};
use crate::id::{ClipId, PersonId, RecorderId};
use crate::schema as s;
use crate::table::{Cell, RowChange, Table};
use crate::time::{ClockOffset, Stamp, WallMs};
use sealdock_chain::digest::Digest;

type Cells = Vec<(&'static str, Cell)>;

/// Cells by the names of their columns.
#[macro_export]
#[doc(hidden)]
macro_rules! cells {
    ($($name:ident : $value:expr),* $(,)?) => {
        vec![$((stringify!($name), $crate::table::Cell::from($value))),*]
    };
}

/// The row changes of entry `seq`. Total: every event that decodes has a projection.
pub fn project(seq: u64, at: &Stamp, actor: &ActorRecord, event: &Event) -> Vec<RowChange> {
    let mut rows = vec![crate::clock_state::stretched(seq, at)];
    rows.extend(of_event(seq, at, actor, event));
    rows.extend(crate::report::acted(seq, actor));
    rows
}

fn of_event(seq: u64, at: &Stamp, actor: &ActorRecord, event: &Event) -> Vec<RowChange> {
    let wall = || at.wall.rfc3339();
    match event {
        Event::StationStarted(_) | Event::DockRefused(_) | Event::WipeCertified(_) => Vec::new(),
        Event::StationFounded(e) => founded(seq, e),
        Event::PolicyAdopted(e) => insert(
            &s::POLICY,
            cells! { seq: seq, sha256: e.sha256.to_string(), adopted: wall(), body: e.text.clone() },
        ),
        Event::CopiesNamed(e) => copies_named(seq, e),
        Event::KeyRotated(e) => epoch(seq, (e.key, e.epoch, &e.new_public), None, None),
        Event::KeyReplaced(e) => {
            let since = e.since.map(WallMs::rfc3339);
            epoch(seq, (e.key, e.epoch, &e.new_public), Some(e.cause.as_str()), since)
        }
        Event::StationRestored(e) => restored(seq, wall(), e),
        Event::PersonEnrolled(e) => person_enrolled(seq, actor, e),
        Event::PinRefused(e) => duty::pin_refused(seq, at, e.person.as_str()),
        Event::Duty(e) => crate::duty::project(seq, at, actor, e),
        Event::Desk(e) => crate::desk::project(seq, at, actor, e),
        Event::Access(e) => crate::access::project(seq, at, actor, e),
        Event::Keep(e) => crate::keep::project(seq, at, actor, e),
        Event::Matter(e) => crate::matter::project(seq, at, actor, e),
        Event::RecorderEnrolled(e) => recorder_enrolled(seq, at, actor, e),
        Event::BayAdded(e) => insert(
            &s::BAY,
            cells! { id: e.id.as_str(), kind: e.kind.clone(), path: e.path.clone(), added_seq: seq },
        ),
        Event::ShiftOpened(e) => insert(
            &s::SHIFT,
            cells! { seq: seq, clerk: e.clerk.as_str(), opened: wall(), open: true,
            closed: Cell::Null, closed_seq: Cell::Null },
        ),
        Event::ShiftClosed(e) => update(
            &s::SHIFT,
            cells! { seq: e.shift.0 },
            cells! { open: false, closed: wall(), closed_seq: seq },
        ),
        Event::SessionOpened(e) => session_opened(seq, wall(), e),
        Event::RecorderTold(e) => recorder_told(seq, wall(), e),
        Event::ListingSigned(e) => listing_signed(e),
        Event::ClipStored(e) => clip_stored(seq, at, e),
        Event::ClipSeen(e) => insert(
            &s::SIGHTING,
            cells! { session: e.session.0, line: e.line, clip: e.clip.0, seq: seq },
        ),
        Event::ClipSetAside(e) => clip_set_aside(seq, e),
        Event::ClipDescribed(e) => clip_described(seq, e),
        Event::ClipAssigned(e) => clip_assigned(seq, e.clip, (&e.recorder, &e.officer), None),
        Event::ClipReassigned(e) => {
            clip_assigned(seq, e.clip, (&e.recorder, &e.officer), Some(e.corrects))
        }
        Event::AsideDecided(e) => aside_decided(seq, actor, e),
        Event::DeadlineMissed(e) => deadline_missed(seq, e),
        Event::ReasonGiven(e) => reason_given(seq, actor, e),
        Event::WipeOrdered(e) => wipe_ordered(seq, actor, e),
        Event::WipeRefused(e) => wipe_refused(seq, e),
        Event::WipeIntended(e) => wipe_intended(seq, e),
        Event::WipeSettled(e) => wipe_settled(seq, e),
        Event::SessionClosed(e) => session_closed(seq, wall(), e),
    }
}

fn person_enrolled(seq: u64, actor: &ActorRecord, e: &PersonEnrolled) -> Vec<RowChange> {
    let pin_seq = e.pin_commitment.map(|_| seq);
    let mut rows = insert(
        &s::PERSON,
        cells! { id: e.id.as_str(), name: e.name.clone(), role: e.role.as_str(),
        pin_commitment: e.pin_commitment.map(|d| d.to_string()), enrolled_seq: seq,
        pin_seq: pin_seq, department: Cell::Null, certificate: Cell::Null, phone: Cell::Null,
        joined: Cell::Null, described_seq: Cell::Null, retired_seq: Cell::Null },
    );
    rows.extend(duty::with_enrolment(seq, actor, e));
    rows
}

fn recorder_enrolled(
    seq: u64,
    at: &Stamp,
    actor: &ActorRecord,
    e: &RecorderEnrolled,
) -> Vec<RowChange> {
    let mut rows = insert(
        &s::RECORDER,
        cells! { id: e.id.as_str(), device_id: e.device_id.clone(), model: e.model.clone(), enrolled_seq: seq },
    );
    rows.extend(crate::desk::rows::with_enrolment(seq, at, actor, e));
    rows
}

pub(crate) fn insert(table: &'static Table, cells: Cells) -> Vec<RowChange> {
    vec![RowChange::Insert { table, cells }]
}

pub(crate) fn update(table: &'static Table, key: Cells, cells: Cells) -> Vec<RowChange> {
    vec![RowChange::Update { table, key, cells }]
}

fn founded(seq: u64, e: &StationFounded) -> Vec<RowChange> {
    [(KeyKind::Log, e.log_public), (KeyKind::Evidence, e.evidence_public)]
        .into_iter()
        .flat_map(|(key, public)| epoch(seq, (key, 1, &public), None, None))
        .collect()
}

/// The epoch of a key that entry `seq` began; why, if not by the founding or a rotation, and since when the key
/// before was in other hands.
fn epoch(
    seq: u64,
    (key, number, public): (KeyKind, u32, &Digest),
    cause: Option<&'static str>,
    stolen_since: Option<String>,
) -> Vec<RowChange> {
    insert(
        &s::KEY_EPOCH,
        cells! { kind: key.as_str(), epoch: number, public: public.to_string(), since_seq: seq,
        cause: cause.map(str::to_owned), stolen_since: stolen_since },
    )
}

fn restored(seq: u64, at: String, e: &StationRestored) -> Vec<RowChange> {
    insert(
        &s::RESTORED,
        cells! { seq: seq, at: at, size: e.size, root: e.root.to_string(), place: e.from.clone(),
        heads: e.heads.len() as u64, lost_first: e.lost.map(|lost| lost.first),
        lost_last: e.lost.map(|lost| lost.last), pins_lost: e.pins_lost },
    )
}

fn copies_named(seq: u64, e: &CopiesNamed) -> Vec<RowChange> {
    let (kind, place) = match e {
        CopiesNamed::Mirror { place } => ("mirror", Some(place.clone())),
        CopiesNamed::SingleAccepted => ("single-accepted", None),
    };
    insert(&s::COPIES, cells! { seq: seq, kind: kind, place: place })
}

fn session_opened(seq: u64, wall: String, e: &SessionOpened) -> Vec<RowChange> {
    insert(
        &s::SESSION,
        cells! {
            seq: seq,
            bay: e.bay.as_str(),
            recorder_claim: e.recorder_claim.as_str(),
            recorder: e.recorder.as_ref().map(|id| id.as_str()),
            officer_claim: e.officer_claim.as_ref().map(|id| id.as_str()),
            officer: e.officer.as_ref().map(|id| id.as_str()),
            binding: e.binding.as_str(),
            fingerprint: e.fingerprint.clone(),
            opened: wall,
            listing: Cell::Null,
            lines: Cell::Null,
            bytes: Cell::Null,
            clock_offset_ms: Cell::Null,
            conflict: Cell::Null,
            state: "open",
            verdict: Cell::Null,
            summary: Cell::Null,
            closed: Cell::Null,
            closed_seq: Cell::Null,
        },
    )
}

fn recorder_told(seq: u64, wall: String, e: &RecorderTold) -> Vec<RowChange> {
    insert(
        &s::RECORDER_TOLD,
        cells! {
            seq: seq,
            session: e.session.0,
            at: wall,
            device: e.device.clone(),
            officer: e.officer.clone(),
            battery_percent: e.battery_percent.map(u32::from),
            firmware: e.firmware.clone(),
            source: e.source.clone(),
        },
    )
}

fn listing_signed(e: &ListingSigned) -> Vec<RowChange> {
    let offset = match &e.clock {
        ClockOffset::Measured { offset_ms, .. } => Some(*offset_ms),
        ClockOffset::Unknown { .. } => None,
    };
    update(
        &s::SESSION,
        cells! { seq: e.session.0 },
        cells! {
            listing: e.object.to_string(),
            lines: e.lines,
            bytes: e.bytes,
            clock_offset_ms: offset,
            conflict: e.conflict.clone(),
        },
    )
}

fn clip_stored(seq: u64, at: &Stamp, e: &ClipStored) -> Vec<RowChange> {
    let clip = cells! {
        seq: seq,
        session: e.session.0,
        line: e.line,
        raw: e.raw.clone(),
        name: e.name.clone(),
        size: e.size,
        sha256: e.sha256.to_string(),
        chunk_root: e.chunk.root.to_string(),
        sm3: e.sm3.map(|d| d.to_string()),
        mtime_ms: e.mtime_ms,
        named_time: e.named_time.clone(),
        recorded: e.recorded.map(|w| w.rfc3339()),
        recorder: e.recorder.as_ref().map(|id| id.as_str()),
        officer: e.officer.as_ref().map(|id| id.as_str()),
        recorder_claim: e.recorder_claim.as_str(),
        media: e.media.clone(),
        marked: e.marked,
        copies: e.copies.join("+"),
        stored: at.wall.rfc3339(),
        sshsig: e.sshsig.clone(),
        evidence_epoch: e.evidence_epoch,
        described: Cell::Null,
        described_seq: Cell::Null,
        assigned_seq: Cell::Null,
    };
    let sighting = cells! { session: e.session.0, line: e.line, clip: seq, seq: seq };
    let mut rows = insert(&s::CLIP, clip);
    rows.extend(insert(&s::SIGHTING, sighting));
    rows.extend(crate::keep::rows::in_custody(seq, at, e));
    rows
}

fn clip_set_aside(seq: u64, e: &ClipSetAside) -> Vec<RowChange> {
    insert(
        &s::ASIDE,
        cells! {
            seq: seq,
            session: e.session.0,
            line: e.line,
            raw: e.raw.clone(),
            name: e.name.clone(),
            size: e.size,
            mtime_ms: e.mtime_ms,
            recorder_claim: e.recorder_claim.as_str(),
            reason: e.reason.as_str(),
            detail: e.detail.clone(),
            object: e.kept.as_ref().map(|kept| kept.sha256.to_string()),
            state: "open",
            decision: Cell::Null,
            decision_reason: Cell::Null,
            decided_by: Cell::Null,
            decided_seq: Cell::Null,
        },
    )
}

fn clip_described(seq: u64, e: &ClipDescribed) -> Vec<RowChange> {
    let facts = match (&e.facts, &e.undescribed) {
        (Some(facts), _) => facts.clone(),
        (None, reason) => serde_json::json!({ "undescribed": reason }),
    };
    // Canonical, so that a rebuilt row equals the first one to the letter.
    let described = sealdock_chain::canon::to_canonical(&facts)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default();
    update(&s::CLIP, cells! { seq: e.clip.0 }, cells! { described: described, described_seq: seq })
}

fn clip_assigned(
    seq: u64,
    clip: ClipId,
    (recorder, officer): (&RecorderId, &PersonId),
    corrects: Option<u64>,
) -> Vec<RowChange> {
    let (recorder, officer) = (recorder.as_str(), officer.as_str());
    let mut rows = insert(
        &s::ASSIGNMENT,
        cells! { seq: seq, clip: clip.0, recorder: recorder, officer: officer, corrects: corrects },
    );
    rows.extend(update(
        &s::CLIP,
        cells! { seq: clip.0 },
        cells! { recorder: recorder, officer: officer, assigned_seq: seq },
    ));
    rows
}

fn aside_decided(seq: u64, actor: &ActorRecord, e: &AsideDecided) -> Vec<RowChange> {
    update(
        &s::ASIDE,
        cells! { seq: e.aside.0 },
        cells! {
            state: "decided",
            decision: e.decision.as_str(),
            decision_reason: e.reason.clone(),
            decided_by: actor.to_string(),
            decided_seq: seq,
        },
    )
}

fn deadline_missed(seq: u64, e: &DeadlineMissed) -> Vec<RowChange> {
    insert(
        &s::DEADLINE,
        cells! {
            clip: e.clip.0,
            clock: e.clock.as_str(),
            due: e.due.rfc3339(),
            stored: e.stored.rfc3339(),
            alarm: e.alarm,
            seq: seq,
            reason: Cell::Null,
            reason_by: Cell::Null,
            reason_seq: Cell::Null,
        },
    )
}

fn reason_given(seq: u64, actor: &ActorRecord, e: &ReasonGiven) -> Vec<RowChange> {
    e.clocks
        .iter()
        .flat_map(|clock| {
            update(
                &s::DEADLINE,
                cells! { clip: e.clip.0, clock: clock.as_str() },
                cells! { reason: e.text.clone(), reason_by: actor.to_string(), reason_seq: seq },
            )
        })
        .collect()
}

fn wipe_ordered(seq: u64, actor: &ActorRecord, e: &WipeOrdered) -> Vec<RowChange> {
    insert(
        &s::WIPE_ORDER,
        cells! { seq: seq, session: e.session.0, recorder_claim: e.recorder_claim.as_str(),
        ordered_by: actor.to_string(), reason: e.reason.clone() },
    )
}

fn wipe_refused(seq: u64, e: &WipeRefused) -> Vec<RowChange> {
    insert(
        &s::WIPE_REFUSAL,
        cells! { session: e.session.0, line: e.line, clip: e.clip.0,
        reasons: e.reasons.join("; "), seq: seq },
    )
}

fn wipe_intended(seq: u64, e: &WipeIntended) -> Vec<RowChange> {
    insert(
        &s::WIPE,
        cells! { session: e.session.0, line: e.line, clip: e.clip.0, raw: e.raw.clone(),
        recorder_claim: e.recorder_claim.as_str(), state: "intended", reason: Cell::Null,
        intended_seq: seq, result_seq: Cell::Null },
    )
}

fn wipe_settled(seq: u64, e: &WipeSettled) -> Vec<RowChange> {
    update(
        &s::WIPE,
        cells! { session: e.session.0, line: e.line },
        cells! { state: e.outcome.as_str(), reason: e.reason.clone(), result_seq: seq },
    )
}

fn session_closed(seq: u64, wall: String, e: &SessionClosed) -> Vec<RowChange> {
    update(
        &s::SESSION,
        cells! { seq: e.session.0 },
        cells! { state: "closed", verdict: e.verdict.as_str(), summary: e.summary.clone(),
        closed: wall, closed_seq: seq },
    )
}
