//! Cases of recorders and their use. The recorder is R1 without a department, the officer in question o1.

use crate::Case;
use crate::unit::{Unit, by, person, pid};
use sealdock_core::actor::{Actor, Role};
use sealdock_core::command::{Command, Opening};
use sealdock_core::desk::{
    AssetRecord, ClockSeen, Command as Do, Designated, Event, FaultReported, Place, Sheet,
};
use sealdock_core::id::{RecorderId, UseId};
use sealdock_core::time::HOUR_MS;

const REASON: &str = "by decision of the unit";

fn say(command: Do) -> Command {
    Command::Desk(command)
}

fn r1() -> RecorderId {
    "R1".parse().unwrap()
}

fn done(unit: &mut Unit, id: &str, command: Do) -> UseId {
    UseId(unit.act(&person(id), say(command)).unwrap())
}

fn designated(unit: &mut Unit, officer: &str) {
    let e = Designated { recorder: r1(), officer: pid(officer), reason: REASON.to_owned() };
    unit.write(by("c1"), Event::Designated(e).into());
}

fn ask() -> Do {
    Do::Request { recorder: r1(), purpose: "inspection".to_owned(), until: None }
}

fn asked(unit: &mut Unit) -> UseId {
    designated(unit, "o1");
    done(unit, "o1", ask())
}

fn approved(unit: &mut Unit) -> UseId {
    let of = asked(unit);
    done(unit, "h1", Do::Approve { of, note: None });
    of
}

fn sheet() -> Sheet {
    Sheet {
        works: true,
        battery_percent: 90,
        free_mib: 30_000,
        clock: ClockSeen::Right,
        looks_empty: true,
        remark: None,
    }
}

fn check(of: Option<UseId>) -> Do {
    Do::Check { recorder: r1(), of, sheet: sheet() }
}

fn checked(unit: &mut Unit) -> UseId {
    let of = approved(unit);
    done(unit, "o1", check(Some(of)));
    of
}

fn issued(unit: &mut Unit) -> UseId {
    let of = checked(unit);
    done(unit, "c1", Do::Issue { of });
    of
}

fn docked(unit: &mut Unit) -> UseId {
    let of = issued(unit);
    let opening = Opening {
        bay: "b1".parse().unwrap(),
        recorder_claim: r1(),
        officer_claim: Some(pid("o1")),
        fingerprint: String::new(),
        profile: "generic".to_owned(),
        unconfirmed: false,
    };
    let actor: Actor = person("o1");
    unit.act(&actor, Command::OpenSession(Box::new(opening))).unwrap();
    of
}

fn back(unit: &mut Unit) -> UseId {
    let of = issued(unit);
    done(unit, "c1", Do::Return { of, reason: REASON.to_owned() });
    of
}

fn taken(unit: &mut Unit) -> UseId {
    let breach = Do::Breach { recorder: r1(), officer: pid("o1"), reason: REASON.to_owned() };
    done(unit, "c1", breach)
}

fn faulty(unit: &mut Unit) {
    let e = FaultReported { recorder: r1(), text: REASON.to_owned() };
    unit.write(by("o1"), Event::FaultReported(e).into());
}

fn put(place: Place) -> Command {
    let (recorder, reason) = (r1(), REASON.to_owned());
    say(Do::Move { recorder, place, reason, footage_aboard: false, in_order: false })
}

fn describe() -> Command {
    let record = AssetRecord { cabinet: Some("2".to_owned()), ..AssetRecord::default() };
    say(Do::Describe { recorder: r1(), record, reason: None })
}

fn correct(recorder: &str, model: &str, cabinet: Option<&str>) -> Command {
    let record =
        cabinet.map(|text| AssetRecord { cabinet: Some(text.to_owned()), ..Default::default() });
    say(Do::Correct {
        recorder: recorder.parse().unwrap(),
        device_id: None,
        model: Some(model.to_owned()),
        record,
        reason: REASON.to_owned(),
    })
}

fn of_department(unit: &mut Unit, department: &str) {
    let record =
        AssetRecord { department: Some(department.parse().unwrap()), ..AssetRecord::default() };
    done(unit, "c1", Do::Describe { recorder: r1(), record, reason: None });
}

fn refuse(of: UseId) -> Command {
    say(Do::Refuse { of, reason: REASON.to_owned() })
}

fn explain(of: UseId) -> Command {
    say(Do::ExplainLate { of, text: REASON.to_owned(), correcting: None })
}

macro_rules! case {
    ($command:literal, $state:literal, $make:expr) => {
        Case { command: concat!("desk ", $command), state: $state, make: $make }
    };
}

