//! The register tables of this version. `crates/store/migrations` must say the same; a test compares.

use crate::table::{Column, ColumnKind, Table};

pub(crate) const fn int(name: &'static str) -> Column {
    Column { name, kind: ColumnKind::Int }
}
pub(crate) const fn int_null(name: &'static str) -> Column {
    Column { name, kind: ColumnKind::IntOrNull }
}
pub(crate) const fn text(name: &'static str) -> Column {
    Column { name, kind: ColumnKind::Text }
}
pub(crate) const fn text_null(name: &'static str) -> Column {
    Column { name, kind: ColumnKind::TextOrNull }
}

macro_rules! table {
    ($(#[$doc:meta])* $vis:vis $id:ident = $name:literal [$($key:literal),+] { $($column:expr),+ $(,)? } $(lookup [$([$($look:literal),+]),*])?) => {
        $(#[$doc])*
        $vis static $id: $crate::table::Table = $crate::table::Table {
            name: $name,
            columns: &[$($column),+],
            key: &[$($key),+],
            lookups: &[$($(&[$($look),+]),*)?],
        };
    };
}
pub(crate) use table;

table!(
    /// People of the unit. The PIN itself never enters the chain, only a commitment to its hash.
    pub PERSON = "person" ["id"] {
        text("id"), text("name"), text("role"), text_null("pin_commitment"), int("enrolled_seq"),
        int_null("pin_seq"), text_null("department"), text_null("certificate"), text_null("phone"),
        text_null("joined"), int_null("described_seq"), int_null("retired_seq"),
    }
);
table!(
    /// Recorders as fixed assets; `device_id` is the number the recorder itself writes into names.
    pub RECORDER = "recorder" ["id"] {
        text("id"), text_null("device_id"), text_null("model"), int("enrolled_seq"),
    } lookup [["device_id"]]
);
table!(
    pub BAY = "bay" ["id"] { text("id"), text("kind"), text("path"), int("added_seq") }
);
table!(
    /// Clerk's shifts under the docking policy clerk-shift.
    pub SHIFT = "shift" ["seq"] {
        int("seq"), text("clerk"), text("opened"), int("open"), text_null("closed"), int_null("closed_seq"),
    } lookup [["open"]]
);
table!(
    /// Every policy ever adopted; the one in force is the last.
    pub POLICY = "policy" ["seq"] { int("seq"), text("sha256"), text("adopted"), text("body") }
);
table!(
    /// Where copies go: `mirror` with its place, or `single-accepted` as a signed risk.
    pub COPIES = "copies" ["seq"] { int("seq"), text("kind"), text_null("place") }
);
table!(
    /// Key epochs: an entry is valid only under the key of its epoch.
    pub KEY_EPOCH = "key_epoch" ["kind", "epoch"] {
        text("kind"), int("epoch"), text("public"), int("since_seq"), text_null("cause"),
        text_null("stolen_since"),
    }
);
table!(
    /// Times that the record was put back from a copy, and what is known to be lost by that.
    pub RESTORED = "restored" ["seq"] {
        int("seq"), text("at"), int("size"), text("root"), text("place"), int("heads"),
        int_null("lost_first"), int_null("lost_last"), int("pins_lost"),
    }
);
table!(
    /// Dock sessions.
    pub SESSION = "session" ["seq"] {
        int("seq"), text("bay"), text("recorder_claim"), text_null("recorder"),
        text_null("officer_claim"), text_null("officer"), text("binding"), text("fingerprint"),
        text("opened"), text_null("listing"), int_null("lines"), int_null("bytes"),
        int_null("clock_offset_ms"), text_null("conflict"), text("state"), text_null("verdict"),
        text_null("summary"), text_null("closed"), int_null("closed_seq"),
    } lookup [["state"], ["recorder"], ["recorder_claim"]]
);
table!(
    /// What recorders said of themselves when they were unlocked.
    pub RECORDER_TOLD = "recorder_told" ["seq"] {
        int("seq"), int("session"), text("at"), text_null("device"), text_null("officer"),
        int_null("battery_percent"), text_null("firmware"), text("source"),
    } lookup [["session"]]
);
table!(
    /// Clips in custody: one row per stored content of a recorder's file.
    pub CLIP = "clip" ["seq"] {
        int("seq"), int("session"), int("line"), text("raw"), text("name"), int("size"),
        text("sha256"), text("chunk_root"), text_null("sm3"), int_null("mtime_ms"),
        text_null("named_time"), text_null("recorded"), text_null("recorder"), text_null("officer"), text("recorder_claim"),
        text("media"), int("marked"), text("copies"), text("stored"), text("sshsig"),
        int("evidence_epoch"), text_null("described"), int_null("described_seq"),
        int_null("assigned_seq"),
    } lookup [["recorder"], ["officer"], ["sha256"], ["session"], ["recorder_claim", "raw"], ["marked"], ["recorded", "stored"]]
);
table!(
    /// Whose a clip is, as it was said after its docking; the last one counts.
    pub ASSIGNMENT = "assignment" ["seq"] {
        int("seq"), int("clip"), text("recorder"), text("officer"), int_null("corrects"),
    } lookup [["clip"]]
);
table!(
    /// Every line of every listing that is accounted for by a stored clip: first seen or seen again.
    pub SIGHTING = "sighting" ["session", "line"] {
        int("session"), int("line"), int("clip"), int("seq"),
    } lookup [["clip"]]
);
table!(
    /// Lines (or whole sessions: line is null) that stand aside, why, and what was decided.
    pub ASIDE = "aside" ["seq"] {
        int("seq"), int("session"), int_null("line"), text("raw"), text("name"), int("size"),
        int_null("mtime_ms"), text("recorder_claim"), text("reason"), text("detail"),
        text_null("object"), text("state"), text_null("decision"), text_null("decision_reason"),
        text_null("decided_by"), int_null("decided_seq"),
    } lookup [["state"], ["session"], ["recorder_claim", "raw"]]
);
table!(
    /// Wipes, one row per line of a session: intended, wiped, failed or unknown.
    pub WIPE = "wipe" ["session", "line"] {
        int("session"), int("line"), int("clip"), text("raw"), text("recorder_claim"), text("state"),
        text_null("reason"), int("intended_seq"), int_null("result_seq"),
    } lookup [["state"], ["clip"], ["recorder_claim", "state"]]
);
table!(
    /// Why a stored line was not wiped, one row per line of a session.
    pub WIPE_REFUSAL = "wipe_refusal" ["session", "line"] {
        int("session"), int("line"), int("clip"), text("reasons"), int("seq"),
    }
);
table!(
    /// Standing orders by a clerk: wipe what is proven stored of this session's recorder.
    pub WIPE_ORDER = "wipe_order" ["seq"] {
        int("seq"), int("session"), text("recorder_claim"), text("ordered_by"), text("reason"),
    } lookup [["session"], ["recorder_claim"]]
);
table!(
    /// Deadlines that were missed, and the reason given.
    pub DEADLINE = "deadline" ["clip", "clock"] {
        int("clip"), text("clock"), text("due"), text("stored"), int("alarm"), int("seq"),
        text_null("reason"), text_null("reason_by"), int_null("reason_seq"),
    } lookup [["alarm"]]
);

/// Every register table, in the order in which they are compared and printed.
pub fn tables() -> impl Iterator<Item = &'static Table> {
    CUSTODY.iter().copied().chain(rooms())
}

/// The tables that rights and duties rest on; small beside those of clips.
pub fn rooms() -> impl Iterator<Item = &'static Table> {
    [
        crate::duty::TABLES,
        crate::desk::TABLES,
        crate::access::TABLES,
        crate::keep::TABLES,
        crate::clock_state::TABLES,
        crate::matter::TABLES,
        crate::report::TABLES,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// What docking needs.
static CUSTODY: &[&Table] = &[
    &PERSON,
    &RECORDER,
    &BAY,
    &SHIFT,
    &POLICY,
    &COPIES,
    &KEY_EPOCH,
    &RESTORED,
    &SESSION,
    &RECORDER_TOLD,
    &CLIP,
    &ASSIGNMENT,
    &SIGHTING,
    &ASIDE,
    &WIPE,
    &WIPE_REFUSAL,
    &WIPE_ORDER,
    &DEADLINE,
];
