//! RFC 8785 (JSON Canonicalization Scheme), narrowed to what the record uses.
//!
//! Numbers are integers within ±(2^53 − 1) only: RFC 8785 leaves others to
//! the ECMAScript double printer, in which two readers may differ. The writer
//! sorts keys itself by UTF-16 code units, because the order of
//! `serde_json::Map` depends on features any crate of the build may turn on.

use serde_json::{Map, Number, Value};

mod strict;

/// The largest magnitude of an integer that every JSON reader keeps exactly
/// (RFC 7493 §2.2).
pub const INTEGER_MAX: u64 = (1 << 53) - 1;

/// How deep arrays and objects may nest.
pub const DEPTH_MAX: usize = 32;

/// Why a value or a text is not canonical JSON in the sense of this format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonError {
    /// A number with a fraction, an exponent or too large a magnitude.
    #[error("the number {0} is not an integer within ±(2^53-1); write it as a string")]
    Number(String),
    /// Arrays and objects nest deeper than [`DEPTH_MAX`].
    #[error("the JSON nests deeper than {DEPTH_MAX} levels; flatten it")]
    Depth,
    /// An object names a key twice.
    #[error("the JSON object names the key {0:?} twice; keep one of them")]
    DuplicateKey(String),
    /// The text is not JSON at all.
    #[error("the text is not JSON: {0}; restore it from an intact copy")]
    NotJson(String),
    /// The text is JSON, but not in its one canonical spelling.
    #[error(
        "the JSON differs from its canonical form from byte {0} on; restore it from an intact copy"
    )]
    NotCanonical(usize),
}

/// The one canonical spelling of `value`.
///
/// # Errors
/// Numbers other than integers within ±(2^53 − 1), and nesting deeper than 32.
pub fn to_canonical(value: &Value) -> Result<Vec<u8>, CanonError> {
    let mut out = Vec::with_capacity(768);
    write_value(&mut out, value, 0)?;
    Ok(out)
}

/// Reads JSON that must already be in canonical form.
///
/// # Errors
/// Everything that is not the exact output of [`to_canonical`].
pub fn parse_canonical(bytes: &[u8]) -> Result<Value, CanonError> {
    let value = strict::parse(bytes)?;
    let again = to_canonical(&value)?;
    if again != bytes {
        let same = again.iter().zip(bytes).take_while(|(a, b)| a == b).count();
        return Err(CanonError::NotCanonical(same));
    }
    Ok(value)
}

pub(crate) fn write_value(
    out: &mut Vec<u8>,
    value: &Value,
    depth: usize,
) -> Result<(), CanonError> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => write_number(out, number)?,
        Value::String(text) => write_string(out, text),
        Value::Array(items) => write_array(out, items, depth + 1)?,
        Value::Object(members) => write_object(out, members, depth + 1)?,
    }
    Ok(())
}

fn write_array(out: &mut Vec<u8>, items: &[Value], depth: usize) -> Result<(), CanonError> {
    if depth > DEPTH_MAX {
        return Err(CanonError::Depth);
    }
    out.push(b'[');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write_value(out, item, depth)?;
    }
    out.push(b']');
    Ok(())
}

fn write_object(
    out: &mut Vec<u8>,
    members: &Map<String, Value>,
    depth: usize,
) -> Result<(), CanonError> {
    if depth > DEPTH_MAX {
        return Err(CanonError::Depth);
    }
    let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
    // Almost always sorted already, which the sort notices in one pass.
    sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    out.push(b'{');
    for (i, (key, value)) in sorted.into_iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write_string(out, key);
        out.push(b':');
        write_value(out, value, depth)?;
    }
    out.push(b'}');
    Ok(())
}

fn write_number(out: &mut Vec<u8>, number: &Number) -> Result<(), CanonError> {
    let magnitude = match (number.as_u64(), number.as_i64()) {
        (Some(positive), _) => positive,
        (None, Some(negative)) => negative.unsigned_abs(),
        (None, None) => return Err(CanonError::Number(number.to_string())),
    };
    if magnitude > INTEGER_MAX {
        return Err(CanonError::Number(number.to_string()));
    }
    if number.as_u64().is_none() {
        out.push(b'-');
    }
    write_decimal(out, magnitude);
    Ok(())
}

pub(crate) fn write_decimal(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// RFC 8785 §3.2.2.2: escape only what JSON forces, the short way if there is one.
fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut plain_from = 0;
    for (i, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[plain_from..i]);
        plain_from = i + 1;
        write_escape(out, byte);
    }
    out.extend_from_slice(&bytes[plain_from..]);
    out.push(b'"');
}

fn write_escape(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        0x08 => b'b',
        0x09 => b't',
        0x0a => b'n',
        0x0c => b'f',
        0x0d => b'r',
        b'"' | b'\\' => byte,
        _ => {
            let low = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&low);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests;
