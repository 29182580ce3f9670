//! How a session ended and what it still needs: what happened, what is safe, who acts, in both languages and from the
//! registers. The summary of the record is for the command line: it names paths and commands, and most of it is English.

use super::spoken::half;
use crate::exit::CliError;
use sealdock_console::Lang;
use sealdock_console::words::Word;
use sealdock_core::id::PersonId;
use sealdock_core::ports::Registers;
use sealdock_core::registry;
use sealdock_core::says;
use sealdock_core::schema as s;
use sealdock_core::search;
use sealdock_core::table::{Query, Row};
use sealdock_core::why::{Both, Why, is_chinese};
use std::collections::BTreeSet;

/// What keeps a recorder from being emptied until somebody decides.
#[derive(Debug, Default)]
pub struct Needs {
    /// Numbers that disagree, or a docking that nobody answers for; a clerk's order answers for both.
    pub doubt: Option<Why>,
    /// Clips of this session, or seen again in it, that are nobody's.
    pub unassigned: u64,
    /// What stands aside, undecided.
    pub asides: u64,
    /// Lines of the list that are in custody by no entry of this session, whatever was decided about them: they are on the
    /// recorder alone. None where no list was signed.
    pub unstored: Option<u64>,
    /// A file that a clerk wants read again, which no docking since has done.
    pub again: u64,
    /// A clerk ordered the wipe.
    pub ordered: bool,
}

impl Needs {
    /// # Errors
    /// The registers cannot be read.
    pub fn of(view: &dyn Registers, session: &Row) -> Result<Needs, CliError> {
        let id = registry::seq(session);
        let ordered = view.count(&Query::all(&s::WIPE_ORDER).with("session", id))? > 0;
        let conflict = session.text_opt("conflict").map(|text| conflict(view, text)).transpose()?;
        let nobody = (session.text("binding") == "unassigned")
            .then(|| says!("没有人确认这次插入", "nobody answers for this docking"));
        let aside = |state| Query::all(&s::ASIDE).with("session", id).with("state", state);
        let decided = view.select(&aside("decided"))?;
        let again = decided.iter().filter(|row| row.text_opt("decision") == Some("retry")).count();
        Ok(Needs {
            unstored: unstored(view, session)?,
            again: again as u64,
            doubt: conflict.or(nobody).filter(|_| !ordered),
            unassigned: unassigned(view, id)?.len() as u64,
            asides: view.count(&aside("open"))?,
            ordered,
        })
    }

    /// Has a clerk something to decide?
    pub fn decision(&self) -> bool {
        self.doubt.is_some() || self.unassigned > 0 || self.asides > 0 || self.again > 0
    }
}

/// Lines of the signed list without a clip: what nobody has but the recorder.
fn unstored(view: &dyn Registers, session: &Row) -> Result<Option<u64>, CliError> {
    let Some(lines) = session.int_opt("lines") else { return Ok(None) };
    let seen = Query::all(&s::SIGHTING).with("session", registry::seq(session));
    let seen = view.select(&seen)?;
    let stored: BTreeSet<i64> = seen.iter().map(|row| row.int("line")).collect();
    Ok(Some(lines.unsigned_abs().saturating_sub(stored.len() as u64)))
}

/// Clips that were on the recorder in this session and are nobody's.
///
/// # Errors
/// The registers cannot be read.
pub fn unassigned(view: &dyn Registers, session: u64) -> Result<Vec<Row>, CliError> {
    let mut rows = Vec::new();
    for seen in view.select(&Query::all(&s::SIGHTING).with("session", session))? {
        let clip = registry::by_seq(view, &s::CLIP, seen.int("clip").unsigned_abs())?;
        rows.extend(clip.filter(search::is_unassigned));
    }
    Ok(rows)
}

/// The newest session with what was docked as this recorder.
///
/// # Errors
/// The registers cannot be read.
pub fn newest(view: &dyn Registers, claim: &str) -> Result<Option<Row>, CliError> {
    let of = Query::all(&s::SESSION).with("recorder_claim", claim).newest_first().limit(1);
    Ok(view.select(&of)?.into_iter().next())
}

