//! Sentences for entries about people and recorders.

use super::corrected;
use sealdock_core::desk::{self, Duty as Overdue};
use sealdock_core::duty;

pub fn duty(event: &duty::Event) -> String {
    match event {
        duty::Event::DepartmentAdded(e) => format!("department {} ({}) added", e.id, e.name),
        duty::Event::DepartmentRenamed(e) => {
            format!("department {} renamed to {}: {}", e.id, e.name, e.reason)
        }
        duty::Event::PersonDescribed(e) => {
            let department = e.record.department.as_ref().map_or("-", |d| d.as_str());
            format!("particulars of {} ({}), department {department}", e.person, e.record.name)
        }
        duty::Event::PersonRetired(e) => format!("person {} retired: {}", e.person, e.reason),
        duty::Event::PinSet(e) => format!("PIN of {} set", e.person),
        duty::Event::PersonLocked(e) => format!("person {} locked after wrong PINs", e.person),
        duty::Event::PersonReleased(e) => format!("person {} released: {}", e.person, e.reason),
        duty::Event::DutyAppointed(e) => {
            let over = e.department.as_ref().map_or("the whole unit", |d| d.as_str());
            let deputy = e.acting_for.as_ref().map(|p| format!(" as deputy of {p}"));
            let deputy = deputy.unwrap_or_default();
            format!("{} appointed {} over {over}{deputy}: {}", e.person, e.role.as_str(), e.reason)
        }
        duty::Event::DutyEnded(e) => format!("duty {} ended: {}", e.duty, e.reason),
        duty::Event::HeadProposed(e) => {
            format!("{} proposed as unit head: {}", e.person, e.reason)
        }
        duty::Event::HeadSeconded(e) => {
            format!("{} made unit head, as entry {} proposed: {}", e.person, e.proposal, e.reason)
        }
        duty::Event::PasskeyAdded(e) => {
            format!("passkey 通行密钥 “{}” of {} added, for {}", e.label, e.person, e.party)
        }
        duty::Event::PasskeyNamed(e) => {
            format!("passkey of entry {} of {} named “{}”", e.passkey, e.person, e.label)
        }
        duty::Event::PasskeyRemoved(e) => {
            let why = e.reason.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
            format!("passkey of entry {} of {} removed{why}", e.passkey, e.person)
        }
        duty::Event::PasskeyUsed(e) => {
            format!("{} showed the passkey of entry {} for {}", e.person, e.passkey, e.form)
        }
        duty::Event::PasskeyCloned(e) => format!(
            "passkey of entry {} of {} is void: it counted {} where {} were seen, somebody may hold a copy",
            e.passkey, e.person, e.counter, e.known
        ),
    }
}

pub fn desk(event: &desk::Event) -> String {
    use desk::Event;
    match event {
        Event::RecorderDescribed(e) => format!("particulars of recorder {}", e.recorder),
        Event::RecorderCorrected(e) => {
            format!("recorder {} corrected: {}: {}", e.recorder, e.words(), e.reason)
        }
        Event::Designated(e) => format!("recorder {} designated to {}", e.recorder, e.officer),
        Event::DesignationEnded(e) => {
            format!("recorder {} no longer designated to {}: {}", e.recorder, e.officer, e.reason)
        }
        Event::FaultReported(e) => format!("recorder {} is faulty: {}", e.recorder, e.text),
        Event::Moved(e) => {
            let aboard = e.footage_aboard.as_ref().map(|why| format!(", with footage: {why}"));
            let (place, aboard) = (e.place.as_str(), aboard.unwrap_or_default());
            format!("recorder {} from {} to {place}{aboard}: {}", e.recorder, e.was, e.reason)
        }
        Event::Checked(e) => {
            let what = e.of.map_or("periodically".to_owned(), |of| format!("before {of}"));
            let found = match e.findings.as_slice() {
                [] => "正常 in order".to_owned(),
                some if some.iter().any(|what| what.starts_with("未见清空")) => format!(
                    "{}; 看过确实是空的，加 --looks-empty 再检查一次 look, and if it is empty check again with --looks-empty",
                    some.join("; ")
                ),
                some => some.join("; "),
            };
            format!("recorder {} checked {what}: {found}", e.recorder)
        }
        Event::OverdueWarned(e) => overdue(e, "due soon"),
        Event::Overdue(e) => overdue(e, "overdue"),
        other => about_use(other),
    }
}

fn about_use(event: &desk::Event) -> String {
    use desk::Event;
    match event {
        Event::Requested(e) => {
            format!(
                "{} asks for recorder {} until {}: {}",
                e.officer, e.recorder, e.until, e.purpose
            )
        }
        Event::Approved(e) => format!("{} approved: recorder {}", e.of, e.recorder),
        Event::Refused(e) => format!("{} refused: {}", e.of, e.reason),
        Event::Withdrawn(e) => format!("{} withdrawn", e.of),
        Event::Issued(e) => format!("{}: recorder {} issued to {}", e.of, e.recorder, e.officer),
        Event::Returned(e) => {
            let late = if e.late == Some(true) { ", late" } else { "" };
            match e.session {
                Some(session) => {
                    format!("{}: recorder {} is back, docked in {session}{late}", e.of, e.recorder)
                }
                None => {
                    format!("{}: recorder {} is back by hand, not docked{late}", e.of, e.recorder)
                }
            }
        }
        Event::Docked(e) => format!("{}: recorder {} docked in {}", e.of, e.recorder, e.session),
        Event::DockedByAnother(e) => {
            let who = e.officer.as_ref().map_or("nobody who is known", |p| p.as_str());
            format!(
                "{}: recorder {} docked in {} by {who}, not by its user",
                e.of, e.recorder, e.session
            )
        }
        Event::Breach(e) => {
            format!("recorder {} taken without approval by {}: {}", e.recorder, e.officer, e.reason)
        }
        Event::BreachSeen(e) => format!("{}: the breach was answered: {}", e.of, e.text),
        Event::LateExplained(e) => {
            format!("{}: why it was late: {}{}", e.of, e.text, corrected(e.correction.as_ref()))
        }
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}

fn overdue(e: &desk::Overdue, how: &str) -> String {
    let what = match e.what {
        Overdue::Return => "back",
        Overdue::Docking => "docked",
    };
    format!("{}: recorder {} of {} to be {what} by {}: {how}", e.of, e.recorder, e.officer, e.due)
}
