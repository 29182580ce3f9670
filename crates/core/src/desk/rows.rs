//! Tables of the usage archive, and how an entry changes them.

use super::{Checked, Correction, Duty, Event, Moved, Overdue, Place, RecorderCorrected, Returned};
use crate::actor::ActorRecord;
use crate::cells;
use crate::event::RecorderEnrolled;
use crate::id::{RecorderId, UseId};
use crate::project::{insert, update};
use crate::schema::{RECORDER, int, int_null, table, text, text_null};
use crate::table::{Cell, RowChange, Table};
use crate::time::Stamp;

table!(
    /// Recorders as fixed assets: what is written about each, where it is, who has it.
    pub ASSET = "asset" ["recorder"] {
        text("recorder"), text("state"), int("state_seq"), text_null("holder"), int_null("use_seq"),
        int_null("fault_seq"), text_null("asset_number"), text_null("acquired"),
        text_null("department"), text_null("clerk"), text_null("cabinet"),
        int_null("described_seq"), int_null("checked_seq"), text_null("checked"),
    } lookup [["state"], ["holder"]]
);
table!(
    /// Everything that happened to a recorder at the desk: what, when, by whom, why.
    pub ASSET_CHANGE = "asset_change" ["seq"] {
        int("seq"), text("recorder"), text("at"), text("what"), text("actor"), text_null("reason"),
    } lookup [["recorder"]]
);
table!(
    /// To whom a recorder may be issued.
    pub DESIGNATION = "designation" ["seq"] {
        int("seq"), text("recorder"), text("officer"), int_null("ended_seq"),
    } lookup [["recorder"], ["officer"]]
);
table!(
    /// One row per use, from the request to the docking.
    pub USAGE = "usage" ["seq"] {
        int("seq"), text("recorder"), text("officer"), text_null("department"), text("purpose"),
        text("until"), text("state"), int("breach"), text_null("approver"),
        text_null("decided"), int_null("decided_seq"), text_null("decision_reason"),
        int_null("check_seq"), int_null("check_passed"), text_null("checked"),
        text_null("issued"), text_null("issued_by"), int_null("issued_seq"),
        text_null("returned"), text_null("returned_by"), int_null("returned_seq"),
        text_null("return_reason"), int_null("late"), int_null("docked_session"),
        int_null("other_session"), text_null("other_officer"),
        int_null("warned_seq"), int_null("overdue_seq"), int_null("dock_warned_seq"),
        int_null("dock_overdue_seq"), text_null("late_reason"), text_null("late_reason_by"),
        int_null("late_reason_seq"), text_null("alarms"), text_null("seen_by"), int_null("seen_seq"),
    } lookup [["recorder"], ["officer"], ["state"], ["issued"]]
);
table!(
    /// Checks before a use and periodic ones.
    pub RECORDER_CHECK = "recorder_check" ["seq"] {
        int("seq"), text("recorder"), int_null("use_seq"), text("at"), text("checked_by"),
        int("works"), int("battery_percent"), int("free_mib"), text("clock"),
        int_null("emptied_session"), int_null("offset_ms"), int("passed"), text("findings"),
        text_null("remark"),
    } lookup [["recorder"], ["use_seq"], ["at"]]
);

pub static TABLES: &[&Table] = &[&ASSET, &ASSET_CHANGE, &DESIGNATION, &USAGE, &RECORDER_CHECK];

/// An entry on its way into rows.
struct Line<'a> {
    seq: u64,
    at: String,
    actor: &'a ActorRecord,
}

/// The row changes of one entry.
pub fn project(seq: u64, at: &Stamp, actor: &ActorRecord, event: &Event) -> Vec<RowChange> {
    let line = Line { seq, at: at.wall.rfc3339(), actor };
    match event {
        Event::RecorderDescribed(_)
        | Event::RecorderCorrected(_)
        | Event::Designated(_)
        | Event::DesignationEnded(_)
        | Event::FaultReported(_)
        | Event::Moved(_) => line.about_asset(event),
        Event::OverdueWarned(e) => line.overdue(e, "warned_seq", "dock_warned_seq"),
        Event::Overdue(e) => line.overdue(e, "overdue_seq", "dock_overdue_seq"),
        _ => line.about_use(event),
    }
}

/// The asset that comes with an enrolment.
pub(crate) fn with_enrolment(
    seq: u64,
    at: &Stamp,
    actor: &ActorRecord,
    e: &RecorderEnrolled,
) -> Vec<RowChange> {
    let line = Line { seq, at: at.wall.rfc3339(), actor };
    let mut rows = insert(
        &ASSET,
        cells! { recorder: e.id.as_str(), state: "acquired", state_seq: seq, holder: Cell::Null,
        use_seq: Cell::Null, fault_seq: Cell::Null, asset_number: Cell::Null,
        acquired: Cell::Null, department: Cell::Null, clerk: Cell::Null, cabinet: Cell::Null,
        described_seq: Cell::Null, checked_seq: Cell::Null, checked: Cell::Null },
    );
    rows.extend(line.change(&e.id, "acquired", None));
    rows
}