/// How it stands, in a sentence.
///
/// # Errors
/// The registers cannot be read.
pub fn said(view: &dyn Registers, session: &Row) -> Result<Why, CliError> {
    let summary = session.text_opt("summary").unwrap_or_default();
    Ok(match session.text_opt("verdict") {
        Some("held") => held(view, session)?,
        Some("interrupted") => interrupted(view, session)?,
        Some(_) => {
            let [zh, en] = Lang::ALL.map(|lang| half(lang, summary));
            let both = Both(zh, en);
            says!("{both:#}", "{both}")
        }
        None => says!("正在采集", "running"),
    })
}

fn held(view: &dyn Registers, session: &Row) -> Result<Why, CliError> {
    let needs = Needs::of(view, session)?;
    let wiped = Query::all(&s::WIPE).with("session", registry::seq(session));
    let wiped = view.count(&wiped.with("state", "wiped"))? > 0;
    let (asides, clips) = (needs.asides, needs.unassigned);
    // Said of the signed list, and only where each of its lines has a clip: somebody formats a recorder by this sentence.
    let safe = match (needs.unstored, wiped) {
        (Some(0), false) => {
            says!("清单所列均已入库，未擦除", "all that was listed is stored, nothing is wiped")
        }
        (Some(0), true) => says!(
            "清单所列均已入库，其余未擦除",
            "all that was listed is stored, the rest is not wiped"
        ),
        (Some(left), _) => says!(
            "{left} 个文件没有入库，只在记录仪上，未擦除",
            "files that are not stored: {left}; they are on the recorder only, nothing of them is wiped"
        ),
        (None, _) => says!(
            "清单没有读完，文件只在记录仪上",
            "the list was not read; the files are on the recorder only"
        ),
    };
    let why = match &needs.doubt {
        Some(doubt) => doubt.clone(),
        None if clips > 0 => says!("{clips} 段视频没有归属", "clips without an owner: {clips}"),
        None if asides > 0 => says!("有文件搁置", "files stand aside"),
        None if needs.again > 0 => {
            return Ok(says!(
                "{safe:#}；已决定重试：请插回再确认一次",
                "{safe}; to be tried again: dock it once more and confirm"
            ));
        }
        None if session.text_opt("summary").is_some_and(|text| text.contains("new files")) => {
            return Ok(says!(
                "取完之后又有新文件，没有擦除；请拔下再插一次",
                "new files appeared after the rest was taken; unplug it and plug it in again"
            ));
        }
        None if needs.ordered => {
            return Ok(says!(
                "{safe:#}；擦除已下令，记录仪插回并确认即执行",
                "{safe}; the wipe is ordered and is carried out when the recorder is docked again"
            ));
        }
        None => says!("有文件没能擦除", "some files could not be wiped"),
    };
    Ok(says!(
        "{why:#}；{safe:#}；请管理员在工作台处理",
        "{why}; {safe}; a clerk decides at the desk"
    ))
}

fn interrupted(view: &dyn Registers, session: &Row) -> Result<Why, CliError> {
    let summary = session.text_opt("summary").unwrap_or_default();
    let because = match summary {
        text if text.contains("unplugged") => says!("记录仪被拔出", "the recorder was unplugged"),
        text if text.contains("the station stopped") => {
            says!("采集站停止", "the station stopped")
        }
        _ => says!("原因见系统日志", "the log says why"),
    };
    let Some(left) = unstored(view, session)? else {
        return Ok(says!(
            "中断（{because:#}）：清单没有读完，什么都没有复制，也没有擦除；再插一次并确认",
            "interrupted ({because}) before the list was read; nothing was copied or wiped; plug it in again and confirm"
        ));
    };
    let how = match left {
        0 => says!(
            "清单所列均已入库，擦除没有核对完",
            "all that was listed is stored, the wipe was not proven to its end"
        ),
        left => says!(
            "还有 {left} 个文件没有入库，只在记录仪上，没有丢失",
            "files that are not stored: {left}; they are on the recorder only, nothing is lost"
        ),
    };
    Ok(says!(
        "中断（{because:#}）：{how:#}；再插一次并确认",
        "interrupted ({because}): {how}; plug it in again and confirm"
    ))
}

