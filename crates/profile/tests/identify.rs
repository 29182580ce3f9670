//! What devices are taken for: recorders, look-alikes, and things that pretend to be one.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use sealdock_profile::{
    Content, ContentFile, Interface, Profiles, Scsi, Seen, State, Surprise, Verdict, Volume,
};
use std::sync::LazyLock;

static ALL: LazyLock<Profiles> = LazyLock::new(Profiles::built_in);

fn interface(text: &str) -> Interface {
    let mut places = text.split('/').map(|p| u8::from_str_radix(p, 16).unwrap());
    let mut next = || places.next().unwrap();
    Interface { class: next(), subclass: next(), protocol: next() }
}

fn device(vid: u16, pid: u16, product: &str, interfaces: &str) -> Seen {
    Seen {
        vid,
        pid,
        product: (!product.is_empty()).then(|| product.to_owned()),
        interfaces: interfaces.split_whitespace().map(interface).collect(),
        ..Seen::default()
    }
}

fn amba() -> Seen {
    device(0x4255, 0x0001, "Amba SIMPLE Class", "ff/00/00")
}

fn disk() -> Seen {
    device(0x0525, 0xa4a5, "Mass Storage", "08/06/50")
}

fn with_files(names: &[&str]) -> Seen {
    let files = names.iter().map(|n| ContentFile { path: (*n).to_owned(), size: 1 }).collect();
    Seen { content: Some(Content { files, ..Content::default() }), ..disk() }
}

fn known(profile: &str, state: State) -> Verdict {
    Verdict::Known { profile: profile.to_owned(), state }
}

fn refused(why: Surprise) -> Verdict {
    Verdict::Refused { why }
}

#[test]
fn disks_and_objects_are_read_by_whatever_profile_fits_best() {
    let gadget = |names: &[&str]| Seen {
        scsi: Some(Scsi {
            vendor: "Linux".into(),
            product: "File-Stor Gadget".into(),
            sectors: 1 << 24,
        }),
        ..with_files(names)
    };
    let labelled = Seen {
        volume: Some(Volume { label: Some("CAM01".into()), ..Volume::default() }),
        ..disk()
    };
    let dv16 = |sectors| Seen {
        scsi: Some(Scsi { vendor: "DV16".into(), product: "DEVICE V1.00".into(), sectors }),
        ..disk()
    };
    let storage = State::Storage;
    for (seen, wanted) in [
        (disk(), Verdict::Generic { state: storage }),
        (device(0x46f4, 1, "QEMU", "08/06/62"), Verdict::Generic { state: storage }),
        (device(0x18d1, 0x4ee1, "Phone", "06/01/01"), known("android.mtp", State::Mtp)),
        (
            gadget(&["DCIM/VIDEO/A11_2222222_222222_20260902180118_0001.mp4"]),
            known("bestcam.a11", storage),
        ),
        (gadget(&["DCIM/x.mp4"]), Verdict::Generic { state: storage }),
        (with_files(&["FILE/100china/a.MP4"]), known("boblov.ums", storage)),
        (with_files(&["FILE/100chinas/a.MP4"]), Verdict::Generic { state: storage }),
        (device(0x0603, 0x8611, "", "08/06/50"), known("novatek.ums", storage)),
        (labelled, known("tecsar.label", storage)),
        (dv16(1 << 24), known("jieli.dv16", storage)),
        (
            dv16(0),
            Verdict::Ambiguous { candidates: vec!["jieli.dv16".into()], state: State::Locked },
        ),
    ] {
        assert_eq!(ALL.identify(&seen, None), wanted, "{seen:?}");
    }
}

