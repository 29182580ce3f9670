use super::*;
use sealdock_profile::Seen;
use std::fs;

fn volume_notice(name: &str, sequence: u64) -> VolumeNotice {
    VolumeNotice {
        bay: "bay-1".into(),
        volume: name.into(),
        busid: "1-2".into(),
        disk_sequence: sequence,
        seen: Seen::default(),
        read_only: false,
        problem: None,
    }
}

fn device_notice(busid: &str, reason: Option<&str>) -> DeviceNotice {
    DeviceNotice {
        bay: "bay-1".into(),
        busid: busid.into(),
        number: None,
        seen: Seen::default(),
        admitted: reason.is_none(),
        state: None,
        profile: None,
        reason: reason.map(str::to_owned),
    }
}

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let beside = path.with_extension("new");
    fs::write(&beside, text).unwrap();
    fs::rename(beside, path).unwrap();
}

fn put_volume(root: &Path, notice: &VolumeNotice) {
    let path = format!("volumes/{}/{}.json", notice.bay, notice.volume);
    put(root, &path, &serde_json::to_string(notice).unwrap());
}

#[test]
fn what_comes_changes_and_goes_is_told_once() {
    let root = tempfile::tempdir().unwrap();
    let mut known = Known::default();
    assert_eq!(known.look(root.path()), []);
    put_volume(root.path(), &volume_notice("sdb1", 7));
    assert_eq!(known.look(root.path()), [Notice::Volume(volume_notice("sdb1", 7))]);
    assert_eq!(known.look(root.path()), []);
    put_volume(root.path(), &volume_notice("sdb1", 8));
    assert_eq!(known.look(root.path()), [Notice::Volume(volume_notice("sdb1", 8))]);
    fs::remove_file(root.path().join("volumes/bay-1/sdb1.json")).unwrap();
    let refused = device_notice("1-2", Some("拒绝 no"));
    put(root.path(), "usb/bay-1/1-2.json", &serde_json::to_string(&refused).unwrap());
    let gone = Notice::VolumeGone { bay: "bay-1".into(), volume: "sdb1".into() };
    assert_eq!(known.look(root.path()), [gone, Notice::Device(refused)]);
    fs::remove_dir_all(root.path().join("usb")).unwrap();
    let gone = Notice::DeviceGone { bay: "bay-1".into(), busid: "1-2".into() };
    assert_eq!(known.look(root.path()), [gone]);
}

#[test]
fn what_is_no_notice_is_named_and_never_believed() {
    let root = tempfile::tempdir().unwrap();
    let other = serde_json::to_string(&volume_notice("sdc1", 7)).unwrap();
    let cases = [
        ("{", "EOF"),
        (other.as_str(), "bay-1/sdc1"),
        ("{\"bay\":\"bay-1\"}", "missing field"),
        (&"x".repeat(70_000), "more than 65536"),
    ];
    for (text, says) in cases {
        put(root.path(), "volumes/bay-1/sdb1.json", text);
        let told = Known::default().look(root.path());
        let [Notice::Unreadable { why, file }] = &told[..] else { panic!("{told:?}") };
        assert!(why.contains(says), "{why}");
        assert!(file.ends_with("volumes/bay-1/sdb1.json"), "{file}");
        let error = volume(&volume_path(root.path(), "bay-1", "sdb1")).unwrap_err();
        assert_eq!(error.kind, Kind::Invalid, "{error}");
    }
}

#[test]
fn links_pipes_and_unfinished_files_are_nothing() {
    let root = tempfile::tempdir().unwrap();
    put_volume(root.path(), &volume_notice("sdb1", 7));
    let bay = root.path().join("volumes/bay-1");
    fs::rename(bay.join("sdb1.json"), bay.join("sdb1.new")).unwrap();
    std::os::unix::fs::symlink("sdb1.new", bay.join("sdb1.json")).unwrap();
    let mode = Mode::from_raw_mode(0o600);
    rustix::fs::mkfifoat(rustix::fs::CWD, bay.join("sdc1.json"), mode).unwrap();
    assert_eq!(Known::default().look(root.path()), []);
}

#[test]
fn a_watch_tells_what_is_there_and_what_comes() {
    let root = tempfile::tempdir().unwrap();
    put_volume(root.path(), &volume_notice("sdb1", 7));
    let (sender, events) = channel();
    let watch = Notices::watch(root.path(), sender).unwrap();
    let next = || events.recv_timeout(Duration::from_secs(10)).unwrap();
    assert_eq!(next(), Notice::Volume(volume_notice("sdb1", 7)));
    put_volume(root.path(), &volume_notice("sdb2", 7));
    assert_eq!(next(), Notice::Volume(volume_notice("sdb2", 7)));
    drop(watch);
    assert!(events.recv().is_err(), "the watch has ended");
}
