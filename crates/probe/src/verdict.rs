//! Judges what the child said and how it ended. The child is not trusted: facts count only as a
//! complete, well-formed, bounded first line. Reasons are fixed wording, never the child's own
//! text, since they are signed into the chain.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use crate::child;
use crate::facts::Facts;
use crate::limits::Limits;
use crate::second_opinion::{self, SecondOpinion};

/// Linux signal numbers that name a cause.
const SIGABRT: i32 = 6;
const SIGXCPU: i32 = 24;
/// Rust's exit code after a panic.
const PANICKED: i32 = 101;

/// What came of looking at a clip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The facts that could be read.
    Described(Facts),
    /// No facts, and why. The clip in the vault is not affected.
    Undescribed {
        /// One sentence in English, printable ASCII, fit for an entry.
        reason: String,
    },
}

impl Outcome {
    pub(crate) fn undescribed(what: &str) -> Self {
        let reason = format!("the media reader {what}; the stored clip is not affected");
        let printable = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
        Self::Undescribed { reason: reason.chars().map(printable).collect() }
    }
}

/// How listening came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Flooded,
    OnItsOwn,
    TimedOut,
}

/// Everything the parent knows of one child.
pub(crate) struct Transcript {
    said: Vec<u8>,
    ending: Ending,
    status: Option<ExitStatus>,
}

impl Transcript {
    pub(crate) fn new(said: Vec<u8>, ending: Ending) -> Self {
        Self { said, ending, status: None }
    }

    pub(crate) fn with_status(self, status: ExitStatus) -> Self {
        Self { status: Some(status), ..self }
    }

    pub(crate) fn outcome(&self, limits: &Limits) -> Outcome {
        if self.ending == Ending::Flooded {
            return Outcome::undescribed(&self.cause(limits));
        }
        let Some(end) = self.said.iter().position(|&byte| byte == b'\n') else {
            return Outcome::undescribed(&self.cause(limits));
        };
        let (first, rest) = (&self.said[..end], &self.said[end + 1..]);
        let facts = serde_json::from_slice::<Facts>(first).ok();
        match facts.filter(Facts::may_be_recorded) {
            Some(facts) => Outcome::Described(self.with_second_opinion(facts, rest, limits)),
            None => Outcome::undescribed("printed something that is not clip facts"),
        }
    }

    fn with_second_opinion(&self, mut facts: Facts, line: &[u8], limits: &Limits) -> Facts {
        if !self.ended_well() {
            let cause = self.cause(limits);
            facts.note(format!("{} gave none: it {cause}", second_opinion::NAME));
        } else if let Ok(opinion) = serde_json::from_slice::<SecondOpinion>(line) {
            for note in opinion.disagreements(&facts) {
                facts.note(note);
            }
        }
        facts
    }

    fn ended_well(&self) -> bool {
        self.ending == Ending::OnItsOwn && self.status.is_some_and(|status| status.success())
    }

    /// Why there is nothing (more) from the child, as the end of "the media reader …".
    fn cause(&self, limits: &Limits) -> String {
        match self.ending {
            Ending::Flooded => format!("printed more than {} bytes", limits.output_bytes),
            Ending::TimedOut if self.said.contains(&b'\n') => {
                format!("did not finish within {} s more", second_opinion::WAIT.as_secs())
            }
            Ending::TimedOut => format!("did not finish within {} s", limits.wall_s),
            Ending::OnItsOwn => self.end_of_process(limits),
        }
    }

    fn end_of_process(&self, limits: &Limits) -> String {
        let status = self.status.unwrap_or_default();
        match (status.signal(), status.code()) {
            (Some(SIGXCPU), _) => {
                format!("used more than {} s of processor time", limits.cpu_s)
            }
            (Some(SIGABRT), _) => format!(
                "gave up, as a rule because the file asks for more than {} MiB of memory",
                limits.address_space_bytes >> 20
            ),
            (Some(signal), _) => format!("crashed with signal {signal}"),
            (_, Some(0)) => "ended without a word".into(),
            (_, Some(PANICKED)) => "stumbled over the file (panic)".into(),
            (_, Some(child::UNREADABLE)) => "could not read the file".into(),
            (_, Some(child::UNCONFINED)) => "could not confine itself and read nothing".into(),
            (_, code) => format!("ended with exit code {}", code.unwrap_or(-1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(said: &str, ending: Ending, raw_status: i32) -> Outcome {
        Transcript::new(said.as_bytes().to_vec(), ending)
            .with_status(ExitStatus::from_raw(raw_status))
            .outcome(&Limits::default())
    }

    fn reason(outcome: Outcome) -> String {
        match outcome {
            Outcome::Undescribed { reason } => reason,
            Outcome::Described(facts) => panic!("described: {facts:?}"),
        }
    }

    #[test]
    fn every_bad_end_has_its_own_words() {
        let cases = [
            ("", Ending::TimedOut, 9, "did not finish within 10 s"),
            ("", Ending::Flooded, 9, "printed more than 65536 bytes"),
            ("", Ending::OnItsOwn, 6, "asks for more than 512 MiB of memory"),
            ("", Ending::OnItsOwn, 11, "crashed with signal 11"),
            ("", Ending::OnItsOwn, 24, "used more than 5 s of processor time"),
            ("", Ending::OnItsOwn, 101 << 8, "stumbled over the file (panic)"),
            ("", Ending::OnItsOwn, 5 << 8, "could not confine itself"),
            ("", Ending::OnItsOwn, 0, "ended without a word"),
            ("hello\n", Ending::OnItsOwn, 0, "printed something that is not clip facts"),
            ("{\"duration_ms\":1.5}\n", Ending::OnItsOwn, 0, "is not clip facts"),
            ("{\"duration_ms\":9007199254740992}\n", Ending::OnItsOwn, 0, "is not clip facts"),
            ("{\"extra\":1}\n", Ending::OnItsOwn, 0, "is not clip facts"),
            ("{\"container\":\"mp4\"}", Ending::OnItsOwn, 0, "ended without a word"),
        ];
        for (said, ending, status, expected) in cases {
            let reason = reason(outcome(said, ending, status));
            assert!(reason.contains(expected), "{said:?} {ending:?} {status}: {reason}");
            assert!(reason.ends_with("; the stored clip is not affected"), "{reason}");
        }
    }

    #[test]
    fn facts_outlive_a_second_reader_that_fails() {
        for (ending, status, why) in [
            (Ending::TimedOut, 9, "did not finish within 2 s more"),
            (Ending::OnItsOwn, 101 << 8, "stumbled over the file (panic)"),
        ] {
            let Outcome::Described(facts) = outcome("{\"container\":\"mp4\"}\n", ending, status)
            else {
                panic!("facts were lost");
            };
            let note = format!("second opinion (mp4 0.14) gave none: it {why}");
            assert_eq!(facts.notes, [note]);
        }
    }
}
