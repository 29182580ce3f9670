//! The few boxes of a `moov` or `moof` that carry our facts, copied out before anything is
//! decoded. `mp4-atom` decodes every box kind it knows wherever it meets one, and some of them
//! are bombs: a 20-byte `sgpd` can claim four thousand million entries of no size. What is not
//! copied can do no harm, and a recorder's own oddities in the rest cannot spoil the facts.

use crate::clip::be;

/// Boxes that are descended into; nothing else can nest, so depth is bounded by this list.
const BRANCHES: [&[u8; 4]; 6] = [b"trak", b"mdia", b"minf", b"stbl", b"mvex", b"traf"];
/// Boxes copied as they are.
const LEAVES: [&[u8; 4]; 8] =
    [b"mvhd", b"tkhd", b"mdhd", b"stts", b"trex", b"mfhd", b"tfhd", b"trun"];
const DEEPEST: usize = 6;

/// Up to the handler kind and the reserved words; the name after it is in any encoding.
const HDLR_BYTES: usize = 24;

/// The first sample entry of a track (ISO 14496-12 §8.5.2, §12.1.3).
#[derive(Clone, Copy, Default)]
pub(super) struct SampleEntry {
    pub(super) code: [u8; 4],
    /// Meaningful for pictures only.
    pub(super) width_px: u32,
    /// Meaningful for pictures only.
    pub(super) height_px: u32,
}

/// What is handed to the decoder, and what it need not decode.
#[derive(Default)]
pub(super) struct Excerpt {
    pub(super) bytes: Vec<u8>,
    /// One for each `stbl`, in the order of the tracks.
    pub(super) entries: Vec<SampleEntry>,
    /// Some box claims more than its parent holds.
    pub(super) is_damaged: bool,
}

impl Excerpt {
    /// Of the body of a `moov` or `moof`.
    pub(super) fn of(body: &[u8]) -> Self {
        let mut excerpt = Self::default();
        excerpt.copy_children(body, 0);
        excerpt
    }

    fn copy_children(&mut self, mut rest: &[u8], depth: usize) {
        while rest.len() >= 8 {
            let Some((kind, body, after)) = first_box(rest) else {
                self.is_damaged = true;
                return;
            };
            rest = after;
            if BRANCHES.contains(&kind) && depth < DEEPEST {
                self.nest(kind, |excerpt| excerpt.copy_branch(kind, body, depth + 1));
            } else if LEAVES.contains(&kind) {
                self.nest(kind, |excerpt| excerpt.bytes.extend_from_slice(body));
            } else if kind == b"hdlr" {
                let front = &body[..body.len().min(HDLR_BYTES)];
                // An empty name: the decoder insists on one.
                self.nest(kind, |excerpt| excerpt.bytes.extend([front, &[0]].concat()));
            } else if kind == b"stsd"
                && let Some(entry) = self.entries.last_mut()
            {
                *entry = sample_entry(body).unwrap_or_default();
            }
        }
    }

    /// A branch, with empty stand-ins for boxes that the decoder insists on.
    fn copy_branch(&mut self, kind: &[u8; 4], body: &[u8], depth: usize) {
        match kind {
            b"stbl" => {
                self.entries.push(SampleEntry::default());
                self.copy_children(body, depth);
                self.nest(b"stsd", |excerpt| excerpt.bytes.extend([0; 8]));
                self.nest(b"stsc", |excerpt| excerpt.bytes.extend([0; 8]));
                self.nest(b"stsz", |excerpt| excerpt.bytes.extend([0; 12]));
            }
            b"minf" => {
                self.copy_children(body, depth);
                self.nest(b"dinf", |dinf| {
                    dinf.nest(b"dref", |dref| dref.bytes.extend([0; 8]));
                });
            }
            _ => self.copy_children(body, depth),
        }
    }

    /// Writes a box around what `fill` writes.
    fn nest(&mut self, kind: &[u8; 4], fill: impl FnOnce(&mut Self)) {
        let start = self.bytes.len();
        self.bytes.extend([0; 4]);
        self.bytes.extend(kind);
        fill(self);
        // A `moov` is capped far below 4 GiB before it comes here.
        let size = u32::try_from(self.bytes.len() - start).unwrap_or(u32::MAX);
        self.bytes[start..start + 4].copy_from_slice(&size.to_be_bytes());
    }
}

/// Kind and body of the first box, and what follows it; `None` if it does not fit.
fn first_box(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let kind = bytes.get(4..8)?.try_into().ok()?;
    let (head, size) = match be::<4>(bytes, 0)? {
        0 => (8, bytes.len()),
        1 => (16, usize::try_from(be::<8>(bytes, 8)?).ok()?),
        size => (8, usize::try_from(size).ok()?),
    };
    Some((kind, bytes.get(head..size)?, bytes.get(size..)?))
}

/// The first entry of an `stsd`: 8 bytes in, a box whose body has width and height at 24 and 26.
fn sample_entry(stsd: &[u8]) -> Option<SampleEntry> {
    let entry = stsd.get(8..)?;
    let code = entry.get(4..8)?.try_into().ok()?;
    let pixels = |at| be::<2>(entry, at).and_then(|px| u32::try_from(px).ok()).unwrap_or(0);
    Some(SampleEntry { code, width_px: pixels(8 + 24), height_px: pixels(8 + 26) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
    }

    #[test]
    fn only_listed_boxes_are_copied() {
        let bomb = boxed(b"sgpd", &[0xFF; 16]);
        let moov = [boxed(b"mvhd", b"time"), bomb.clone(), boxed(b"trak", &bomb)].concat();
        let excerpt = Excerpt::of(&moov);
        assert_eq!(excerpt.bytes, [boxed(b"mvhd", b"time"), boxed(b"trak", b"")].concat());
        assert!(!excerpt.is_damaged);
    }

    #[test]
    fn endless_nesting_ends() {
        let mut body = Vec::new();
        for _ in 0..2000 {
            body = boxed(b"trak", &body);
        }
        assert_eq!(Excerpt::of(&body).bytes.len(), DEEPEST * 8);
    }

    #[test]
    fn a_child_larger_than_its_parent_is_damage() {
        let excerpt = Excerpt::of(&boxed(b"trak", b"\0\0\0\x20mdia"));
        assert!(excerpt.is_damaged);
        assert_eq!(excerpt.bytes, boxed(b"trak", b""));
    }
}
