//! The register tables of this version. `crates/store/migrations` must say the same; a test compares.

use crate::table::{Column, ColumnKind, Table};

const fn int(name: &'static str) -> Column {
    Column { name, kind: ColumnKind::Int }
}
const fn int_null(name: &'static str) -> Column {
    Column { name, kind: ColumnKind::IntOrNull }
}
const fn text(name: &'static str) -> Column {
    Column { name, kind: ColumnKind::Text }
}
const fn text_null(name: &'static str) -> Column {
    Column { name, kind: ColumnKind::TextOrNull }
}

macro_rules! table {
    ($(#[$doc:meta])* $id:ident = $name:literal [$($key:literal),+] { $($column:expr),+ $(,)? } $(lookup [$([$($look:literal),+]),*])?) => {
        $(#[$doc])*
        pub static $id: Table = Table {
            name: $name,
            columns: &[$($column),+],
            key: &[$($key),+],
            lookups: &[$($(&[$($look),+]),*)?],
        };
    };
}

table!(
    /// People of the unit. The PIN itself never enters the chain, only a commitment to its hash.
    PERSON = "person" ["id"] {
        text("id"), text("name"), text("role"), text_null("pin_commitment"), int("enrolled_seq"),
    }
);
table!(
    /// Recorders as fixed assets; `device_id` is the number the recorder itself writes into names.
    RECORDER = "recorder" ["id"] {
        text("id"), text_null("device_id"), text_null("model"), int("enrolled_seq"),
    } lookup [["device_id"]]
);
table!(
    BAY = "bay" ["id"] { text("id"), text("kind"), text("path"), int("added_seq") }
);
table!(
    /// Clerk's shifts under the docking policy clerk-shift.
    SHIFT = "shift" ["seq"] {
        int("seq"), text("clerk"), text("opened"), int("open"), text_null("closed"), int_null("closed_seq"),
    } lookup [["open"]]
);
table!(
    /// Every policy ever adopted; the one in force is the last.
    POLICY = "policy" ["seq"] { int("seq"), text("sha256"), text("adopted"), text("body") }
);
table!(
    /// Where copies go: `mirror` with its place, or `single-accepted` as a signed risk.
    COPIES = "copies" ["seq"] { int("seq"), text("kind"), text_null("place") }
);
table!(
    /// Key epochs: an entry is valid only under the key of its epoch.
    KEY_EPOCH = "key_epoch" ["kind", "epoch"] {
        text("kind"), int("epoch"), text("public"), int("since_seq"),
    }
);
table!(
    /// Dock sessions.
    SESSION = "session" ["seq"] {
        int("seq"), text("bay"), text("recorder_claim"), text_null("recorder"),
        text_null("officer_claim"), text_null("officer"), text("binding"), text("fingerprint"),
        text("opened"), text_null("listing"), int_null("lines"), int_null("bytes"),
        int_null("clock_offset_ms"), text_null("conflict"), text("state"), text_null("verdict"),
        text_null("summary"), text_null("closed"), int_null("closed_seq"),
    } lookup [["state"], ["recorder"], ["recorder_claim"]]
);
table!(
    /// Clips in custody: one row per stored content of a recorder's file.
    CLIP = "clip" ["seq"] {
        int("seq"), int("session"), int("line"), text("raw"), text("name"), int("size"),
        text("sha256"), text("chunk_root"), text_null("sm3"), int_null("mtime_ms"),
        text_null("recorded"), text_null("recorder"), text_null("officer"), text("recorder_claim"),
        text("media"), int("marked"), text("copies"), text("stored"), text("sshsig"),
        int("evidence_epoch"), text_null("described"), int_null("described_seq"),
    } lookup [["recorder"], ["officer"], ["sha256"], ["session"], ["recorder_claim", "raw"], ["marked"]]
);
table!(
    /// Every line of every listing that is accounted for by a stored clip: first seen or seen again.
    SIGHTING = "sighting" ["session", "line"] {
        int("session"), int("line"), int("clip"), int("seq"),
    } lookup [["clip"]]
);
table!(
    /// Lines (or whole sessions: line is null) that stand aside, why, and what was decided.
    ASIDE = "aside" ["seq"] {
        int("seq"), int("session"), int_null("line"), text("raw"), text("name"), int("size"),
        int_null("mtime_ms"), text("recorder_claim"), text("reason"), text("detail"),
        text_null("object"), text("state"), text_null("decision"), text_null("decision_reason"),
        text_null("decided_by"), int_null("decided_seq"),
    } lookup [["state"], ["session"], ["recorder_claim", "raw"]]
);
table!(
    /// Wipes, one row per line of a session: intended, wiped, failed or unknown.
    WIPE = "wipe" ["session", "line"] {
        int("session"), int("line"), int("clip"), text("raw"), text("recorder_claim"), text("state"),
        text_null("reason"), int("intended_seq"), int_null("result_seq"),
    } lookup [["state"], ["clip"], ["recorder_claim", "state"]]
);
table!(
    /// Why a stored line was not wiped, one row per line of a session.
    WIPE_REFUSAL = "wipe_refusal" ["session", "line"] {
        int("session"), int("line"), int("clip"), text("reasons"), int("seq"),
    }
);
table!(
    /// Standing orders by a clerk: wipe what is proven stored of this session's recorder.
    WIPE_ORDER = "wipe_order" ["seq"] {
        int("seq"), int("session"), text("recorder_claim"), text("ordered_by"), text("reason"),
    } lookup [["session"], ["recorder_claim"]]
);
table!(
    /// Deadlines that were missed, and the reason given.
    DEADLINE = "deadline" ["clip", "clock"] {
        int("clip"), text("clock"), text("due"), text("stored"), int("alarm"), int("seq"),
        text_null("reason"), text_null("reason_by"), int_null("reason_seq"),
    } lookup [["alarm"]]
);

/// Every register table, in the order in which they are compared and printed.
pub static TABLES: [&Table; 15] = [
    &PERSON,
    &RECORDER,
    &BAY,
    &SHIFT,
    &POLICY,
    &COPIES,
    &KEY_EPOCH,
    &SESSION,
    &CLIP,
    &SIGHTING,
    &ASIDE,
    &WIPE,
    &WIPE_REFUSAL,
    &WIPE_ORDER,
    &DEADLINE,
];
