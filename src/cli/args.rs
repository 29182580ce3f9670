//! What can be typed. Verbs and flags are a contract that others script against (`docs/ref/cli.md`).

pub use self::clips::{Clip, Owner};
pub use super::desk::{Recorder, Use};
use super::people::MaybeAs;
pub use super::people::{Department, Duty, Person};
use super::token::TokenArgs;
use clap::{Args, Parser, Subcommand, ValueEnum};
use sealdock_core::event::KeyKind;
use sealdock_core::id::{
    AsideId, BayId, ClipId, DepartmentId, MatterId, PersonId, RecorderId, SessionId, ShiftId,
    StepId,
};
use sealdock_core::ports::KeyPlace;
use std::path::PathBuf;

/// Viewing and copying.
pub mod access;
/// Clips.
mod clips;

/// Takes footage off body-worn recorders so that a court can trust it.
#[derive(Debug, Parser)]
#[command(
    name = "sealdock",
    version,
    after_help = "Examples:\n  \
      sealdock init --station /srv/seal --origin unit7.example/s1 --unit 'Unit 7' --mirror /mnt/second\n  \
      sealdock person add 0815 --name 'Li' --role officer --pin-file pin --station /srv/seal\n  \
      sealdock ingest /media/card --recorder J800001 --officer 0815 --pin-file pin --station /srv/seal\n  \
      sealdock check --deep --station /srv/seal\n\n\
      Exit codes: 0 done, 3 refused by a rule, 10 needs a decision, 11 interrupted, 12 findings;\n\
      all of them in docs/ref/exit-codes.md. SEALDOCK_LOG sets what is logged to standard error."
)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Verb,
    /// The station's directory
    #[arg(long, global = true, env = "SEALDOCK_STATION", value_name = "DIR")]
    pub station: Option<PathBuf>,
    /// Facts for scripts instead of tables for people
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// A throw-away station, three recorders with real clips, the whole story on screen
    Demo {
        /// End when the story is told; do not wait for Enter
        #[arg(long)]
        once: bool,
        /// Where to play it [default: a new folder under /var/tmp]
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Found a station in an absent or empty directory
    #[command(
        after_help = "Without --mirror and --accept-single-copy everything works, except that nothing is \
        wiped automatically until the unit decides: `sealdock copies mirror DIR` or `sealdock copies accept-single`."
    )]
    Init(Init),
    /// 首次设置: found a station by a few questions in a browser of this machine, and go on as its daemon
    #[command(
        after_help = "Prints an address and a code that counts once. Nothing is made before the last page is confirmed; a station \
        that is there is never touched."
    )]
    FirstRun(super::first::FirstRun),
    /// 恢复: make an absent or empty directory into the station from its second copy, under new keys
    #[command(
        after_help = "Entries that a receipt (--pin) covers and the copy does not hold are recorded as lost.\n\
        A receipt that contradicts the copy refuses the restore."
    )]
    Restore(Restore),
    /// 演练: put the second copy into a fresh place, check every byte there, compare it with the station
    #[command(
        after_help = "The unit head asks for it, because a whole copy of the footage lies there meanwhile. It is removed again \
        unless --keep is given.\n\
        Examples:\n  sealdock drill --to /mnt/spare/drill --without-database --as ID\n  \
        sealdock drill --removed 81 --reason TEXT --as ID"
    )]
    Drill(super::lost::Drill),
    /// Run the daemon in the foreground: watch the bays, dock what appears, answer clients
    Run {
        /// 控制台 answer a browser on this machine, e.g. 127.0.0.1:8420; port 0 takes a free one and prints it
        #[arg(long, value_name = "ADDRESS")]
        console: Option<std::net::SocketAddr>,
    },
    /// Dock one recorder that is already mounted
    #[command(
        after_help = "Example:\n  sealdock ingest /media/card --recorder J800001 --officer 0815 --pin-file pin --station DIR\n\n\
        Ends with 0 (完成，可取走 done, may be taken), 10 (需要处理 needs a decision) or 11 (中断 interrupted)."
    )]
    Ingest(Ingest),
    /// Bays, sessions, deadlines, disk, head of the chain
    Status,
    /// 接口: what other systems may read over HTTP
    #[command(subcommand)]
    Api(super::api::Api),
    /// The chain: entries, head, key, receipt, proofs, tiles
    #[command(subcommand)]
    Log(Log),
    /// 外部凭证 time-stamps and witnesses: a request goes out, the answer comes back
    #[command(subcommand)]
    Anchor(super::anchor::Anchor),
    /// 见证人 be a witness of somebody else's record; needs no station
    #[command(subcommand)]
    Witness(super::witness::Witness),
    /// Clips by officer, recorder, day, mark; what became of one; whose it is
    #[command(subcommand)]
    Clip(Clip),
    /// Dock sessions, what stands aside and why, signed decisions on it
    #[command(subcommand)]
    Session(Session),
    /// 事项: what footage belongs to, and its case file
    #[command(subcommand)]
    Matter(super::matter::Matter),
    /// 环节: enforcement steps of a matter
    #[command(subcommand)]
    Step(super::matter::Step),
    /// 音像记录事项清单: what must be recorded
    #[command(subcommand)]
    Steps(super::matter::Steps),
    /// 中断: where recordings were broken off, and why
    #[command(subcommand)]
    Interruption(super::matter::Interruption),
    /// What an auditor asks
    #[command(subcommand)]
    Report(super::report::Report),
    /// 三张登记表 the three statutory forms, on screen, for printing or as a spreadsheet
    #[command(subcommand)]
    Form(super::form::Form),
    /// Reasons for late clips
    #[command(subcommand)]
    Reason(Reason),
    /// Bays of the daemon
    #[command(subcommand)]
    Bay(Bay),
    /// The station's two keys and their epochs
    #[command(subcommand)]
    Key(Key),
    /// Is everything still what the chain says? Reads only
    Check {
        /// Verify every signature and re-hash every file cold
        #[arg(long)]
        deep: bool,
        /// A receipt (`log receipt`) or checkpoint from outside the station to hold the chain against
        #[arg(long, value_name = "FILE")]
        pin: Option<PathBuf>,
        /// What comes of it becomes an entry of this person (全面核对); without it nothing is written
        #[arg(long = "as", value_name = "ID")]
        person: Option<PersonId>,
        /// File whose first line is their PIN; without it the terminal asks
        #[arg(long, value_name = "F", requires = "person")]
        pin_file: Option<PathBuf>,
    },
    /// Departments of the unit
    #[command(subcommand)]
    Department(Department),
    /// People of the unit
    #[command(subcommand)]
    Person(Person),
    /// Who holds which duty, since when, as whose deputy
    #[command(subcommand)]
    Duty(Duty),
    /// Recorders as fixed assets: where each is, who has it
    #[command(subcommand)]
    Recorder(Recorder),
    /// 使用档案: who asks for a recorder, who approves, what is out
    #[command(subcommand)]
    Use(Use),
    /// The unit's rules
    #[command(subcommand)]
    Policy(Policy),
    /// Clerk's shifts, which cover docking under the policy clerk-shift
    #[command(subcommand)]
    Shift(Shift),
    /// Where copies go
    #[command(subcommand)]
    Copies(Copies),
    /// Holds: long-term keeping asked for and approved (002/A6-§24)
    #[command(subcommand)]
    Hold(super::keep::Hold),
    /// Disposal of what is due: planned, approved by a second person, quarantined, removed
    #[command(subcommand)]
    Dispose(super::keep::Dispose),
    /// Spot and playback checks (002/A6-§25), drawn by a seed that nobody chose
    #[command(subcommand)]
    Spotcheck(super::keep::Spotcheck),
    /// Discs and media burnt for long-term keeping
    #[command(subcommand)]
    Medium(super::keep::Medium),
    /// The station's own clock
    #[command(subcommand)]
    Clock(super::keep::Clock),
    /// Settings, policy, keys, directories, bays and copies of this machine
    VerifyConfig,
    /// Requests to view or copy footage, approvals, and the register of both
    #[command(subcommand)]
    Access(access::Access),
    /// How secret a clip is; a level narrows every right
    #[command(subcommand)]
    Secrecy(access::Secrecy),
    /// Who may view a clip, and who did
    #[command(subcommand)]
    View(access::View),
    /// Copies for whom they were approved
    #[command(subcommand)]
    Copy(access::Copy),
    /// Carry out an approved copy as a package that is checked without this program; every start spends one
    Export(access::Export),
    /// One ISO image of a finished package, for whoever burns the disc; read back and judged. Needs no station
    Image {
        /// The package as `export` made it
        folder: PathBuf,
        /// The image to make; until it was read back it is called FILE.void
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// What is known about recorder models; needs no station
    #[command(subcommand)]
    Profile(Profile),
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Docking {
    OfficerPin,
    ClerkShift,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Wipe {
    Auto,
    Never,
}

#[derive(Debug, Args)]
pub struct Init {
    /// Name of the chain for ever, like a host name and a path: unit7.example/s1
    #[arg(long, value_name = "NAME")]
    pub origin: String,
    /// The unit's name
    #[arg(long, value_name = "NAME")]
    pub unit: String,
    /// Where the second copy goes; another physical disk
    #[arg(long, value_name = "DIR", conflicts_with = "accept_single_copy")]
    pub mirror: Option<PathBuf>,
    /// The unit accepts a single copy as its risk, signed into the chain
    #[arg(long)]
    pub accept_single_copy: bool,
    /// Who answers for a docking: each officer with their PIN, or the clerk's shift
    #[arg(long, value_enum, default_value = "officer-pin")]
    pub docking: Docking,
    /// UNSAFE, for tests only: take a mirror on the same disk; the entry says so
    #[arg(long, hide = true)]
    pub mirror_same_disk_for_tests: bool,
    /// Do not set the immutable flag on kept clips
    #[arg(long)]
    pub no_immutable_flag: bool,
    #[command(flatten)]
    pub token: TokenArgs,
}

/// The person who acts, with their own PIN.
#[derive(Debug, Args)]
pub struct As {
    /// The person who does this
    #[arg(long = "as", value_name = "ID")]
    pub person: PersonId,
    /// File whose first line is their PIN; without it the terminal asks
    #[arg(long, value_name = "F")]
    pub pin_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Ingest {
    /// Mount point or folder of the recorder
    pub path: PathBuf,
    /// Number on the recorder's label
    #[arg(long, value_name = "ID")]
    pub recorder: RecorderId,
    /// Who brings it back
    #[arg(long, value_name = "ID")]
    pub officer: PersonId,
    /// File whose first line is the officer's PIN; without it the terminal asks
    #[arg(long, value_name = "F")]
    pub pin_file: Option<PathBuf>,
    /// `never` keeps everything on the recorder, whatever the policy allows
    #[arg(long, value_enum, default_value = "auto")]
    pub wipe: Wipe,
    /// Bay that the entries name
    #[arg(long, value_name = "ID", default_value = super::DIRECT_BAY)]
    pub bay: BayId,
    /// Save now although nobody confirms; stored as unassigned, nothing is wiped
    #[arg(long)]
    pub unconfirmed: bool,
    /// Read its names by this recorder profile, not by the generic one
    #[arg(long, value_name = "ID")]
    pub profile: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Log {
    /// Entries in words; with --json as they are
    Show {
        /// First entry; without it the last ones are shown
        #[arg(long, value_name = "N")]
        from: Option<u64>,
        #[arg(long, value_name = "N", default_value_t = 20)]
        count: u32,
    },
    /// The signed checkpoint
    Head,
    /// The verifier key of the log
    Vkey,
    /// The head as text and QR code, for a drawer outside the station
    Receipt,
    /// Proof that an entry is in the chain (c2sp.org/tlog-proof)
    Prove { seq: u64 },
    /// Proof that the chain only grew since it had SIZE entries (c2sp.org/tlog-witness, a request body)
    Growth { size: u64 },
    /// The whole chain as static files (c2sp.org/tlog-tiles)
    Export {
        /// Directory to write, absent or empty
        #[arg(long, value_name = "OUT")]
        tiles: PathBuf,
    },
}

/// Where a clip belongs.
#[derive(Debug, clap::Args)]
pub struct Belonging {
    /// Of officers of this department, as they are assigned today
    #[arg(long, value_name = "ID")]
    pub department: Option<DepartmentId>,
    /// Of this class now; "" for those without one
    #[arg(long, value_name = "CLASS")]
    pub class: Option<String>,
    /// Bound to this matter
    #[arg(long, value_name = "M")]
    pub matter: Option<MatterId>,
    /// Bound to this step
    #[arg(long, value_name = "E")]
    pub step: Option<StepId>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Decision {
    /// It stays on the recorder by this order
    Leave,
    /// Try it again at the next dock
    Retry,
}

#[derive(Debug, Subcommand)]
pub enum Session {
    List {
        /// What stands aside and waits for a decision
        #[arg(long)]
        aside: bool,
    },
    Show {
        session: SessionId,
    },
    /// A clerk decides on what stands aside
    Resolve {
        aside: AsideId,
        #[arg(long, value_enum)]
        decision: Decision,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: As,
    },
    /// A clerk orders: wipe what is proven stored of this session's recorder
    Wipe {
        session: SessionId,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Where the recorder is mounted now, if it is in no bay of the daemon
        #[arg(long, value_name = "PATH")]
        path: Option<PathBuf>,
        #[command(flatten)]
        by: As,
    },
    /// 请本人确认: a recorder that waits in a bay is mine
    #[command(group(clap::ArgGroup::new("whose").required(true).args(["officer", "unassigned"])))]
    Confirm {
        bay: BayId,
        recorder: String,
        #[arg(long, value_name = "ID")]
        officer: Option<PersonId>,
        #[arg(long, value_name = "F")]
        pin_file: Option<PathBuf>,
        /// The operator saves it as unassigned
        #[arg(long)]
        unassigned: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum Reason {
    /// Why a clip came late: its officer, a clerk or a department head says so
    Add {
        clip: ClipId,
        #[arg(long, value_name = "T")]
        text: String,
        /// Why the reason that stands in the record is wrong; both stay
        #[arg(long, value_name = "TEXT")]
        correcting: Option<String>,
        #[command(flatten)]
        by: As,
    },
}

#[derive(Debug, Subcommand)]
pub enum Bay {
    List,
    /// A directory below which each recorder appears as a directory or a mounted volume
    Add {
        id: BayId,
        #[arg(long, value_name = "PATH")]
        folder: PathBuf,
        #[command(flatten)]
        by: MaybeAs,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum WhichKey {
    Log,
    Evidence,
}

impl WhichKey {
    pub fn kind(self) -> KeyKind {
        match self {
            WhichKey::Log => KeyKind::Log,
            WhichKey::Evidence => KeyKind::Evidence,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Key {
    List,
    /// Both the old and the new key sign the change; the old secret is destroyed
    Rotate {
        key: WhichKey,
        /// Where the next key lies; without it where this one does
        #[arg(long, value_enum, value_name = "PLACE")]
        to: Option<Place>,
        #[command(flatten)]
        by: MaybeAs,
    },
    /// 密钥丢失或失窃: the next key without the old one's signature; stop the daemon first
    #[command(
        after_help = "The new verifier key goes out on paper: nothing leads to it from the old one.\n\
        Example:\n  sealdock key replace evidence --cause stolen --since 2026-11-20T18:00:00+08:00 --reason TEXT --as ID"
    )]
    Replace {
        key: WhichKey,
        /// Nobody can use the old key any more, or somebody else can
        #[arg(long, value_enum)]
        cause: KeyCause,
        /// From when on it was in other hands, as RFC 3339; without it nobody knows
        #[arg(long, value_name = "TIME")]
        since: Option<String>,
        /// What happened
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Where the next key lies; without it where the old one lay
        #[arg(long, value_enum, value_name = "PLACE")]
        to: Option<Place>,
        #[command(flatten)]
        by: MaybeAs,
    },
}

/// Where a key lies.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Place {
    /// 文件: a file of the station
    File,
    /// 令牌: the PKCS#11 token that station.toml names
    Token,
}

impl Place {
    pub fn place(self) -> KeyPlace {
        match self {
            Place::File => KeyPlace::File,
            Place::Token => KeyPlace::Token,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum KeyCause {
    Lost,
    Stolen,
}

#[derive(Debug, Args)]
pub struct Restore {
    /// The station's folder in the second copy: the one that holds chain-backup.db
    #[arg(long, value_name = "DIR")]
    pub from: PathBuf,
    /// The copy of `keys/` that was kept: the old keys then vouch for the new ones
    #[arg(long, value_name = "DIR")]
    pub keys: Option<PathBuf>,
    /// A receipt or stamped head that somebody outside kept; give every one at hand
    #[arg(long, value_name = "FILE")]
    pub pin: Vec<PathBuf>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    #[command(flatten)]
    pub by: MaybeAs,
    /// Do not set the immutable flag on kept clips
    #[arg(long)]
    pub no_immutable_flag: bool,
    /// From clips, sidecars and tiles alone; the operator signs, and every PIN is given anew
    #[arg(long, conflicts_with = "person")]
    pub without_database: bool,
    #[command(flatten)]
    pub token: TokenArgs,
}

#[derive(Debug, Subcommand)]
pub enum Policy {
    /// The text in force
    Show,
    /// Put another text in force
    Adopt {
        file: PathBuf,
        #[command(flatten)]
        by: MaybeAs,
    },
    /// Is a text a usable policy? Needs no station; without FILE the text in force is checked
    Check { file: Option<PathBuf> },
}

#[derive(Debug, Subcommand)]
pub enum Profile {
    /// Every fault of profiles in words; without a path the built-in ones are checked
    Check {
        /// A profile, or a directory of them (*.toml)
        path: Option<PathBuf>,
    },
    /// Which profile fits a device and why, which not and why
    #[command(group(clap::ArgGroup::new("what").required(true).args(["seen", "busid"])))]
    Explain {
        /// The kernel's name of a plugged device, like 1-2.3
        busid: Option<String>,
        /// What `profile capture` wrote
        #[arg(long, value_name = "FILE")]
        seen: Option<PathBuf>,
        /// As if its port were bound to this profile
        #[arg(long, value_name = "ID")]
        bound: Option<String>,
        /// More profiles: a file or a directory
        #[arg(long, value_name = "PATH")]
        with: Option<PathBuf>,
        /// Where the kernel lists USB devices
        #[arg(long, value_name = "DIR", default_value = "/sys/bus/usb/devices")]
        sysfs: PathBuf,
    },
    /// A description of a plugged device to be shared: descriptors, names and sizes, no footage
    Capture {
        /// The kernel's name of the device, like 1-2.3
        busid: String,
        /// Where its card is mounted, for names and sizes
        #[arg(long, value_name = "DIR")]
        mounted: Option<PathBuf>,
        /// Numbers of five digits and more in names become zeros: they may be an officer's
        #[arg(long, requires = "mounted")]
        mask_digits: bool,
        /// Where the kernel lists USB devices
        #[arg(long, value_name = "DIR", default_value = "/sys/bus/usb/devices")]
        sysfs: PathBuf,
    },
    /// A profile with every key explained, to be copied
    Example,
}

#[derive(Debug, Subcommand)]
pub enum Shift {
    Open {
        #[command(flatten)]
        by: As,
    },
    Close {
        /// Without it the open one
        shift: Option<ShiftId>,
        #[command(flatten)]
        by: As,
    },
    Show,
}

#[derive(Debug, Subcommand)]
pub enum Copies {
    /// Name the second copy's place; another physical disk
    Mirror {
        dir: PathBuf,
        /// UNSAFE, for tests only
        #[arg(long, hide = true)]
        same_disk_for_tests: bool,
        #[command(flatten)]
        by: MaybeAs,
    },
    /// Set the immutable flag again on everything stored, after a restore
    Lock,
    /// The unit accepts a single copy as its risk, signed into the chain
    AcceptSingle {
        #[command(flatten)]
        by: MaybeAs,
    },
}

/// A day as it is written in lists.
pub fn civil_day(text: &str) -> Result<String, String> {
    text.parse::<jiff::civil::Date>()
        .map(|day| day.to_string())
        .map_err(|_| "write the day as 2026-11-21".to_owned())
}

#[cfg(test)]
mod tests;
