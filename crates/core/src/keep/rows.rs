//! Tables of keeping, and how an entry changes them.

use super::Event;
use super::event::{DisposalIntended, HoldRequested, MediumBurnt};
use super::kept::page_of;
use crate::actor::ActorRecord;
use crate::cells;
use crate::event::ClipStored;
use crate::id::ClipId;
use crate::project::{insert, update};
use crate::schema::{int, int_null, table, text, text_null};
use crate::table::{Cell, RowChange, Table};
use crate::time::Stamp;

table!(
    /// Every clip in custody as far as keeping goes; `state` is kept, leaving or disposed. `page` is the
    /// entry number in thousands: the archive is walked page by page.
    pub KEPT = "kept" ["seq"] {
        int("seq"), int("page"), text("boot"), text("stored"), text("sha256"), int("size"),
        text_null("class"), int_null("class_seq"), text_null("classed_by"), text("state"),
        int_null("disposed_seq"),
    } lookup [["page"], ["sha256"]]
);
table!(
    /// Every class ever given.
    pub CLASSING = "classing" ["seq"] {
        int("seq"), int("clip"), text("class"), text("given_by"), text("reason"),
    } lookup [["clip"], ["class"]]
);
table!(
    /// Holds (S15); `state` is requested, approved, refused, release-requested or released.
    pub HOLD = "hold" ["seq"] {
        int("seq"), text("ground"), text("reason"), text("state"), text("requested_by"),
        text("requested"), text_null("approved_by"), int_null("approved_seq"),
        text_null("release_by"), text_null("release_reason"), text_null("answered_by"),
        text_null("answer"), int_null("answered_seq"),
    } lookup [["state"]]
);
table!(
    pub HOLD_CLIP = "hold_clip" ["hold", "clip"] { int("hold"), int("clip") } lookup [["clip"]]
);
table!(
    /// Plans of disposal; `state` is planned or approved.
    pub DISPOSAL_PLAN = "disposal_plan" ["seq"] {
        int("seq"), text("object"), int("clips"), int("bytes"), text("planned_by"), text("planned"),
        text("state"), text_null("approved"), text_null("approved_by"), int_null("approved_seq"),
    } lookup [["state"]]
);
table!(
    /// Clips of a plan; `state` is pending, leaving, disposed or withdrawn.
    pub DISPOSAL_LINE = "disposal_line" ["plan", "clip"] {
        int("plan"), int("clip"), text("state"), text_null("why"), int_null("result_seq"),
    } lookup [["clip"]]
);
table!(
    /// Runs: what the brake let go.
    pub DISPOSAL_RUN = "disposal_run" ["seq"] {
        int("seq"), int("plan"), text("begun"), text("begun_by"), int("archive_clips"),
        int("archive_bytes"), int("used_clips"), int("used_bytes"), int("clips"), int("bytes"),
    }
);
table!(
    /// Intents to remove; `state` is intended, kept or disposed.
    pub DISPOSAL = "disposal" ["seq"] {
        int("seq"), int("plan"), int("run"), text("sha256"), int("size"), int("clips"),
        text("copies"), text("intended"), int("run_clips"), int("run_bytes"), text("state"),
        text_null("places"), text_null("reason"), int_null("settled_seq"),
    } lookup [["sha256"], ["state"], ["run"]]
);
table!(
    /// Spot and playback checks (S16); `state` is announced, drawn or closed.
    pub SPOTCHECK = "spotcheck" ["seq"] {
        int("seq"), text("kind"), int("from_seq"), int("to_seq"), text_null("class"), int("wanted"),
        int("at_size"), text("announced"), text("announced_by"), text("state"), text_null("root"),
        int_null("drawn_seq"), text_null("appraisal"), int_null("closed_seq"),
    } lookup [["state"]]
);
table!(
    /// The clips a check fell on, and what the auditor saw.
    pub SPOTCHECK_CLIP = "spotcheck_clip" ["spotcheck", "clip"] {
        int("spotcheck"), int("clip"), int("place"), text_null("answers"), text_null("finding"),
        text_null("answered_by"), int_null("answered_seq"), text_null("correction"),
        text_null("corrected_by"), int_null("corrected_seq"),
    } lookup [["clip"]]
);
table!(
    /// Discs and media burnt for long-term keeping (S15).
    pub MEDIUM = "medium" ["seq"] {
        int("seq"), text("label"), text("kind"), text("place"), text("digest"), int_null("hold"),
        text("burnt"), text("burnt_by"), text_null("read_back"), int_null("read_equal"),
        text_null("read_by"), int_null("read_seq"),
    } lookup [["label"]]
);
table!(
    pub MEDIUM_CLIP = "medium_clip" ["medium", "clip"] { int("medium"), int("clip") }
    lookup [["clip"]]
);