/// Numbers that disagree, as the rule wrote them down, in words: whose they are by name.
fn conflict(view: &dyn Registers, text: &str) -> Result<Why, CliError> {
    let after = |word: &str| {
        let (_, rest) = text.split_once(word)?;
        rest.split([' ', ',']).next()
    };
    let named = |id: &str| -> Result<String, CliError> {
        let person = match id.parse::<PersonId>() {
            Ok(id) => registry::person(view, &id)?,
            Err(_) => None,
        };
        Ok(person.map_or_else(|| id.to_owned(), |person| format!("{id} {}", person.name)))
    };
    if let Some(id) = after("number of officer ") {
        let who = named(id)?;
        return Ok(says!(
            "文件属于其他人员（{who}）",
            "its files carry the number of somebody else ({who})"
        ));
    }
    if let Some(id) = after("was last with ") {
        let who = named(id)?;
        return Ok(says!(
            "按使用档案这台记录仪由 {who} 使用，却由他人送回",
            "by the usage archive the recorder was with {who}, and another brought it back"
        ));
    }
    Ok(match text.contains("device numbers") {
        true => says!(
            "文件带有几个设备编号，存储卡用过不止一台记录仪",
            "its files carry several device numbers: the card was in more than one recorder"
        ),
        false => says!("设备编号与登记或文件不符", "its device numbers disagree"),
    })
}

