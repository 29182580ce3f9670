//! What ships beside the program: units are sound and as hardened as promised, rules stay constant, the
//! example configuration is one, the package's scripts never touch evidence.

use sealdock_profile::Docks;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Unit and the exposure that `systemd-analyze security` may find at most, in tenths.
const EXPOSURE: [(&str, u32); 4] = [
    ("sealdock.service", 16),
    ("sealdock-usb@.service", 18),
    ("sealdock-mount@.service", 18),
    ("sealdock-wiper.service", 18),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn analyze(args: &[&str], file: &Path) -> Output {
    Command::new("systemd-analyze")
        .args(args)
        .arg(file)
        .output()
        .expect("systemd-analyze is there: apt-get install systemd")
}

fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&both).into_owned()
}

#[test]
fn every_unit_is_as_hardened_as_promised() {
    for (unit, most) in EXPOSURE {
        let file = root().join("systemd").join(unit);
        let threshold = format!("--threshold={most}");
        let output = analyze(&["security", "--offline=true", "--no-pager", &threshold], &file);
        let said = said(&output);
        assert!(output.status.success(), "{unit} is exposed more than {most} tenths:\n{said}");
        assert!(said.contains("Overall exposure level"), "{unit}: {said}");
    }
}

#[test]
fn a_unit_without_its_hardening_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let bare: String = text("systemd/sealdock.service")
        .lines()
        .filter(|line| !line.starts_with("Protect") && !line.starts_with("SystemCallFilter"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let file = folder.path().join("sealdock.service");
    std::fs::write(&file, bare).expect("a unit");
    let output = analyze(&["security", "--offline=true", "--threshold=15"], &file);
    assert!(!output.status.success(), "{}", said(&output));
}

/// Units as they are installed, with programs that exist here: only the form is looked at.
fn installed(folder: &Path) -> Vec<PathBuf> {
    let units = [
        "sealdock.service",
        "sealdock-usb@.service",
        "sealdock-mount@.service",
        "sealdock-wiper.service",
        "sealdock-wiper.socket",
    ];
    let install = |unit: &&str| {
        let file = folder.join(unit.replace("@.", "@sdb1."));
        let text = text(&format!("systemd/{unit}"))
            .replace("/usr/bin/sealdock ", "/bin/true ")
            .replace("/usr/libexec/sealdock/sealdock-wiper ", "/bin/true ");
        std::fs::write(&file, text).expect("a unit");
        file
    };
    units.iter().map(install).collect()
}

#[test]
fn every_unit_is_understood_by_systemd_in_full() {
    let folder = tempfile::tempdir().expect("a folder");
    for unit in installed(folder.path()) {
        let output = analyze(&["verify", "--man=no", "--recursive-errors=no"], &unit);
        let said = said(&output);
        assert!(
            output.status.success() && !said.contains("sealdock"),
            "{}: {said}",
            unit.display()
        );
    }
}

#[test]
fn a_unit_with_a_word_that_systemd_does_not_know_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let unit = &installed(folder.path())[0];
    let text = std::fs::read_to_string(unit).expect("a unit").replace("WatchdogSec", "WatchDogSec");
    std::fs::write(unit, text).expect("a unit");
    let output = analyze(&["verify", "--man=no", "--recursive-errors=no"], unit);
    assert!(said(&output).contains("WatchDogSec"), "{}", said(&output));
}

#[test]
fn the_daemon_can_neither_mount_nor_reach_another_machine() {
    let unit = text("systemd/sealdock.service");
    for line in ["User=sealdock", "CapabilityBoundingSet=", "IPAddressDeny=any", "Type=notify"] {
        assert!(unit.lines().any(|own| own == line), "{line}");
    }
    let devices: Vec<&str> = unit.lines().filter(|l| l.starts_with("DeviceAllow")).collect();
    assert_eq!(devices, ["DeviceAllow=char-usb_device rw"]);
    let families: Vec<&str> = unit.lines().filter(|l| l.starts_with("RestrictAddress")).collect();
    assert_eq!(families, ["RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6"]);
    let allowed: Vec<&str> = unit.lines().filter(|l| l.starts_with("IPAddressAllow")).collect();
    assert_eq!(allowed, ["IPAddressAllow=localhost"], "the console, for a browser of this machine");
    assert!(!unit.contains("@mount"));
}

/// A PIN that a token refused ends with "a rule said no"; a start anew would use up one more of its tries.
#[test]
fn the_daemon_is_not_started_again_after_a_refusal() {
    let unit = text("systemd/sealdock.service");
    assert!(unit.lines().any(|line| line == "RestartPreventExitStatus=3"));
    assert!(text("docs/ref/exit-codes.md").contains("| 3 | a rule said no"));
}

#[test]
fn only_the_wiper_has_capabilities_and_disks() {
    for (unit, _) in EXPOSURE {
        let text = text(&format!("systemd/{unit}"));
        let capable = !text.lines().any(|line| line == "CapabilityBoundingSet=");
        let disks = text.contains("block-");
        assert_eq!((capable, disks), (unit.contains("wiper"), unit.contains("wiper")), "{unit}");
    }
}

