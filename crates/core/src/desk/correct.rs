//! What stands wrong about a recorder is put right by a further entry; what stood before stays in the chain.

use super::assets::{described, tidy_record};
use super::decide::{allowed, asset_named};
use super::{ASSET, AssetRecord, Correction, Event, RecorderCorrected};
use crate::decide::{Decided, Scene, no, ok, reason_text};
use crate::duty::plain_text;
use crate::id::RecorderId;
use crate::ports::{PortResult, Refusal};
use crate::registry;
use crate::schema::RECORDER;
use crate::table::{Query, Row};
use crate::why;
use crate::why::Both;

/// A correction as asked for: absent stays, empty is taken away.
pub struct Wanted {
    pub recorder: RecorderId,
    pub device_id: Option<String>,
    pub model: Option<String>,
    pub record: Option<AssetRecord>,
}

pub fn correct(scene: &Scene, wanted: Wanted, reason: &str) -> Decided {
    let reason = ok!(reason_text(reason));
    let Wanted { recorder, device_id, model, record } = wanted;
    let asset = ok!(asset_named(scene, &recorder)?);
    let row = enrolment(scene, &recorder)?;
    let model = ok!(read(model, |text| plain_text(Both("型号", "a recorder's model"), &text, 100)));
    let device_id = ok!(read(device_id, |text| {
        text.parse::<RecorderId>().map(String::from).map_err(|e| Refusal(e.into()))
    }));
    if let Some(Some(device)) = &device_id {
        ok!(device_is_free(scene, &recorder, device)?);
    }
    let device_id = differs(device_id, row.text_opt("device_id"));
    let model = differs(model, row.text_opt("model"));
    let mut events = Vec::new();
    if device_id.is_some() || model.is_some() {
        let corrects = u64::try_from(row.int("enrolled_seq"))
            .map_err(|_| registry::damaged("recorder row"))?;
        let (recorder, reason) = (recorder.clone(), reason.clone());
        let e = RecorderCorrected { recorder, device_id, model, corrects, reason };
        events.push(Event::RecorderCorrected(e));
    }
    if let Some(record) = record {
        let record = ok!(tidy_record(record));
        if record != as_it_stands(scene, &recorder)? {
            events.push(ok!(described(scene, &asset, record, Some(reason))?));
        }
    }
    if events.is_empty() {
        return no(why!(
            "U23",
            "记录仪 {recorder:#} 的登记已经是这样；没有变化。",
            "the register says so of recorder {recorder} already; see `sealdock recorder show {recorder}`"
        ));
    }
    allowed(scene, events)
}

fn enrolment(scene: &Scene, recorder: &RecorderId) -> PortResult<Row> {
    let query = Query::all(&RECORDER).with("id", recorder.as_str());
    let row = scene.registers.select(&query)?.into_iter().next();
    row.ok_or_else(|| registry::damaged("an asset without its recorder"))
}

/// `None`: it stays. `Some(None)`: it goes.
type Said = Option<Option<String>>;

fn read(
    said: Option<String>,
    check: impl Fn(String) -> Result<String, Refusal>,
) -> Result<Said, Refusal> {
    let Some(text) = said else { return Ok(None) };
    match text.trim() {
        "" => Ok(Some(None)),
        text => check(text.to_owned()).map(|text| Some(Some(text))),
    }
}

fn differs(said: Said, stands: Option<&str>) -> Option<Correction> {
    let now = said.filter(|now| now.as_deref() != stands)?;
    Some(Correction { was: stands.map(str::to_owned), now })
}

fn device_is_free(
    scene: &Scene,
    recorder: &RecorderId,
    device: &str,
) -> PortResult<Result<(), Refusal>> {
    let same = scene.registers.select(&Query::all(&RECORDER).with("device_id", device))?;
    let other = same.iter().map(|row| row.text("id")).find(|id| *id != recorder.as_str());
    Ok(match other {
        None => Ok(()),
        Some(other) => Err(Refusal(why!(
            "U24",
            "设备号 {device:#} 属于记录仪 {other:#}；请先更正那一台。",
            "device number {device} belongs to recorder {other}; correct that one first"
        ))),
    })
}

fn as_it_stands(scene: &Scene, recorder: &RecorderId) -> PortResult<AssetRecord> {
    let rows = scene.registers.select(&Query::all(&ASSET).with("recorder", recorder.as_str()))?;
    let row = rows.first().ok_or_else(|| registry::damaged("a recorder without its asset"))?;
    let text = |column| row.text_opt(column).map(str::to_owned);
    let bad = |e: crate::id::BadId| registry::damaged(&format!("asset row: {e}"));
    Ok(AssetRecord {
        asset_number: text("asset_number"),
        acquired: text("acquired"),
        department: row.text_opt("department").map(str::parse).transpose().map_err(bad)?,
        clerk: row.text_opt("clerk").map(str::parse).transpose().map_err(bad)?,
        cabinet: text("cabinet"),
    })
}
