//! What built-in profiles say of recorders as the reports describe them: messages byte by byte, numbers
//! from logs and names, clocks.
#![allow(clippy::unwrap_used)]

use sealdock_core::listing::{LineKind, RawLine};
use sealdock_profile::unlock::{Fact, Op, Step, Wall, Why, captures, render};
use sealdock_profile::{ClockRead, ClockSet, Evidence, Profile, Profiles, disagreement};
use std::sync::LazyLock;

static ALL: LazyLock<Profiles> = LazyLock::new(Profiles::built_in);
const NOON: Wall = Wall { year: 2026, month: 11, day: 25, hour: 12, minute: 30, second: 7 };

fn profile(id: &str) -> &'static Profile {
    ALL.find(id).unwrap()
}

fn step<'a>(id: &str, name: &str) -> &'a Step {
    profile(id).unlock().unwrap().steps.iter().find(|s| s.name == name).unwrap()
}

fn sent(step: &Step, secret: &str) -> Vec<u8> {
    render(step.op.data(), Some(secret), NOON).unwrap()
}

#[test]
fn the_a9_gets_its_login_and_one_try() {
    let login = sent(step("ambarella.a9-ctrl", "login"), "000000");
    assert_eq!((login.len(), &login[..11]), (64, &b"\xa1\x12\x00\x12000000\x00"[..]));
    let reply = step("ambarella.a9-ctrl", "login reply");
    assert_eq!(reply.judge(&[0, 0, 1, 0, 0, 0, 0, 0, 0, 0]), Ok(()));
    assert_eq!(reply.judge(&[0; 10]).unwrap_err().why, Why::BadPassword);
    let disk = sent(step("ambarella.a9-ctrl", "disk"), "");
    assert_eq!((disk.len(), &disk[..4]), (64, &[0xa1, 0x23, 0x00, 0x23][..]));
}

#[test]
fn cammpro_proves_its_protocol_before_it_gets_a_password() {
    let unlock = profile("cammpro.mc").unlock().unwrap();
    assert_eq!(unlock.steps[0].name, "ping");
    let mut pong = [0; 14];
    pong[6] = 0x80;
    pong[9..].copy_from_slice(b"ABCDE");
    assert_eq!(unlock.steps[0].judge(&pong), Ok(()));
    pong[13] = b'X';
    assert_eq!(unlock.steps[0].judge(&pong).unwrap_err().why, Why::Unexpected);
    let login = sent(step("cammpro.mc", "login"), "123456");
    assert_eq!(login, b"\xa1\xb2\xc3\xd4\x00\xe1\x00\x10\x00123456");
    let mut info = [0; 109];
    info[6] = 0x80;
    info[9..16].copy_from_slice(b"J800001");
    info[18..24].copy_from_slice(b"123456");
    let facts = captures(step("cammpro.mc", "info"), &info);
    assert_eq!(
        (facts[&Fact::Device].as_str(), facts[&Fact::Officer].as_str()),
        ("J800001", "123456")
    );
    let Some((_, ClockSet::Step(set))) = &profile("cammpro.mc").clock().unwrap().set else {
        panic!()
    };
    assert_eq!(sent(set, "")[9..], [0x07, 0xea, 11, 25, 12, 30, 7]);
}

#[test]
fn the_text_dialect_and_the_disk_commands_are_as_reported() {
    let of = |name| sent(step("ambarella.simple", name), "12345678");
    assert_eq!(of("version"), b"@Ver;8;00000000;#");
    assert_eq!(of("disk"), b"@ATH;8;12345678;#");
    let disk = step("jieli.dv16", "disk");
    let Op::ScsiOut { cdb, .. } = &disk.op else { panic!() };
    assert_eq!((cdb.len(), cdb[0], cdb[5]), (16, 0xfb, 6));
    assert_eq!(step("jieli.dv16", "card").judge(&[0; 4]).unwrap_err().why, Why::NoCard);
    let Some((_, ClockSet::Step(set))) = &profile("jieli.dv16").clock().unwrap().set else {
        panic!()
    };
    assert_eq!(sent(set, ""), [0xea, 0x07, 11, 25, 12, 30, 7]);
}