#[test]
fn the_shared_pair_needs_a_binding() {
    let doubt = ALL.identify(&amba(), None);
    let Verdict::Ambiguous { candidates, state: State::Locked } = &doubt else {
        panic!("{doubt:?}")
    };
    assert_eq!(
        candidates,
        &["ambarella.a9-ctrl", "ambarella.simple", "bodycam.bc-300", "cammpro.mc"]
    );
    assert!(!doubt.admits() && doubt.unlocks().is_none());
    assert!(doubt.sentence().unwrap().contains("cammpro.mc"));
    let bound = ALL.identify(&amba(), Some("cammpro.mc"));
    assert_eq!(
        (bound.clone(), bound.unlocks(), bound.admits()),
        (known("cammpro.mc", State::Locked), Some("cammpro.mc"), true)
    );
    // After the unlock the same port shows a disk.
    let disk = ALL.identify(&disk(), Some("cammpro.mc"));
    assert_eq!((disk.clone(), disk.unlocks()), (known("cammpro.mc", State::Storage), None));
    // A binding to something else says nothing about this device.
    assert_eq!(ALL.identify(&amba(), Some("android.mtp")), doubt);
}

#[test]
fn one_profile_that_fits_is_no_binding_either() {
    let bc = device(0x1d70, 0x01d4, "BC004", "ff/00/00");
    let verdict = ALL.identify(&bc, None);
    assert_eq!(
        verdict,
        Verdict::Ambiguous { candidates: vec!["easystorage.bc".into()], state: State::Locked }
    );
    assert!(!verdict.admits());
}

#[test]
fn a_boot_rom_is_forbidden_whatever_the_port_is_bound_to() {
    for seen in [
        device(0x4255, 0x0001, "", "ff/00/00"),
        device(0x4255, 0x0001, "  ", "ff/00/00"),
        device(0x4255, 0x0001, "n/a (unauthorized)", "ff/00/00"),
        device(0x4255, 0x0001, "", "08/06/50"),
        device(0x4255, 0x0001, "", "03/01/01"),
        device(0x1f3a, 0xefe8, "", "ff/ff/ff"),
        device(0x2207, 0x330c, "", "ff/06/05"),
        device(0x0e8d, 0x0003, "", "02/02/01 0a/00/00"),
    ] {
        for bound in [None, Some("cammpro.mc"), Some("ambarella.a9-ctrl"), Some("nobody")] {
            let verdict = ALL.identify(&seen, bound);
            assert!(
                matches!(verdict, Verdict::Forbidden { .. }),
                "{seen:?} {bound:?}: {verdict:?}"
            );
            assert!(!verdict.admits() && verdict.unlocks().is_none());
            assert!(verdict.sentence().unwrap().contains("不发送"));
        }
    }
}

#[test]
fn what_could_type_route_or_run_is_refused_even_when_bound() {
    for (interfaces, why) in [
        ("03/01/01", Surprise::Hid),
        ("08/06/50 03/01/01", Surprise::Hid),
        ("ff/00/00 03/00/00", Surprise::Hid),
        ("02/06/00 0a/00/00", Surprise::Network),
        ("08/06/50 e0/01/03 0a/00/00", Surprise::Network),
        ("ef/04/01", Surprise::Network),
        ("09/00/00", Surprise::Hub),
        ("01/01/00 01/02/00", Surprise::Audio),
        ("0e/01/00 0e/02/00", Surprise::Camera),
        ("07/01/02", Surprise::Printer),
        ("06/01/01 ff/42/01", Surprise::Debug),
        ("0b/00/00", Surprise::Class(0x0b)),
        ("08/04/00", Surprise::Class(0x08)),
        ("fe/01/01", Surprise::Class(0xfe)),
        ("", Surprise::NoInterface),
    ] {
        for bound in [None, Some("cammpro.mc"), Some("ambarella.a9-ctrl")] {
            let seen = device(0x4255, 0x0001, "Amba SIMPLE Class", interfaces);
            let verdict = ALL.identify(&seen, bound);
            assert_eq!(verdict, refused(why), "{interfaces} {bound:?}");
            assert!(!verdict.admits() && verdict.unlocks().is_none());
            let sentence = verdict.sentence().unwrap();
            assert!(sentence.contains(" / ") && !sentence.is_ascii(), "{sentence}");
        }
    }
    let hub = Seen { device_class: 9, ..disk() };
    assert_eq!(ALL.identify(&hub, None), refused(Surprise::Hub));
    let modem = Seen { device_class: 2, ..disk() };
    assert_eq!(ALL.identify(&modem, None), refused(Surprise::Network));
}

