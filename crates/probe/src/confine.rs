//! What the child takes from itself before it looks at the first hostile byte. Resource limits
//! must hold or it refuses to work, and so must the filter of system calls; Landlock (kernel 5.13 and later) is taken where
//! it exists.

use std::io;
use std::os::fd::AsFd;
use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};
use rustix::process::{Resource, Rlimit, Signal};

use crate::filter::take_away_calls;
use crate::limits::Limits;

/// stdin, stdout, stderr, a second handle on the clip, and one to spare.
const OPEN_FILES: u64 = 8;
const NICENESS: i32 = 10;

/// Confines this process for good. `true` if the kernel's Landlock took part in it.
///
/// # Errors
/// A resource limit, `no_new_privs` or the filter of system calls could not be set.
pub(crate) fn confine(limits: &Limits) -> io::Result<bool> {
    // Politeness, not protection: nothing depends on these two.
    let _ = rustix::process::nice(NICENESS);
    let _ = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));

    rustix::thread::set_no_new_privs(true)?;
    // A kernel without Landlock leaves the limits below, which hold everywhere.
    let is_landlocked =
        deny_files_and_network().is_ok_and(|ruleset| ruleset != RulesetStatus::NotEnforced);
    limit(Resource::As, limits.address_space_bytes)?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Nproc, 0)?;
    limit(Resource::Nofile, OPEN_FILES)?;
    // The soft limit ends the child with SIGXCPU, which names the cause; the hard one kills.
    let cpu = Rlimit { current: Some(limits.cpu_s), maximum: Some(limits.cpu_s + 1) };
    rustix::process::setrlimit(Resource::Cpu, cpu)?;
    take_away_calls()?;
    Ok(is_landlocked)
}

fn limit(resource: Resource, value: u64) -> io::Result<()> {
    let both = Rlimit { current: Some(value), maximum: Some(value) };
    Ok(rustix::process::setrlimit(resource, both)?)
}

/// Denies every path, every TCP port, and signals to and abstract sockets of other processes.
/// Files already open stay usable.
fn deny_files_and_network() -> Result<RulesetStatus, RulesetError> {
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(ABI::V6))?
        .handle_access(AccessNet::from_all(ABI::V6))?
        .scope(Scope::from_all(ABI::V6))?
        .create()?
        .restrict_self()?;
    Ok(status.ruleset)
}

/// Where a tool's program and libraries may lie, beside its own folder.
const PROGRAMS: [&str; 6] =
    ["/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/ld.so.conf"];
/// One piece of two seconds takes a few.
const TOOL_CPU_S: u64 = 60;
/// Large pictures of several frames, and libraries.
const TOOL_ADDRESS_SPACE_BYTES: u64 = 4 << 30;
const TOOL_OPEN_FILES: u64 = 64;
/// Behind docking, before what nobody waits for.
const TOOL_NICENESS: i32 = 5;

/// Confines this process before it becomes the tool at `path`: it reads standard input, programs and libraries, and what
/// is open already; it writes to what is open already; no other file, no new file, no socket. `reads_clip`: standard input
/// is a clip, which it opens anew; otherwise it is memory.
///
/// # Errors
/// A resource limit, `no_new_privs` or the filter of system calls could not be set, or the clip or the program cannot be named to the kernel.
pub(crate) fn confine_tool(path: &Path, reads_clip: bool) -> io::Result<bool> {
    // Recorders that are docked go first; disks are shared by niceness, too.
    let _ = rustix::process::nice(TOOL_NICENESS);
    let _ = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
    rustix::thread::set_no_new_privs(true)?;
    let is_landlocked =
        leave_the_tool(path, reads_clip).is_ok_and(|set| set != RulesetStatus::NotEnforced);
    limit(Resource::As, TOOL_ADDRESS_SPACE_BYTES)?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Nofile, TOOL_OPEN_FILES)?;
    limit(Resource::Cpu, TOOL_CPU_S)?;
    take_away_calls()?;
    Ok(is_landlocked)
}

