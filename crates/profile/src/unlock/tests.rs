#![allow(clippy::unwrap_used)]
use super::*;
use crate::keys::unlock::{StepKeys, UnlockKeys};

const NOON: Wall = Wall { year: 2026, month: 11, day: 25, hour: 12, minute: 0, second: 7 };

fn tokens(texts: &[&str]) -> Vec<Token> {
    texts.iter().map(|t| Token::parse(t).unwrap()).collect()
}

fn step(text: &str) -> Result<Step, String> {
    read::step(&toml::from_str::<StepKeys>(text).map_err(|e| e.to_string())?, 0)
}

#[test]
fn a_message_is_its_tokens_in_order() {
    let a9 = tokens(&["hex:a1120012", "secret:ascii", "pad:64:00"]);
    let message = render(&a9, Some("000000"), NOON).unwrap();
    assert_eq!(message.len(), 64);
    assert_eq!(&message[..11], b"\xa1\x12\x00\x12000000\x00");
    let time = tokens(&["now:u16be:year", "now:u16le:year", "now:u8:month", "now:u8:second"]);
    assert_eq!(hex(&render(&time, None, NOON).unwrap()), "07eaea070b07");
    let text = tokens(&["ascii:@Sdt;8;", "now:text:%Y%m%d", "ascii:;#"]);
    assert_eq!(render(&text, None, NOON).unwrap(), b"@Sdt;8;20261125;#");
}

#[test]
fn a_message_that_cannot_be_is_not_made() {
    let why = |texts: &[&str], secret: Option<&str>| {
        render(&tokens(texts), secret, NOON).unwrap_err().why
    };
    assert_eq!(why(&["secret:ascii"], None), Why::NoSecret);
    assert_eq!(why(&["secret:ascii"], Some("")), Why::BadSecret);
    assert_eq!(why(&["secret:ascii"], Some("密码")), Why::BadSecret);
    let long = "1".repeat(65);
    assert_eq!(why(&["secret:ascii"], Some(long.as_str())), Why::BadSecret);
    assert_eq!(why(&["secret:ascii:6"], Some("12345")), Why::BadSecret);
    assert_eq!(why(&["hex:001122", "pad:2:00"], None), Why::TooLong);
    let long = vec![Token::Bytes(vec![0; 600]); 2];
    assert_eq!(render(&long, None, NOON).unwrap_err().why, Why::TooLong);
}

#[test]
fn a_secret_stands_in_no_log_line_and_no_refusal() {
    let list = tokens(&["hex:a1", "secret:ascii:6", "now:u8:day", "pad:64:00"]);
    assert_eq!(shown(&list), "a1 [secret] [time] [to 64]");
    let refusal = render(&list, Some("hunter2"), NOON).unwrap_err();
    assert!(!refusal.to_string().contains("hunter2"), "{refusal}");
}

