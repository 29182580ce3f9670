//! System calls that a child has no use for: a filter (seccomp) answers them with "not permitted" for good, in the program
//! that it becomes, too. Landlock holds back paths and TCP; this holds back what it leaves: sockets of every kind, the
//! attributes of files that are open, and whatever reaches other processes.

use std::collections::BTreeMap;
use std::io;

use libc::c_long;
use seccompiler::SeccompCmpArgLen::Dword;
use seccompiler::SeccompCmpOp::{Eq, MaskedEq, Ne};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCondition, SeccompFilter, SeccompRule, apply_filter,
    sock_filter,
};

/// Newer than the names that the library has; the same number on every architecture.
const NEWER: [c_long; 5] = [
    452, // fchmodat2
    463, // setxattrat
    466, // removexattrat
    467, // open_tree_attr
    469, // file_setattr
];

/// Not for any argument.
#[rustfmt::skip]
const NEVER: &[c_long] = &[
    // Sockets, also by way of a ring.
    libc::SYS_socket, libc::SYS_socketpair, libc::SYS_connect, libc::SYS_bind, libc::SYS_listen, libc::SYS_accept,
    libc::SYS_accept4, libc::SYS_sendto, libc::SYS_sendmsg, libc::SYS_sendmmsg,
    libc::SYS_io_uring_setup, libc::SYS_io_uring_enter, libc::SYS_io_uring_register,
    // Mode, owner, times and attributes of the clip, which the station's own user owns.
    libc::SYS_fchmod, libc::SYS_fchmodat, libc::SYS_fchown, libc::SYS_fchownat, libc::SYS_utimensat,
    libc::SYS_setxattr, libc::SYS_lsetxattr, libc::SYS_fsetxattr,
    libc::SYS_removexattr, libc::SYS_lremovexattr, libc::SYS_fremovexattr,
    // Other processes. Its group is what is ended in the end, so it stays in it.
    libc::SYS_ptrace, libc::SYS_process_vm_readv, libc::SYS_process_vm_writev, libc::SYS_process_madvise,
    libc::SYS_process_mrelease, libc::SYS_kcmp, libc::SYS_tkill, libc::SYS_pidfd_open, libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal, libc::SYS_setpriority, libc::SYS_ioprio_set, libc::SYS_setsid, libc::SYS_setpgid,
    libc::SYS_sched_setscheduler, libc::SYS_sched_setparam, libc::SYS_sched_setattr, libc::SYS_sched_setaffinity,
    libc::SYS_migrate_pages, libc::SYS_move_pages,
    libc::SYS_shmget, libc::SYS_msgget, libc::SYS_semget, libc::SYS_mq_open,
    // The kernel itself.
    libc::SYS_mount, libc::SYS_umount2, libc::SYS_pivot_root, libc::SYS_chroot, libc::SYS_move_mount,
    libc::SYS_mount_setattr, libc::SYS_open_tree, libc::SYS_fsopen, libc::SYS_fsmount, libc::SYS_fsconfig,
    libc::SYS_fspick, libc::SYS_unshare, libc::SYS_setns, libc::SYS_keyctl, libc::SYS_add_key, libc::SYS_request_key,
    libc::SYS_bpf, libc::SYS_perf_event_open, libc::SYS_userfaultfd, libc::SYS_fanotify_init,
    libc::SYS_name_to_handle_at, libc::SYS_open_by_handle_at,
];

/// Older forms that only this architecture has.
#[cfg(target_arch = "x86_64")]
const OLDER: &[c_long] = &[
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_utime,
    libc::SYS_utimes,
    libc::SYS_futimesat,
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: &[c_long] = &[];

/// Send a signal to whom the first argument names.
const SIGNALS: [c_long; 4] =
    [libc::SYS_kill, libc::SYS_tgkill, libc::SYS_rt_sigqueueinfo, libc::SYS_rt_tgsigqueueinfo];
/// Name spaces, as bits of `clone`: from mounts (17) to network (30).
const NAME_SPACES: [i32; 7] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
];
/// Whom a descriptor tells by a signal, and by which.
const TELLS: [u64; 3] = [8, 10, 15];
/// Flags of a file (`FS_IOC_SETFLAGS`, in both widths, `FS_IOC_FSSETXATTR`), its sealing (`FS_IOC_ENABLE_VERITY`), and words
/// put into a terminal (`TIOCSTI`, `TIOCLINUX`).
const TUNES: [u64; 6] = [0x4008_6602, 0x4004_6602, 0x401c_5820, 0x4080_6685, 0x5412, 0x541c];
/// Numbers from here on are those of a second calling convention of the same kernel, by which all would be called again.
const X32: u32 = 0x4000_0000;

/// Takes these calls from this thread, and from all that it starts or becomes.
///
/// # Errors
/// The kernel has no filter, or refuses this one.
pub(crate) fn take_away_calls() -> io::Result<()> {
    // So that the C library falls back to the call whose flags can be looked at.
    let absent = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
    install(absent, libc::ENOSYS)?;
    install(refused().map_err(io::Error::other)?, libc::EPERM)
}

type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

fn refused() -> Result<Rules, seccompiler::BackendError> {
    let all = NEVER.iter().chain(OLDER).chain(&NEWER);
    let mut rules: Rules = all.map(|call| (*call, Vec::new())).collect();
    let own = u64::from(std::process::id());
    let rule = |argument, op, value| {
        SeccompRule::new(vec![SeccompCondition::new(argument, Dword, op, value)?])
    };
    for call in SIGNALS {
        rules.insert(call, vec![rule(0, Ne, own)?]);
    }
    rules.insert(libc::SYS_prlimit64, vec![rule(0, Ne, 0)?]);
    let bits = NAME_SPACES.map(|bit| u64::from(bit.cast_unsigned()));
    let spaces = bits.map(|bit| rule(0, MaskedEq(bit), bit)).into_iter().collect::<Result<_, _>>();
    rules.insert(libc::SYS_clone, spaces?);
    let of = |values: &[u64]| values.iter().map(|value| rule(1, Eq, *value)).collect();
    rules.insert(libc::SYS_fcntl, of(&TELLS)?);
    let tunes: Result<Vec<_>, _> = of(&TUNES);
    rules.insert(libc::SYS_ioctl, tunes?);
    Ok(rules)
}

fn install(rules: Rules, errno: i32) -> io::Result<()> {
    let architecture = std::env::consts::ARCH.try_into().map_err(io::Error::other)?;
    let errno = SeccompAction::Errno(errno.cast_unsigned());
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, errno, architecture)
        .map_err(io::Error::other)?;
    let program: BpfProgram = filter.try_into().map_err(io::Error::other)?;
    let all: Vec<sock_filter> = second_convention().into_iter().chain(program).collect();
    apply_filter(&all).map_err(io::Error::other)
}

/// Load the number; if it is one of them, not permitted; else go on with what follows.
fn second_convention() -> [sock_filter; 3] {
    let statement = |code, jf, k| sock_filter { code, jt: 0, jf, k };
    [
        statement(0x20, 0, 0),
        statement(0x35, 1, X32),
        statement(0x06, 0, libc::SECCOMP_RET_ERRNO | libc::EPERM.cast_unsigned()),
    ]
}
