//! The package: named parts of XML. Its maker may be anybody, so a part grows no larger than is read.

use super::super::Unreadable;
use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use std::io::{Cursor, Read as _};
use zip::ZipArchive;
use zip::result::ZipError;

/// Largest part after it was unpacked, bytes. 20,000 rows of people are a fifth of it.
pub const PART_BYTES_MAX: u64 = 32 << 20;
/// Attributes of a tag that are looked at; spreadsheets write a dozen.
const ATTRIBUTES_MAX: usize = 64;
/// Deepest that tags lie in each other; the reader remembers each that is open.
const DEPTH_MAX: usize = 64;

/// The file.
pub struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
}

impl<'a> Package<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Package<'a>, Unreadable> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Unreadable::NoSheet)?;
        Ok(Package { archive })
    }

    /// `None` where the package has no such part.
    pub fn part(&mut self, name: &str) -> Result<Option<String>, Unreadable> {
        let file = match self.archive.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(_) => return Err(Unreadable::NoSheet),
        };
        let mut bytes = Vec::new();
        let read = file.take(PART_BYTES_MAX + 1).read_to_end(&mut bytes);
        read.map_err(|_| Unreadable::NoSheet)?;
        if bytes.len() as u64 > PART_BYTES_MAX {
            return Err(Unreadable::TooLarge);
        }
        String::from_utf8(bytes).map(Some).map_err(|_| Unreadable::NoSheet)
    }
}

/// One piece of XML.
pub enum Element<'a> {
    /// A tag by its name without prefix. One that is empty ends at once.
    Begin {
        name: &'a str,
        tag: &'a BytesStart<'a>,
    },
    End(&'a str),
    Text(String),
}

impl Element<'_> {
    /// An attribute by its name without prefix.
    pub fn attribute(&self, wanted: &str) -> Option<String> {
        let Element::Begin { tag, .. } = self else { return None };
        // Unchecked: looking for twins takes the square of the number of attributes. Of twins the first counts.
        let mut attributes = tag.attributes();
        let mut all = attributes.with_checks(false).take(ATTRIBUTES_MAX).flatten();
        let found = all.find(|attribute| attribute.key.local_name().as_ref() == wanted)?;
        found.normalized_value(XmlVersion::Implicit1_0).ok().map(|value| value.into_owned())
    }
}

/// Walks a part; entities of its own are none that spreadsheets write.
pub fn elements(
    part: &str,
    mut take: impl FnMut(Element) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    let mut reader = Reader::from_str(part.trim_start_matches('\u{feff}'));
    let mut depth = 0_usize;
    loop {
        match reader.read_event().map_err(|_| Unreadable::NoSheet)? {
            Event::Start(_) if depth >= DEPTH_MAX => return Err(Unreadable::NoSheet),
            Event::Start(tag) => {
                depth += 1;
                take(begin(&tag))?;
            }
            Event::Empty(tag) => {
                take(begin(&tag))?;
                take(Element::End(tag.local_name().into_inner()))?;
            }
            Event::End(tag) => {
                depth = depth.saturating_sub(1);
                take(Element::End(tag.local_name().into_inner()))?;
            }
            Event::Text(text) => take(Element::Text(text.xml10_content().into_owned()))?,
            Event::CData(text) => take(Element::Text(text.xml10_content().into_owned()))?,
            Event::GeneralRef(entity) => {
                let letter = entity.resolve_char_ref().map_err(|_| Unreadable::NoSheet)?;
                let text = match letter {
                    Some(letter) => letter.to_string(),
                    None => {
                        resolve_predefined_entity(&entity).ok_or(Unreadable::NoSheet)?.to_owned()
                    }
                };
                take(Element::Text(text))?;
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn begin<'a>(tag: &'a BytesStart<'a>) -> Element<'a> {
    Element::Begin { name: tag.local_name().into_inner(), tag }
}