fn leave_the_tool(path: &Path, reads_clip: bool) -> Result<RulesetStatus, RulesetError> {
    let reads = AccessFs::from_read(ABI::V6);
    let programs = PROGRAMS.map(Path::new).into_iter().chain(path.parent());
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(ABI::V6))?
        .handle_access(AccessNet::from_all(ABI::V6))?
        .scope(Scope::from_all(ABI::V6))?
        .create()?
        .add_rules(path_beneath_rules(programs, reads))?;
    let ruleset = match reads_clip {
        true => ruleset.add_rule(PathBeneath::new(io::stdin().as_fd(), AccessFs::ReadFile))?,
        false => ruleset,
    };
    Ok(ruleset.restrict_self()?.ruleset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::net::{TcpListener, UdpSocket};
    use std::os::fd::AsFd;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::path::PathBuf;
    use std::process::Command;
    use std::time::SystemTime;

    const CONFINED_ROLE: &str = "SEALDOCK_PROBE_TEST_CONFINED";

    /// Confinement cannot be undone, so the test runs itself again and that run confines itself.
    fn again(test: &str) {
        // Whoever is confined cannot take it away again.
        let folder = tempfile::tempdir().unwrap();
        let run = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test])
            .env(CONFINED_ROLE, folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success() && said.contains("1 passed"), "{run:?}");
    }

    #[test]
    fn a_confined_process_has_no_files_no_memory_and_no_network() {
        if std::env::var_os(CONFINED_ROLE).is_some() {
            return assert_confined();
        }
        again("confine::tests::a_confined_process_has_no_files_no_memory_and_no_network");
    }

    #[test]
    fn the_program_that_shows_reaches_no_socket_no_attribute_and_no_other_process() {
        if std::env::var_os(CONFINED_ROLE).is_some() {
            let reach = Reach::new();
            let _ = confine_tool(Path::new("/usr/bin/true"), false).unwrap();
            reach.assert_held();
            return std::thread::spawn(|| ()).join().expect("threads are left");
        }
        again(
            "confine::tests::the_program_that_shows_reaches_no_socket_no_attribute_and_no_other_process",
        );
    }

    /// What lies about of the same user.
    struct Reach {
        folder: PathBuf,
        file: File,
        _station: UnixListener,
    }

    impl Reach {
        fn new() -> Reach {
            let folder = PathBuf::from(std::env::var_os(CONFINED_ROLE).unwrap());
            let station = UnixListener::bind(folder.join("sock")).unwrap();
            UnixStream::connect(folder.join("sock")).unwrap();
            let path = folder.join("clip");
            std::fs::write(&path, "clip").unwrap();
            Reach { file: File::open(path).unwrap(), folder, _station: station }
        }

        fn assert_held(&self) {
            let mode = std::fs::Permissions::from_mode(0o777);
            let parent = rustix::process::getppid().unwrap();
            let denied = |what: &str, done: io::Result<()>| {
                let kind = done.map_err(|e| e.raw_os_error());
                assert_eq!(kind, Err(Some(rustix::io::Errno::PERM.raw_os_error())), "{what}");
            };
            denied("unix", UnixStream::connect(self.folder.join("sock")).map(drop));
            denied("pair", UnixStream::pair().map(drop));
            denied("udp", UdpSocket::bind("127.0.0.1:0").map(drop));
            denied("mode", self.file.set_permissions(mode));
            denied("times", self.file.set_modified(SystemTime::UNIX_EPOCH));
            denied("signal", rustix::process::test_kill_process(parent).map_err(Into::into));
            let own = rustix::process::getpid();
            rustix::process::test_kill_process(own).expect("itself");
            let nice = rustix::process::setpriority_process(Some(parent), 19);
            denied("niceness", nice.map_err(Into::into));
            let none = Rlimit { current: None, maximum: None };
            let limits = rustix::process::prlimit(Some(parent), Resource::Core, none);
            denied("limits", limits.map(drop).map_err(Into::into));
        }
    }

    fn assert_confined() {
        let fits = Vec::<u8>::new().try_reserve(600 << 20);
        assert!(fits.is_ok(), "600 MiB must be there before");
        let reach = Reach::new();
        let is_landlocked = confine(&Limits::default()).unwrap();

        let too_much = Vec::<u8>::new().try_reserve(600 << 20);
        assert!(too_much.is_err(), "address space");
        let mut handles = Vec::new();
        while let Ok(handle) = std::io::stdin().as_fd().try_clone_to_owned() {
            handles.push(handle);
            assert!(handles.len() < 9, "open files");
        }
        drop(handles);
        for (resource, most) in [(Resource::Core, 0), (Resource::Fsize, 0), (Resource::Cpu, 5)] {
            assert_eq!(rustix::process::getrlimit(resource).current, Some(most), "{resource:?}");
        }
        reach.assert_held();
        if is_landlocked {
            let denied = File::open("/proc/self/exe").unwrap_err();
            assert_eq!(denied.kind(), io::ErrorKind::PermissionDenied);
            let denied = TcpListener::bind("127.0.0.1:0").unwrap_err();
            assert_eq!(denied.kind(), io::ErrorKind::PermissionDenied);
        }
    }
}
