//! The clock of a recorder as a property (PIMA 15740 §13.3.15, DateTime): whole seconds of civil time. It is
//! measured before anything else, and set, where the profile allows it, after the session's last word.

use crate::dataset::{Reader, packed};
use crate::link::Trouble;
use crate::recorder::MtpRecorder;
use crate::walk::instant;
use mtp_rs::ptp::{DateTime, UtcOffset};
use sealdock_core::ports::{Kind, PortError, PortResult};
use sealdock_core::time::{ClockOffset, WallMs};

/// The property that holds it, and what may be done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockWay {
    pub code: u16,
}

/// The recorder tells whole seconds: on average half a second has passed since.
const HALF_A_SECOND_MS: i64 = 500;
/// How far a clock that was just set may be off.
const SET_MS_MAX: i64 = 3_000;

impl MtpRecorder {
    pub(crate) fn measure_clock(&mut self) -> PortResult<ClockOffset> {
        let unknown = |reason: String| Ok(ClockOffset::Unknown { reason });
        let Some(way) = self.options.clock else {
            return unknown("the profile names no way to ask for the clock".into());
        };
        match self.offset_ms(way) {
            Ok(Ok(offset_ms)) => {
                let source = format!("mtp-property {:#06x}, whole seconds", way.code);
                Ok(ClockOffset::Measured { offset_ms, source })
            }
            Ok(Err(reason)) => unknown(reason),
            Err(Trouble::Refused(code)) => {
                unknown(format!("the recorder does not tell its clock ({code:?})"))
            }
            Err(trouble) => Err(trouble.about("read the clock of the recorder")),
        }
    }

    /// How far it is ahead; or why what it says is no time.
    fn offset_ms(&self, way: ClockWay) -> Result<Result<i64, String>, Trouble> {
        let before = self.options.station_clock.now().wall;
        let value = self.link.property(way.code)?;
        let after = self.options.station_clock.now().wall;
        let text = Reader(&value).text()?;
        let Some(told) = instant(&text, self.options.zone) else {
            return Ok(Err("what the recorder says of its clock is no time".into()));
        };
        let middle = before.0 + (after.0 - before.0) / 2;
        Ok(Ok(told + HALF_A_SECOND_MS - middle))
    }

    /// Sets the clock to the station's, and reads it back. Whether that may be done is for the profile and
    /// the binding of the port to say.
    ///
    /// # Errors
    /// The profile names no way, the recorder refuses, or it tells another time afterwards.
    pub fn set_clock(&mut self) -> PortResult<()> {
        let doing = "set the clock of the recorder";
        let no = |why: &str| PortError::new(Kind::Failed, format!("cannot {doing}: {why}"));
        let way = self.options.clock.ok_or_else(|| no("its profile names no way"))?;
        let now = self.options.station_clock.now().wall;
        let text = self.civil(now).ok_or_else(|| no("the station's clock is wrong; set it"))?;
        self.link.set_property(way.code, &packed(&text)).map_err(|t| t.about(doing))?;
        match self.offset_ms(way).map_err(|t| t.about(doing))? {
            Ok(offset) if offset.abs() <= SET_MS_MAX => Ok(()),
            Ok(offset) => Err(no(&format!("it took the order and is {offset} ms off"))),
            Err(why) => Err(no(&why)),
        }
    }

    /// As recorders write it: civil time without a zone.
    fn civil(&self, at: WallMs) -> Option<String> {
        let zone = UtcOffset::from_minutes(i16::try_from(self.options.zone.east_minutes).ok()?)?;
        let mut civil = DateTime::from_unix_seconds(at.0.div_euclid(1000), zone)?;
        civil.offset = None;
        civil.format()
    }
}
