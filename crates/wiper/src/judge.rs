//! Is this a recorder at all? By classes only: storage and still image alone may in, a vendor's own class
//! only where the port is bound to a profile, and with anything else beside it nothing may.

use sealdock_profile::{Interface, Seen, State};

/// Mass storage over bulk-only transport and UAS.
const STORAGE: [(u8, u8, u8); 2] = [(0x08, 0x06, 0x50), (0x08, 0x06, 0x62)];
/// Still image, which is PTP and MTP.
const IMAGE: (u8, u8, u8) = (0x06, 0x01, 0x01);
const VENDOR: u8 = 0xff;

/// What becomes of a device.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    pub admitted: bool,
    pub state: Option<State>,
    pub profile: Option<String>,
    pub reason: Option<String>,
}

/// Judges what was seen; `bound` is the profile of the port.
pub fn judge(seen: &Seen, bound: Option<&str>) -> Verdict {
    // A hub or a composite of unknown kind says so here; 0 and 0xef leave it to the interfaces.
    if !matches!(seen.device_class, 0 | 0xef | VENDOR) {
        return refused(&format!("{:02x}", seen.device_class), class_name(seen.device_class));
    }
    if let Some(bad) = seen.interfaces.iter().find(|i| kind(i).is_none()) {
        let triple = format!("{:02x}/{:02x}/{:02x}", bad.class, bad.subclass, bad.protocol);
        return refused(&triple, class_name(bad.class));
    }
    let mut kinds: Vec<State> = seen.interfaces.iter().filter_map(kind).collect();
    kinds.dedup();
    match kinds.as_slice() {
        [State::Locked] => vendor(bound),
        [one] => Verdict { admitted: true, state: Some(*one), profile: None, reason: None },
        _ => refused("—", ("多种接口的复合设备", "several kinds of interface at once")),
    }
}

fn vendor(bound: Option<&str>) -> Verdict {
    match bound {
        Some(profile) => Verdict {
            admitted: true,
            state: Some(State::Locked),
            profile: Some(profile.to_owned()),
            reason: None,
        },
        None => refused(
            "ff",
            (
                "厂家专用接口，而该端口未绑定机型",
                "a vendor's own interface, and the port is bound to no profile",
            ),
        ),
    }
}

fn kind(interface: &Interface) -> Option<State> {
    let triple = (interface.class, interface.subclass, interface.protocol);
    if STORAGE.contains(&triple) {
        return Some(State::Storage);
    }
    if triple == IMAGE {
        return Some(State::Mtp);
    }
    (interface.class == VENDOR).then_some(State::Locked)
}

fn refused(triple: &str, (chinese, english): (&str, &str)) -> Verdict {
    let reason = format!(
        "已拒绝接入：不是执法记录仪（{chinese}，{triple}），请拔下。 Not admitted: this is no recorder ({english}, {triple}); unplug it."
    );
    Verdict { admitted: false, state: Some(State::Forbidden), profile: None, reason: Some(reason) }
}

fn class_name(class: u8) -> (&'static str, &'static str) {
    match class {
        0x01 => ("声音设备", "audio"),
        0x02 | 0x0a | 0xe0 => ("网络或串口设备", "network or serial adapter"),
        0x03 => ("键盘或鼠标", "keyboard or mouse"),
        0x07 => ("打印机", "printer"),
        0x08 => ("不支持的存储接口", "storage of an unsupported kind"),
        0x09 => ("集线器", "hub"),
        0x0b => ("智能卡", "smart card"),
        0x0e => ("摄像头", "video"),
        _ => ("不允许的接口", "an interface that is not allowed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(device_class: u8, interfaces: &[(u8, u8, u8)]) -> Seen {
        let interfaces = interfaces
            .iter()
            .map(|&(class, subclass, protocol)| Interface { class, subclass, protocol })
            .collect();
        Seen { device_class, interfaces, ..Seen::default() }
    }

    #[test]
    fn storage_and_still_image_alone_may_in() {
        for (interfaces, state) in [
            (vec![STORAGE[0]], State::Storage),
            (vec![STORAGE[1], STORAGE[0]], State::Storage),
            (vec![IMAGE], State::Mtp),
        ] {
            let verdict = judge(&seen(0, &interfaces), None);
            assert!(verdict.admitted && verdict.state == Some(state), "{verdict:?}");
        }
    }

    #[test]
    fn a_vendors_class_needs_a_bound_port() {
        let device = seen(0xff, &[(0xff, 0xff, 0)]);
        assert!(!judge(&device, None).admitted);
        let bound = judge(&device, Some("cammpro.mc"));
        assert!(bound.admitted && bound.profile.as_deref() == Some("cammpro.mc"));
        assert_eq!(bound.state, Some(State::Locked));
    }

    #[test]
    fn everything_else_stays_out_bound_or_not() {
        let cases = [
            seen(0, &[(3, 1, 1)]),
            seen(0, &[STORAGE[0], (3, 1, 1)]),
            seen(0, &[(0xff, 0, 0), (3, 1, 1)]),
            seen(0, &[(0xff, 0, 0), STORAGE[0]]),
            seen(0, &[STORAGE[0], IMAGE]),
            seen(0, &[STORAGE[0], (0xff, 0, 0), STORAGE[0]]),
            seen(0, &[(2, 6, 0), (0x0a, 0, 0)]),
            seen(9, &[(9, 0, 0)]),
            seen(9, &[STORAGE[0]]),
            seen(0, &[(9, 0, 1)]),
            seen(0, &[(8, 6, 1)]),
            seen(0, &[(1, 1, 0)]),
            seen(0, &[]),
        ];
        for device in cases {
            for bound in [None, Some("cammpro.mc")] {
                let verdict = judge(&device, bound);
                assert!(!verdict.admitted && verdict.reason.is_some(), "{device:?}");
            }
        }
        let keyboard = judge(&seen(0, &[(3, 1, 1)]), None).reason.unwrap();
        assert!(keyboard.contains("键盘") && keyboard.contains("keyboard or mouse, 03/01/01"));
    }
}
