//! A plan without complaints becomes entries, each asked about by the rule of rights that a hand is asked by.

use super::plan::{Complaint, Plan, Subject, plan};
use super::{Command, Table};
use crate::actor::ActorRecord;
use crate::decide::{Decided, Scene, no, ok, yes};
use crate::ports::{PortResult, Refusal, Registers};
use crate::time::WallMs;
use crate::why::{Both, Why, listed};
use crate::{says, why};

/// Why `actor` may import no sheet at all, whatever is in it; `None` where it depends on its rows. Asked before anybody's sheet
/// is read.
///
/// # Errors
/// The registers cannot be read.
pub fn objection(
    registers: &dyn Registers,
    at: WallMs,
    actor: &ActorRecord,
) -> PortResult<Option<Why>> {
    crate::duty::may_administer(registers, at, actor, Both("导入表格", "importing a sheet"))
}

/// Complaints that a refusal repeats; whoever asks for all plans first.
const REPEATED: usize = 20;

pub(crate) fn decide(scene: &Scene, command: Command) -> Decided {
    ok!(scene.operator_or_person());
    let (subject, table): (Subject, Table) = match command {
        Command::People { table } => (Subject::People, table),
        Command::Recorders { table } => (Subject::Recorders, table),
    };
    let at = &scene.context.at;
    let Plan { changes, complaints, .. } = plan(scene.registers, at.wall, subject, &table)?;
    if !complaints.is_empty() {
        return no(refusal(&complaints));
    }
    let actor = scene.actor.record();
    let mut events = Vec::new();
    for (line, change) in changes {
        let seq = scene.context.seq + events.len() as u64;
        for event in change.events(seq) {
            let why = crate::objection::objection(scene.registers, at, &actor, &event)?;
            let of_line =
                |why: Why| Err(Refusal(why!("I01", "第 {line} 行：{why:#}", "line {line}: {why}")));
            ok!(why.map_or(Ok(()), of_line));
            events.push(event);
        }
    }
    yes(events)
}

fn refusal(complaints: &[Complaint]) -> Why {
    let mut lines: Vec<Why> = complaints.iter().take(REPEATED).map(Complaint::in_words).collect();
    if let Some(more @ 1..) = complaints.len().checked_sub(REPEATED) {
        lines.push(says!("另有 {more} 处", "… and {more} more"));
    }
    let (count, lines) = (complaints.len(), listed(&lines, "\n"));
    why!(
        "I02",
        "表格有 {count} 处需要改正，没有导入任何内容；请改正后重新上传：{lines:#}。",
        "nothing was imported: {count} complaints\n{lines}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_sheet_is_told_in_the_language_of_whoever_reads_it() {
        let chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        let what =
            || "已登记为 王; 五；导入不覆盖; the register says otherwise; correct it".to_owned();
        let one = |line| Complaint::new(line, "姓名 name", "Sun", what());
        let why = refusal(&[one(2)]);
        let lead = "表格有 1 处需要改正，没有导入任何内容；请改正后重新上传：";
        assert_eq!(
            why.chinese(),
            format!("{lead}第 2 行 姓名 \"Sun\"：已登记为 王; 五；导入不覆盖。")
        );
        let line = "line 2, name \"Sun\": the register says otherwise; correct it";
        assert_eq!(why.to_string(), format!("nothing was imported: 1 complaints\n{line}"));
        let all: Vec<Complaint> = (0..REPEATED as u32 + 3).map(|n| one(n + 2)).collect();
        let why = refusal(&all);
        assert!(!why.contains(chinese) && why.ends_with("… and 3 more"), "{why}");
        assert!(why.chinese().ends_with("；另有 3 处。") && !why.chinese().contains("line"));
    }
}
