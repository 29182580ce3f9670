//! What stands in a package for reading: custody of each clip, the row of form 3, what to do with all this, and the
//! page that verifies.
//! Nothing here proves anything; `READ-ME-FIRST.txt` says what does.

/// What it says of keys that ended.
mod keys;

use crate::execute::{anchor, form, log, report};
use crate::exit::CliError;
use crate::wire::Open;
use sealdock_core::access::CopiedFile;
use sealdock_core::ports::{Kind, PortError};
use sealdock_report::html;
use sealdock_station::StationError;
use sealdock_station::viewing::{Drafted, Paper};
use sealdock_verify::PAGE;

/// Chinese, then English; `{…}` is filled in.
const READ_ME: &str = include_str!("read-me.txt");

/// # Errors
/// The registers cannot be read.
pub fn papers(open: &Open, drafted: &Drafted) -> Result<Vec<Paper>, StationError> {
    drawn(open, drafted).map_err(|e| {
        let text = format!("a paper of the package cannot be drawn: {}", e.message);
        StationError::Port(PortError::new(Kind::Failed, text))
    })
}

fn drawn(open: &Open, drafted: &Drafted) -> Result<Vec<Paper>, CliError> {
    let (mut papers, stamps) = anchor::stamped(open)?;
    papers.push(("READ-ME-FIRST.txt".to_owned(), read_me(open, drafted, stamps)?.into_bytes()));
    for file in drafted.files {
        let sheet = report::custody(open, file.clip)?;
        papers.push((format!("paper/{}.html", file.clip), html::html(&sheet).into_bytes()));
    }
    let sheet = form::of_copy(open, drafted.copy)?;
    papers.push(("paper/register.html".to_owned(), html::html(&sheet).into_bytes()));
    papers.push((PAGE.to_owned(), sealdock_verify::page().into_bytes()));
    Ok(papers)
}

fn read_me(open: &Open, drafted: &Drafted, stamps: [String; 2]) -> Result<String, CliError> {
    let [chinese, english] = stamps;
    // One that the printed line accepts, where there is one.
    let stolen = |file: &&CopiedFile| drafted.signers.of_entry(file.clip.0).stolen;
    let first = drafted.files.iter().find(|file| !stolen(file)).or(drafted.files.first());
    let keys = keys::said(open, drafted, first.map(|file| file.clip))?;
    let clip = first.map(|file| file.clip);
    let fills = [
        ("{unit}", log::unit(open)?),
        ("{keys-zh}\n", keys.chinese),
        ("{keys-en}\n", keys.english),
        ("{revoked}", keys.revoked.replace('\\', "/")),
        ("{revoked-win}", keys.revoked),
        ("{then}", keys.then),
        ("{stamp-zh}\n", chinese),
        ("{stamp-en}\n", english),
        ("{origin}", open.station.origin().to_owned()),
        ("{request}", drafted.access.to_string()),
        ("{copy}", drafted.copy.to_string()),
        ("{clips}", drafted.files.len().to_string()),
        ("{size}", drafted.size.to_string()),
        ("{vkey}", drafted.vkey.to_owned()),
        ("{clip}", clip.map(|clip| clip.to_string()).unwrap_or_default()),
        ("{entry}", clip.map(|clip| clip.0.to_string()).unwrap_or_default()),
        ("{file}", first.map(|file| file.name.clone()).unwrap_or_default()),
    ];
    Ok(fills.iter().fold(READ_ME.to_owned(), |text, (what, with)| text.replace(what, with)))
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