table!(
    /// Drills; `state` is begun, whole, findings or failed. A copy of the footage lies at `place_left` until
    /// `removed_seq`.
    pub DRILL = "drill" ["seq"] {
        int("seq"), text("begun"), text("begun_by"), text("place"), text("fs"), text("disk"),
        int("without_database"), int("keep"), text("state"), int_null("entries"), int_null("clips"),
        int_null("findings"), text_null("place_left"), int_null("completed_seq"),
        text_null("removed_by"), int_null("removed_seq"),
    } lookup [["removed_seq"]]
);

table!(
    /// Full checks that were entered (全面核对).
    pub FULL_CHECK = "full_check" ["seq"] {
        int("seq"), text("at"), text("by"), int("deep"), int("entries"), int("clips"), int("files"),
        int("bytes"), int("findings"),
    } lookup [["deep"]]
);

pub static TABLES: &[&Table] = &[
    &KEPT,
    &CLASSING,
    &HOLD,
    &HOLD_CLIP,
    &DISPOSAL_PLAN,
    &DISPOSAL_LINE,
    &DISPOSAL_RUN,
    &DISPOSAL,
    &SPOTCHECK,
    &SPOTCHECK_CLIP,
    &MEDIUM,
    &MEDIUM_CLIP,
    &DRILL,
    &FULL_CHECK,
];

/// A clip came into custody: retention runs from this entry.
pub(crate) fn in_custody(seq: u64, at: &Stamp, e: &ClipStored) -> Vec<RowChange> {
    insert(
        &KEPT,
        cells! { seq: seq, page: page_of(seq), boot: at.boot.clone(), stored: at.wall.rfc3339(),
        sha256: e.sha256.to_string(), size: e.size, class: Cell::Null, class_seq: Cell::Null,
        classed_by: Cell::Null, state: "kept", disposed_seq: Cell::Null },
    )
}

/// The row changes of one entry.
pub fn project(seq: u64, at: &Stamp, actor: &ActorRecord, event: &Event) -> Vec<RowChange> {
    let wall = || at.wall.rfc3339();
    let by = || actor.to_string();
    match event {
        Event::ClipClassed(e) => {
            let mut rows = insert(
                &CLASSING,
                cells! { seq: seq, clip: e.clip.0, class: e.class.clone(), given_by: by(),
                reason: e.reason.clone() },
            );
            rows.extend(update(
                &KEPT,
                cells! { seq: e.clip.0 },
                cells! { class: e.class.clone(), class_seq: seq, classed_by: by() },
            ));
            rows
        }
        Event::ClockTrusted(e) => {
            let mut rows = vec![crate::clock_state::trusted(at)];
            rows.extend(insert(
                &crate::clock_state::CLOCK_TRUST,
                cells! { seq: seq, boot: at.boot.clone(), wall: at.wall.0, by: by(),
                reason: e.reason.clone() },
            ));
            rows
        }
        Event::HoldRequested(e) => hold_requested(seq, (by(), wall()), e),
        Event::HoldApproved(e) => hold(
            e.hold.0,
            cells! { state: "approved", approved_by: by(), approved_seq: seq, answered_by: by(),
            answered_seq: seq },
        ),
        Event::HoldRefused(e) => hold(
            e.hold.0,
            cells! { state: "refused", answered_by: by(), answer: e.reason.clone(),
            answered_seq: seq },
        ),
        Event::HoldReleaseRequested(e) => hold(
            e.hold.0,
            cells! { state: "release-requested", release_by: by(),
            release_reason: e.reason.clone() },
        ),
        Event::HoldReleased(e) => {
            hold(e.hold.0, cells! { state: "released", answered_by: by(), answered_seq: seq })
        }
        Event::HoldReleaseRefused(e) => hold(
            e.hold.0,
            cells! { state: "approved", answered_by: by(), answer: e.reason.clone(),
            answered_seq: seq, release_by: Cell::Null, release_reason: Cell::Null },
        ),
        Event::MediumBurnt(e) => medium_burnt(seq, (by(), wall()), e),
        Event::MediumReadBack(e) => update(
            &MEDIUM,
            cells! { seq: e.medium.0 },
            cells! { place: e.place.clone(), read_back: wall(), read_equal: e.equal, read_by: by(),
            read_seq: seq },
        ),
        Event::CheckAnnounced(_)
        | Event::CheckDrawn(_)
        | Event::CheckAnswered(_)
        | Event::CheckCorrected(_)
        | Event::CheckClosed(_) => check(seq, (by(), wall()), event),
        Event::DrillBegun(_) | Event::DrillCompleted(_) | Event::DrillRemoved(_) => {
            super::drill::project(seq, (by(), wall()), event)
        }
        Event::StationChecked(e) => super::examined::project(seq, (by(), wall()), e),
        other => disposal(seq, (by(), wall()), other),
    }
}

