//! Recorders on the dock's USB ports, as the unprivileged daemon deals with them: what is announced of
//! them, and the messages that unlock some.

/// Announcements by the privileged part.
pub mod notices;
/// Messages to a locked recorder, and its replies.
pub mod unlock;
