//! What becomes of a clip, in English: people by name, times of the unit's zone, sizes as pages write them. What is not here is
//! said as the record says it.

use super::Teller;
use crate::execute::entry_in_words;
use sealdock_console::show;
use sealdock_core::event::{Binding, Event, Verdict, WipeOutcome};
use sealdock_core::time::WallMs;
use sealdock_core::why::halves;

/// As long as `2026-03-02T00:15:02.000Z`.
const STAMP: usize = 24;

impl Teller<'_> {
    pub(super) fn english(&self, event: &Event) -> String {
        match self.of_a_clip(event) {
            Some(said) => said,
            None => self.in_the_zone(&of_the_record(event)),
        }
    }

    fn of_a_clip(&self, event: &Event) -> Option<String> {
        Some(match event {
            Event::SessionOpened(e) => {
                let by = match &e.binding {
                    Binding::OfficerPin { officer } => {
                        format!("confirmed by {} with their own PIN", self.name(officer))
                    }
                    Binding::ClerkShift { clerk, .. } => {
                        format!("in the shift of {}, clerk", self.name(clerk))
                    }
                    Binding::Unassigned { .. } => {
                        "confirmed by nobody, assigned to nobody".to_owned()
                    }
                };
                format!("docking began: recorder {} in bay {}, {by}", e.recorder_claim, e.bay)
            }
            Event::RecorderTold(_) => "what the recorder says of itself was read".to_owned(),
            Event::ListingSigned(e) => {
                format!(
                    "list of the recorder signed: {} {}, {}",
                    e.files,
                    files(e.files),
                    show::bytes(e.bytes)
                )
            }
            Event::ClipStored(e) => {
                format!(
                    "stored and verified: {} ({}), three readings agree",
                    e.name,
                    show::bytes(e.size)
                )
            }
            Event::ClipDescribed(e) => match e.undescribed.is_some() {
                true => format!("the media facts of clip {} could not be read", e.clip),
                false => format!("the media facts of clip {} were read", e.clip),
            },
            Event::WipeIntended(e) => {
                format!("about to be wiped from the recorder: clip {}", e.clip)
            }
            Event::WipeSettled(e) => {
                let how = match e.outcome {
                    WipeOutcome::Wiped => "wiped from the recorder",
                    WipeOutcome::Failed => "the wiping failed",
                    WipeOutcome::Unknown => "what became of the wiping is unknown",
                };
                format!("{how} ({}, line {})", e.session, e.line)
            }
            Event::WipeCertified(e) => {
                format!("wiping certified: {} wiped, {} stayed", e.wiped, e.stayed)
            }
            Event::SessionClosed(e) => {
                let how = match e.verdict {
                    Verdict::Done => "done",
                    Verdict::Held => "needs a decision",
                    Verdict::Interrupted => "interrupted",
                };
                format!("docking {} ended: {how}", e.session)
            }
            Event::DeadlineMissed(e) => {
                format!("clip {} was not stored by {}", e.clip, self.time(e.due))
            }
            _ => return None,
        })
    }

    /// The record's times are in UTC, to the millisecond; a page's are the unit's.
    pub fn in_the_zone(&self, said: &str) -> String {
        let mut out = String::with_capacity(said.len());
        let mut rest = said;
        while let Some(one) = rest.chars().next() {
            match rest.get(..STAMP).and_then(WallMs::parse) {
                Some(at) => {
                    out.push_str(&self.time(at));
                    rest = &rest[STAMP..];
                }
                None => {
                    out.push(one);
                    rest = &rest[one.len_utf8()..];
                }
            }
        }
        out
    }
}

fn files(n: u32) -> &'static str {
    if n == 1 { "file" } else { "files" }
}

/// The sentence of the record, without the Chinese that stands in some.
fn of_the_record(event: &Event) -> String {
    let said = entry_in_words(event);
    match event {
        Event::PersonEnrolled(_) => said.replace("全单位 over", "over"),
        Event::KeyReplaced(_) => said.replace("丢失 lost", "lost").replace("失窃 stolen", "stolen"),
        Event::StationRestored(_) => said.replace("记录遗失 entries", "entries"),
        Event::SessionClosed(e) => said.replace(&e.summary, halves(&e.summary).1),
        _ => said,
    }
}
