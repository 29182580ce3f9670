#![allow(clippy::unwrap_used)]
use super::*;
use proptest::prelude::*;

const MASS_STORAGE: Interface = Interface { class: 8, subclass: 6, protocol: 0x50 };
const KEYBOARD: Interface = Interface { class: 3, subclass: 1, protocol: 1 };

fn device() -> Vec<u8> {
    vec![18, 1, 0, 2, 0, 0, 0, 64, 0x55, 0x42, 0x00, 0x10, 0x34, 0x12, 1, 2, 3, 1]
}

fn config(body: &[&[u8]]) -> Vec<u8> {
    let body: Vec<u8> = body.concat();
    let mut all = vec![9, 2, 0, 0, 1, 1, 0, 0x80, 50];
    all.extend(body);
    let length = u16::try_from(all.len()).unwrap().to_le_bytes();
    all[2..4].copy_from_slice(&length);
    all
}

fn interface(i: Interface) -> Vec<u8> {
    vec![9, 4, 0, 0, 2, i.class, i.subclass, i.protocol, 0]
}

const ENDPOINT: [u8; 7] = [7, 5, 0x81, 2, 0, 2, 0];

fn whole() -> Vec<u8> {
    let disk = config(&[&interface(MASS_STORAGE), &ENDPOINT, &ENDPOINT]);
    let both = config(&[&interface(MASS_STORAGE), &ENDPOINT, &interface(KEYBOARD), &[3, 0x21, 9]]);
    [device(), disk, both].concat()
}

#[test]
fn every_configuration_is_read() {
    let (ids, interfaces) = parse_descriptors(&whole()).unwrap();
    let wanted = DeviceIds { vid: 0x4255, pid: 0x1000, release: 0x1234, device_class: 0 };
    assert_eq!((ids, interfaces), (wanted, vec![MASS_STORAGE, MASS_STORAGE, KEYBOARD]));
    assert_eq!(Seen::from_descriptors(&whole()).unwrap().pid, 0x1000);
}

#[test]
fn a_lie_about_a_length_is_told() {
    let edit = |at: usize, value: u8| {
        let mut bytes = [device(), config(&[&interface(MASS_STORAGE), &ENDPOINT])].concat();
        bytes[at] = value;
        parse_descriptors(&bytes).unwrap_err().to_string()
    };
    assert!(edit(0, 17).contains("no device descriptor"));
    assert!(edit(18, 8).contains("no configuration where"));
    assert!(edit(19, 4).contains("no configuration where"));
    assert!(edit(20, 0xff).contains("false length"));
    assert!(edit(20, 4).contains("false length"));
    assert!(edit(27, 0).contains("false length"));
    assert!(edit(27, 1).contains("false length"));
    assert!(edit(27, 8).contains("too short"));
    assert!(edit(27, 0xff).contains("false length"));
    assert!(edit(37, 1).contains("must not be"));
    assert!(parse_descriptors(&device()).unwrap_err().to_string().contains("no interface"));
    assert!(parse_descriptors(&[]).unwrap_err().to_string().contains("no whole device"));
    assert!(
        parse_descriptors(&vec![0; BYTES_MAX + 1]).unwrap_err().to_string().contains("too long")
    );
    let many = vec![interface(KEYBOARD); INTERFACES_MAX + 1].concat();
    let many = [device(), config(&[&many])].concat();
    assert!(parse_descriptors(&many).unwrap_err().to_string().contains("too many"));
}

#[test]
fn whatever_is_cut_off_is_missed_except_between_configurations() {
    let whole = whole();
    let ends = [device().len() + 9 + 9 + 14, whole.len()];
    for cut in 0..=whole.len() {
        assert_eq!(parse_descriptors(&whole[..cut]).is_ok(), ends.contains(&cut), "cut at {cut}");
    }
}

proptest! {
    #[test]
    fn no_bytes_upset_the_parser(bytes: Vec<u8>) {
        let _ = parse_descriptors(&bytes);
        let _ = parse_descriptors(&[device(), bytes].concat());
    }

    #[test]
    fn no_edit_upsets_the_parser(edits in prop::collection::vec((0usize..76, any::<u8>()), 0..6)) {
        let mut bytes = whole();
        for (at, value) in edits {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        if let Ok((_, interfaces)) = parse_descriptors(&bytes) {
            prop_assert!(!interfaces.is_empty() && interfaces.len() <= INTERFACES_MAX);
        }
    }
}