#[test]
fn the_rules_are_short_and_name_no_device() {
    let rules = text("udev/70-sealdock.rules");
    let lines: Vec<&str> =
        rules.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(lines.len() <= 20, "{} rules; they are constant, so they stay few", lines.len());
    for word in ["idVendor", "idProduct", "ID_VENDOR", "ID_MODEL", "ID_SERIAL"] {
        assert!(!rules.contains(word), "{word}: what a device says of itself decides nothing here");
    }
    for word in ["UDISKS_IGNORE", "UDISKS_AUTO", "authorized_default", "SYSTEMD_WANTS"] {
        assert!(rules.contains(word), "{word}");
    }
    // Set before anything mounts the disk.
    let transfers = text("crates/wiper/src/transfers.rs");
    let limit = transfers.split("LIMIT_KIB: u64 = ").nth(1).and_then(|rest| rest.split(';').next());
    let limit = format!(r#"ATTR{{queue/max_sectors_kb}}="{}""#, limit.expect("a limit"));
    let at = |word: &str| rules.find(word).unwrap_or_else(|| panic!("no {word}"));
    assert!(at(r#"LABEL="sealdock_port""#) < at(&limit) && at(&limit) < at("+=\"sealdock-mount@"));
    for label in rules.split("GOTO=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(rules.contains(&format!("LABEL=\"{label}\"")), "{label} leads nowhere");
    }
    // Authorised by the rule itself is only what is on no dock port.
    let authorised: Vec<&&str> = lines.iter().filter(|l| l.contains("ATTR{authorized}=")).collect();
    assert_eq!(authorised.len(), 1);
    assert!(authorised[0].contains("\"elsewhere\""));
}

#[test]
fn programs_in_rules_and_units_are_where_the_package_puts_them() {
    let dist = text("crates/xtask/src/dist.rs");
    assert!(dist.contains(r#"("sealdock", "usr/bin")"#));
    assert!(dist.contains(r#"("sealdock-wiper", "usr/libexec/sealdock")"#));
    let known = ["/usr/bin/sealdock ", "/usr/libexec/sealdock/sealdock-wiper "];
    for (unit, _) in EXPOSURE {
        let text = text(&format!("systemd/{unit}"));
        for line in text.lines().filter(|line| line.starts_with("Exec")) {
            let called = line.split_once('=').map_or("", |(_, called)| called);
            // systemd.service(5): `+` runs it as root, `-` lets it fail.
            let called = called.trim_start_matches(['+', '-']);
            assert!(known.iter().any(|program| called.starts_with(program)), "{unit}: {line}");
        }
    }
    for name in ["systemd", "udev"] {
        for entry in std::fs::read_dir(root().join(name)).expect("a folder").flatten() {
            let file = entry.file_name().into_string().expect("a plain name");
            assert!(file == "deb" || dist.contains(&file), "{name}/{file} is in no package");
        }
    }
}

#[test]
fn the_example_of_docks_is_one_with_and_without_its_comments() {
    let example = text("systemd/deb/docks.toml");
    assert!(Docks::parse(&example).expect("usable as it ships").ports().is_empty());
    let live: String = example
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| line.starts_with("[[") || line.contains(" = "))
        .flat_map(|line| [line, "\n"])
        .collect();
    let docks = Docks::parse(&live).expect("usable when the comments are taken away");
    assert_eq!(docks.ports().len(), 2);
    assert_eq!(docks.ports()[1].profile.as_deref(), Some("cammpro.mc"));
}

#[test]
fn the_packages_scripts_are_sound_and_never_touch_evidence() {
    for script in ["preinst", "postinst", "prerm", "postrm"] {
        let path = root().join("systemd/deb").join(script);
        let output = Command::new("sh").arg("-n").arg(&path).output().expect("sh is there");
        assert!(output.status.success(), "{script}: {}", said(&output));
        let text = text(&format!("systemd/deb/{script}"));
        assert!(text.lines().any(|line| line == "set -e"), "{script} goes on after a failure");
        for word in ["/var/lib", "rm ", "userdel", "deluser", "rmdir", "chown "] {
            assert!(!text.contains(word), "{script} says {word:?}");
        }
    }
}

#[test]
fn an_older_package_refuses_to_replace_a_newer_one() {
    let script = text("systemd/deb/preinst").replace("@VERSION@", "0.2.0");
    let run = |args: &[&str]| {
        let mut sh = Command::new("sh");
        sh.args(["-c", &script, "preinst"]).args(args).output().expect("sh and dpkg are there")
    };
    assert!(run(&["install"]).status.success());
    assert!(run(&["upgrade", "0.1.9"]).status.success());
    assert!(run(&["upgrade", "0.2.0"]).status.success());
    let refused = run(&["upgrade", "0.10.0"]);
    assert!(!refused.status.success() && said(&refused).contains("0.10.0"), "{}", said(&refused));
}