#[test]
fn unknown_tokens_are_refused() {
    for bad in [
        "hex:0",
        "hex:zz",
        "ascii:密",
        "secret:utf8",
        "secret:ascii:0",
        "secret:ascii:x",
        "now:u8:year",
        "now:u32:day",
        "now:u8:week",
        "now:text:%Q",
        "pad:0:00",
        "pad:4",
        "pad:4:000",
        "pad:9999:00",
        "env:HOME",
        "plain",
        "",
    ] {
        assert!(Token::parse(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_reply_is_judged_byte_by_byte() {
    let login = step(
        "op = 'control_in'\nname = 'login'\nlength = 10\n\
         setup = { type = 0xc0, request = 0x55, value = 0x80, index = 0 }\n\
         expect = [{ at = 2, eq = '01', else = 'bad-password' }]",
    )
    .unwrap();
    assert_eq!(login.judge(&[0, 0, 1, 0]), Ok(()));
    assert_eq!(login.judge(&[0, 0, 2, 0]).unwrap_err().why, Why::BadPassword);
    for short in [&[][..], &[0], &[0, 0]] {
        assert_eq!(login.judge(short).unwrap_err().why, Why::Short);
    }
    let refusal = login.judge(&[0, 0, 0]).unwrap_err().to_string();
    assert!(
        refusal.contains("密码") && refusal.contains("\"login\"") && refusal.contains("00 for 01")
    );
}

#[test]
fn a_reply_may_have_to_differ_or_to_contain() {
    let of = |rule| vec![Expect { rule, otherwise: Why::NoCard }];
    let card = of(Rule::Other { at: 0, bytes: vec![0] });
    assert_eq!((judge(&card, &[1]), judge(&card, &[0]).unwrap_err().why), (Ok(()), Why::NoCard));
    assert_eq!(judge(&card, &[]).unwrap_err().why, Why::Short);
    let version = of(Rule::Contains { bytes: b"Ver;OK".to_vec() });
    assert_eq!(judge(&version, b"@Ver;OK;#"), Ok(()));
    assert!(judge(&version, b"@Ver;NO;#").is_err() && judge(&version, b"").is_err());
    let far = of(Rule::Equal { at: usize::MAX, bytes: vec![1] });
    assert_eq!(judge(&far, &[1]).unwrap_err().why, Why::Short);
}

#[test]
fn a_reply_that_is_asked_for_must_come() {
    let ask = step("op = 'bulk_in'\nendpoint = 0x81\nlength = 64").unwrap();
    assert_eq!(ask.judge(&[]).unwrap_err().why, Why::Short);
    assert_eq!(ask.judge(&[0]), Ok(()));
    let send = step("op = 'bulk_out'\nendpoint = 1\ndata = ['hex:00']").unwrap();
    assert_eq!(send.judge(&[]), Ok(()));
}

#[test]
fn facts_are_read_where_they_are_text() {
    let info = step(
        "op = 'scsi_in'\ncdb = 'fd810000 00030059 00000000 00000000'\nlength = 89\n\
         capture = { device = { at = 0, len = 7 }, officer = { at = 7, len = 6 }, \
         battery = { at = 13, len = 1, encoding = 'u8' } }",
    )
    .unwrap();
    let facts = captures(&info, b"J800001123456\x4b");
    assert_eq!(facts[&Fact::Device], "J800001");
    assert_eq!((facts[&Fact::Officer].as_str(), facts[&Fact::Battery].as_str()), ("123456", "75"));
    let odd = captures(&info, b"J8\0\0\0\0\0\xff23456\x00");
    assert_eq!((odd[&Fact::Device].as_str(), odd.get(&Fact::Officer)), ("J8", None));
    assert!(captures(&info, b"J8").is_empty());
}

#[test]
fn what_must_never_be_sent_is_refused_when_read() {
    let why = |text: &str| step(text).unwrap_err();
    let out = |kind: &str| {
        format!(
            "op = 'control_out'\nsetup = {{ type = {kind}, request = 5, value = 1, index = 0 }}\ndata = ['hex:00']"
        )
    };
    assert!(why(&out("0x00")).contains("no class or vendor request"));
    assert!(why(&out("0xc0")).contains("points the other way"));
    assert!(why("op = 'scsi_out'\ncdb = '2a0000000000'").contains("not the vendor's own"));
    assert!(why("op = 'scsi_out'\ncdb = 'fb82'").contains("cdb has 2 bytes"));
    assert!(why("op = 'reset'").contains("unknown op"));
    assert!(why("op = 'bulk_in'\nendpoint = 1\nlength = 4").contains("does not fit"));
    assert!(
        why("op = 'bulk_in'\nendpoint = 0x81\nlength = 4\ncdb = '00'").contains("no key \"cdb\"")
    );
    assert!(
        why("op = 'bulk_in'\nendpoint = 0x81\nlength = 4\nexpect = [{ at = 4, eq = '00' }]")
            .contains("reach byte 5, the reply has 4")
    );
}

const BULK: &str = "kind = 'usb'\nnext = { state = 'storage', within_s = 9 }\n";

#[test]
fn an_unlock_is_one_attempt_on_the_same_port() {
    let why = |rest: &str| {
        let step = "[[step]]\nop = 'bulk_out'\nendpoint = 1\ndata = ['hex:00']";
        let keys: UnlockKeys = toml::from_str(&format!("{BULK}{rest}\n{step}")).unwrap();
        read::unlock(&keys, Via::Usb).map(|_| ()).unwrap_err()
    };
    assert!(why("attempts = 3").contains("attempts must be 1"));
    assert!(why("policy = 'auto'").contains("stronger than allowed"));
    assert!(why("policy = 'yes'").contains("unknown policy"));
    assert!(why("secret = '000000'").contains("is no name"));
    assert!(why("secret = 'recorder-admin'").contains("no step sends it"));
    assert!(why("timeout_s = 0").contains("timeout_s = 0"));
    let serial: UnlockKeys = toml::from_str(
        "kind = 'usb'\nnext = { state = 'storage', within_s = 9, correlate = 'serial' }\n[[step]]\nop = 'x'",
    )
    .unwrap();
    assert!(read::unlock(&serial, Via::Usb).unwrap_err().contains("only \"port\""));
}
