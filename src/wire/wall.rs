//! The station's time as a recorder shall show it.

use super::Open;
use sealdock_core::registry;
use sealdock_core::time::WallMs;
use sealdock_profile::Zone;
use sealdock_profile::unlock::Wall;

/// Now, in the zone in which the recorder tells the time.
///
/// # Errors
/// The registers cannot be read, or the station's clock shows no time at all.
pub fn now(open: &Open, zone: Zone) -> Result<Wall, String> {
    let world = open.station.world();
    let east_minutes = match zone {
        Zone::Utc => 0,
        Zone::Station => {
            let view = world.ledger.view().map_err(|e| e.message)?;
            registry::policy(&*view).map_err(|e| e.message)?.zone.east_minutes
        }
    };
    civil(world.clock.now().wall.plus_ms(i64::from(east_minutes) * 60_000))
        .ok_or_else(|| "the station's clock is wrong; set it".into())
}

fn civil(at: WallMs) -> Option<Wall> {
    let at = jiff::Timestamp::from_millisecond(at.0).ok()?.to_zoned(jiff::tz::TimeZone::UTC);
    let small = |n: i8| u8::try_from(n).ok();
    Some(Wall {
        year: u16::try_from(at.year()).ok()?,
        month: small(at.month())?,
        day: small(at.day())?,
        hour: small(at.hour())?,
        minute: small(at.minute())?,
        second: small(at.second())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_civil() {
        let wall = Wall { year: 2026, month: 1, day: 2, hour: 3, minute: 4, second: 5 };
        assert_eq!(civil(WallMs(1_767_323_045_000)), Some(wall));
    }
}
