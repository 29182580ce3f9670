//! Cases of departments, people, duties and PINs. The person in question is o2 unless it is said otherwise.

use crate::Case;
use crate::unit::{Unit, person, pid};
use sealdock_core::actor::{ActorRecord, Role};
use sealdock_core::command::{Command, Secret};
use sealdock_core::duty::{
    Command as Do, Event, PasskeyAdded, PasskeyUsed, PersonLocked, PersonRecord, duties,
};
use sealdock_core::id::DutyId;

const REASON: &str = "by decision of the unit";

fn say(command: Do) -> Command {
    Command::Duty(command)
}

fn describe(id: &str) -> Command {
    describe_in(id, "d1")
}

fn describe_in(id: &str, department: &str) -> Command {
    let department = Some(department.parse().unwrap());
    let record = PersonRecord { name: "Li".to_owned(), department, ..PersonRecord::default() };
    say(Do::DescribePerson { person: pid(id), record, reason: Some(REASON.to_owned()) })
}

fn appoint(id: &str, role: Role) -> Command {
    let reason = REASON.to_owned();
    let person = pid(id);
    let (department, since, until, acting_for) = (None, None, None, None);
    say(Do::Appoint { person, role, department, since, until, acting_for, reason })
}

fn end(duty: DutyId) -> Command {
    say(Do::EndDuty { duty, reason: REASON.to_owned() })
}

fn duty_of(unit: &Unit, id: &str) -> DutyId {
    duties(&unit.tables, &pid(id), unit.now).unwrap()[0].duty
}

fn pin(id: &str) -> Command {
    let pin = Secret("$argon2id$simulated".to_owned());
    say(Do::SetPin { person: pid(id), pin, reason: Some(REASON.to_owned()) })
}

fn locked(unit: &mut Unit, id: &str) -> Command {
    let event = Event::PersonLocked(PersonLocked { person: pid(id) });
    unit.write(ActorRecord::System, event.into());
    say(Do::ReleasePerson { person: pid(id), reason: REASON.to_owned() })
}

/// A new one, after the PIN that they have.
fn passkey(unit: &Unit, id: &str) -> PasskeyAdded {
    let row = sealdock_core::registry::person(&unit.tables, &pid(id)).unwrap().unwrap();
    PasskeyAdded {
        person: pid(id),
        label: "手机".to_owned(),
        party: "localhost".to_owned(),
        credential: format!("{id}-key"),
        key: "pQEC".to_owned(),
        attestation: "none".to_owned(),
        synced: false,
        counter: 4,
        pin: row.pin_seq.unwrap_or(row.enrolled_seq),
    }
}

/// The entry of one that was added.
fn has_passkey(unit: &mut Unit, id: &str) -> u64 {
    let added = passkey(unit, id);
    unit.write(ActorRecord::Person { id: pid(id) }, Event::PasskeyAdded(added).into());
    sealdock_core::duty::passkeys(&unit.tables, &pid(id)).unwrap()[0].seq
}

fn shown(unit: &mut Unit, counter: u32) -> Command {
    let passkey = has_passkey(unit, "o2");
    let (form, deed) = ("/approvals".to_owned(), sealdock_chain::digest::Digest::of(b"form"));
    say(Do::NotePasskey(Box::new(PasskeyUsed { passkey, person: pid("o2"), form, deed, counter })))
}

fn remove(unit: &mut Unit, id: &str) -> Command {
    let passkey = has_passkey(unit, id);
    say(Do::RemovePasskey { passkey, reason: Some(REASON.to_owned()) })
}

fn retire(id: &str) -> Command {
    say(Do::RetirePerson { person: pid(id), reason: REASON.to_owned() })
}

fn add(id: &str) -> Command {
    say(Do::AddDepartment { id: id.parse().unwrap(), name: "三科".to_owned() })
}

fn rename(id: &str) -> Command {
    let (name, reason) = ("三科".to_owned(), REASON.to_owned());
    say(Do::RenameDepartment { id: id.parse().unwrap(), name, reason })
}

macro_rules! case {
    ($command:literal, $state:literal, $make:expr) => {
        Case { command: concat!("duty ", $command), state: $state, make: $make }
    };
}

fn propose(id: &str) -> Command {
    say(Do::ProposeHead { person: pid(id), reason: REASON.to_owned() })
}

fn second(proposal: u64) -> Command {
    say(Do::SecondHead { proposal, reason: REASON.to_owned() })
}

/// The department head h1 proposed c2, and the station ran for so many days.
fn proposed(unit: &mut Unit, days: i64) -> u64 {
    let proposal = unit.act(&person("h1"), propose("c2")).unwrap();
    unit.pass(days);
    proposal
}