#[test]
fn every_message_can_be_made_and_no_reply_is_taken_unread() {
    let unlocks = ALL.all().iter().filter_map(Profile::unlock);
    let steps: Vec<&Step> = unlocks.flat_map(|u| &u.steps).collect();
    assert!(steps.len() >= 16, "{}", steps.len());
    for step in steps {
        let secret =
            ["123456", "12345678"].iter().any(|s| render(step.op.data(), Some(s), NOON).is_ok());
        assert!(secret, "{step:?}");
        assert_eq!(step.judge(&[]).is_err(), step.op.reply_length().is_some(), "{step:?}");
    }
}

fn line(name: &str) -> RawLine {
    RawLine {
        raw_name: name.as_bytes().to_vec(),
        kind: LineKind::File,
        size: 1,
        mtime_ms: None,
        file_id: 1,
        changed_ns: None,
        detail: None,
    }
}

/// Numbers that an A11 claims: logs as (name, time, text), and names.
fn claims(logs: &[(&str, i64, &str)], names: &[&str]) -> (Vec<String>, bool) {
    let lines: Vec<RawLine> = names.iter().map(|n| line(n)).collect();
    let logs = logs.iter().map(|(p, t, x)| ((*p).to_owned(), *t, (*x).to_owned())).collect();
    let evidence = Evidence { lines: &lines, logs, ..Evidence::default() };
    let found = profile("bestcam.a11").device_claims(&evidence);
    let conflict = disagreement(&found).is_some();
    (found.into_iter().map(|c| c.number).collect(), conflict)
}

#[test]
fn an_a11_is_known_by_its_newest_log_and_its_names() {
    let own = "DCIM/VIDEO/A11_2222222_222222_20260902180118_0001.mp4";
    let none = "DCIM/VIDEO/A11_0000000_000000_20260902180118_0001.mp4";
    let two =
        "2026/09/02-15:49:29 #ID:2222222 #x\n2026/09/02-16:00:00 #ID:2222222-222222#USB Connect\n";
    let one = "2026/09/02-15:49:29 #ID:1111111 #x\n";
    let zero = "2026/09/02-15:49:29 #ID:0000000-000000#USB Connect\n";
    let log = "LOG/20260902.txt";
    let old = "LOG/20260901.txt";
    let s = |list: &[&str]| list.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    assert_eq!(claims(&[(log, 2, two)], &[own]), (s(&["2222222", "2222222"]), false));
    // The card was moved.
    assert_eq!(claims(&[(log, 2, one)], &[own]), (s(&["1111111", "2222222"]), true));
    // Nobody ever set it.
    assert_eq!(claims(&[(log, 2, zero)], &[none]), (s(&[]), false));
    // An older log may be another recorder's.
    assert_eq!(claims(&[(old, 1, one), (log, 2, "no number\n")], &[own]), (s(&["2222222"]), false));
    assert_eq!(claims(&[("OTHER/x.txt", 9, one)], &[]), (s(&[]), false));
    let a11 = profile("bestcam.a11");
    assert!(a11.wants_text(log) && !a11.wants_text("DCIM/LOG/x.txt") && !a11.wants_text(own));
}

#[test]
fn a_vendor_reply_and_a_name_that_differ_are_a_conflict() {
    let lines = [line("J800001_12345620170730100947_0017.MP4")];
    let vendor = |number: &str| Evidence {
        lines: &lines,
        vendor: [(Fact::Device, number.to_owned())].into(),
        ..Evidence::default()
    };
    let cammpro = profile("cammpro.mc");
    assert_eq!(disagreement(&cammpro.device_claims(&vendor("J800001"))), None);
    let text = disagreement(&cammpro.device_claims(&vendor("J800002"))).unwrap();
    assert!(text.contains("J800002 (vendor)") && text.contains("J800001 (filename)"), "{text}");
    let label = Evidence { label: Some("CAM07"), ..Evidence::default() };
    assert_eq!(profile("tecsar.label").device_claims(&label)[0].number, "CAM07");
}

#[test]
fn the_log_tells_the_clock_at_plug_in() {
    let clock = profile("bestcam.a11").clock().unwrap();
    let read: &ClockRead = &clock.read[0];
    let text = "2026/09/02-15:49:29 #ID:2222222 #USB Connect\n2026/09/03-01:02:03 #ID:2222222 #USB Connect\nx\n";
    assert_eq!(read.time_in(text).unwrap().to_string(), "2026-09-03T01:02:03");
    assert_eq!(read.time_in("2026/13/03-01:02:03 USB Connect"), None);
    assert_eq!(read.time_in("nothing"), None);
}
