//! What stands in a package for reading: custody of each clip, the row of form 3, what to do with all this, and the
//! page that verifies.
//! Nothing here proves anything; `READ-ME-FIRST.txt` says what does.

/// What it says of excerpts.
mod excerpts;
/// What it says of keys that ended.
mod keys;

use super::print::Print;
use crate::execute::{anchor, form, log, report};
use crate::exit::CliError;
use crate::wire::Open;
use sealdock_core::access::CopiedFile;
use sealdock_core::id::ClipId;
use sealdock_core::ports::{Kind, PortError};
use sealdock_report::{Sheet, html};
use sealdock_station::StationError;
use sealdock_station::viewing::{Drafted, Excerpt, Paper};
use sealdock_verify::PAGE;
use std::collections::BTreeSet;

/// Chinese, then English; `{…}` is filled in.
const READ_ME: &str = include_str!("read-me.txt");

/// # Errors
/// The registers cannot be read.
pub fn papers(
    open: &Open,
    drafted: &Drafted,
    with: (&Print, &[Excerpt]),
) -> Result<Vec<Paper>, StationError> {
    drawn(open, drafted, with).map_err(|e| {
        let text = format!("a paper of the package cannot be drawn: {}", e.message);
        StationError::Port(PortError::new(Kind::Failed, text))
    })
}

fn drawn(
    open: &Open,
    drafted: &Drafted,
    (print, made): (&Print, &[Excerpt]),
) -> Result<Vec<Paper>, CliError> {
    let (mut papers, stamps) = anchor::stamped(open)?;
    let (cosigned, witnesses) = anchor::cosigned_heads(open)?;
    papers.extend(cosigned);
    let read_me = read_me(open, (drafted, made), (stamps, witnesses))?;
    papers.push(("READ-ME-FIRST.txt".to_owned(), read_me.into_bytes()));
    let code = log::code(drafted.head)?;
    let mut put = |name: String, mut sheet: Sheet| -> Result<(), CliError> {
        sheet.code = Some(code.clone());
        papers.push((format!("paper/{name}.html"), html::html(&sheet).into_bytes()));
        if let Some(pdf) = print.pdf(&sheet)? {
            papers.push((format!("paper/{name}.pdf"), pdf));
        }
        Ok(())
    };
    let copy = (drafted.copy, drafted.excerpts);
    for clip in clips(drafted) {
        put(clip.to_string(), report::custody(open, clip, copy)?)?;
    }
    put("register".to_owned(), form::of_copy(open, copy)?)?;
    papers.push((PAGE.to_owned(), sealdock_verify::page().into_bytes()));
    Ok(papers)
}

/// Whole or in part, each once.
fn clips(drafted: &Drafted) -> BTreeSet<ClipId> {
    let parts = drafted.excerpts.iter().map(|part| part.clip);
    drafted.files.iter().map(|file| file.clip).chain(parts).collect()
}

fn read_me(
    open: &Open,
    (drafted, made): (&Drafted, &[Excerpt]),
    (stamps, witnesses): ([String; 2], [String; 2]),
) -> Result<String, CliError> {
    let [chinese, english] = stamps;
    let [witness_chinese, witness_english] = witnesses;
    // One that the printed line accepts, where there is one.
    let stolen = |file: &&CopiedFile| drafted.signers.of_entry(file.clip.0).stolen;
    let first = drafted.files.iter().find(|file| !stolen(file)).or(drafted.files.first());
    let keys = keys::said(open, drafted, first.map(|file| file.clip))?;
    let clip = first.map(|file| file.clip).or(drafted.excerpts.first().map(|part| part.clip));
    let parts = excerpts::said(drafted.excerpts, made);
    let fills = [
        ("{unit}", log::unit(open)?),
        ("{parts-zh}\n", parts.chinese),
        ("{parts-en}\n", parts.english),
        ("{keys-zh}\n", keys.chinese),
        ("{keys-en}\n", keys.english),
        ("{revoked}", keys.revoked.replace('\\', "/")),
        ("{revoked-win}", keys.revoked),
        ("{then}", keys.then),
        ("{stamp-zh}\n", chinese),
        ("{stamp-en}\n", english),
        ("{witness-zh}\n", witness_chinese),
        ("{witness-en}\n", witness_english),
        ("{origin}", open.station.origin().to_owned()),
        ("{request}", drafted.access.to_string()),
        ("{copy}", drafted.copy.to_string()),
        ("{clips}", clips(drafted).len().to_string()),
        ("{size}", drafted.head.checkpoint().size.to_string()),
        ("{vkey}", drafted.vkey.to_owned()),
        ("{clip}", clip.map(|clip| clip.to_string()).unwrap_or_default()),
        ("{entry}", clip.map(|clip| clip.0.to_string()).unwrap_or_default()),
        ("{file}", first.map(|file| file.name.clone()).unwrap_or_default()),
    ];
    // Without a whole clip there is none to hold a signature against.
    let lines = READ_ME.lines().filter(|line| first.is_some() || !line.contains("{file}"));
    let text: String = lines.map(|line| format!("{line}\n")).collect();
    let counted = excerpts::counted(first.is_some());
    let text = counted.iter().fold(text, |text, (what, with)| text.replace(what, with));
    Ok(fills.iter().fold(text, |text, (what, with)| text.replace(what, with)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_blank_of_the_read_me_is_known() {
        let blanks = READ_ME.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
        let known = [
            "unit",
            "origin",
            "request",
            "copy",
            "clips",
            "size",
            "vkey",
            "clip",
            "entry",
            "file",
            "stamp-zh",
            "stamp-en",
            "witness-zh",
            "witness-en",
            "parts-zh",
            "parts-en",
            "count-zh",
            "count-en",
            "says-zh",
            "says-en",
            "windows-zh",
            "windows-en",
            "keys-zh",
            "keys-en",
            "revoked",
            "revoked-win",
            "then",
        ];
        let mut seen = 0;
        for (blank, _) in blanks {
            assert!(known.contains(&blank), "{blank}");
            seen += 1;
        }
        assert!(seen >= known.len());
    }
}
