//! People and duties: who belongs to which department, who holds which role since when, who may act
//! for whom. Every right in the other rooms rests on what this one answers.
//!
//! Until the unit has a head with a PIN, the operator of the machine sets it up, and every entry says
//! so; from then on duties are given and taken by the unit head, and a PIN that one person gave another
//! signs nothing until its owner has chosen their own.

/// What can be asked for.
mod command;
/// A command, decided.
mod decide;
/// What happened, as the chain keeps it.
mod event;
/// Who holds what, asked of the registers.
mod held;
/// Nobody decides in the place of who asks.
mod impartial;
/// A PIN that somebody else knows.
mod lent;
/// Did whoever signed have the right to?
mod objection;
/// Keys of authenticators, shown instead of a PIN.
mod passkey;
/// Who held what when an entry was written.
mod past;
/// Wrong PINs and the lock that follows.
mod pin;
/// Tables and how an entry changes them.
pub(crate) mod rows;
/// What fits whom, and what must not be left without anybody.
mod rules;
/// The way on where no unit head signs any more.
mod succession;

pub use command::Command;
pub(crate) use decide::{
    authority, bare_certificate, civil_day, decide, department_exists, plain_text,
};
pub use event::{
    DepartmentAdded, DepartmentRenamed, DutyAppointed, DutyEnded, Event, HeadProposed,
    HeadSeconded, PersonDescribed, PersonLocked, PersonRecord, PersonReleased, PersonRetired,
    PinSet,
};
pub use held::{
    Held, department_head_of, department_of, duties, head_for_itself, holders, holds, is_row_of,
    unit_head_rules,
};
pub use impartial::impartial;
pub(crate) use lent::refused_as_lent;
pub use lent::{PinGiver, lent_pin, pin_giver};
pub(crate) use objection::may_administer;
pub use objection::objection;
pub use passkey::{
    PASSKEYS_MAX, Passkey, PasskeyAdded, PasskeyCloned, PasskeyNamed, PasskeyRemoved, PasskeyUsed,
    cloned, passkey, passkey_stands, passkeys,
};
pub use past::{Then, held_then, not_ended, was_officer};
pub(crate) use pin::note_refused;
pub use pin::{WrongPins, locked, wrong_pins};

pub use rows::{DEPARTMENT, DUTY, HEAD_PROPOSAL, PASSKEY, PERSON_LOCK, PIN_REFUSAL};
pub use rows::{TABLES, project};
pub use succession::{Proposal, SILENT_MS, open_proposal};
