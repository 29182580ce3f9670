//! What is asked about: sound texts, and mutants of them. Each mutant is changed in its fields before it is signed, or
//! in its bytes afterwards, or both, or not at all.

use crate::notes::{Draft, loosened};
use crate::random::Random;
use crate::record::{ENTRIES, Record, base64};
use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A verifier key.
    Key,
    /// A checkpoint under a key.
    Note,
    /// An entry, its proof file, and the key of its checkpoint.
    Proof,
    /// An old head, the growth from it, and the key of the later one.
    Growth,
}

impl Kind {
    /// What the streams call it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Key => "key",
            Kind::Note => "note",
            Kind::Proof => "proof",
            Kind::Growth => "growth",
        }
    }
}

/// One question, with its fields as the streams have them: the key comes first, the text last.
#[derive(Clone)]
pub struct Case {
    pub kind: Kind,
    pub fields: Vec<Vec<u8>>,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind.word())?;
        for field in &self.fields {
            write!(f, "\n    {:?}", String::from_utf8_lossy(field))?;
        }
        Ok(())
    }
}

pub const PROOF_HEADER: &str = "c2sp.org/tlog-proof@v1\n";

impl Case {
    pub fn new(kind: Kind, fields: &[&[u8]]) -> Self {
        Case { kind, fields: fields.iter().map(|field| field.to_vec()).collect() }
    }

    pub fn key(vkey: &str) -> Self {
        Case::new(Kind::Key, &[vkey.as_bytes()])
    }

    pub fn note(record: &Record, draft: &Draft) -> Self {
        let vkey = record.signers[draft.signer].vkey();
        Case::new(Kind::Note, &[vkey.as_bytes(), draft.text(record).as_bytes()])
    }

    pub fn proof(record: &Record, (index, size): (u64, u64), lead: Lead, draft: &Draft) -> Self {
        let vkey = record.signers[draft.signer].vkey();
        let entry = &record.entries[index as usize];
        let hashes = lead.hashes.unwrap_or_else(|| record.inclusion(index, size));
        let number = lead.number.unwrap_or_else(|| index.to_string());
        let text = format!("{PROOF_HEADER}{}index {number}\n{}", lead.extra, lines(&hashes));
        let text = format!("{text}\n{}", draft.text(record));
        Case::new(Kind::Proof, &[vkey.as_bytes(), entry, text.as_bytes()])
    }

    pub fn growth(record: &Record, (old, size): (u64, u64), lead: Lead, draft: &Draft) -> Self {
        let vkey = record.signers[draft.signer].vkey();
        let hashes = lead.hashes.unwrap_or_else(|| record.consistency(old, size));
        let number = lead.number.unwrap_or_else(|| old.to_string());
        let text = format!("old {number}\n{}\n{}", lines(&hashes), draft.text(record));
        let root = record.root(old);
        let old = old.to_string();
        Case::new(Kind::Growth, &[vkey.as_bytes(), old.as_bytes(), &root.0, text.as_bytes()])
    }

    /// What a station writes, of every kind.
    pub fn sound(record: &Record) -> Vec<Self> {
        let mut cases: Vec<Case> =
            record.signers.iter().map(|signer| Case::key(&signer.vkey())).collect();
        for signer in 0..record.signers.len() {
            for size in [0, 1, 2, 3, 7, 8, 64, 99, 100] {
                let draft = Draft::sound(record, signer, size);
                cases.push(Case::note(record, &draft));
                for at in [0, 1, 2, 3, size / 2, size.saturating_sub(1)] {
                    if at < size {
                        cases.push(Case::proof(record, (at, size), Lead::default(), &draft));
                    }
                    if at <= size {
                        cases.push(Case::growth(record, (at, size), Lead::default(), &draft));
                    }
                }
            }
        }
        cases
    }

    /// One mutant.
    pub fn mutant(kind: Kind, record: &Record, random: &mut Random) -> Self {
        let signer = random.below(record.signers.len());
        let size = 1 + random.below(ENTRIES as usize) as u64;
        let mut draft = Draft::sound(record, signer, size);
        if kind == Kind::Note || random.chance(30) {
            draft.change(record, random);
        }
        let mut case = match kind {
            Kind::Key => Case::key(&changed_key(record, random)),
            Kind::Note => Case::note(record, &draft),
            Kind::Proof => {
                let index = random.below(size as usize) as u64;
                let path = record.inclusion(index, size);
                let near = (index + 1).min(size - 1);
                let others = [record.inclusion(near, size), record.inclusion(0, size)];
                let lead = Lead::changed((index, path), &others, random);
                let mut case = Case::proof(record, (index, size), lead, &draft);
                if random.chance(10) {
                    case.fields[1] = random.of(&record.entries).clone();
                }
                case
            }
            Kind::Growth => {
                let old = random.below(size as usize + 1) as u64;
                let path = record.consistency(old, size);
                let near = (old + 1).min(size);
                let others = [record.consistency(near, size), record.consistency(size / 2, size)];
                let lead = Lead::changed((old, path), &others, random);
                let mut case = Case::growth(record, (old, size), lead, &draft);
                if random.chance(10) {
                    let other = random.below(size as usize + 1) as u64;
                    case.fields[1] = random.of(&[other, old]).to_string().into_bytes();
                    case.fields[2] = record.root(other).0.to_vec();
                }
                case
            }
        };
        // The key of another record, or one broken on the way.
        if kind != Kind::Key && random.chance(6) {
            case.fields[0] = changed_key(record, random).into_bytes();
        }
        if random.chance(30) {
            let text = case.fields.last_mut().unwrap();
            for _ in 0..1 + random.below(2) {
                break_bytes(text, random);
            }
        }
        case
    }
}