#[test]
fn a_composite_of_harmless_parts_needs_a_profile_that_names_them_all() {
    let both = device(0x1111, 0x2222, "Cam", "08/06/50 ff/00/00");
    assert_eq!(ALL.identify(&both, None), refused(Surprise::Composite));
    assert_eq!(ALL.identify(&both, Some("cammpro.mc")), refused(Surprise::Composite));
    let pair = device(0x1111, 0x2222, "Cam", "08/06/50 06/01/01");
    assert_eq!(ALL.identify(&pair, Some("android.mtp")), refused(Surprise::Composite));
    let amba = device(0x4255, 0x0001, "Amba", "08/06/50 ff/00/00");
    assert_eq!(ALL.identify(&amba, Some("cammpro.mc")), refused(Surprise::Composite));
    let easy = device(0x1d70, 0x01d4, "BC004", "08/06/50 ff/00/00");
    let bound = ALL.identify(&easy, Some("easystorage.bc"));
    assert_eq!(bound, known("easystorage.bc", State::Locked));
}

#[test]
fn strangers_are_refused_and_a_false_binding_is_told() {
    let stranger = device(0x1234, 0x5678, "Thing", "ff/00/00");
    assert_eq!(ALL.identify(&stranger, None), refused(Surprise::UnknownVendor));
    assert_eq!(ALL.identify(&stranger, Some("cammpro.mc")), refused(Surprise::UnknownVendor));
    assert_eq!(ALL.identify(&disk(), Some("nobody")), refused(Surprise::UnknownBinding));
}

const RIVAL: &str = r#"
schema = 1
[profile]
id = "rival.novatek"
title = "Rival"
confidence = "guessed"
sources = ["a test"]
[[match]]
state = "storage"
weight = 20
usb.vid = 0x0603
"#;

#[test]
fn a_tie_is_nobodys_but_the_disk_is_read() {
    let files = [("rival.toml".to_owned(), RIVAL.to_owned())];
    let all = Profiles::with(&files).unwrap();
    let seen = device(0x0603, 0x8611, "", "08/06/50");
    let verdict = all.identify(&seen, None);
    let candidates = vec!["novatek.ums".to_owned(), "rival.novatek".to_owned()];
    assert_eq!(verdict, Verdict::Ambiguous { candidates, state: State::Storage });
    assert!(verdict.admits() && verdict.profile().is_none());
    assert_eq!(all.identify(&seen, Some("rival.novatek")), known("rival.novatek", State::Storage));
    let bad = all.lint().unwrap_err();
    assert!(bad.len() == 1 && bad[0].to_string().contains("novatek.ums"), "{bad:?}");
}

#[test]
fn a_light_claim_that_a_disk_is_locked_does_not_keep_it_out() {
    let claim = RIVAL
        .replace("\"storage\"", "\"locked\"")
        .replace("usb.vid = 0x0603", "usb.interfaces = [\"08/06/50\"]");
    let text = format!(
        "{}[unlock]\nkind = 'manual'\nprompt = 'press'\n",
        claim.replace("weight = 20", "weight = 19")
    );
    let all = Profiles::with(&[("rival.toml".to_owned(), text)]).unwrap();
    let novatek = device(0x0603, 0x8611, "", "08/06/50");
    assert_eq!(all.identify(&novatek, None), known("novatek.ums", State::Storage));
    let bound = all.identify(&novatek, Some("rival.novatek"));
    assert_eq!(
        (all.sentence(&bound).as_deref(), bound.state()),
        (Some("press"), Some(State::Locked))
    );
}

#[test]
fn what_is_built_in_is_never_replaced() {
    let files = [("mine.toml".to_owned(), RIVAL.replace("rival.novatek", "forbidden.boot-rom"))];
    assert!(Profiles::with(&files).unwrap_err().to_string().contains("id is taken"));
}