impl Line<'_> {
    fn change(&self, recorder: &RecorderId, what: &str, reason: Option<&str>) -> Vec<RowChange> {
        insert(
            &ASSET_CHANGE,
            cells! { seq: self.seq, recorder: recorder.as_str(), at: self.at.clone(), what: what,
            actor: self.actor.to_string(), reason: reason },
        )
    }

    fn asset(&self, recorder: &RecorderId, cells: Vec<(&'static str, Cell)>) -> Vec<RowChange> {
        update(&ASSET, cells! { recorder: recorder.as_str() }, cells)
    }

    /// Where it is from now on, and who has it.
    fn state(
        &self,
        recorder: &RecorderId,
        state: &str,
        has: Option<(&str, UseId)>,
    ) -> Vec<RowChange> {
        self.asset(
            recorder,
            cells! { state: state, state_seq: self.seq, holder: has.map(|(person, _)| person),
            use_seq: has.map(|(_, of)| of.0) },
        )
    }

    fn usage(&self, of: UseId, cells: Vec<(&'static str, Cell)>) -> Vec<RowChange> {
        update(&USAGE, cells! { seq: of.0 }, cells)
    }

    fn about_asset(&self, event: &Event) -> Vec<RowChange> {
        match event {
            Event::RecorderDescribed(e) => {
                let r = &e.record;
                let cells = cells! { asset_number: r.asset_number.clone(),
                acquired: r.acquired.clone(), department: r.department.as_ref().map(|d| d.as_str()),
                clerk: r.clerk.as_ref().map(|p| p.as_str()), cabinet: r.cabinet.clone(),
                described_seq: self.seq };
                both(
                    self.asset(&e.recorder, cells),
                    self.change(&e.recorder, "described", e.reason.as_deref()),
                )
            }
            Event::RecorderCorrected(e) => self.corrected(e),
            Event::Designated(e) => both(
                insert(
                    &DESIGNATION,
                    cells! { seq: self.seq, recorder: e.recorder.as_str(),
                    officer: e.officer.as_str(), ended_seq: Cell::Null },
                ),
                self.change(&e.recorder, &format!("designated to {}", e.officer), Some(&e.reason)),
            ),
            Event::DesignationEnded(e) => both(
                update(&DESIGNATION, cells! { seq: e.designation }, cells! { ended_seq: self.seq }),
                self.change(
                    &e.recorder,
                    &format!("no longer designated to {}", e.officer),
                    Some(&e.reason),
                ),
            ),
            Event::FaultReported(e) => both(
                self.asset(&e.recorder, cells! { fault_seq: self.seq }),
                self.change(&e.recorder, "fault", Some(&e.text)),
            ),
            Event::Moved(e) => self.moved(e),
            _ => Vec::new(),
        }
    }

    fn corrected(&self, e: &RecorderCorrected) -> Vec<RowChange> {
        let fields = [("device_id", &e.device_id), ("model", &e.model)];
        let cell = |(column, what): (&'static str, &Option<Correction>)| {
            what.as_ref().map(|what| (column, Cell::from(what.now.clone())))
        };
        let cells = fields.into_iter().filter_map(cell).collect();
        both(
            update(&RECORDER, cells! { id: e.recorder.as_str() }, cells),
            self.change(&e.recorder, &format!("corrected: {}", e.words()), Some(&e.reason)),
        )
    }

    fn moved(&self, e: &Moved) -> Vec<RowChange> {
        let mut rows = self.state(&e.recorder, e.place.as_str(), None);
        if e.in_order {
            rows.extend(self.asset(&e.recorder, cells! { fault_seq: Cell::Null }));
        }
        if let (Some(of), Place::Lost) = (e.of, e.place) {
            rows.extend(self.usage(of, cells! { state: "lost" }));
        }
        both(rows, self.change(&e.recorder, e.place.as_str(), Some(&e.reason)))
    }

    fn about_use(&self, event: &Event) -> Vec<RowChange> {
        match event {
            Event::Requested(e) => insert(
                &USAGE,
                cells! { seq: self.seq, recorder: e.recorder.as_str(), officer: e.officer.as_str(),
                department: e.department.as_ref().map(|d| d.as_str()), purpose: e.purpose.clone(),
                until: e.until.rfc3339(), state: "requested", breach: false },
            ),
            Event::Approved(e) => self.decided(e.of, "approved", e.note.clone()),
            Event::Refused(e) => self.decided(e.of, "refused", Some(e.reason.clone())),
            Event::Withdrawn(e) => self.decided(e.of, "withdrawn", e.reason.clone()),
            Event::Checked(e) => self.checked(e),
            Event::Issued(e) => {
                let has = Some((e.officer.as_str(), e.of));
                let mut rows = self.usage(
                    e.of,
                    cells! { state: "issued", issued: self.at.clone(),
                    issued_by: self.actor.to_string(), issued_seq: self.seq },
                );
                rows.extend(self.state(&e.recorder, "issued", has));
                both(rows, self.change(&e.recorder, &format!("issued to {}", e.officer), None))
            }
            Event::Returned(e) => self.returned(e),
            Event::Docked(e) => {
                let mut rows =
                    self.usage(e.of, cells! { state: "docked", docked_session: e.session.0 });
                rows.extend(self.state(&e.recorder, "docked", None));
                both(rows, self.change(&e.recorder, &format!("docked, {}", e.session), None))
            }
            Event::DockedByAnother(e) => both(
                self.usage(
                    e.of,
                    cells! { other_session: e.session.0,
                    other_officer: e.officer.as_ref().map(|p| p.as_str()) },
                ),
                self.change(
                    &e.recorder,
                    &format!("docked by another, {}", e.session),
                    e.officer.as_ref().map(|p| p.as_str()),
                ),
            ),
            Event::Breach(_) | Event::BreachSeen(_) => self.about_breach(event),
            Event::LateExplained(e) => self.usage(
                e.of,
                cells! { late_reason: e.text.clone(), late_reason_by: self.actor.to_string(),
                late_reason_seq: self.seq },
            ),
            _ => Vec::new(),
        }
    }

    /// The approver of a use is who wrote the approval.
    fn decided(&self, of: UseId, state: &str, reason: Option<String>) -> Vec<RowChange> {
        let approver = match self.actor {
            ActorRecord::Person { id } if state != "withdrawn" => Some(id.as_str()),
            _ => None,
        };
        self.usage(
            of,
            cells! { state: state, approver: approver, decided: self.at.clone(),
            decided_seq: self.seq, decision_reason: reason },
        )
    }

    fn checked(&self, e: &Checked) -> Vec<RowChange> {
        let passed = e.findings.is_empty();
        let mut rows = insert(
            &RECORDER_CHECK,
            cells! { seq: self.seq, recorder: e.recorder.as_str(), use_seq: e.of.map(|of| of.0),
            at: self.at.clone(), checked_by: self.actor.to_string(), works: e.sheet.works,
            battery_percent: u32::from(e.sheet.battery_percent), free_mib: e.sheet.free_mib,
            clock: e.sheet.clock.as_str(), emptied_session: e.emptied.map(|s| s.0),
            offset_ms: e.offset_ms, passed: passed, findings: e.findings.join("; "),
            remark: e.sheet.remark.clone() },
        );
        rows.extend(match e.of {
            Some(of) => self.usage(
                of,
                cells! { check_seq: self.seq, check_passed: passed, checked: self.at.clone() },
            ),
            None => {
                self.asset(&e.recorder, cells! { checked_seq: self.seq, checked: self.at.clone() })
            }
        });
        let what = if passed { "checked, in order" } else { "checked, not in order" };
        let findings = e.findings.join("; ");
        both(rows, self.change(&e.recorder, what, (!passed).then_some(findings.as_str())))
    }

    fn returned(&self, e: &Returned) -> Vec<RowChange> {
        let by = self.actor.to_string();
        let (state, what) = match e.session {
            Some(session) => ("docked", format!("returned by docking, {session}")),
            None => ("returned", "returned by hand, not docked".to_owned()),
        };
        let mut rows = self.usage(
            e.of,
            cells! { state: state, returned: self.at.clone(), returned_by: by,
            returned_seq: self.seq, return_reason: e.reason.clone(), late: e.late,
            docked_session: e.session.map(|s| s.0) },
        );
        rows.extend(self.state(&e.recorder, state, None));
        both(rows, self.change(&e.recorder, &what, e.reason.as_deref()))
    }

    fn about_breach(&self, event: &Event) -> Vec<RowChange> {
        match event {
            Event::Breach(e) => {
                let of = UseId(self.seq);
                let alarms: Vec<&str> = e.alarms.iter().map(|p| p.as_str()).collect();
                let mut rows = insert(
                    &USAGE,
                    cells! { seq: self.seq, recorder: e.recorder.as_str(),
                    officer: e.officer.as_str(),
                    department: e.department.as_ref().map(|d| d.as_str()),
                    purpose: e.reason.clone(), until: e.until.rfc3339(), state: "issued",
                    breach: true, issued: self.at.clone(), issued_by: self.actor.to_string(),
                    issued_seq: self.seq, alarms: alarms.join(" ") },
                );
                rows.extend(self.state(&e.recorder, "issued", Some((e.officer.as_str(), of))));
                let what = format!("taken without approval by {}", e.officer);
                both(rows, self.change(&e.recorder, &what, Some(&e.reason)))
            }
            Event::BreachSeen(e) => self.usage(
                e.of,
                cells! { seen_by: self.actor.to_string(), seen_seq: self.seq,
                decision_reason: e.text.clone() },
            ),
            _ => Vec::new(),
        }
    }

    fn overdue(&self, e: &Overdue, back: &'static str, dock: &'static str) -> Vec<RowChange> {
        let column = match e.what {
            Duty::Return => back,
            Duty::Docking => dock,
        };
        self.usage(e.of, vec![(column, Cell::from(self.seq))])
    }
}

fn both(mut rows: Vec<RowChange>, more: Vec<RowChange>) -> Vec<RowChange> {
    rows.extend(more);
    rows
}
