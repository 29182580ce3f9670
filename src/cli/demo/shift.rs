//! While somebody looks at the wall the shift goes on: recorder after recorder is taken out, films, comes back, is
//! confirmed and emptied, each in its own time.

use super::{CARDS, Card, Stage, say, wait_for};
use crate::exit::{CliError, file_error};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Films of one outing.
const FILMS: usize = 10;
/// Some minutes, and some 4 GB on the disk at most.
const OUTINGS: usize = 40;
/// Out of its bay; and before its officer touches the kiosk.
const PAUSE: Duration = Duration::from_secs(3);
/// How long a pause lasts beyond the end of the story at most.
const STEP: Duration = Duration::from_millis(100);

impl Stage {
    /// The recorders come and go until `end` returns. What runs then is finished first.
    pub fn shift_until(&self, end: impl FnOnce()) {
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for (nth, card) in (0u32..).zip(&CARDS) {
                let over = &over;
                scope.spawn(move || {
                    pause(PAUSE * nth, over);
                    if let Err(e) = self.outings(card, over) {
                        say(&format!("{}: {}", card.recorder, e.message));
                    }
                });
            }
            end();
            over.store(true, Ordering::Relaxed);
        });
    }

    fn outings(&self, card: &'static Card, over: &AtomicBool) -> Result<(), CliError> {
        let in_bay = self.bay(card).join(card.recorder);
        let in_hand = self.dir.join("cards").join(card.recorder);
        let pin = self.dir.join("pins").join(card.officer).display().to_string();
        for _ in 0..OUTINGS {
            std::fs::rename(&in_bay, &in_hand).map_err(|e| file_error("take out", &in_bay, &e))?;
            card.film(&in_hand, FILMS).map_err(|e| file_error("write", &in_hand, &e))?;
            pause(PAUSE, over);
            std::fs::rename(&in_hand, &in_bay).map_err(|e| file_error("plug", &in_bay, &e))?;
            wait_for("the recorder in its bay", || self.waits(card))?;
            pause(PAUSE, over);
            self.quietly(&card.confirmed(&pin))?;
            pause(PAUSE, over);
            if over.load(Ordering::Relaxed) {
                break;
            }
        }
        Ok(())
    }
}

/// Less where it is over.
fn pause(length: Duration, over: &AtomicBool) {
    let mut left = length;
    while !left.is_zero() && !over.load(Ordering::Relaxed) {
        std::thread::sleep(STEP.min(left));
        left = left.saturating_sub(STEP);
    }
}
