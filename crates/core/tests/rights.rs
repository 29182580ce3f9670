//! The authorisation matrix: every command, in every state of the thing it is about, asked by everybody. It is
//! made by asking `decide`, and `docs/ref/rights.md` must say the same to the letter. A command without a case
//! is named; so is one that `decide` leaves undecided.
//!
//! A room takes part with one file in `rights/` and one line in [`ROOMS`].
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

/// The unit.
mod unit;

/// Viewing and copying.
#[path = "rights/access.rs"]
mod access;
/// Station, recorders, shifts, docking.
#[path = "rights/custody.rs"]
mod custody;
/// Recorders and their use.
#[path = "rights/desk.rs"]
mod desk;
/// People and duties.
#[path = "rights/duty.rs"]
mod duty;
/// Keeping, disposal, spot checks.
#[path = "rights/keep.rs"]
mod keep;
/// Matters, steps, interruptions.
#[path = "rights/matter.rs"]
mod matter;
/// The matrix as a page.
#[path = "rights/page.rs"]
mod page;

use sealdock_core::actor::Actor;
use sealdock_core::command::Command;
use sealdock_core::id::ShiftId;
use std::collections::BTreeSet;
use unit::{PEOPLE, Unit, person, pid};

/// One command about a thing in one state.
pub struct Case {
    /// As it reads in a message, the room first: `duty appoint`.
    pub command: &'static str,
    /// What the thing is like and whose it is.
    pub state: &'static str,
    /// Brings the thing about and says the command.
    pub make: fn(&mut Unit) -> Command,
}

/// A heading, and the cases below it.
pub type Room = (&'static str, &'static [Case]);

const ROOMS: [Room; 6] = [
    ("Station, recorders, docking", custody::CASES),
    ("People and duties", duty::CASES),
    ("Recorders and their use", desk::CASES),
    ("Viewing and copying", access::CASES),
    ("Matters, steps, interruptions", matter::CASES),
    ("Keeping and disposal", keep::CASES),
];

/// Everybody who can ask: a name for the column, and what they are.
pub fn askers() -> Vec<(String, String)> {
    let people = PEOPLE.iter().map(|(id, _, _, what)| ((*id).to_owned(), (*what).to_owned()));
    let others = [
        ("shift", "the open shift of c1, without a PIN of the moment"),
        ("uid", "operator: whoever is logged in on the machine"),
        ("sys", "the station itself"),
    ];
    people.chain(others.map(|(name, what)| (name.to_owned(), what.to_owned()))).collect()
}

/// The one behind a column's name.
pub fn actor(name: &str) -> Actor {
    match name {
        "shift" => Actor::Shift { shift: ShiftId(0), clerk: pid("c1") },
        "uid" => Actor::Operator { uid: 1000 },
        "sys" => Actor::System,
        id => person(id),
    }
}

/// What `decide` says in one cell. Its panic or error is the test's.
pub fn cell(unit: &Unit, case: &Case, asker: &str) -> Result<(), String> {
    let mut unit = unit.clone();
    let command = (case.make)(&mut unit);
    unit.ask(&actor(asker), command).map(|_| ())
}

#[test]
fn the_page_says_what_decide_says() {
    let made = page::page(&ROOMS);
    let kept = include_str!("../../../docs/ref/rights.md");
    if made != kept {
        let new = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("rights.md");
        std::fs::write(&new, &made).unwrap();
        panic!(
            "docs/ref/rights.md is not what `decide` says; read the difference to {} and copy it",
            new.display()
        );
    }
}

/// The names that a tag can take, as serde lists them when it is given none of them; of a plain command none.
fn variants(message: serde_json::Value) -> Vec<String> {
    let Err(error) = serde_json::from_value::<Command>(message) else { return Vec::new() };
    let text = error.to_string();
    let Some((_, list)) = text.split_once("unknown variant `?`, expected") else {
        return Vec::new();
    };
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Every command that can be read from a message.
fn readable() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for command in variants(serde_json::json!({ "command": "?" })) {
        let acts = variants(serde_json::json!({ "command": command, "act": "?" }));
        match acts.is_empty() {
            true => drop(found.insert(command)),
            false => found.extend(acts.iter().map(|act| format!("{command} {act}"))),
        }
    }
    found
}

/// Commands that carry proofs or report what happened; no message can say them. A new one fails to compile in
/// [`proof_carrying`] until it is named there and here.
const PROOF_CARRYING: [&str; 38] = [
    "keep enter-check",
    "record-told",
    "found",
    "start",
    "recover",
    "name-mirror",
    "rotate-key",
    "replace-key",
    "restore",
    "note-pin-refused",
    "refuse-dock",
    "open-session",
    "sign-listing",
    "store-clips",
    "set-aside",
    "describe",
    "refuse-wipes",
    "intend-wipes",
    "settle-wipes",
    "certify",
    "close-session",
    "duty add-passkey",
    "duty note-passkey",
    "desk note-overdue",
    "access open-viewing",
    "access serve-viewing",
    "access end-viewing",
    "access carry-out",
    "access complete-copy",
    "matter watch-filings",
    "keep plan",
    "keep approve",
    "keep begin",
    "keep intend",
    "keep settle",
    "keep draw-check",
    "keep begin-drill",
    "keep complete-drill",
];