/// What stands before a checkpoint; what is not given is as it should be.
#[derive(Default)]
pub struct Lead {
    pub number: Option<String>,
    pub hashes: Option<Vec<String>>,
    pub extra: String,
}

impl Lead {
    fn changed(
        (at, mut path): (u64, Vec<String>),
        others: &[Vec<String>; 2],
        random: &mut Random,
    ) -> Self {
        let mut lead = Lead::default();
        if random.chance(55) {
            return lead;
        }
        let place = random.below(path.len().max(1));
        match random.below(14) {
            0 => lead.number = Some(number(&at.to_string(), random)),
            1 => lead.number = Some(random.below(ENTRIES as usize).to_string()),
            2 => lead.extra = format!("extra {}\n", base64(&random.bytes(9))),
            3 => lead.extra = format!("{}\n", random.of(&["extra", "extra !", "extra", "", " "])),
            4 => path.reverse(),
            5 => drop((!path.is_empty()).then(|| path.remove(place))),
            6 => path.insert(place, base64(&random.bytes(32))),
            7 => drop((path.len() > 1).then(|| path.swap(place, 0))),
            8 => path.clone_from(&others[0]),
            9 => path.clone_from(&others[1]),
            10 => path.extend((0..60 + random.below(8)).map(|_| base64(&[7; 32]))),
            11 => path.push(base64(&random.bytes(31))),
            _ => {
                if let Some(hash) = path.get_mut(place) {
                    *hash = respelled(hash, random);
                }
            }
        }
        lead.hashes = Some(path);
        lead
    }
}

fn lines(hashes: &[String]) -> String {
    hashes.iter().map(|hash| format!("{hash}\n")).collect()
}

/// A verifier key with one of its parts changed, and its id made to fit where that is what hides the change.
fn changed_key(record: &Record, random: &mut Random) -> String {
    let signer = random.of(&record.signers);
    let vkey = signer.vkey();
    let parts: Vec<&str> = vkey.splitn(3, '+').collect();
    let [name, id, typed] = parts[..] else { panic!("{vkey}") };
    let mut name = name.to_owned();
    let mut bytes = [&[1], signer.public().as_slice()].concat();
    match random.below(15) {
        0 => return vkey,
        1 => return format!("{name}+{}+{typed}", id.to_uppercase()),
        2 => return format!("{name}+{}+{typed}", number(id, random)),
        3 => return respelled(&vkey, random),
        4 => {
            let at = random.below(typed.len());
            return format!(
                "{name}+{id}+{}{}{}",
                &typed[..at],
                random.of(&["\n", "\r", "\r\n", " "]),
                &typed[at..]
            );
        }
        5 => name = twin(&name, random),
        6 => name = "n".repeat(random.below(8) + 250),
        7 => bytes[0] = random.below(6) as u8,
        8 => bytes.truncate(1 + random.below(33)),
        9 => bytes.push(0),
        10 => bytes[1 + random.below(32)] ^= 1 << random.below(8),
        11 => bytes.splice(1.., *random.of(&UNSOUND)).for_each(drop),
        12 => bytes.splice(1.., random.bytes(32)).for_each(drop),
        13 => name.clone_from(&random.of(&record.signers).name),
        _ => {
            name = format!(
                "{name}{}",
                random.of(&[
                    "\u{7f}", "\u{85}", "\u{9f}", "\u{a0}", "\u{feff}", "\u{200b}", "\u{3000}"
                ])
            )
        }
    }
    fitting(&name, &bytes)
}

/// A verifier key whose id fits, whatever its parts are.
pub fn fitting(name: &str, typed: &[u8]) -> String {
    let id = sealdock_chain::Digest::of(&[name.as_bytes(), b"\n", typed].concat()).to_string();
    format!("{name}+{}+{}", &id[..8], base64(typed))
}

/// Small order, and spelled otherwise than RFC 8032 has it.
pub const UNSOUND: [[u8; 32]; 4] = {
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut other_spelling = [0xff; 32];
    (other_spelling[0], other_spelling[31]) = (0xee, 0x7f);
    let mut off_curve = [0; 32];
    off_curve[0] = 2;
    [identity, [0; 32], other_spelling, off_curve]
};

