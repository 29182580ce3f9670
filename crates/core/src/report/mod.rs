//! What an auditor asks: the life of one clip or recorder with its gaps, everything one person did, and
//! numbers over a period. Pure functions over the registers and over entries that the caller reads.

/// Which entries a person wrote.
mod acts;

pub use acts::{ACT, TABLES, acted, acts_of};
