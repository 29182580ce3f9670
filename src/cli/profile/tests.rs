#![allow(clippy::unwrap_used)]
use super::*;
use sealdock_profile::{Interface, Verdict};
use std::fs;

/// A vendor-class device as the kernel lists it.
const DESCRIPTORS: [u8; 36] = [
    18, 1, 0, 2, 0, 0, 0, 64, 0x55, 0x42, 0x01, 0x00, 0x00, 0x01, 1, 2, 3, 1, // device
    9, 2, 18, 0, 1, 1, 0, 0x80, 50, // configuration
    9, 4, 0, 0, 0, 0xff, 0, 0, 0, // interface
];

fn kernel() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let device = root.path().join("1-2.3");
    fs::create_dir(&device).unwrap();
    fs::write(device.join("descriptors"), DESCRIPTORS).unwrap();
    fs::write(device.join("product"), "Amba SIMPLE Class\n").unwrap();
    fs::write(device.join("serial"), "123456789ABC\n").unwrap();
    root
}

fn refused(result: Result<Answer, CliError>) -> CliError {
    result.map(|answer| answer.json).unwrap_err()
}

#[test]
fn a_device_is_captured_without_its_serial_and_explained_from_the_capture() {
    let root = kernel();
    let card = root.path().join("card");
    fs::create_dir_all(card.join("DCIM")).unwrap();
    fs::write(card.join("DCIM/A11_123456.mp4"), [7; 9]).unwrap();
    std::os::unix::fs::symlink("/", card.join("out")).unwrap();
    let verb = Profile::Capture {
        busid: "1-2.3".into(),
        mounted: Some(card),
        mask_digits: true,
        sysfs: root.path().to_owned(),
    };
    let answer = run(verb).unwrap();
    let seen: Seen = serde_json::from_value(answer.json.clone()).unwrap();
    assert_eq!((seen.vid, seen.pid, seen.serial.clone()), (0x4255, 1, None));
    assert_eq!(seen.product.as_deref(), Some("Amba SIMPLE Class"));
    assert_eq!(seen.interfaces, [Interface { class: 0xff, subclass: 0, protocol: 0 }]);
    let files = &seen.content.as_ref().unwrap().files;
    assert_eq!((files.len(), files[0].path.as_str(), files[0].size), (1, "DCIM/A11_000000.mp4", 9));
    assert!(matches!(Profiles::built_in().identify(&seen, None), Verdict::Ambiguous { .. }));
    let file = root.path().join("seen.json");
    fs::write(&file, answer.json.to_string()).unwrap();
    let answer = explain(&seen_in(&file).unwrap(), Some("cammpro.mc"), None).unwrap();
    assert_eq!(
        (answer.json["admitted"].clone(), answer.json["profile"].clone()),
        (true.into(), "cammpro.mc".into())
    );
}

#[test]
fn what_is_no_device_is_told() {
    let root = kernel();
    let why = |busid: &str| sysfs::seen(root.path(), busid).unwrap_err();
    assert_eq!(why("../1-2.3").exit, Exit::Usage);
    assert_eq!(why("usb1").exit, Exit::Usage);
    assert_eq!(why("1-9").exit, Exit::Missing);
    assert!(why("1-9").message.contains("no USB device 1-9 is plugged in"));
    fs::write(root.path().join("1-2.3/descriptors"), &DESCRIPTORS[..30]).unwrap();
    assert!(why("1-2.3").message.contains("malformed"));
    let bad = root.path().join("bad.json");
    fs::write(&bad, "{\"vid\": 1, \"color\": 2}").unwrap();
    assert!(seen_in(&bad).unwrap_err().message.contains("profile capture"));
}

#[test]
fn a_directory_of_profiles_is_checked_together() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("mine.toml"), EXAMPLE).unwrap();
    fs::write(root.path().join("notes.txt"), "no profile").unwrap();
    let answer = check(Some(root.path())).unwrap();
    assert_eq!((answer.exit, answer.json["files"].clone()), (Exit::Done, 1.into()));
    fs::write(root.path().join("twin.toml"), EXAMPLE).unwrap();
    let answer = check(Some(root.path())).unwrap();
    assert_eq!(
        (answer.exit, answer.json["findings"].as_array().unwrap().len()),
        (Exit::Findings, 1)
    );
    assert_eq!(check(None).unwrap().exit, Exit::Done);
    assert_eq!(refused(check(Some(&root.path().join("gone.toml")))).exit, Exit::Missing);
    let none = Seen::default();
    let error = refused(explain(&none, None, Some(root.path())));
    assert!(error.message.contains("id is taken"), "{error}");
}