pub const CASES: &[Case] = &[
    case!("describe", "R1", |_| describe()),
    case!("correct", "R1's model", |_| correct("R1", "DSJ", None)),
    case!("correct", "R1's model, no unit head yet", |u| {
        u.behead();
        correct("R1", "DSJ", None)
    }),
    case!("correct", "R1's model and cabinet", |_| correct("R1", "DSJ", Some("2"))),
    case!("correct", "R1, nothing differs", |_| correct("R1", "", None)),
    case!("correct", "not there", |_| correct("R9", "DSJ", None)),
    case!("designate", "to o1", |_| say(Do::Designate {
        recorder: r1(),
        officer: pid("o1"),
        reason: REASON.to_owned(),
    })),
    case!("designate", "to c1, no officer", |_| say(Do::Designate {
        recorder: r1(),
        officer: pid("c1"),
        reason: REASON.to_owned(),
    })),
    case!("end-designation", "of o1", |u| {
        designated(u, "o1");
        say(Do::EndDesignation { recorder: r1(), officer: pid("o1"), reason: REASON.to_owned() })
    }),
    case!("report-fault", "in order", |_| say(Do::ReportFault {
        recorder: r1(),
        text: REASON.to_owned(),
    })),
    case!("report-fault", "reported already", |u| {
        faulty(u);
        say(Do::ReportFault { recorder: r1(), text: REASON.to_owned() })
    }),
    case!("move", "to repair", |u| {
        faulty(u);
        put(Place::Repair)
    }),
    case!("move", "to repair, of department d2", |u| {
        of_department(u, "d2");
        put(Place::Repair)
    }),
    case!("move", "into the cabinet, while o1 has it", |u| {
        issued(u);
        put(Place::Cabinet)
    }),
    case!("move", "lost by o1, who has it", |u| {
        issued(u);
        put(Place::Lost)
    }),
    case!("move", "out of service, back but not docked", |u| {
        back(u);
        put(Place::Retired)
    }),
    case!("request", "designated to o1", |u| {
        designated(u, "o1");
        say(ask())
    }),
    case!("request", "lost", |u| {
        designated(u, "o1");
        u.act(&person("c1"), put(Place::Lost)).unwrap();
        say(ask())
    }),
    case!("approve", "asked for by o1", |u| {
        let of = asked(u);
        say(Do::Approve { of, note: None })
    }),
    case!("approve", "asked for by h1, who is a head", |u| {
        // For this case the head of d1 is an officer as well.
        u.appoint("h1", Role::Officer, Some("d1"), None);
        designated(u, "h1");
        let of = done(u, "h1", ask());
        say(Do::Approve { of, note: None })
    }),
    case!("approve", "withdrawn", |u| {
        let of = asked(u);
        done(u, "o1", Do::Withdraw { of, reason: None });
        say(Do::Approve { of, note: None })
    }),
    case!("refuse", "asked for", |u| {
        let of = asked(u);
        refuse(of)
    }),
    case!("refuse", "approved", |u| {
        let of = approved(u);
        refuse(of)
    }),
    case!("refuse", "handed out", |u| {
        let of = issued(u);
        refuse(of)
    }),
    case!("withdraw", "approved", |u| {
        let of = approved(u);
        say(Do::Withdraw { of, reason: None })
    }),
    case!("check", "periodic", |_| say(check(None))),
    case!("check", "before the approved use of o1", |u| {
        let of = approved(u);
        say(check(Some(of)))
    }),
    case!("check", "before a use that is only asked for", |u| {
        let of = asked(u);
        say(check(Some(of)))
    }),
    case!("issue", "approved and checked", |u| {
        let of = checked(u);
        say(Do::Issue { of })
    }),
    case!("issue", "asked for", |u| {
        let of = asked(u);
        say(Do::Issue { of })
    }),
    case!("issue", "approved, not checked", |u| {
        let of = approved(u);
        say(Do::Issue { of })
    }),
    case!("issue", "handed out already", |u| {
        let of = issued(u);
        say(Do::Issue { of })
    }),
    case!("return", "handed out", |u| {
        let of = issued(u);
        say(Do::Return { of, reason: REASON.to_owned() })
    }),
    case!("return", "docked already", |u| {
        let of = docked(u);
        say(Do::Return { of, reason: REASON.to_owned() })
    }),
    case!("breach", "taken by o1", |_| say(Do::Breach {
        recorder: r1(),
        officer: pid("o1"),
        reason: REASON.to_owned(),
    })),
    case!("breach", "while o1 has it by approval", |u| {
        issued(u);
        say(Do::Breach { recorder: r1(), officer: pid("o1"), reason: REASON.to_owned() })
    }),
    case!("see-breach", "taken by o1", |u| {
        let of = taken(u);
        say(Do::SeeBreach { of, text: REASON.to_owned() })
    }),
    case!("see-breach", "a lawful use", |u| {
        let of = issued(u);
        say(Do::SeeBreach { of, text: REASON.to_owned() })
    }),
    case!("explain-late", "back a day late", |u| {
        let of = issued(u);
        u.now = u.now.plus_ms(24 * HOUR_MS);
        done(u, "c1", Do::Return { of, reason: REASON.to_owned() });
        explain(of)
    }),
    case!("explain-late", "back in time", |u| {
        let of = back(u);
        explain(of)
    }),
    case!("note-overdue", "out a day too long", |u| {
        issued(u);
        u.now = u.now.plus_ms(24 * HOUR_MS);
        say(Do::NoteOverdue)
    }),
];
