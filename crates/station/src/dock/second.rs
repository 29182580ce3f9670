//! Step 12, first half: the cold second reading of the recorder, for every line that rules would let
//! go. A line that differs stands aside as unstable.

use super::{Dock, Proven, Stop};
use crate::progress::Step;
use crate::reading::{ReadError, Wanted, read_through};
use sealdock_core::custody::{ReReadDigest, SecondReading};
use sealdock_core::decide::{GateQuestion, standing};
use sealdock_core::event::AsideReason;
use sealdock_core::id::ClipId;
use sealdock_core::registry;
use sealdock_core::session::LineEnd;

/// One line on its way to the gate.
pub(crate) struct Case {
    pub line: u32,
    pub proven: Proven,
    pub second: SecondReading,
}

impl Dock<'_> {
    pub(super) fn second_reading(&mut self) -> Result<Vec<Case>, Stop> {
        let candidates = self.candidates()?;
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        self.step.set(Step::Proving);
        let view = self.station.world.ledger.view()?;
        let wanted = registry::policy(&*view)?.second_reading;
        drop(view);
        if !wanted {
            return Ok(candidates
                .into_iter()
                .map(|(line, proven)| Case { line, proven, second: SecondReading::WaivedByPolicy })
                .collect());
        }
        let method = match self.recorder.make_cold() {
            Ok(method) => method,
            Err(error) if !self.recorder_alive() => return Err(Stop::Gone(error.message)),
            Err(error) => {
                let why = format!("no cold second reading of the recorder: {}", error.message);
                self.hold(candidates, &why)?;
                return Ok(Vec::new());
            }
        };
        let mut cases = Vec::new();
        for (line, proven) in candidates {
            cases.extend(self.reread(line, proven, method)?);
            self.report_progress();
        }
        Ok(cases)
    }

    /// Lines that rules would let go. The others get their end here: they stay, and why.
    fn candidates(&mut self) -> Result<Vec<(u32, Proven)>, Stop> {
        let view = self.station.world.ledger.view()?;
        let mut go = Vec::new();
        let mut refused = Vec::new();
        for (line, proven) in std::mem::take(&mut self.proven) {
            let question = GateQuestion {
                session: self.session(),
                line: &self.listed.listing.lines[line as usize],
                clip: ClipId(proven.recorded.clip()),
                switched_off: self.request.wipe_off,
            };
            let standing = standing(&*view, &question)?;
            if let Some(objection) = standing.objections.first() {
                let why = objection.clone();
                refused.push((line, proven.recorded.clip(), standing.objections));
                self.ends.insert(line, LineEnd::StoredHeld { why });
            } else if let Some(why) = standing.stays {
                refused.push((line, proven.recorded.clip(), vec![why.clone()]));
                self.ends.insert(line, LineEnd::StoredStays { why });
            } else {
                go.push((line, proven));
            }
        }
        drop(view);
        self.refuse(refused)?;
        Ok(go)
    }

    /// Gives every candidate the same end: stored, held, with the reason.
    fn hold(&mut self, candidates: Vec<(u32, Proven)>, why: &str) -> Result<(), Stop> {
        let refused = candidates
            .iter()
            .map(|(line, proven)| (*line, proven.recorded.clip(), vec![why.to_owned()]))
            .collect();
        for (line, _) in candidates {
            self.ends.insert(line, LineEnd::StoredHeld { why: why.to_owned() });
        }
        self.refuse(refused)
    }

    fn reread(
        &mut self,
        line: u32,
        proven: Proven,
        method: &'static str,
    ) -> Result<Option<Case>, Stop> {
        let raw = self.listed.raw[line as usize].clone();
        let wanted = Wanted { sm3: false, chunks: true };
        let read = self.recorder.open(&raw).map_err(|e| e.message).and_then(|mut source| {
            read_through(&mut *source, None, wanted, &|_| ()).map_err(|e| match e {
                ReadError::Source { offset, error } => {
                    format!("unreadable at byte {offset}: {error}")
                }
                ReadError::Sink(error) => error.message,
            })
        });
        let read = match read {
            Ok(read) => read,
            Err(why) if !self.recorder_alive() => return Err(Stop::Gone(why)),
            // Another station or a person took it away: that is no fault of the card.
            Err(why) if matches!(self.recorder.look(&raw), Ok(None)) => {
                let why = format!(
                    "it was stored and is gone from the recorder before the second reading ({why}); this station did not remove it"
                );
                return self.kept_back(line, &proven, AsideReason::Vanished, &why);
            }
            Err(why) => return self.kept_back(line, &proven, AsideReason::Unstable, &why),
        };
        let digest = ReReadDigest::earned(read.whole, read.chunked.expect("chunks were wanted"));
        if !digest.agrees_with(&proven.copy) {
            let why = format!(
                "the second reading gave {} bytes {}, the first {} bytes {}",
                digest.size(),
                digest.sha256(),
                proven.copy.size(),
                proven.copy.sha256()
            );
            return self.kept_back(line, &proven, AsideReason::Unstable, &why);
        }
        let second = SecondReading::Read { digest, method: method.to_owned() };
        Ok(Some(Case { line, proven, second }))
    }

    fn kept_back(
        &mut self,
        line: u32,
        proven: &Proven,
        reason: AsideReason,
        why: &str,
    ) -> Result<Option<Case>, Stop> {
        let clip = proven.recorded.clip();
        let rest = match reason {
            AsideReason::Vanished => "",
            _ => "; the recorder keeps its file",
        };
        let detail = format!("{why}. Clip C{clip} holds the first reading{rest}");
        let aside = self.aside(line, reason, detail);
        self.put_aside(vec![aside])?;
        self.refuse(vec![(line, clip, vec![format!("second reading: {why}")])])?;
        Ok(None)
    }
}
