//! Changes that need more than the words of a command: a register's other fields stay as they are, a
//! civil time is one of the unit, a recorder comes back from whatever use it is out under.

use super::super::{recorded, zone};
use super::{at, day, not_a_time};
use crate::answer::Answer;
use crate::exit::{CliError, Exit};
use crate::request::{AssetFields, DeskChange, NewDuty, Particulars};
use crate::wire::Open;
use sealdock_core::actor::Actor;
use sealdock_core::command::Command;
use sealdock_core::desk::{self, AssetRecord};
use sealdock_core::duty::{self, PersonRecord};
use sealdock_core::id::{PersonId, RecorderId};
use sealdock_core::schema::PERSON;
use sealdock_core::table::{Query, Row};
use sealdock_core::time::{DAY_MS, WallMs, Zone};
use std::str::FromStr;
use std::sync::Arc;

pub fn change(open: &Open, actor: &Arc<Actor>, change: DeskChange) -> Result<Answer, CliError> {
    let command = match change {
        DeskChange::DescribePerson { person, fields, reason } => {
            let record = person_record(open, &person, fields)?;
            Command::Duty(duty::Command::DescribePerson { person, record, reason })
        }
        DeskChange::DescribeRecorder { recorder, fields, reason } => {
            let record = asset_record(open, &recorder, fields)?;
            Command::Desk(desk::Command::Describe { recorder, record, reason })
        }
        DeskChange::CorrectRecorder { recorder, device_id, model, fields, reason } => {
            let named = fields != AssetFields::default();
            let record = named.then(|| asset_record(open, &recorder, fields)).transpose()?;
            Command::Desk(desk::Command::Correct { recorder, device_id, model, record, reason })
        }
        DeskChange::Appoint(given) => appointment(open, given)?,
        DeskChange::Request { recorder, purpose, until } => {
            let until = until.map(|text| time(zone(open)?, &text, Whole::End)).transpose()?;
            Command::Desk(desk::Command::Request { recorder, purpose, until })
        }
        DeskChange::Return { recorder, reason } => {
            let view = open.station.world().ledger.view()?;
            let of =
                desk::asset(&*view, &recorder)?.and_then(|asset| asset.of).ok_or_else(|| {
                    let text =
                        format!("recorder {recorder} is not out; see `sealdock recorder list`");
                    CliError::new(Exit::Refused, text)
                })?;
            Command::Desk(desk::Command::Return { of, reason })
        }
    };
    recorded(open, &open.station.apply(actor, command)?)
}

fn appointment(open: &Open, given: NewDuty) -> Result<Command, CliError> {
    let zone = zone(open)?;
    let NewDuty { person, role, department, since, until, acting_for, reason } = given;
    let since = since.map(|text| time(zone, &text, Whole::Begin)).transpose()?;
    let until = until.map(|text| time(zone, &text, Whole::End)).transpose()?;
    let appoint =
        duty::Command::Appoint { person, role, department, since, until, acting_for, reason };
    Ok(Command::Duty(appoint))
}

/// Which instant a day means that is named without an hour.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whole {
    Begin,
    End,
}

fn time(zone: Zone, text: &str, whole: Whole) -> Result<WallMs, CliError> {
    if let Some(instant) = WallMs::parse(text) {
        return Ok(instant);
    }
    if let Some(day) = day(text) {
        let begin = at(zone, day.at(0, 0, 0, 0));
        return Ok(if whole == Whole::End { begin.plus_ms(DAY_MS) } else { begin });
    }
    let civil = text.parse::<jiff::civil::DateTime>().map_err(|_| not_a_time(text))?;
    Ok(at(zone, civil))
}

fn person_record(
    open: &Open,
    person: &PersonId,
    fields: Particulars,
) -> Result<PersonRecord, CliError> {
    let rows = open.station.rows(&Query::all(&PERSON).with("id", person.as_str()))?;
    let row = rows.first();
    let Particulars { name, department, certificate, phone, joined } = fields;
    let kept_name = || row.map(|row| row.text("name").to_owned()).unwrap_or_default();
    Ok(PersonRecord {
        name: name.unwrap_or_else(kept_name),
        department: id(kept(row, "department", department))?,
        certificate: kept(row, "certificate", certificate),
        phone: kept(row, "phone", phone),
        joined: kept(row, "joined", joined),
    })
}

fn asset_record(
    open: &Open,
    recorder: &RecorderId,
    fields: AssetFields,
) -> Result<AssetRecord, CliError> {
    let rows = open.station.rows(&Query::all(&desk::ASSET).with("recorder", recorder.as_str()))?;
    let row = rows.first();
    let AssetFields { asset_number, acquired, department, clerk, cabinet } = fields;
    Ok(AssetRecord {
        asset_number: kept(row, "asset_number", asset_number),
        acquired: kept(row, "acquired", acquired),
        department: id(kept(row, "department", department))?,
        clerk: id(kept(row, "clerk", clerk))?,
        cabinet: kept(row, "cabinet", cabinet),
    })
}

/// What is named; else what stands there. Empty takes it away.
fn kept(row: Option<&Row>, column: &str, given: Option<String>) -> Option<String> {
    let stands = || row.and_then(|row| row.text_opt(column).map(str::to_owned));
    given.or_else(stands).filter(|text| !text.trim().is_empty())
}

fn id<T: FromStr<Err = sealdock_core::id::BadId>>(
    text: Option<String>,
) -> Result<Option<T>, CliError> {
    text.map(|text| text.parse::<T>())
        .transpose()
        .map_err(|e| CliError::new(Exit::Usage, e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_alone_begins_a_duty_and_ends_one() {
        let zone = Zone::parse("+08:00").unwrap();
        let read = |text, whole| time(zone, text, whole).map(WallMs::rfc3339).unwrap();
        assert_eq!(read("2026-12-01", Whole::Begin), "2026-11-30T16:00:00.000Z");
        assert_eq!(read("2026-12-01", Whole::End), "2026-12-01T16:00:00.000Z");
        assert_eq!(read("2026-12-01 18:00", Whole::End), "2026-12-01T10:00:00.000Z");
        assert_eq!(read("2026-12-01T18:00:00+08:00", Whole::End), "2026-12-01T10:00:00.000Z");
        assert!(time(zone, "tomorrow", Whole::End).is_err());
    }
}