fn proof_carrying(command: &Command) -> Option<&'static str> {
    use sealdock_core::access::Command as A;
    use sealdock_core::command::Command as C;
    use sealdock_core::desk::Command as D;
    use sealdock_core::duty::Command as P;
    use sealdock_core::keep::Command as K;
    Some(match command {
        C::Found(_) => "found",
        C::Start { .. } => "start",
        C::Recover => "recover",
        C::NameMirror { .. } => "name-mirror",
        C::RotateKey(_) => "rotate-key",
        C::ReplaceKey(_) => "replace-key",
        C::Restore(_) => "restore",
        C::NotePinRefused { .. } => "note-pin-refused",
        C::RefuseDock { .. } => "refuse-dock",
        C::OpenSession(_) => "open-session",
        C::SignListing { .. } => "sign-listing",
        C::StoreClips { .. } => "store-clips",
        C::SetAside { .. } => "set-aside",
        C::Describe { .. } => "describe",
        C::RefuseWipes { .. } => "refuse-wipes",
        C::IntendWipes { .. } => "intend-wipes",
        C::SettleWipes { .. } => "settle-wipes",
        C::Certify(_) => "certify",
        C::CloseSession(_) => "close-session",
        C::RecordTold { .. } => "record-told",
        C::Duty(P::AddPasskey(_)) => "duty add-passkey",
        C::Duty(P::NotePasskey(_)) => "duty note-passkey",
        C::Desk(D::NoteOverdue) => "desk note-overdue",
        C::Access(A::OpenViewing { .. }) => "access open-viewing",
        C::Access(A::ServeViewing(_)) => "access serve-viewing",
        C::Access(A::EndViewing(_)) => "access end-viewing",
        C::Access(A::CarryOut { .. }) => "access carry-out",
        C::Access(A::CompleteCopy { .. }) => "access complete-copy",
        C::Matter(sealdock_core::matter::Command::WatchFilings) => "matter watch-filings",
        C::Keep(K::Plan { .. }) => "keep plan",
        C::Keep(K::Approve { .. }) => "keep approve",
        C::Keep(K::Begin { .. }) => "keep begin",
        C::Keep(K::Intend { .. }) => "keep intend",
        C::Keep(K::Settle { .. }) => "keep settle",
        C::Keep(K::DrawCheck { .. }) => "keep draw-check",
        C::Keep(K::BeginDrill(_)) => "keep begin-drill",
        C::Keep(K::CompleteDrill(_)) => "keep complete-drill",
        C::Keep(K::EnterCheck(_)) => "keep enter-check",
        C::Keep(
            K::Class { .. }
            | K::TrustClock { .. }
            | K::RequestHold { .. }
            | K::ApproveHold { .. }
            | K::RefuseHold { .. }
            | K::RequestRelease { .. }
            | K::Withdraw { .. }
            | K::AnnounceCheck { .. }
            | K::AnswerCheck { .. }
            | K::CorrectCheck { .. }
            | K::CloseCheck { .. }
            | K::BurnMedium { .. }
            | K::ReadBackMedium { .. }
            | K::RemoveDrill { .. },
        )
        | C::Access(
            A::Request(_)
            | A::Approve { .. }
            | A::Refuse { .. }
            | A::Revoke { .. }
            | A::SetSecrecy { .. },
        )
        | C::Duty(_)
        | C::Desk(_)
        | C::Matter(_)
        | C::Import(_)
        | C::AdoptPolicy { .. }
        | C::EnrolPerson { .. }
        | C::EnrolRecorder { .. }
        | C::AddBay { .. }
        | C::OpenShift
        | C::CloseShift { .. }
        | C::AssignClips { .. }
        | C::ReassignClips { .. }
        | C::DecideAside { .. }
        | C::GiveReason { .. }
        | C::OrderWipe { .. }
        | C::AcceptSingleCopy => return None,
    })
}

#[test]
fn every_command_has_a_case_and_every_case_a_command() {
    let mut known = readable();
    assert!(known.contains("duty appoint") && known.contains("open-shift"), "{known:?}");
    known.extend(PROOF_CARRYING.map(str::to_owned));
    let cases = || ROOMS.iter().flat_map(|(_, cases)| *cases);
    let covered: BTreeSet<String> = cases().map(|case| case.command.to_owned()).collect();
    assert_eq!(covered, known);
    for case in cases() {
        let command = (case.make)(&mut Unit::new());
        if let Some(name) = proof_carrying(&command) {
            assert_eq!(case.command, name, "the case {} makes something else", case.state);
        }
    }
}

#[test]
fn no_command_is_open_to_nobody_or_to_everybody_in_all_its_states() {
    let unit = Unit::new();
    let askers = askers();
    for command in ROOMS.iter().flat_map(|(_, cases)| *cases).map(|case| case.command) {
        let cases = ROOMS.iter().flat_map(|(_, cases)| *cases).filter(|c| c.command == command);
        let allowed: Vec<bool> = cases
            .flat_map(|case| askers.iter().map(|(asker, _)| cell(&unit, case, asker).is_ok()))
            .collect();
        assert!(allowed.contains(&true), "nobody may ever: {command}");
        assert!(allowed.contains(&false), "everybody always may: {command}");
    }
}

#[test]
fn footage_opens_for_nobody_without_a_right_of_their_own() {
    let unit = Unit::new();
    for case in access::CASES.iter().filter(|case| case.command == "access open-viewing") {
        for name in ["m1", "a1", "r1", "shift", "uid", "sys"] {
            assert!(cell(&unit, case, name).is_err(), "{name}: {}", case.state);
        }
    }
}
