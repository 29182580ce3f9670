//! The kernel's `descriptors` file: the device descriptor and every configuration, as the device sent
//! them (USB 2.0 §9.6). Bytes of a stranger: whatever does not add up is an error, and never admitted.

use sealdock_profile::Interface;

const DEVICE: u8 = 1;
const CONFIGURATION: u8 = 2;
const INTERFACE: u8 = 4;

/// What the descriptors say.
#[derive(Debug, PartialEq, Eq)]
pub struct Described {
    pub vid: u16,
    pub pid: u16,
    pub release: u16,
    pub device_class: u8,
    pub interfaces: Vec<Interface>,
}

/// Reads them; `None` if a length is wrong, something is cut off, or no interface is there.
pub fn parse(bytes: &[u8]) -> Option<Described> {
    let (device, mut rest) = bytes.split_first_chunk::<18>()?;
    if device[0] != 18 || device[1] != DEVICE {
        return None;
    }
    let word = |at: usize| u16::from_le_bytes([device[at], device[at + 1]]);
    let mut interfaces = Vec::new();
    while !rest.is_empty() {
        let total = match rest {
            [_, CONFIGURATION, low, high, ..] => usize::from(u16::from_le_bytes([*low, *high])),
            _ => return None,
        };
        configuration(rest.get(..total)?, &mut interfaces)?;
        rest = &rest[total..];
    }
    if interfaces.is_empty() {
        return None;
    }
    let (vid, pid, release) = (word(8), word(10), word(12));
    Some(Described { vid, pid, release, device_class: device[4], interfaces })
}

fn configuration(mut rest: &[u8], interfaces: &mut Vec<Interface>) -> Option<()> {
    if rest.len() < 9 {
        return None;
    }
    while let Some(length) = rest.first().map(|n| usize::from(*n)) {
        let one = rest.get(..length).filter(|one| one.len() >= 2)?;
        if one[1] == INTERFACE {
            let (class, subclass, protocol) = (*one.get(5)?, *one.get(6)?, *one.get(7)?);
            interfaces.push(Interface { class, subclass, protocol });
        }
        rest = &rest[length..];
    }
    Some(())
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A device of class 0 with one configuration of these interfaces.
    pub fn device(vid: u16, pid: u16, interfaces: &[[u8; 3]]) -> Vec<u8> {
        let mut bytes = vec![18, 1, 0, 2, 0, 0, 0, 64];
        bytes.extend_from_slice(&vid.to_le_bytes());
        bytes.extend_from_slice(&pid.to_le_bytes());
        bytes.extend_from_slice(&[0, 1, 1, 2, 3, 1]);
        let total = (9 + interfaces.len() * 16) as u16;
        bytes.extend_from_slice(&[9, 2]);
        bytes.extend_from_slice(&total.to_le_bytes());
        bytes.extend_from_slice(&[interfaces.len() as u8, 1, 0, 0x80, 50]);
        for (n, [class, subclass, protocol]) in interfaces.iter().enumerate() {
            bytes.extend_from_slice(&[9, 4, n as u8, 0, 1, *class, *subclass, *protocol, 0]);
            bytes.extend_from_slice(&[7, 5, 0x81, 2, 0, 2, 0]);
        }
        bytes
    }

    #[test]
    fn every_interface_is_seen() {
        let seen = parse(&device(0x1234, 0xabcd, &[[8, 6, 0x50], [3, 1, 1]])).unwrap();
        assert_eq!((seen.vid, seen.pid, seen.release), (0x1234, 0xabcd, 0x0100));
        let classes: Vec<u8> = seen.interfaces.iter().map(|i| i.class).collect();
        assert_eq!(classes, [8, 3]);
    }

    #[test]
    fn what_does_not_add_up_is_nothing() {
        let good = device(1, 2, &[[8, 6, 0x50]]);
        for cut in 0..good.len() {
            assert_eq!(parse(&good[..cut]), None, "cut at {cut}");
        }
        let mut more = good.clone();
        more.push(9);
        assert_eq!(parse(&more), None);
        let mut endless = good.clone();
        endless[27] = 0;
        assert_eq!(parse(&endless), None);
        assert_eq!(parse(&device(1, 2, &[])), None);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_upset_it(bytes: Vec<u8>) {
            let _ = parse(&bytes);
        }

        #[test]
        fn no_flipped_byte_upsets_it(at in 0usize..34, to: u8) {
            let mut bytes = device(1, 2, &[[8, 6, 0x50]]);
            bytes[at] = to;
            let _ = parse(&bytes);
        }
    }
}