/// What may stand between the lines of a refusal, and what a page says of it.
const REFUSALS: [(&str, Both<'static>); 6] = [
    ("identity conflict", Both("编号相互矛盾", "the numbers disagree")),
    ("is unassigned", Both("视频没有归属", "the clip is nobody's")),
    ("nobody answers", Both("没有人确认这次插入", "nobody answers for this docking")),
    ("it stands aside", Both("已搁置", "it stands aside")),
    ("never wipes", Both("策略规定从不擦除", "the policy never wipes")),
    ("order only", Both("策略规定只按管理员指令擦除", "the policy wipes on a clerk's order only")),
];

/// Why a stored line stays on the recorder; `None` where it has no words of ours.
pub fn refusal(text: &str) -> Option<Why> {
    let known = REFUSALS.iter().filter(|(part, _)| text.contains(part));
    let (zh, en): (Vec<_>, Vec<_>) = known.map(|(_, Both(zh, en))| (*zh, *en)).unzip();
    let (zh, en) = (zh.join("；"), en.join("; "));
    let both = Both(&zh, &en);
    (!zh.is_empty()).then(|| says!("{both:#}", "{both}"))
}

/// A text of the edges as a page may show it: each half in its language without commands and paths, else what it comes to. What
/// it says in particular stands in the log.
pub fn told(text: &str, instead: Word) -> Why {
    let [zh, en] = Lang::ALL.map(|lang| {
        let own = half(lang, text);
        let fits = own.contains(is_chinese) == (lang == Lang::Zh) && !own.is_empty() && plain(own);
        if fits { own } else { lang.t(instead) }
    });
    let both = Both(zh, en);
    says!("{both:#}", "{both}")
}

/// May this stand on a page: no command, no path?
pub fn plain(text: &str) -> bool {
    let path = |word: &str| word.trim_start_matches(['(', '"', '\'', '“']).starts_with('/');
    !text.contains('`') && !text.split_whitespace().any(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealdock_console::words as w;
    use sealdock_core::table::Cell;

    fn both(why: &Why) -> [String; 2] {
        [format!("{why:#}"), why.to_string()]
    }

    #[test]
    fn a_text_of_the_edges_stands_on_a_page_in_its_language_or_is_told_by_its_kind() {
        let two =
            told("端口上的设备未被允许 the device on this port was not let in", w::PORT_FAULT);
        assert_eq!(both(&two), ["端口上的设备未被允许", "the device on this port was not let in"]);
        let kind = [w::PORT_FAULT.0, w::PORT_FAULT.1];
        for bare in ["", "EIO", "/bays/1/J1 is gone", "采集口未登记 / run `sealdock bay add` first"]
        {
            let said = both(&told(bare, w::PORT_FAULT));
            assert!(!said[0].contains("EIO") && !said[1].contains('`'), "{said:?}");
            assert!(!said.iter().any(|text| text.contains("/bays")), "{said:?}");
        }
        assert_eq!(both(&told("", w::PORT_FAULT)), kind);
        assert_eq!(both(&told("EIO", w::PORT_FAULT)), [kind[0], "EIO"]);
    }

    #[test]
    fn a_refused_wipe_is_told_without_its_commands() {
        let text = "identity conflict: its files carry the number of officer 3; a clerk orders it with `sealdock session wipe`; clip C3 is unassigned";
        let said = both(&refusal(text).unwrap());
        assert_eq!(
            said,
            ["编号相互矛盾；视频没有归属", "the numbers disagree; the clip is nobody's"]
        );
        assert!(refusal("the second reading differs").is_none());
        assert!(plain("the second reading differs") && !plain("it is (/x/y)") && !plain("`x`"));
    }

    /// Rows of a few registers; of a column that a row does not have nothing is asked.
    struct Few(Vec<Row>);

    impl Registers for Few {
        fn select(&self, query: &Query) -> sealdock_core::ports::PortResult<Vec<Row>> {
            let fits = |row: &&Row| {
                let of_it = |(column, cell): &(&'static str, Cell)| {
                    !row.only.is_some_and(|only| only.contains(column)) || row.cell(column) == cell
                };
                row.table.name == query.table.name && query.equal.iter().all(of_it)
            };
            Ok(self.0.iter().filter(fits).cloned().collect())
        }
    }

    /// A held session with a list of three lines, of which two have a clip; the third stands aside, as somebody decided.
    fn third_aside(verdict: &str, summary: &str, decision: Option<&str>) -> [String; 2] {
        let session = Row {
            table: &s::SESSION,
            only: Some(&["seq", "lines", "verdict", "summary", "conflict", "binding"]),
            cells: vec![
                5_i64.into(),
                3_i64.into(),
                verdict.into(),
                summary.into(),
                Cell::Null,
                "officer-pin".into(),
            ],
        };
        let seen = |line: i64| Row {
            table: &s::SIGHTING,
            only: Some(&["session", "line", "clip"]),
            cells: vec![5_i64.into(), line.into(), 7_i64.into()],
        };
        let state = if decision.is_some() { "decided" } else { "open" };
        let aside = Row {
            table: &s::ASIDE,
            only: Some(&["session", "line", "state", "decision"]),
            cells: vec![
                5_i64.into(),
                2_i64.into(),
                state.into(),
                decision.map_or(Cell::Null, |decision| decision.into()),
            ],
        };
        let few = Few(vec![seen(0), seen(1), aside]);
        both(&said(&few, &session).unwrap())
    }

    #[test]
    fn nothing_is_said_to_be_stored_that_is_on_the_recorder_alone_whatever_was_decided_of_it() {
        for decision in [None, Some("leave"), Some("retry")] {
            let [zh, en] = third_aside("held", "", decision);
            assert!(
                zh.contains("1 个文件没有入库") && !zh.contains("均已入库"),
                "{decision:?}: {zh}"
            );
            assert!(en.contains("not stored: 1") && !en.contains("all that was"), "{en}");
        }
        let [zh, _] = third_aside("held", "", Some("retry"));
        assert!(zh.contains("重试") && zh.contains("插回"), "{zh}");
        // Pulled out while the wipe was proven: what stands aside is not stored either.
        let [zh, en] = third_aside("interrupted", "it was unplugged", None);
        assert!(zh.contains("还有 1 个文件没有入库"), "{zh}");
        assert!(!en.contains("all that was listed is stored"), "{en}");
    }
}
