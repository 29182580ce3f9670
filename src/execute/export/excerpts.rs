//! Cuts what is asked for, before the copy is begun, and lets the reader of `sealdock-verify` judge each cut
//! (`docs/design/excerpts.md`).

use crate::exit::{CliError, Exit};
use crate::request::Asked;
use crate::wire::{self, Open};
use sealdock_chain::Digest;
use sealdock_chain::canon::to_canonical;
use sealdock_core::access::{CopiedExcerpt, playing_time};
use sealdock_core::actor::Actor;
use sealdock_core::event::ClipStored;
use sealdock_core::id::AccessId;
use sealdock_core::ports::{Kind, PortError, PortResult};
use sealdock_probe::excerpt::{Cut, Range, Tool};
use sealdock_station::viewing::{CopyReport, Excerpt};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::fs::FileExt as _;

/// Each excerpt that is asked for, cut and judged.
///
/// # Errors
/// The copy may not be carried out, the clip is not in the approval, or there is no excerpt of it; nothing was begun.
pub fn cut(
    open: &Open,
    actor: &Actor,
    access: AccessId,
    asked: &[Asked],
) -> Result<Vec<Excerpt>, CliError> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let clips = open.station.copyable(actor, access)?;
    let tool = Tool::find().map_err(|why| refused(&why))?;
    let mut names = BTreeSet::new();
    let mut cuts = Vec::new();
    for ask in asked {
        let Some((_, stored)) = clips.iter().find(|(clip, _)| *clip == ask.clip) else {
            let text = format!(
                "{access} is not an approval to copy clip {}; nothing was copied",
                ask.clip
            );
            return Err(CliError::new(Exit::Refused, text));
        };
        let cut = one(open, (ask, stored), &tool)
            .map_err(|why| refused(&format!("no excerpt of clip {} is made: {why}", ask.clip)))?;
        if !names.insert(cut.copied.name.clone()) {
            return Err(refused(&format!("{} is asked for twice", cut.copied.name)));
        }
        cuts.push(cut);
    }
    Ok(cuts)
}

fn refused(why: &str) -> CliError {
    CliError::new(Exit::Refused, format!("{why}. Nothing was copied, and the approval is unspent"))
}

fn one(open: &Open, (ask, stored): (&Asked, &ClipStored), tool: &Tool) -> Result<Excerpt, String> {
    let range = Range { from_ms: ask.from_ms, to_ms: ask.to_ms };
    let (cut, file) = wire::cut(&open.home, stored.sha256, (tool, range))?;
    let size = file.metadata().map_err(|e| e.to_string())?.len();
    let bytes = content(&file, size).map_err(|e| e.message)?;
    let copied = CopiedExcerpt {
        clip: ask.clip,
        name: format!("{}_{}-{}.{}", ask.clip, ask.from_ms, ask.to_ms, cut.ending),
        size,
        sha256: Digest::of(&bytes),
        from_ms: ask.from_ms,
        to_ms: ask.to_ms,
    };
    let map = to_canonical(&map(&copied, stored, (tool, &cut))).map_err(|e| e.to_string())?;
    sealdock_verify::excerpt_holds(&map, &bytes)?;
    let read = move || content(&file, size);
    Ok(Excerpt { copied, map, at: cut.found.at, runs: cut.found.runs, bytes: Box::new(read) })
}

fn content(file: &File, size: u64) -> PortResult<Vec<u8>> {
    let failed =
        |e: String| PortError::new(Kind::Failed, format!("an excerpt cannot be read back: {e}"));
    let mut bytes = vec![0; usize::try_from(size).map_err(|e| failed(e.to_string()))?];
    file.read_exact_at(&mut bytes, 0).map_err(|e| failed(e.to_string()))?;
    Ok(bytes)
}

/// As `docs/design/excerpts.md` has it.
fn map(copied: &CopiedExcerpt, stored: &ClipStored, (tool, cut): (&Tool, &Cut)) -> Value {
    let found = &cut.found;
    json!({
        "v": 1,
        "clip": copied.clip,
        "master": { "size": stored.size, "sha256": stored.sha256, "chunk_root": stored.chunk.root },
        "asked": { "from_ms": copied.from_ms, "to_ms": copied.to_ms },
        "cut": { "from_ms": found.from_ms, "to_ms": found.to_ms },
        "tool": { "name": tool.name, "version": tool.version, "arguments": cut.arguments },
        "size": copied.size,
        "sha256": copied.sha256,
        "at": found.at,
        "runs": found.runs,
    })
}

/// Excerpts as lines of the table of files.
pub fn lines(report: &CopyReport) -> Vec<Vec<String>> {
    let line = |part: &CopiedExcerpt| {
        vec![format!("excerpts/{}", part.name), part.size.to_string(), part.sha256.to_string()]
    };
    report.excerpts.iter().map(line).collect()
}

/// What was asked for and what the key frames made of it.
pub fn told(part: &CopiedExcerpt, cuts: &[Excerpt]) -> String {
    let cut = cuts.iter().find(|cut| cut.copied == *part);
    let map: Option<Value> = cut.and_then(|cut| serde_json::from_slice(&cut.map).ok());
    let at = |key: &str| {
        let ms = map.as_ref().and_then(|map| map["cut"][key].as_u64());
        ms.map(playing_time).unwrap_or_default()
    };
    format!(
        "截取片段（派生件，不是原件） excerpt, no original: {}; cut at key frames {}–{}; whole pieces of 4 MiB around it go out, too",
        part.words(),
        at("from_ms"),
        at("to_ms")
    )
}