fn hold(seq: u64, cells: Vec<(&'static str, Cell)>) -> Vec<RowChange> {
    update(&HOLD, cells! { seq: seq }, cells)
}

fn hold_requested(seq: u64, (by, wall): (String, String), e: &HoldRequested) -> Vec<RowChange> {
    let mut rows = insert(
        &HOLD,
        cells! { seq: seq, ground: e.ground.as_str(), reason: e.reason.clone(), state: "requested",
        requested_by: by, requested: wall, approved_by: Cell::Null, approved_seq: Cell::Null,
        release_by: Cell::Null, release_reason: Cell::Null, answered_by: Cell::Null,
        answer: Cell::Null, answered_seq: Cell::Null },
    );
    rows.extend(
        e.clips.iter().flat_map(|clip| insert(&HOLD_CLIP, cells! { hold: seq, clip: clip.0 })),
    );
    rows
}

fn medium_burnt(seq: u64, (by, wall): (String, String), e: &MediumBurnt) -> Vec<RowChange> {
    let mut rows = insert(
        &MEDIUM,
        cells! { seq: seq, label: e.label.clone(), kind: e.kind.as_str(), place: e.place.clone(),
        digest: e.digest.to_string(), hold: e.hold.map(|hold| hold.0), burnt: wall, burnt_by: by,
        read_back: Cell::Null, read_equal: Cell::Null, read_by: Cell::Null, read_seq: Cell::Null },
    );
    let clips = e.clips.iter();
    rows.extend(clips.flat_map(|clip| insert(&MEDIUM_CLIP, cells! { medium: seq, clip: clip.0 })));
    rows
}

fn disposal(seq: u64, (by, wall): (String, String), event: &Event) -> Vec<RowChange> {
    match event {
        Event::DisposalPlanned(e) => {
            let mut rows = insert(
                &DISPOSAL_PLAN,
                cells! { seq: seq, object: e.object.to_string(), clips: e.clips.len() as u64,
                bytes: e.bytes, planned_by: by, planned: wall, state: "planned",
                approved: Cell::Null, approved_by: Cell::Null, approved_seq: Cell::Null },
            );
            rows.extend(e.clips.iter().flat_map(|clip| {
                insert(
                    &DISPOSAL_LINE,
                    cells! { plan: seq, clip: clip.0, state: "pending", why: Cell::Null,
                    result_seq: Cell::Null },
                )
            }));
            rows
        }
        Event::DisposalApproved(e) => update(
            &DISPOSAL_PLAN,
            cells! { seq: e.plan.0 },
            cells! { state: "approved", approved: wall, approved_by: by, approved_seq: seq },
        ),
        Event::DisposalWithdrawn(e) => {
            let line = |one: &super::event::Withdrawn| {
                line(e.plan.0, one.clip, ("withdrawn", Some(one.why.clone()), Some(seq)))
            };
            e.clips.iter().flat_map(line).collect()
        }
        Event::DisposalBegun(e) => insert(
            &DISPOSAL_RUN,
            cells! { seq: seq, plan: e.plan.0, begun: wall, begun_by: by,
            archive_clips: e.archive_clips, archive_bytes: e.archive_bytes,
            used_clips: e.used_clips, used_bytes: e.used_bytes, clips: e.clips, bytes: e.bytes },
        ),
        Event::DisposalIntended(e) => intended(seq, wall, e),
        Event::DisposalKept(e) => {
            let left = Some(e.left.join("+"));
            let mut rows = settled(e.intent, ("kept", left, Some(e.reason.clone())), seq);
            for clip in &e.clips {
                rows.extend(line(e.plan.0, *clip, ("pending", Some(e.reason.clone()), Some(seq))));
                rows.extend(update(&KEPT, cells! { seq: clip.0 }, cells! { state: "kept" }));
            }
            rows
        }
        Event::ClipDisposed(e) => {
            let mut rows = settled(e.intent, ("disposed", Some(e.gone_from.join("+")), None), seq);
            for clip in &e.clips {
                rows.extend(line(e.plan.0, *clip, ("disposed", None, Some(seq))));
                rows.extend(update(
                    &KEPT,
                    cells! { seq: clip.0 },
                    cells! { state: "disposed", disposed_seq: seq },
                ));
            }
            rows
        }
        _ => Vec::new(),
    }
}

fn intended(seq: u64, wall: String, e: &DisposalIntended) -> Vec<RowChange> {
    let mut rows = insert(
        &DISPOSAL,
        cells! { seq: seq, plan: e.plan.0, run: e.run, sha256: e.sha256.to_string(), size: e.size,
        clips: e.clips.len() as u64, copies: e.copies.join("+"), intended: wall,
        run_clips: e.run_clips, run_bytes: e.run_bytes, state: "intended", places: Cell::Null,
        reason: Cell::Null, settled_seq: Cell::Null },
    );
    for clip in &e.clips {
        rows.extend(line(e.plan.0, *clip, ("leaving", None, Some(seq))));
        rows.extend(update(&KEPT, cells! { seq: clip.0 }, cells! { state: "leaving" }));
    }
    rows
}

type LineCells = (&'static str, Option<String>, Option<u64>);

fn line(plan: u64, clip: ClipId, (state, why, seq): LineCells) -> Vec<RowChange> {
    update(
        &DISPOSAL_LINE,
        cells! { plan: plan, clip: clip.0 },
        cells! { state: state, why: why, result_seq: seq },
    )
}

type Settlement = (&'static str, Option<String>, Option<String>);

fn settled(intent: u64, (state, places, reason): Settlement, seq: u64) -> Vec<RowChange> {
    update(
        &DISPOSAL,
        cells! { seq: intent },
        cells! { state: state, places: places, reason: reason, settled_seq: seq },
    )
}

fn check(seq: u64, (by, wall): (String, String), event: &Event) -> Vec<RowChange> {
    let key = |check: u64, clip: ClipId| cells! { spotcheck: check, clip: clip.0 };
    match event {
        Event::CheckAnnounced(e) => insert(
            &SPOTCHECK,
            cells! { seq: seq, kind: e.kind.as_str(), from_seq: e.from, to_seq: e.to,
            class: e.class.clone(), wanted: e.count, at_size: e.at_size, announced: wall,
            announced_by: by, state: "announced", root: Cell::Null, drawn_seq: Cell::Null,
            appraisal: Cell::Null, closed_seq: Cell::Null },
        ),
        Event::CheckDrawn(e) => {
            let mut rows = update(
                &SPOTCHECK,
                cells! { seq: e.check.0 },
                cells! { state: "drawn", root: e.root.to_string(), drawn_seq: seq },
            );
            rows.extend((0u64..).zip(&e.clips).flat_map(|(place, clip)| {
                insert(
                    &SPOTCHECK_CLIP,
                    cells! { spotcheck: e.check.0, clip: clip.0, place: place, answers: Cell::Null,
                    finding: Cell::Null, answered_by: Cell::Null, answered_seq: Cell::Null,
                    correction: Cell::Null, corrected_by: Cell::Null, corrected_seq: Cell::Null },
                )
            }));
            rows
        }
        Event::CheckAnswered(e) => {
            // A map with ordered keys: the same text at every projection.
            let answers = serde_json::to_string(&e.answers).unwrap_or_default();
            update(
                &SPOTCHECK_CLIP,
                key(e.check.0, e.clip),
                cells! { answers: answers, finding: e.finding.clone(), answered_by: by,
                answered_seq: seq },
            )
        }
        Event::CheckCorrected(e) => update(
            &SPOTCHECK_CLIP,
            key(e.check.0, e.clip),
            cells! { correction: e.text.clone(), corrected_by: by, corrected_seq: seq },
        ),
        Event::CheckClosed(e) => update(
            &SPOTCHECK,
            cells! { seq: e.check.0 },
            cells! { state: "closed", appraisal: e.appraisal.clone(), closed_seq: seq },
        ),
        _ => Vec::new(),
    }
}
