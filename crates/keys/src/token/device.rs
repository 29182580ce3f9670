//! What is asked of a token. The real one is [`super::pkcs11`]; tests have one that breaks on demand.

use std::collections::BTreeSet;

/// A token in a slot, as it describes itself without a PIN.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Seen {
    pub(crate) slot: u64,
    pub(crate) label: String,
    pub(crate) serial: String,
    pub(crate) pin: PinState,
}

/// What a token says of its user's PIN before one is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum PinState {
    #[default]
    Usable,
    /// The next wrong one locks it.
    FinalTry,
    Locked,
    /// It was never set.
    Unset,
    /// It is typed on the token itself.
    Keypad,
}

/// Why a token did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    Module(String),
    /// The token went away.
    Gone(String),
    /// The token is there, our session or what we remembered in it is not.
    Session(String),
    PinWrong,
    PinLocked,
    PinUnusable(String),
    Full(String),
    /// It cannot make such keys, or does not keep them to itself.
    Unfit(String),
    /// No private key belongs to that public key.
    Absent,
    /// More than one private key does.
    Twice,
    Other(String),
}

/// A module and at most one session.
pub(crate) trait Device: Send {
    fn tokens(&mut self) -> Result<Vec<Seen>, Fault>;
    /// Lets the module begin anew where nobody has a session: some look for tokens only then.
    fn restart(&mut self);
    /// Opens a session that may write, and logs in. One try.
    fn open(&mut self, slot: u64, pin: &str) -> Result<(), Fault>;
    /// Forgets the session, whatever state it is in.
    fn close(&mut self);
    /// The id of the pair, if both halves are there.
    fn find(&mut self, public: &[u8; 32]) -> Result<Option<Vec<u8>>, Fault>;
    fn under(&mut self, id: &[u8]) -> Result<BTreeSet<[u8; 32]>, Fault>;
    fn make(&mut self, id: &[u8], label: &str) -> Result<[u8; 32], Fault>;
    /// What the token gave, unverified.
    fn sign(&mut self, public: &[u8; 32], bytes: &[u8]) -> Result<Vec<u8>, Fault>;
    /// The private half first: what is left after a cut is found and finished.
    fn destroy(&mut self, public: &[u8; 32]) -> Result<(), Fault>;
}
