//! What a device could do to its host, from its interfaces alone, before any profile is asked. A thing
//! that could type, route or run is refused whatever it calls itself.

use crate::seen::{Interface, Seen, State};

const AUDIO: u8 = 0x01;
const CDC: u8 = 0x02;
const HID: u8 = 0x03;
const PRINTER: u8 = 0x07;
const HUB: u8 = 0x09;
const CDC_DATA: u8 = 0x0a;
const VIDEO: u8 = 0x0e;
const WIRELESS: u8 = 0xe0;
const MISCELLANEOUS: u8 = 0xef;
const REMOTE_NDIS: u8 = 0x04;
const VENDOR: u8 = 0xff;
/// Bulk-only and UAS disks with the SCSI command set.
const STORAGE: [(u8, u8, u8); 2] = [(0x08, 0x06, 0x50), (0x08, 0x06, 0x62)];
const STILL_IMAGE: (u8, u8, u8) = (0x06, 0x01, 0x01);
/// Android's debug bridge: a shell, not a recorder.
const ADB: (u8, u8) = (0x42, 0x01);

/// What a device is, as far as its interfaces tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Storage,
    Mtp,
    Vendor,
    /// Storage, still image and vendor interfaces side by side.
    Mixed,
    /// It has something that no recorder needs.
    Hostile(Surprise),
}

/// Why a device is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surprise {
    Hid,
    Network,
    Hub,
    Audio,
    Camera,
    Printer,
    Debug,
    Class(u8),
    NoInterface,
    Composite,
    UnknownVendor,
    /// The port is bound to a profile that does not exist.
    UnknownBinding,
}

impl Shape {
    pub fn of(seen: &Seen) -> Shape {
        let device = Interface { class: seen.device_class, subclass: 0, protocol: 0 };
        // With these each interface speaks for itself.
        let open = [0, MISCELLANEOUS, VENDOR, 0x08, 0x06].contains(&seen.device_class);
        if let Some(surprise) = surprise(device).filter(|_| !open) {
            return Shape::Hostile(surprise);
        }
        if let Some(surprise) = seen.interfaces.iter().find_map(|i| surprise(*i)) {
            return Shape::Hostile(surprise);
        }
        let all = |fits: fn(&Interface) -> bool| seen.interfaces.iter().all(fits);
        match () {
            _ if seen.interfaces.is_empty() => Shape::Hostile(Surprise::NoInterface),
            _ if all(storage) => Shape::Storage,
            _ if all(still_image) => Shape::Mtp,
            _ if all(|i| i.class == VENDOR) => Shape::Vendor,
            _ => Shape::Mixed,
        }
    }

    /// Could a device of this shape be in this state?
    pub fn may_be(self, state: State) -> bool {
        match state {
            State::Forbidden => true,
            State::Storage => matches!(self, Shape::Storage | Shape::Mixed),
            State::Mtp => matches!(self, Shape::Mtp | Shape::Mixed),
            State::Locked => !matches!(self, Shape::Hostile(_) | Shape::Mtp),
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Shape::Storage => "storage",
            Shape::Mtp => "mtp",
            Shape::Vendor => "vendor",
            Shape::Mixed => "mixed",
            Shape::Hostile(_) => "hostile",
        }
    }
}

fn storage(i: &Interface) -> bool {
    STORAGE.contains(&(i.class, i.subclass, i.protocol))
}

fn still_image(i: &Interface) -> bool {
    (i.class, i.subclass, i.protocol) == STILL_IMAGE
}

fn surprise(i: Interface) -> Option<Surprise> {
    Some(match i.class {
        HID => Surprise::Hid,
        CDC | CDC_DATA | WIRELESS => Surprise::Network,
        // Remote NDIS hides under the miscellaneous class too.
        MISCELLANEOUS if i.subclass == REMOTE_NDIS => Surprise::Network,
        HUB => Surprise::Hub,
        AUDIO => Surprise::Audio,
        VIDEO => Surprise::Camera,
        PRINTER => Surprise::Printer,
        VENDOR if (i.subclass, i.protocol) == ADB => Surprise::Debug,
        VENDOR => return None,
        _ if storage(&i) || still_image(&i) => return None,
        class => Surprise::Class(class),
    })
}

impl Surprise {
    /// Chinese first, then English, with what to do.
    pub fn sentence(self) -> String {
        let (zh, en) = match self {
            Surprise::Hid => (
                "设备带有键盘或鼠标接口，已拒绝；请取下并报告管理员",
                "the device could type like a keyboard and is refused; take it off and report it",
            ),
            Surprise::Network => (
                "设备带有网络或串口接口，已拒绝；请取下并报告管理员",
                "the device could act as a network adapter or modem and is refused; take it off and report it",
            ),
            Surprise::Hub => (
                "坞站端口上不允许集线器；请直接插入记录仪",
                "a hub is not allowed on a dock port; plug the recorder in directly",
            ),
            Surprise::Audio => (
                "设备带有音频接口，不是存储模式；请在记录仪上选择U盘模式",
                "the device is a sound device; choose the disk mode on the recorder",
            ),
            Surprise::Camera => (
                "记录仪处于摄像头模式；请在记录仪上选择U盘模式",
                "the recorder is in webcam mode; choose the disk mode on the recorder",
            ),
            Surprise::Printer => (
                "设备是打印机，已拒绝；请取下",
                "the device is a printer and is refused; take it off",
            ),
            Surprise::Debug => (
                "设备打开了USB调试；请在记录仪上关闭USB调试后重新插入",
                "the device has USB debugging on; turn it off on the recorder and plug it in again",
            ),
            Surprise::Class(class) => {
                return format!(
                    "设备带有不允许的接口类{class:02x}，已拒绝 / the device has an interface of class \
                     {class:02x}, which no recorder needs, and is refused; take it off and report it"
                );
            }
            Surprise::NoInterface => (
                "设备没有任何接口，已拒绝；请检查线缆后重新插入",
                "the device has no interface and is refused; check the cable and plug it in again",
            ),
            Surprise::Composite => (
                "设备除存储外还有其他接口，已拒绝；如确为记录仪，请将端口绑定到其型号",
                "the device has other interfaces beside its disk and is refused; if it is a recorder, bind the \
                 port to its profile",
            ),
            Surprise::UnknownVendor => (
                "不认识的厂商接口，已拒绝；如确为记录仪，请编写型号文件并绑定端口",
                "no profile knows this vendor interface, so it is refused; if it is a recorder, write its \
                 profile (docs/guide/add-a-recorder.md) and bind the port",
            ),
            Surprise::UnknownBinding => (
                "端口绑定的型号不存在；请更正坞站配置",
                "the port is bound to a profile that does not exist; correct docks.toml",
            ),
        };
        format!("{zh} / {en}")
    }
}