pub const CASES: &[Case] = &[
    case!("propose-head", "c2", |_| propose("c2")),
    case!("propose-head", "c2, proposed already", |u| {
        proposed(u, 0);
        propose("c2")
    }),
    case!("propose-head", "m1, who operates the machine", |_| propose("m1")),
    case!("propose-head", "retired", |_| propose("r1")),
    case!("propose-head", "c2, no unit head yet", |u| {
        u.behead();
        propose("c2")
    }),
    case!("second-head", "c2, a week after h1 proposed", |u| second(proposed(u, 7))),
    case!("second-head", "c2, six days after h1 proposed", |u| second(proposed(u, 6))),
    case!("second-head", "c2, a week after, u1 signed something since", |u| {
        let proposal = proposed(u, 3);
        u.act(&person("u1"), rename("d1")).unwrap();
        u.pass(4);
        second(proposal)
    }),
    case!("second-head", "no proposal", |_| second(0)),
    case!("add-department", "new", |_| add("d3")),
    case!("add-department", "new, no unit head yet", |u| {
        u.behead();
        add("d3")
    }),
    case!("add-department", "there already", |_| add("d1")),
    case!("rename-department", "there", |_| rename("d1")),
    case!("rename-department", "not there", |_| rename("d9")),
    case!("describe-person", "o2", |_| describe("o2")),
    case!("describe-person", "o2, into another department", |_| describe_in("o2", "d2")),
    case!("describe-person", "c1", |_| describe("c1")),
    case!("describe-person", "retired", |_| describe("r1")),
    case!("appoint", "o2 as viewer", |_| appoint("o2", Role::Viewer)),
    case!("appoint", "u1 as viewer", |_| appoint("u1", Role::Viewer)),
    case!("appoint", "o2 as viewer, no unit head yet", |u| {
        u.behead();
        appoint("o2", Role::Viewer)
    }),
    case!("appoint", "m1, who operates the machine, as viewer", |_| {
        appoint("m1", Role::Viewer)
    }),
    case!("appoint", "o2 as a deputy of p1 without an end", |_| say(Do::Appoint {
        person: pid("o2"),
        role: Role::PenaltyLeader,
        department: None,
        since: None,
        until: None,
        acting_for: Some(pid("p1")),
        reason: REASON.to_owned(),
    })),
    case!("end-duty", "v1's", |u| end(duty_of(u, "v1"))),
    case!("end-duty", "p1's, with only a deputy beside", |u| end(duty_of(u, "p1"))),
    case!("end-duty", "none", |_| end(DutyId(0))),
    case!("retire-person", "o2", |_| retire("o2")),
    case!("retire-person", "u1, the last of their kind", |_| retire("u1")),
    case!("retire-person", "retired already", |_| retire("r1")),
    case!("set-pin", "o2's", |_| pin("o2")),
    case!("set-pin", "p1's", |_| pin("p1")),
    case!("set-pin", "o2's, everybody's own was given by another", |u| {
        u.lend_pins();
        pin("o2")
    }),
    case!("set-pin", "o2's, every PIN was lost by a restore", |u| {
        u.lose_pins();
        pin("o2")
    }),
    case!("set-pin", "u1's, every PIN was lost by a restore", |u| {
        u.lose_pins();
        pin("u1")
    }),
    case!("set-pin", "u1's, every PIN was lost by a restore, and u1 has a new one", |u| {
        u.lose_pins();
        let command = pin("u1");
        u.act(&crate::actor("uid"), command).unwrap();
        pin("u1")
    }),
    case!("appoint", "o2 as viewer, everybody's PIN was given by another", |u| {
        u.lend_pins();
        appoint("o2", Role::Viewer)
    }),
    case!("release-person", "o2, locked", |u| locked(u, "o2")),
    case!("release-person", "c1, locked", |u| locked(u, "c1")),
    case!("release-person", "u1, locked like every clerk and unit head", |u| {
        locked(u, "c1");
        locked(u, "c2");
        locked(u, "u1")
    }),
    case!("add-passkey", "o2's", |u| say(Do::AddPasskey(Box::new(passkey(u, "o2"))))),
    case!("add-passkey", "o2's, everybody's PIN was given by another", |u| {
        u.lend_pins();
        say(Do::AddPasskey(Box::new(passkey(u, "o2"))))
    }),
    case!("name-passkey", "o2's", |u| {
        let passkey = has_passkey(u, "o2");
        say(Do::NamePasskey { passkey, label: "旧手机".to_owned() })
    }),
    case!("remove-passkey", "o2's", |u| remove(u, "o2")),
    case!("remove-passkey", "c1's", |u| remove(u, "c1")),
    case!("remove-passkey", "none", |_| {
        say(Do::RemovePasskey { passkey: 1, reason: Some(REASON.to_owned()) })
    }),
    case!("note-passkey", "o2's, shown", |u| shown(u, 5)),
    case!("release-person", "o2, not locked", |_| {
        say(Do::ReleasePerson { person: pid("o2"), reason: REASON.to_owned() })
    }),
];
