//! Entries that put an earlier one right. The earlier one stays in the chain and is shown with the one that
//! names it, so what a correction names must be what stood.

use crate::decide::reason_text;
use crate::event::{PutRight, ReasonGiven};
use crate::ports::{PortResult, Refusal, Registers};
use crate::schema as s;
use crate::table::Query;

/// What a reason for `of` is: the first one, or one that puts `stands`, the entry of the one before, right.
pub(crate) fn correction(
    of: &str,
    stands: Option<i64>,
    why: Option<String>,
) -> Result<Option<PutRight>, Refusal> {
    match (stands, why) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Refusal(format!(
            "no reason for {of} stands in the record; there is nothing to correct"
        ))),
        (Some(seq), None) => Err(Refusal(format!(
            "a reason for {of} stands in the record already, entry {seq}; to put it right say why: --correcting TEXT"
        ))),
        (Some(seq), Some(why)) => {
            let corrects = u64::try_from(seq).unwrap_or_default();
            Ok(Some(PutRight { corrects, reason: reason_text(&why)? }))
        }
    }
}

/// Why a reason for `of` does not follow what stood: it must name the entry of the one before, or there was none.
pub(crate) fn misplaced(
    of: &str,
    stands: Option<i64>,
    correction: Option<&PutRight>,
) -> Option<String> {
    let stands = stands.and_then(|seq| u64::try_from(seq).ok());
    let named = correction.map(|it| it.corrects);
    let said = |seq: Option<u64>| seq.map_or("none".to_owned(), |seq| format!("entry {seq}"));
    (stands != named).then(|| {
        format!("the reason for {of} puts {} right, where {} stood", said(named), said(stands))
    })
}

/// Why a reason for a late clip does not follow what stood for the deadlines that it answers for.
///
/// # Errors
/// The registers cannot be read.
pub(crate) fn objection(registers: &dyn Registers, e: &ReasonGiven) -> PortResult<Option<String>> {
    let missed = registers.select(&Query::all(&s::DEADLINE).with("clip", e.clip.0))?;
    for clock in &e.clocks {
        let of = format!("{} of clip {}", clock.as_str(), e.clip);
        let Some(row) = missed.iter().find(|row| row.text("clock") == clock.as_str()) else {
            return Ok(Some(format!("{of} was not missed; there was nothing to explain")));
        };
        if let Some(why) = misplaced(&of, row.int_opt("reason_seq"), e.correction.as_ref()) {
            return Ok(Some(why));
        }
    }
    Ok(None)
}