/// The same number or nearly, otherwise spelled.
pub fn number(text: &str, random: &mut Random) -> String {
    match random.below(14) {
        0 => format!("+{text}"),
        1 => format!("0{text}"),
        2 => format!("-{text}"),
        3 => format!("{text} "),
        4 => format!(" {text}"),
        5 => format!("{text}.0"),
        6 => text
            .chars()
            .map(|c| c.to_digit(10).map_or(c, |d| char::from_u32(0xff10 + d).unwrap()))
            .collect(),
        7 => format!("0x{text}"),
        8 => i64::MAX.to_string(),
        9 => "9223372036854775808".to_owned(),
        10 => u64::MAX.to_string(),
        11 => "18446744073709551616".to_owned(),
        12 => format!("{text}e0"),
        _ => format!("1_{text}"),
    }
}

/// A text that looks alike, or carries what is not seen.
pub fn twin(text: &str, random: &mut Random) -> String {
    let swapped = |from: char, to: char| text.replacen(from, &to.to_string(), 1);
    match random.below(12) {
        0 => swapped('e', '\u{435}'),
        1 => swapped('a', '\u{430}'),
        2 => text.replace("e\u{301}", "\u{e9}"),
        3 => text.to_uppercase(),
        4 => format!("{text}\u{200b}"),
        5 => format!("\u{feff}{text}"),
        6 => format!("{text}\u{85}"),
        7 => format!("{text}\u{7f}"),
        8 => format!("{text}\u{9b}"),
        9 => format!("{text} "),
        10 => format!("{text}+"),
        _ => format!("{text}\u{2028}"),
    }
}

/// Base64 that is spelled otherwise: the same bytes, or nearly.
pub fn respelled(text: &str, random: &mut Random) -> String {
    match random.below(9) {
        0..3 => loosened(text),
        3 => text.trim_end_matches('=').to_owned(),
        4 => format!("{text}="),
        5 => text.replace('+', "-").replace('/', "_"),
        6 => format!("{text}\r"),
        7 => format!("{text} "),
        _ => format!("{}AA", text),
    }
}

/// A change that knows nothing of the form.
fn break_bytes(text: &mut Vec<u8>, random: &mut Random) {
    if text.is_empty() {
        return;
    }
    let at = random.below(text.len());
    let mut lines: Vec<Vec<u8>> =
        text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let (one, other) = (random.below(lines.len()), random.below(lines.len()));
    match random.below(15) {
        0 => return text[at] ^= 1 << random.below(8),
        1 => {
            text.remove(at);
            return;
        }
        2 => {
            let pieces: [&[u8]; 14] = [
                b"\r",
                b"\0",
                b"\n",
                b" ",
                b"\t",
                b"\x1f",
                b"\x7f",
                b"+",
                b"=",
                b"\xff",
                b"\xef\xbb\xbf",
                b"\xe2\x80\x94",
                b"\xc2\x85",
                b"0",
            ];
            return drop(text.splice(at..at, random.of(&pieces).to_vec()));
        }
        3 => return text.truncate(at),
        4 => {
            let more = [b"\n".as_slice(), b"x", b" ", b"\n\n", b"\0", b"\r\n"];
            return text.extend_from_slice(random.of::<&[u8]>(&more));
        }
        5 => lines.swap(one, other),
        6 => lines.insert(other, lines[one].clone()),
        7 => drop(lines.remove(one)),
        8 => lines.insert(one, b"\n".to_vec()),
        9 => lines.iter_mut().for_each(|line| {
            if line.ends_with(b"\n") {
                line.splice(line.len() - 1.., *b"\r\n");
            }
        }),
        10 => {
            let line = &mut lines[one];
            let end = line.len() - usize::from(line.ends_with(b"\n"));
            line.splice(
                end..end,
                random.of(&[b"\r".as_slice(), b" ", b"=", b"\x7f", b"\0"]).to_vec(),
            );
        }
        11 => drop(
            lines[one]
                .splice(0..0, random.of(&[b" ".as_slice(), b"\xef\xbb\xbf", b"\t", b"-"]).to_vec()),
        ),
        12 => {
            let spelled = String::from_utf8_lossy(&lines[one]).into_owned();
            let again = loosened(spelled.trim_end_matches('\n'));
            lines[one] = format!("{again}\n").into_bytes();
        }
        13 => {
            let spelled = String::from_utf8_lossy(text).into_owned();
            return *text = twin(&spelled, random).into_bytes();
        }
        _ => {
            let dash = random.of(&["\u{2013}", "\u{2015}", "-", "\u{2212}", "\u{ff0d}"]);
            let spelled = String::from_utf8_lossy(text).replacen('\u{2014}', dash, 1);
            return *text = spelled.into_bytes();
        }
    }
    *text = lines.concat();
}