#[test]
fn an_explanation_says_why_and_why_not() {
    let lines = ALL.explain(&amba(), Some("ambarella.a9-ctrl"));
    let of = |id: &str| lines.iter().find(|l| l.contains(&format!(" {id} "))).unwrap().clone();
    assert!(lines[0].contains("4255:0001") && lines[0].contains("bound to ambarella.a9-ctrl"));
    assert!(of("ambarella.a9-ctrl").starts_with("fits"), "{lines:#?}");
    assert!(of("cammpro.mc").starts_with("could") && of("cammpro.mc").contains("bind the port"));
    assert!(of("forbidden.boot-rom").contains("usb.product_absent: \"Amba SIMPLE Class\""));
    assert!(of("novatek.ums").starts_with("no") && of("novatek.ums").contains("vendor"));
    assert_eq!(lines.last().unwrap(), "verdict: ambarella.a9-ctrl, locked; its unlock may be sent");
    let open = ALL.explain(&disk(), None);
    assert!(
        open.iter().any(|l| l.starts_with("open") && l.contains("scsi.vendor is not known yet"))
    );
    assert!(
        open.last().unwrap().starts_with("verdict: undecided, storage: bestcam.a11, "),
        "{open:?}"
    );
    let known = Seen {
        scsi: Some(Scsi::default()),
        volume: Some(Volume::default()),
        content: Some(Content::default()),
        ..disk()
    };
    let decided = ALL.explain(&known, None);
    assert_eq!(decided.last().unwrap(), "verdict: an ordinary recorder, storage");
}

#[test]
fn where_only_the_vendor_can_unlock_the_clerk_is_told_so() {
    let easy = device(0x1d70, 0x01d4, "BC004", "ff/00/00");
    let verdict = ALL.identify(&easy, Some("easystorage.bc"));
    assert!(ALL.sentence(&verdict).unwrap().contains("PHOTO"));
    let last = ALL.explain(&easy, Some("easystorage.bc")).pop().unwrap();
    assert!(last.contains("PHOTO") && !last.contains("may be sent"), "{last}");
}

/// Interfaces and ids near what profiles name, so that the seams are met often.
fn near() -> impl Strategy<Value = Seen> {
    let known = [
        "08/06/50", "08/06/62", "06/01/01", "ff/00/00", "ff/06/05", "ff/42/01", "03/01/01",
        "02/02/01", "09/00/00",
    ];
    let one = prop_oneof![
        8 => prop::sample::select(known.to_vec()).prop_map(interface),
        1 => any::<(u8, u8, u8)>().prop_map(|(class, subclass, protocol)| Interface { class, subclass, protocol }),
    ];
    let ids = prop::sample::select(vec![
        (0x4255, 1),
        (0x4255, 0xf),
        (0x4255, 0x1000),
        (0x1d70, 0x1d4),
        (0x2207, 5),
        (1, 2),
    ]);
    let product = prop::sample::select(vec![None, Some(String::new()), Some("Amba".to_owned())]);
    let class = prop::sample::select(vec![0u8, 0, 0, 0xef, 0xff, 9, 2]);
    (prop::collection::vec(one, 0..4), ids, product, class).prop_map(
        |(interfaces, (vid, pid), product, device_class)| Seen {
            vid,
            pid,
            product,
            device_class,
            interfaces,
            ..Seen::default()
        },
    )
}

proptest! {
    #[test]
    fn nothing_dangerous_is_ever_admitted_or_unlocked(
        seen in near(),
        bound in prop::sample::select(vec![None, Some("cammpro.mc"), Some("easystorage.bc"), Some("jieli.dv16"), Some("nobody")]),
    ) {
        let verdict = ALL.identify(&seen, bound);
        let plain = |i: &Interface| ["08/06/50", "08/06/62", "06/01/01"].contains(&i.to_string().as_str());
        if verdict.admits() {
            prop_assert!(seen.interfaces.iter().all(|i| plain(i) || i.class == 0xff));
            prop_assert!(![9, 2].contains(&seen.device_class));
            let alone = seen.interfaces.iter().all(plain);
            prop_assert!(alone || (bound.is_some() && verdict.profile() == bound), "{verdict:?}");
        }
        if let Some(profile) = verdict.unlocks() {
            prop_assert_eq!(Some(profile), bound);
            let nameless = seen.product.as_deref().unwrap_or_default().is_empty();
            prop_assert!(!(nameless && (seen.vid, seen.pid) == (0x4255, 1)));
        }
        prop_assert!(verdict.admits() || ALL.sentence(&verdict).is_some());
    }
}
