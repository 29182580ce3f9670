//! Step 14: the recorder is made cold and listed again; only that listing says what went.

use super::list::{is_hidden, put, signed_line};
use super::wipe::Deleted;
use super::{Dock, Stop};
use sealdock_core::command::Command;
use sealdock_core::custody::Emptied;
use sealdock_core::event::{WipeCertified, WipeOutcome, WipeSettled};
use sealdock_core::listing::{Listing, RawLine};
use sealdock_core::naming;
use sealdock_core::session::LineEnd;
use std::collections::BTreeMap;

impl Dock<'_> {
    pub(super) fn certify(&mut self, deleted: Vec<Deleted>) -> Result<(), Stop> {
        if !deleted.is_empty() {
            self.recorder.make_cold().map_err(|e| Stop::Gone(e.message))?;
        }
        let after = self.recorder.list().map_err(|e| Stop::Gone(e.message))?;
        let permitted: Vec<RawLine> =
            deleted.iter().map(|d| self.listed.raw[d.line as usize].clone()).collect();
        let mut emptied = Emptied::compare(&self.listed.raw, &permitted, &after.lines);
        let listing = self.after_listing(&after.lines);
        // A folder that cannot be read any more hides its files; it does not show that they are gone.
        let (hidden, gone) = std::mem::take(&mut emptied.gone)
            .into_iter()
            .partition(|i| is_hidden(&naming::hex(&permitted[*i].raw_name), &listing));
        emptied.gone = gone;
        self.leave_open(&deleted, hidden);
        self.settle(&deleted, &emptied)?;
        self.appeared = emptied.appeared.len();
        let object = put(self.station, &listing)?;
        let gone = |i: &usize| self.listed.raw[deleted[*i].line as usize].size;
        self.station.note(Command::Certify(WipeCertified {
            session: self.session(),
            object,
            wiped: emptied.gone.len() as u32,
            wiped_bytes: emptied.gone.iter().map(gone).sum(),
            stayed: (after.lines.len() - emptied.appeared.len()) as u32,
            appeared: emptied.appeared.len() as u32,
            why_stayed: self.why_stayed(),
        }))?;
        Ok(())
    }

    /// No word on these wipes yet: the next listing that shows their folder has it.
    fn leave_open(&mut self, deleted: &[Deleted], hidden: Vec<usize>) {
        for i in hidden {
            let name = &self.listed.listing.lines[deleted[i].line as usize].name;
            let why = format!("{name} was deleted, and its folder cannot be read to see that");
            self.ends.insert(deleted[i].line, LineEnd::StoredHeld { why });
        }
    }

    fn settle(&mut self, deleted: &[Deleted], emptied: &Emptied) -> Result<(), Stop> {
        let mut settled = Vec::new();
        for &i in &emptied.gone {
            self.ends.insert(deleted[i].line, LineEnd::Wiped);
            settled.push(self.settled(&deleted[i], WipeOutcome::Wiped, None));
        }
        for &i in &emptied.still {
            let why = deleted[i].trouble.clone().unwrap_or_else(|| {
                "the recorder said it was deleted, and a fresh listing still shows it".into()
            });
            let name = &self.listed.listing.lines[deleted[i].line as usize].name;
            let held = format!("{name} is stored as {} but not wiped: {why}", deleted[i].clip);
            self.ends.insert(deleted[i].line, LineEnd::StoredHeld { why: held });
            settled.push(self.settled(&deleted[i], WipeOutcome::Failed, Some(why)));
        }
        settled.sort_by_key(|s: &WipeSettled| s.line);
        for chunk in settled.chunks(500) {
            self.station.note(Command::SettleWipes { settled: chunk.to_vec() })?;
        }
        Ok(())
    }

    fn settled(&self, d: &Deleted, outcome: WipeOutcome, reason: Option<String>) -> WipeSettled {
        WipeSettled { session: self.session(), line: d.line, outcome, reason, shown_by: None }
    }

    fn after_listing(&self, after: &[RawLine]) -> Listing {
        let lines = after
            .iter()
            .enumerate()
            .map(|(n, raw)| signed_line(self.request.profile(), n as u32, raw))
            .collect();
        let at = self.station.world().clock.now().wall;
        Listing { v: 1, at, clock: self.listed.clocked.clock.clone(), lines }
    }

    /// Reasons with counts; at most 64 different ones are named.
    fn why_stayed(&self) -> Vec<(String, u32)> {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for end in self.ends.values() {
            let why = match end {
                LineEnd::Wiped | LineEnd::Unreached => continue,
                LineEnd::StoredStays { why } => format!("stored; {why}"),
                LineEnd::StoredHeld { .. } => "stored; not wiped, see its entries".to_owned(),
                LineEnd::Aside { .. } => "set aside, see its entries".to_owned(),
                LineEnd::LeftByOrder { aside } => format!("left by the order on A{aside}"),
            };
            *counts.entry(why).or_default() += 1;
        }
        counts.into_iter().take(64).collect()
    }
}
